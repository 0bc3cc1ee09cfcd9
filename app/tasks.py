"""What the worker does: a handler for each kind of job, and the periodic work.

A handler that ended its job in the transaction of its effect answers True. It may raise TemporaryError (again later),
DefinitiveError or UnknownOutcomeError (kept for a look); anything else is a bug, tried again later like a temporary
failure, and logged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import islice
from typing import Any

from sqlalchemy import select

from app import clock, db
from app.integrations import export_zip, mail, storage
from app.models.accounts import PasswordReset, Throttle, UserSession
from app.models.exports import DataExport
from app.models.jobs import Job, WorkerBeat, stored_files
from app.models.places import offer, waiting_list
from app.models.planning import week_reminder

CHUNK = 25
"""Offers ended in one round."""
STRAYS = 500
"""Files looked up in one query."""


@dataclass(frozen=True)
class Claim:
    """A job in hand."""

    id: int
    kind: str
    attempts: int
    lease_token: str

    @cached_property
    def payload(self) -> Any:
        """Read by the handler, so that one that no key opens (UnreadableSecretError) stops no other job."""
        return db.session.scalar(select(Job.payload).where(Job.id == self.id))

    def before_what_cannot_be_undone(self) -> None:
        """Note it in the database first: killed from here on, the job is not repeated but looked at."""
        with db.transaction():
            is_ours = Job.commit_to(self.id, self.lease_token)
        if not is_ours:
            raise mail.TemporaryError("un autre travailleur a repris cette tâche")


def _send_mail(claim: Claim) -> None:
    message = mail.compose(claim.payload)
    db.session.remove()  # no read transaction stays open while the server thinks
    mail.deliver(message, before_handing_over=claim.before_what_cannot_be_undone)


def _send_reset(claim: Claim) -> bool:
    """Done in the transaction of its effect: killed at any moment, it makes one link."""
    identifiant = claim.payload["identifiant"]
    with db.transaction():
        is_ours = Job.finish(claim.id, claim.lease_token)
        if is_ours:
            PasswordReset.send(identifiant)
    return is_ours


def _forget_file(claim: Claim) -> None:
    storage.delete(claim.payload["key"])


def _remind(claim: Claim) -> None:
    """A chunk of families; the next one is another job, so that a town of any size never holds the worker long."""
    after, day = claim.payload["after"], date.fromisoformat(claim.payload["day"])
    families = week_reminder.candidates(after)
    for family_id in families:
        with db.transaction():
            week_reminder.remind(family_id, day)
    if families:
        with db.transaction():
            week_reminder.begin(day, after=families[-1])


def _offer_again(claim: Claim) -> None:
    with db.transaction():
        waiting_list.offer_again(claim.payload["enrolment"], date.fromisoformat(claim.payload["day"]))


def _make_export(claim: Claim) -> bool:
    """Ready in the transaction that ends the job. Killed before it, the same file is written again."""
    number = claim.payload["export"]
    key = db.session.scalar(select(DataExport.storage_key).where(DataExport.id == number))
    made = export_zip.make(number)
    if made is None or key is None:
        return False
    with db.transaction():
        is_ours = Job.finish(claim.id, claim.lease_token)
        gone = is_ours and not DataExport.finish(number, *made)
    if gone:
        storage.delete(key)
    return is_ours


HANDLERS: dict[str, Callable[[Claim], bool | None]] = {
    "mail": _send_mail,
    "password_reset": _send_reset,
    "forget_file": _forget_file,
    "remind": _remind,
    "offer": _offer_again,
    "data_export": _make_export,
}


def _purge() -> None:
    with db.transaction():
        for table in (Job, Throttle, UserSession, PasswordReset, WorkerBeat, DataExport):
            table.purge()


def _end_offers() -> None:
    """The places that nobody answered for go to the next in line, and who waited for a day that is past is told;
    each in its own transaction."""
    for end, late in ((offer.expire, offer.overdue(CHUNK)), (offer.close, offer.outlived(CHUNK))):
        for line_id in late:
            with db.transaction():
                end(line_id)


def _serve() -> None:
    """The places that nobody could use when they came free."""
    for enrolment_id, day in waiting_list.unserved():
        with db.transaction():
            waiting_list.offer_again(enrolment_id, day)


def _begin_reminders() -> None:
    """Once a day, in the morning: for the deadlines of tomorrow."""
    if clock.local_now().hour >= week_reminder.FROM_HOUR:
        with db.transaction():
            week_reminder.begin(clock.today() + timedelta(days=1))


def _forget_strays() -> None:
    """The files that no row names: what a process left that died between the file and its row. Those of today may
    still get theirs."""
    old = storage.older_than(timedelta(days=1))
    while keys := list(islice(old, STRAYS)):
        for key in set(keys) - stored_files.named(keys):
            storage.delete(key)
        db.session.rollback()


PERIODIC: dict[str, tuple[timedelta, Callable[[], None]]] = {
    "purge": (timedelta(hours=1), _purge),
    "offers": (timedelta(minutes=1), _end_offers),
    "places": (timedelta(hours=1), _serve),
    "strays": (timedelta(days=1), _forget_strays),
    "reminders": (timedelta(hours=1), _begin_reminders),
}
