"""Nothing is served, nor done, with keys that do not open what the town has sealed: what would be written meanwhile
would be sealed by the wrong one.
"""

from flask import Flask, current_app, request
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app import db
from app.crypto import UnreadableSecretError
from app.models.event import Event
from app.models.jobs import Job
from app.models.town import Town

WRONG = "PREAU_ENCRYPTION_KEYS n’ouvre pas les données\u00a0: remettez l’ancienne clé à la fin de la liste."


class WrongKeysError(Exception):
    """The keys of this process are not the town's."""


def init_app(app: Flask) -> None:
    app.before_request(_check)


def check() -> None:
    """Look once for all at what the town sealed. Raises WrongKeysError; a database without a town says nothing."""
    if "keys_open" in current_app.extensions:
        return
    try:
        Town.open_witness()
    except UnreadableSecretError as error:
        raise WrongKeysError(WRONG) from error
    current_app.extensions["keys_open"] = True


def seal() -> None:
    """Have a town that is older than this program seal its word.

    Raises WrongKeysError when these keys do not open what it sealed before.
    """
    try:
        with db.transaction() as reading:
            for kept, number in ((Event.after, Event.id), (Job.payload, Job.id)):
                reading.scalar(select(kept).where(kept.is_not(None)).order_by(number.desc()).limit(1))
            Town.seal_witness()
    except UnreadableSecretError as error:
        raise WrongKeysError(WRONG) from error


def _check() -> None:
    if request.endpoint == "public.health":  # it says so itself
        return
    try:
        check()
    except DBAPIError:  # not there, or without its tables: what is asked will say so
        db.session.rollback()
