"""What opens without an account: help and legal texts, calendar feeds, and the portal's health."""

import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue as Answer
from sqlalchemy.exc import DBAPIError

from app import clock, db
from app.models import durations
from app.models.jobs import WorkerBeat
from app.models.planning import CalendarFeed
from app.models.planning.calendar_feed import FeedDay

bp = Blueprint("public", __name__)
ENOUGH_DISK = 200_000_000  # bytes: below, uploads and the database are at risk


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
    """For a supervisor: 200 while pages can be served, 503 when the database is out of reach."""
    state = {"database": "ok", "worker": "silent", "disk": "ok" if _free_bytes() > ENOUGH_DISK else "low"}
    try:
        if WorkerBeat.alive():
            state["worker"] = "ok"
    except DBAPIError:  # no server, or no table yet
        state["database"] = "not installed" if db.answers() else "unreachable"
    return jsonify(state), 200 if state["database"] == "ok" else 503


@bp.get("/calendrier/<string:token>.ics")
def calendar_feed(token: str) -> Answer:
    """The booked days, for the calendar of a phone, which cannot log in: the token is the key."""
    feed = CalendarFeed.by_token(token)
    if feed is None:
        abort(404)
    return Response(_icalendar(feed.days()), mimetype="text/calendar")


def _icalendar(days: Iterable[FeedDay]) -> bytes:
    import icalendar  # noqa: PLC0415 - slow to load, and no page needs it

    host, stamp = urlsplit(current_app.config["PREAU"].base_url).hostname, clock.now()
    calendar = icalendar.Calendar()
    for name, value in (("prodid", "-//Préau//Planning//FR"), ("version", "2.0"), ("x-wr-calname", "Planning")):
        calendar.add(name, value)
    for day in days:
        entry = icalendar.Event()
        entry.add("uid", f"{day.uid}@{host}")
        entry.add("dtstamp", stamp)
        entry.add("summary", day.activity)
        if day.hours:
            starts, ends = (datetime.combine(day.day, hour, clock.PARIS) for hour in day.hours)
            entry.add("dtstart", starts)
            entry.add("dtend", ends)
        else:
            entry.add("dtstart", day.day)
            entry.add("dtend", day.day + timedelta(days=1))
        calendar.add_component(entry)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _free_bytes() -> int:
    folder = current_app.config["PREAU"].data_dir
    return shutil.disk_usage(folder).free if folder.exists() else 0
