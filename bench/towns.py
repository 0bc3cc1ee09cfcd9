"""Towns to measure: the guide's, with a family of 3 children × 10 activities, among any number of other families."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from app import create_app, db
from app.clock import PARIS
from app.config import Settings
from app.demo import PASSWORD, planning
from app.demo.command import build
from app.french_order import sort_key
from app.models.enrolments import Enrolment
from app.models.families import Adult, Child, Civility, spelling
from app.models.town import Activity, Structure

SECRETS = {
    "PREAU_SECRET_KEY": "a secret that only the bench knows, 32 characters",
    "PREAU_ENCRYPTION_KEYS": "a key that only the bench knows of 32 characters or more",
}
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
TODAY = date(2015, 5, 4)
MONTH = date(2015, 5, 1)
"""The month that is looked at: 31 days."""
WAITING = date(2015, 6, 10)
"""A day for which some wait, one of Jean's children among them."""
PUBLIC_HOLIDAYS = (1, 8, 14, 25)
WEEKDAYS = [
    day for n in range(31) if (day := MONTH + timedelta(days=n)).weekday() < 5 and day.day not in PUBLIC_HOLIDAYS
]
OURS = ("Garderie soir", "Étude surveillée", "Atelier théâtre")
FIRST = 1000
"""The first number of the other families and of what is theirs."""


def environ(folder: Path) -> dict[str, str]:
    """The same keys for every town: one process looks at several in turn."""
    place = {"PREAU_ENV": "demo", "PREAU_DATA_DIR": str(folder), "PREAU_BASE_URL": "http://localhost"}
    return {**SECRETS, **place, "PREAU_TODAY": TODAY.isoformat()}


@dataclass(frozen=True)
class Town:
    families: int
    folder: Path
    app: Flask
    family_id: int
    """Jean's, whose planning is measured."""
    enrolment_id: int
    cookie: str
    """Jean's session."""
    agent_cookie: str
    """A session of the guichet."""

    @property
    def database(self) -> Path:
        return self.folder / "preau.db"

    def enter(self) -> None:
        """Make it the town of this process."""
        db.connect(self.app.config["PREAU"].database_url)


def build_town(families: int, folder: Path) -> Town:
    """The guide's town and this many other families: 12 invoices, a child, 4 enrolments, 20 bookings, a request."""
    app = create_app(Settings.load(environ(folder)))
    with app.app_context():
        build(app, guide=True)
        with db.transaction() as writing:
            jean = writing.query(Adult).filter_by(last_name="DUPONT", rank=1).one()
            enrolments = _three_children(writing, jean)
            _places(writing)
            _others(
                writing, families, [number for (number,) in writing.query(Activity.id).order_by(Activity.id)][-4:]
            )
            _waits(writing, jean, enrolments[0])
        family_id, enrolment_id = jean.family_id, enrolments[-1].id
        with db.engine().connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    cookie, agent_cookie = (_session(app, identifiant) for identifiant in ("jean.dupont", "guichet"))
    return Town(families, folder, app, family_id, enrolment_id, cookie, agent_cookie)


def _session(app: Flask, identifiant: str) -> str:
    browser = app.test_client()
    token = TOKEN.search(browser.get("/connexion").text)[1]
    form = {"csrf_token": token, "identifiant": identifiant, "password": PASSWORD}
    answer = browser.post("/connexion", data=form)
    assert answer.status_code == 303, answer.status
    return browser.get_cookie("preau").value


def fill(writing: Session, table: str, rows: Iterable[dict[str, Any]]) -> None:
    writing.execute(db.Base.metadata.tables[table].insert(), list(rows))


def _three_children(writing: Session, jean: Adult) -> list[Enrolment]:
    """Jean's: every child in every activity, 20 bookings each, and the month's remarkable cells."""
    garderie = writing.query(Structure).filter_by(name="Garderie périscolaire").one()
    common = {"weekdays": planning.ALL_WEEK, "booking_rule": planning.EVE, "cancelling_rule": planning.EVE}
    writing.add_all(Activity(structure=garderie, name=name, position=5, **common) for name in OURS)
    writing.flush()
    for name, born in (("HUGO", date(2010, 5, 2)), ("ZOE", date(2011, 8, 20))):
        planning.child(name, "DUPONT", born, jean.family)
    activities = writing.query(Activity).order_by(Activity.id).all()
    for child in writing.query(Child).filter_by(last_name="DUPONT").all():
        enrolled = {n for (n,) in writing.query(Enrolment.activity_id).filter_by(child_id=child.id)}
        for activity in activities:
            if activity.id not in enrolled:
                planning.enrol(child, activity, jean.family, date(2014, 9, 1))
    enrolments = writing.query(Enrolment).filter_by(family_id=jean.family_id).order_by(Enrolment.id).all()
    for enrolment in (one for one in enrolments if one.activity.name in OURS[:2]):
        for day in WEEKDAYS[:10]:
            planning.past_booking(enrolment, day)
    return enrolments


def _places(writing: Session) -> None:
    """The room's places on each half-day of two months; the last day of each week is full."""
    days = [MONTH + timedelta(days=n) for n in range(61)]
    halves = [{"pool_id": 1, "day": day, "half_day": half} for day in days for half in ("am", "pm")]
    fill(writing, "pool_day", [{**h, "capacity": 40, "taken": 40 if h["day"].weekday() == 4 else 30} for h in halves])


def _others(writing: Session, families: int, activities: list[int]) -> None:
    """Rows in bulk, numbered by us; a page that reads all of a town's rows will show it."""
    numbers = range(FIRST, FIRST + families)
    dated = {"issued_on": date(2015, 4, 8), "due_on": date(2015, 4, 8), "total_cents": 1000}
    owed = {"day": date(2015, 4, 8), "kind": "invoice", "amount_cents": -1000}
    asked = {"kind": "booking", "submitted_at": datetime(2015, 5, 1, 9, tzinfo=PARIS)}
    adult = {"rank": 1, "civility": Civility.MADAME, "first_name": "ANNE"}
    enrolled = [(10 * n + k, n, activity) for n in numbers for k, activity in enumerate(activities)]
    bills = [(12 * n + month, n) for n in numbers for month in range(12)]
    named = ((n, f"{2 * 10**12 + n}") for n in numbers)
    # The words to find a family by, and the places in lists, which the session would have written.
    families_named = (
        {
            "id": n,
            "number": number,
            "search_text": spelling.found_by(number, f"N{n}", "ANNE", "N", "LOU", **_found_by(_reached(n))),
            "sort_key": sort_key(f"N{n}", "ANNE"),
        }
        for n, number in named
    )
    fill(writing, "family", families_named)
    reached = {n: _reached(n) for n in numbers}
    fill(
        writing,
        "adult",
        ({"id": n, "family_id": n, "last_name": f"N{n}", **adult, **reached[n]} for n in numbers),
    )
    fill(writing, "invoice_series", [{"code": "BE", "last_number": 12 * (FIRST + families)}])
    fill(writing, "invoice", ({"id": i, "series": "BE", "number": i, "family_id": n, **dated} for i, n in bills))
    fill(writing, "ledger_entry", ({"family_id": n, "invoice_id": i, **owed} for i, n in bills))
    child = {"last_name": "N", "first_name": "LOU", "birth_date": date(2009, 1, 1), "sort_key": sort_key("N", "LOU")}
    fill(writing, "child", ({"id": n, **child} for n in numbers))
    fill(writing, "custody", ({"child_id": n, "family_id": n} for n in numbers))
    since = {"first_day": date(2014, 9, 1)}
    mine = [{"id": e, "child_id": n, "family_id": n, "activity_id": a, **since} for e, n, a in enrolled]
    fill(writing, "enrolment", mine)
    booked = ((e, n, a, WEEKDAYS[(n + 4 * k) % 17]) for e, n, a in enrolled for k in range(5))
    fill(
        writing, "booking", ({"enrolment_id": e, "child_id": n, "activity_id": a, "day": d} for e, n, a, d in booked)
    )
    requests = (
        {"id": n, "code": f"B-{n}", "submission": f"b{n}", "family_id": n, "submitted_by": n} for n in numbers
    )
    fill(writing, "request", ({**one, **asked} for one in requests))
    lines = ((n, WAITING, "waiting_list") if n < FIRST + 10 else (n, WEEKDAYS[n % 17], "accepted") for n in numbers)
    line = {"kind": "booking"}
    fill(
        writing,
        "request_line",
        ({"request_id": n, "enrolment_id": 10 * n, "day": day, "state": state, **line} for n, day, state in lines),
    )


def _reached(n: int) -> dict[str, str]:
    """How an adult is reached: four texts of usual lengths."""
    return {
        "email": f"anne.n{n}@courriel.example",
        "phone_mobile": f"06 39 98 {n // 100 % 100:02} {n % 100:02}",
        "phone_work": f"05 36 49 {n % 100:02} {n // 100 % 100:02}",
        "address": f"{n % 90 + 1} rue du Général-Leclerc",
        "postal_code": "33190",
        "city": "Saint-Jean-du-Bois",
    }


def _found_by(reached: dict[str, str]) -> dict[str, list[str]]:
    return {
        "phones": [reached["phone_mobile"], reached["phone_work"]],
        "emails": [reached["email"]],
        "addresses": [reached["address"], reached["postal_code"], reached["city"]],
    }


def _waits(writing: Session, jean: Adult, enrolment: Enrolment) -> None:
    """A request of Jean's for a day on which ten wait already."""
    made = {"code": "B-0", "submission": "b0", "family_id": jean.family_id, "submitted_by": jean.id}
    fill(writing, "request", [{"id": 10**6, "kind": "booking", **made}])
    line = {"enrolment_id": enrolment.id, "day": WAITING, "kind": "booking", "state": "waiting_list"}
    fill(writing, "request_line", [{"request_id": 10**6, **line}])
