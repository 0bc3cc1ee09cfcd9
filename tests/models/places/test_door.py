"""The one door: what it checks, and that nobody gets past it two at a time."""

import json
import subprocess
import sys
import threading
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from app import db
from app.clock import PARIS
from app.models.enrolments import Booking, BookingState, Enrolment, Leave
from app.models.places import PoolDay
from app.models.places import door as the_door
from app.models.places.door import DayFullError, Override
from app.models.refusal import RefusedError
from app.models.town import Closure
from app.models.town.calendar import Calendar, days_between
from tests.builders import DAY, activity, dupont, durand, enrolment
from tests.conftest import GUIDE_DAY, SECRETS
from tests.servers import ROOT

IN_TIME = datetime.combine(GUIDE_DAY, time(12), PARIS)
LATE = datetime.combine(DAY, time(8), PARIS)


pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def two():
    """Two enrolments, of two families, in an activity that has one place."""
    with db.transaction():
        one = activity(places=1)
        return [enrolment(one, adult.family).id for adult in (dupont(), durand())]


def book(number, day=DAY, *, at=IN_TIME, override=the_door.NO_OVERRIDE) -> bool:
    with db.transaction() as writing:
        calendar = Calendar.between(day, day)
        return the_door.book(writing.get_one(Enrolment, number), day, calendar, submitted_at=at, override=override)


def release(number, into=BookingState.ABSENT_EXCUSED) -> None:
    with db.transaction() as writing:
        the_door.release(writing.get_one(Enrolment, number), DAY, into=into)


def taken() -> int:
    db.session.rollback()
    return db.session.scalar(select(PoolDay.taken)) or 0


def booked() -> int:
    db.session.rollback()
    live = select(func.count()).select_from(Booking).where(Booking.state == BookingState.BOOKED, Booking.day == DAY)
    return db.session.scalar(live)


def test_a_place_is_taken_once(two):
    assert book(two[0]) is True
    assert book(two[1]) is False
    assert (booked(), taken()) == (1, 1)


def test_an_absence_frees_the_place_and_the_next_may_have_it(two):
    book(two[0])
    release(two[0])
    assert taken() == 0
    assert book(two[1]) is True
    assert (booked(), taken()) == (1, 1)


def test_a_day_given_back_may_be_booked_again(two):
    book(two[0])
    release(two[0])
    assert book(two[0]) is True
    assert (booked(), taken()) == (1, 1)


def test_an_agent_may_grant_a_place_over_capacity(two):
    book(two[0])
    assert book(two[1], override=Override(capacity=True)) is True
    assert (booked(), taken()) == (2, 2)
    assert db.session.scalar(select(PoolDay.forced)) == 1


def refusal(number, day=DAY, **how) -> str:
    with pytest.raises(RefusedError) as closed:
        book(number, day, **how)
    assert taken() == booked()
    return str(closed.value)


def test_what_cannot_be_says_why_and_changes_nothing(two):
    with db.transaction() as writing:
        writing.add(Closure(first_day=DAY + timedelta(days=7), last_day=DAY + timedelta(days=7), reason="travaux"))
    assert "Fermeture ce jour-là (Accueil de Loisirs ALSH) : travaux" in refusal(two[0], DAY + timedelta(days=7))
    assert "Ce jour est férié (" in refusal(two[0], DAY + timedelta(days=2))
    assert "n’accueille pas" in refusal(two[0], DAY + timedelta(days=3))
    assert "ne couvre pas" in refusal(two[0], DAY - timedelta(days=400))
    assert "délai" in refusal(two[0], at=LATE)
    assert book(two[0], at=LATE, override=Override(deadline=True)) is True
    assert "déjà réservé" in refusal(two[0])


def test_a_child_of_two_households_is_booked_once(two):
    with db.transaction() as writing:
        first = writing.get_one(Enrolment, two[0])
        other = enrolment(first.activity, durand().family, first.child).id
    book(two[0])
    assert "l’autre foyer" in refusal(other)


def test_two_activities_of_one_group_exclude_each_other(two):
    with db.transaction() as writing:
        child = writing.get_one(Enrolment, two[0]).child
        day = activity("Journée", exclusive_group="mercredi")
        afternoon = activity("Après-midi", exclusive_group="mercredi")
        numbers = [enrolment(one, dupont().family, child).id for one in (day, afternoon)]
    assert book(numbers[0]) is True
    assert "Cet enfant a déjà une réservation ce jour-là" in refusal_without_places(numbers[1])


def refusal_without_places(number) -> str:
    with pytest.raises(RefusedError) as closed:
        book(number)
    return str(closed.value)


def test_releasing_what_is_not_booked_is_refused(two):
    with pytest.raises(RefusedError, match="plus réservé"):
        release(two[0])


def test_several_days_are_booked_in_one_go_and_each_refusal_says_why(two):
    book(two[1], DAY + timedelta(days=1))
    days = [DAY + timedelta(days=n) for n in range(-5, 3)]  # Friday 1 to Friday 8 May: one full, three not open
    with db.transaction() as writing:
        one, calendar = writing.get_one(Enrolment, two[0]), Calendar.between(days[0], days[-1])
        refused = the_door.book_days(one, days, calendar, submitted_at=IN_TIME, override=Override(deadline=True))
    assert {day.day: isinstance(why, DayFullError) for day, why in refused.items()} == {
        1: False, 2: False, 3: False, 7: True, 8: False,
    }  # fmt: skip
    assert set(db.session.scalars(select(Booking.day).where(Booking.enrolment_id == two[0]))) == {
        date(2015, 5, 4), date(2015, 5, 5), DAY,
    }  # fmt: skip
    assert db.session.scalar(select(func.sum(PoolDay.taken))) == 4


def test_the_queries_of_several_days_do_not_grow_with_them(two, count_queries):
    many = []
    for first, last in ((DAY, DAY), (DAY + timedelta(days=5), DAY + timedelta(days=50))):
        days = list(days_between(first, last))
        calendar = Calendar.between(first, last)
        with db.transaction() as writing, count_queries() as sent:
            one = writing.get_one(Enrolment, two[0])
            the_door.book_days(one, days, calendar, submitted_at=IN_TIME)
        many.append(len(sent))
    assert many[0] == many[1]


def test_a_cancelled_day_leaves_no_trace_and_its_place_is_free(two):
    book(two[0])
    with db.transaction() as writing:
        the_door.cancel(writing.get_one(Enrolment, two[0]), DAY)
    assert (booked(), taken(), db.session.query(Booking).filter_by(enrolment_id=two[0]).count()) == (0, 0, 0)
    with pytest.raises(RefusedError, match="plus réservé"), db.transaction() as writing:
        the_door.cancel(writing.get_one(Enrolment, two[0]), DAY)


def test_an_absence_that_is_cancelled_frees_no_second_place(two):
    book(two[0])
    release(two[0])
    book(two[1])
    with db.transaction() as writing:
        the_door.cancel(writing.get_one(Enrolment, two[0]), DAY)
    assert (booked(), taken()) == (1, 1)


def test_both_parents_ask_two_days_of_an_activity_without_places_at_once_and_both_get_them(app):
    """Each has written its request, which refers to the enrolment, when the door locks it: no deadlock."""
    with db.transaction():
        number = enrolment(activity(), dupont().family).id

    def take(which, meet):
        day = DAY + timedelta(days=which)
        with app.app_context(), db.transaction() as writing:
            if db.engine().dialect.name == "postgresql":
                writing.add(Leave(enrolment_id=number, first_day=date(2015, 7, which + 1), last_day=date(2015, 7, 9)))
                writing.flush()
                meet()
            calendar = Calendar.between(day, day)
            return the_door.book(writing.get_one(Enrolment, number), day, calendar, submitted_at=IN_TIME)

    assert two_at_once(take) == [True, True]


RUSH = """
import json, sys
from datetime import datetime
from app import create_app, db
from app.models.enrolments import Enrolment
from app.models.places import door
from app.models.town.calendar import Calendar
app = create_app()
day = datetime.fromisoformat(sys.argv[1]).date()
at = datetime.fromisoformat(sys.argv[2])
told = []
with app.app_context():
    calendar = Calendar.between(day, day)
    print("ready", flush=True)
    sys.stdin.readline()
    for number in json.loads(sys.argv[3]):
        with db.transaction() as writing:
            told.append(door.book(writing.get_one(Enrolment, number), day, calendar, submitted_at=at))
print(json.dumps(told))
"""


def test_200_parents_for_20_places_from_parallel_processes(app):
    with db.transaction():
        twenty = activity(places=20)
        numbers = [enrolment(twenty, dupont().family).id for _ in range(200)]
    environment = {
        "PATH": "/usr/bin:/bin",
        "PREAU_ENV": "demo",
        "PREAU_DATA_DIR": str(app.config["PREAU"].data_dir),
        "PREAU_DATABASE_URL": app.config["PREAU"].database_url,
        **SECRETS,
    }
    parents = [
        subprocess.Popen(
            [sys.executable, "-c", RUSH, DAY.isoformat(), IN_TIME.isoformat(), json.dumps(numbers[n::4])],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for n in range(4)
    ]
    for parent in parents:
        assert parent.stdout.readline() == "ready\n"
    for parent in parents:
        parent.stdin.write("\n")
        parent.stdin.flush()
    told = [answer for parent in parents for answer in json.loads(parent.communicate(timeout=300)[0])]
    assert (told.count(True), told.count(False)) == (20, 180)
    assert (booked(), taken()) == (20, 20)


def two_at_once(work) -> list[object]:
    """Run `work(number, meet)` in two threads; `meet` makes them wait for each other. Answers or exceptions."""
    barrier, told = threading.Barrier(2), []

    def run(which: int) -> None:
        try:
            told.append(work(which, lambda: barrier.wait(60)))
        except Exception as error:
            told.append(error)
        finally:
            db.session.remove()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_with_the_door_one_of_two_gets_the_last_place(two):
    def take(which, meet):
        meet()
        return book(two[which])

    assert sorted(two_at_once(take)) == [False, True]
    assert (booked(), taken()) == (1, 1)


def test_without_its_protection_two_take_the_last_place_or_the_database_is_locked(two):
    """The negative control: read, then write what was read plus one, in a transaction that locks nothing."""
    with db.transaction() as writing:
        writing.add(
            PoolDay(pool_id=writing.get_one(Enrolment, two[0]).activity.pool_id, day=DAY, half_day="am", capacity=1)
        )
    rows = {n: (e.child_id, e.activity_id) for n, e in ((n, db.session.get(Enrolment, n)) for n in two)}
    pool, places = PoolDay.__table__, Booking.__table__

    def take(which, meet):
        number = two[which]
        child, of = rows[number]
        with db.engine().connect() as connection, connection.begin():
            seen = connection.scalar(select(pool.c.taken))
            meet()
            if seen >= 1:
                return False
            connection.execute(pool.update().values(taken=seen + 1))
            values = {"enrolment_id": number, "day": DAY, "state": "booked", "child_id": child, "activity_id": of}
            connection.execute(places.insert().values(values))
            return True

    told = two_at_once(take)
    if db.engine().dialect.name == "postgresql":
        assert told == [True, True]
        assert (booked(), taken()) == (2, 1), "two children for one place"
    else:
        assert [str(answer) for answer in told if "locked" in str(answer)]
