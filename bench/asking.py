"""The request of 40 days for two children: told before it is sent, sent, and undone as a whole."""

import re
import time
from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import event

from app import db
from app.demo import planning
from app.models.enrolments import Enrolment
from app.models.families import Child, Family
from app.models.places import PoolDay
from app.models.planning.days_plan import DayOutcome, DaysPlan
from app.models.request_kind import RequestKind
from app.models.town import Activity, Approval, CapacityPool
from bench.pages import BROWSER, Stopwatch
from bench.towns import TODAY, TOKEN, Town

DAYS, CHILDREN, TIMES = 40, 2, 15
ADDRESS = "/demandes/nouvelle"
SUBMISSION = re.compile(r'name="submission"[^>]*value="([^"]+)"')


def many_days(town: Town, watch: Stopwatch) -> dict[str, int]:
    """Times each step on this watch, round after round of the same days. How many statements each sends, by name."""
    town.enter()
    with town.app.app_context():
        lines = _open(town)
    client = town.app.test_client()
    client.set_cookie("preau", town.cookie)
    counted: dict[str, int] = {}
    for _ in range(TIMES):
        one_round(town, client, lines, lambda name, call: _timed(watch, town, counted, name, call))
    return counted


def one_round(town: Town, client: FlaskClient, lines: list[str], timed: Callable) -> None:
    """Ask for all of these days, see that they are booked, and give them back."""
    asked = {"type": "reservation", "ligne": lines}
    shown = timed(
        "preview", lambda: client.get(ADDRESS, query_string=asked, headers=BROWSER | {"Accept-Encoding": ""})
    )
    assert shown.status_code == 200, shown.status
    token, submission = TOKEN.search(shown.text)[1], SUBMISSION.search(shown.text)[1]
    form = {**asked, "csrf_token": token, "submission": submission}
    sent = timed("submission", lambda: client.post(ADDRESS, data=form, headers=BROWSER))
    assert sent.status_code == 303, sent.status
    assert _taken(town) == len(lines)
    number = sent.location.rpartition("/")[2]
    undo = f"/demandes/{number}/annulation"
    undone = timed("undone", lambda: client.post(undo, data={"csrf_token": token}, headers=BROWSER))
    assert undone.status_code == 303, undone.status
    assert _taken(town) == 0


def _open(town: Town) -> list[str]:
    """An activity with places, decided at once, and two of Jean's children in it. The days to ask, as a form says."""
    with db.transaction() as writing:
        structure = writing.query(Activity).first().structure
        pool = CapacityPool(structure_id=structure.id, name="Salle des fêtes", capacity=40)
        always = {"weekdays": planning.ALL_WEEK, "booking_rule": planning.EVE, "cancelling_rule": planning.EVE}
        activity = Activity(
            structure=structure, name="Jeux", pool=pool, uses_morning=True, approval=Approval.AUTOMATIC, **always
        )
        writing.add_all([pool, activity])
        family = writing.get_one(Family, town.family_id)
        for child in writing.query(Child).filter_by(last_name="DUPONT").limit(CHILDREN):
            planning.enrol(child, activity, family, TODAY)
        mine = writing.query(Enrolment).filter_by(activity_id=activity.id).all()
        soon = [TODAY + timedelta(days=n) for n in range(1, 120)]
        open_days = DaysPlan.of(RequestKind.BOOKING, [(mine[0], day) for day in soon]).of_outcome(DayOutcome.DONE)
        return [f"{one.id}:{line.day}" for one in mine for line in open_days[:DAYS]]


def _taken(town: Town) -> int:
    with town.app.app_context():
        room = db.session.query(CapacityPool.id).filter_by(name="Salle des fêtes").scalar_subquery()
        return sum(taken for (taken,) in db.session.query(PoolDay.taken).filter(PoolDay.pool_id == room))


def _timed(watch: Stopwatch, town: Town, counted: dict[str, int], name: str, call: Callable) -> object:
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            sent.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    began = time.perf_counter()
    answer = call()
    watch.spent[name, town.families].append((time.perf_counter() - began) * 1000)
    event.remove(db.engine(), "before_cursor_execute", note)
    counted[name] = len(sent)
    return answer
