"""Several days at once: what the plan tells is what happens, whatever is asked."""

from contextlib import suppress
from datetime import date, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import db
from app.models.enrolments import Booking, BookingState, Enrolment
from app.models.families import Child
from app.models.families.author import Author
from app.models.planning.days_plan import DayOutcome, DaysPlan
from app.models.planning.many_days import Asking
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request
from app.models.town import Approval, Closure, DeadlineKind
from app.models.town.deadline import DeadlineRule
from tests.builders import DAY, EVE, activity, dupont, durand, enrolment

FIRST = date(2015, 5, 4)
SETTINGS = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
STATE = {
    DayOutcome.DONE: LineState.ACCEPTED,
    DayOutcome.ASKED: LineState.SUBMITTED,
    DayOutcome.WAITING_LIST: LineState.WAITING_LIST,
}


class UndoError(Exception):
    """Leaves the town as it was."""


pytestmark = pytest.mark.usefixtures("inside")


def wanted_of(numbers, days):
    return [(db.session.get_one(Enrolment, number), day) for number in numbers for day in days]


def town() -> list[int]:
    """Two children and a stranger's, in activities of few places, exclusive ones, a manual one; some days taken."""
    one, two = activity("Un", places=1), activity("Deux", places=2, exclusive_group="g")
    three = activity("Trois", exclusive_group="g")
    manual = activity("Quatre", places=1, approval=Approval.MANUAL)
    lea = Child(last_name="DUPONT", first_name="Léa", birth_date=date(2008, 9, 1))
    tom = Child(last_name="DUPONT", first_name="Tom", birth_date=date(2010, 9, 1))
    db.session.add_all([lea, tom])
    db.session.flush()
    mine = [enrolment(of, dupont().family, child).id for child in (lea, tom) for of in (one, two, three, manual)]
    theirs = enrolment(one, durand().family)
    other = enrolment(manual, durand().family)
    db.session.add(
        Closure(
            structure_id=one.structure_id, first_day=date(2015, 5, 12), last_day=date(2015, 5, 12), reason="Travaux"
        )
    )
    db.session.flush()
    for row in (theirs, other):
        Asking(RequestKind.BOOKING, [(row, DAY)], Author(durand()), f"s{row.id}").send()
    return mine


DAYS = st.lists(st.integers(-2, 20).map(lambda n: FIRST + timedelta(days=n)), min_size=1, max_size=6, unique=True)
CHOICES = st.lists(st.tuples(st.integers(0, 7), DAYS), min_size=1, max_size=5)


@SETTINGS
@given(before=CHOICES, after=CHOICES, kind=st.sampled_from([RequestKind.BOOKING, RequestKind.ABSENCE]))
def test_what_is_told_of_each_day_is_what_happens(before, after, kind):
    with suppress(UndoError), db.transaction():
        _tell_and_do(before, after, kind)
        raise UndoError


def _tell_and_do(before, after, kind) -> None:
    mine = town()
    _send([(mine[n], day) for n, days in before for day in days], RequestKind.BOOKING, "before")
    pairs = [(db.session.get_one(Enrolment, mine[n]), day) for n, days in after for day in days]
    plan = DaysPlan.of(kind, pairs)
    told = {(line.enrolment.id, line.day): line.outcome for line in plan.lines}
    request = _send(list(told), kind, "after")
    done = {(line.enrolment_id, line.day): line.state for line in request.lines} if request else {}
    assert done == {key: STATE[outcome] for key, outcome in told.items() if outcome is not DayOutcome.IMPOSSIBLE}
    if request:
        assert len(request.left_out) == plan.count(DayOutcome.IMPOSSIBLE)
    live = select(Booking.enrolment_id, Booking.day).where(Booking.state == BookingState.BOOKED)
    booked = {tuple(row) for row in db.session.execute(live)}
    for key, outcome in told.items():
        if outcome is DayOutcome.DONE:
            assert (key in booked) == (kind is RequestKind.BOOKING)


def _send(pairs, kind, submission) -> Request | None:
    wanted = [(db.session.get_one(Enrolment, number), day) for number, day in pairs]
    try:
        with db.session.begin_nested():
            return Asking(kind, wanted, Author(dupont()), submission, reason="Malade").send()
    except RefusedError:
        return None


def test_two_children_do_not_both_get_the_last_place():
    with db.transaction():
        one = activity(places=1)
        numbers = [enrolment(one, dupont().family).id for _ in range(2)]
    plan = DaysPlan.of(RequestKind.BOOKING, wanted_of(numbers, [DAY]))
    assert [line.outcome for line in plan.lines] == [DayOutcome.DONE, DayOutcome.WAITING_LIST]


def test_what_is_late_tells_the_deadline_and_an_absence_that_the_day_is_billed():
    with db.transaction():
        one = activity(booking_rule=DeadlineRule(DeadlineKind.DAYS, 3, time(23, 59)), cancelling_rule=EVE)
        number = enrolment(one, dupont().family).id
    with db.transaction() as writing:
        row = writing.get_one(Enrolment, number)
        same = {"child_id": row.child_id, "activity_id": row.activity_id}
        writing.add(Booking(enrolment_id=number, day=FIRST, **same))
    whys = {}
    for kind, day in ((RequestKind.BOOKING, DAY), (RequestKind.ABSENCE, FIRST)):
        (line,) = DaysPlan.of(kind, wanted_of([number], [day])).lines
        assert (line.outcome, line.late) == (DayOutcome.ASKED, True)
        whys[kind] = line.why.replace("\u00a0", " ")
    late = "Hors délai : il fallait demander avant le dimanche 3 mai 2015 à 23 h 59. "
    assert whys[RequestKind.BOOKING] == f"{late}Le service décidera."
    assert whys[RequestKind.ABSENCE] == f"{late}Ce jour sera facturé, sauf si le service l’excuse."


def test_the_queries_of_a_plan_do_not_grow_with_its_days(count_queries):
    with db.transaction():
        one = activity(places=30)
        numbers = [enrolment(one, dupont().family).id for _ in range(2)]
    counts = []
    for days in (2, 40):
        db.session.rollback()
        wanted = wanted_of(numbers, [DAY + timedelta(days=n) for n in range(days)])
        for row, _ in wanted:
            assert row.activity.pool
        with count_queries() as queries:
            DaysPlan.of(RequestKind.BOOKING, wanted)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_what_could_not_be_asked_is_kept_on_the_request():
    with db.transaction():
        number = enrolment(activity(), dupont().family).id
    with db.transaction():
        wanted = wanted_of([number], [DAY, date(2015, 5, 9)])
        made = Asking(RequestKind.BOOKING, wanted, Author(dupont()), "one").send().id
    db.session.rollback()
    (left,) = db.session.get_one(Request, made).left_out
    assert "samedi 9 mai 2015" in left["what"]
    assert "n’accueille pas" in left["why"]
