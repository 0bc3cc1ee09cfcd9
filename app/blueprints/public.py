"""What opens without an account: help and legal texts, calendar feeds, and the portal's health."""

import shutil
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue as Answer
from sqlalchemy.exc import DBAPIError

from app import db, keys
from app.models import durations
from app.models.jobs import WorkerBeat
from app.models.planning import CalendarFeed

bp = Blueprint("public", __name__)
ENOUGH_DISK = 200_000_000  # bytes: below, uploads and the database are at risk
FULL_DISK = 20_000_000  # bytes: below, nobody logs in any more, for that writes a row


@bp.get("/aide", endpoint="help")
def help_page() -> Answer:
    return render_template("public/help.html")


@bp.get("/accessibilite")
def accessibility() -> Answer:
    return render_template("public/accessibility.html")


@bp.get("/mentions-legales")
def legal() -> Answer:
    return render_template("public/legal.html")


@bp.get("/donnees-personnelles")
def privacy() -> Answer:
    return render_template("public/privacy.html", keepings=durations.PUBLISHED)


@bp.get("/sante")
def health() -> Answer:
    """For a supervisor: 200 while pages can be served, 503 when the database is out of reach or the disk is full."""
    free = _free_bytes()
    disk = "ok" if free > ENOUGH_DISK else "low" if free > FULL_DISK else "full"
    state = {"database": "ok", "worker": "silent", "disk": disk, "keys": "ok"}
    try:
        keys.check()
        if WorkerBeat.alive():
            state["worker"] = "ok"
    except keys.WrongKeysError:
        state["keys"] = "wrong"
    except DBAPIError:  # no server, or no table yet
        state["database"] = "not installed" if db.answers() else "unreachable"
    serves = state["database"] == state["keys"] == "ok" and disk != "full"
    return jsonify(state), 200 if serves else 503


@bp.get("/calendrier/<string:token>.ics")
def calendar_feed(token: str) -> Answer:
    """The booked days, for the calendar of a phone, which cannot log in: the token is the key.

    A phone that has them as they are is told so (304).
    """
    from app.integrations import calendar_file  # noqa: PLC0415 - slow to load, and no page needs it

    feed = CalendarFeed.by_token(token)
    if feed is None:
        abort(404)
    host = urlsplit(current_app.config["PREAU"].base_url).hostname or ""
    answer = Response(calendar_file.written(feed.days(), host), mimetype="text/calendar")
    answer.cache_control.private = answer.cache_control.no_cache = True
    answer.add_etag()
    return answer.make_conditional(request)


def _free_bytes() -> int:
    folder = current_app.config["PREAU"].data_dir
    return shutil.disk_usage(folder).free if folder.exists() else 0
