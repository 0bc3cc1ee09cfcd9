"""What the planning must never hold, tried against the database itself; and what its file alone does not tell."""

import re
from datetime import UTC, date, datetime, time
from itertools import product
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from app import db
from app.models.enrolments import Attendance, Booking, BookingState, Enrolment, Leave
from app.models.families import AlertKind, Authority, Child, Contact, ContactRole, Custody, HealthAlert, Pai
from app.models.places import PoolDay
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.town import (
    Activity,
    Approval,
    CapacityPool,
    Closure,
    DeadlineKind,
    HalfDay,
    HolidayKind,
    PublicHoliday,
    SchoolHoliday,
    SchoolZone,
    Structure,
)
from app.models.town.deadline import DeadlineRule
from tests.builders import activity, dupont, durand, enrolment

DAY, NEXT_DAY, DAY_BEFORE = date(2015, 6, 3), date(2015, 6, 4), date(2015, 6, 2)
ANSWER_UNTIL = datetime(2015, 6, 1, 12, tzinfo=UTC)
SPRING, SPRING_ENDS = date(1999, 4, 10), date(1999, 4, 25)  # years that no demonstration fills
FERIE = date(1999, 5, 1)
NOT_LIVE = [state for state in BookingState if state is not BookingState.BOOKED]
OPEN = [
    LineState.SUBMITTED,
    LineState.IN_REVIEW,
    LineState.WAITING_LIST,
    LineState.OFFERED,
    LineState.COUNTERED,
]
DECIDED = [state for state in LineState if state not in OPEN]


@pytest.fixture
def cast(app):
    """A child of two households, enrolled by both in two activities of one group; one row in every table."""
    with app.app_context():
        with db.transaction() as writing:
            child = Child(last_name="DUPONT", first_name="Zoé", birth_date=date(2008, 9, 1), diet="sans porc")
            other_child = Child(last_name="DURAND", first_name="Noé", birth_date=date(2009, 3, 1))
            writing.add_all([child, other_child])
            writing.flush()
            whole = activity("Journée de ce test", places=10, exclusive_group="essai")
            half = activity("Après-midi de ce test", exclusive_group="essai")
            free = activity("Repas de ce test")
            one, two = dupont(), durand()
            first, second = (enrolment(whole, adult.family, child) for adult in (one, two))
            half_first, half_second = (enrolment(half, adult.family, child) for adult in (one, two))
            meal, meal_second = (enrolment(free, adult.family, child) for adult in (one, two))
            sibling = enrolment(whole, two.family, other_child)
            request = Request(
                code="AAA-AAA",
                kind=RequestKind.BOOKING,
                family_id=one.family_id,
                submitted_by=one.id,
                submission="the first form",
            )
            writing.add(request)
            writing.flush()
            writing.add_all(
                [
                    Booking(**booked(first), day=DAY),
                    Booking(**booked(meal), day=NEXT_DAY),
                    Attendance(enrolment_id=first.id, day=DAY, present=True),
                    Leave(enrolment_id=meal.id, first_day=DAY, last_day=NEXT_DAY),
                    RequestLine(request_id=request.id, enrolment_id=meal.id, day=DAY, kind=RequestKind.BOOKING),
                    PoolDay(pool_id=whole.pool_id, day=DAY, half_day=HalfDay.MORNING, capacity=2, taken=2),
                    Authority(adult_id=one.id, child_id=child.id),
                    Contact(child_id=child.id, role=ContactRole.COLLECTS, name="Mamie"),
                    HealthAlert(child_id=child.id, kind=AlertKind.FOOD, text="arachide"),
                    Pai(child_id=child.id, ends_on=None, instruction="stylo dans le sac"),
                    Closure(structure_id=whole.structure_id, first_day=DAY, last_day=DAY, reason="Travaux"),
                    SchoolHoliday(
                        zone=SchoolZone.A,
                        name="Printemps",
                        kind=HolidayKind.SHORT,
                        first_day=SPRING,
                        last_day=SPRING_ENDS,
                    ),
                    PublicHoliday(day=FERIE, name="Fête du Travail"),
                ]
            )
        yield SimpleNamespace(
            child=child,
            other_child=other_child,
            whole=whole,
            half=half,
            first=first,
            second=second,
            half_first=half_first,
            half_second=half_second,
            meal=meal,
            meal_second=meal_second,
            sibling=sibling,
            request=request,
            one=one,
            two=two,
        )


def booked(of: Enrolment) -> dict[str, object]:
    """What a booking repeats of its enrolment."""
    return {
        "enrolment_id": of.id,
        "child_id": of.child_id,
        "activity_id": of.activity_id,
        "exclusive_group": of.activity.exclusive_group,
    }


def line(cast, **changes) -> RequestLine:
    values = {"request_id": cast.request.id, "enrolment_id": cast.first.id, "day": DAY, "kind": RequestKind.BOOKING}
    return RequestLine(**{**values, **changes})


def sent(cast, **changes) -> Request:
    values = {"code": "BBB-BBB", "kind": RequestKind.BOOKING, "submission": "the second form"}
    return Request(**{**values, "family_id": cast.one.family_id, "submitted_by": cast.one.id, **changes})


def enrolled(cast, **changes) -> Enrolment:
    values = {"child_id": cast.child.id, "activity_id": cast.half.id, "family_id": cast.one.family_id}
    return Enrolment(**{**values, "first_day": DAY, **changes})


def places(cast, **changes) -> PoolDay:
    values = {"pool_id": cast.whole.pool_id, "day": NEXT_DAY, "half_day": HalfDay.MORNING, "capacity": 10}
    return PoolDay(**{**values, **changes})


def offered(cast, **changes) -> Activity:
    rule = DeadlineRule(DeadlineKind.DAYS, 1, time(12))
    values = {"structure_id": cast.whole.structure_id, "name": "Une de plus", "weekdays": 1}
    return Activity(**{**values, "booking_rule": rule, "cancelling_rule": rule, **changes})


def holiday(**changes) -> SchoolHoliday:
    values = {"zone": SchoolZone.B, "name": "Printemps", "kind": HolidayKind.SHORT}
    return SchoolHoliday(**{**values, "first_day": SPRING, "last_day": SPRING_ENDS, **changes})


# Each: why it must never be, the row, and what the engines call the rule that refuses it.
FOREIGN = "FOREIGN KEY constraint failed|fk_"
FORBIDDEN = {
    "a child booked twice in an activity on a day, by its two households": (
        lambda c: Booking(**booked(c.meal_second), day=NEXT_DAY),
        "booking.child_id, booking.activity_id, booking.day|uq_booking_child_activity_day",
    ),
    "an enrolment booked twice on a day": (
        lambda c: Booking(**booked(c.first), day=DAY, state=BookingState.ABSENT_EXCUSED),
        "booking.enrolment_id, booking.day|uq_booking_enrolment_id_day",
    ),
    "two activities of one group on a day": (
        lambda c: Booking(**booked(c.half_first), day=DAY),
        "booking.child_id, booking.exclusive_group, booking.day|uq_booking_child_group_day",
    ),
    "two activities of one group on a day, by two households": (
        lambda c: Booking(**booked(c.half_second), day=DAY),
        "booking.child_id, booking.exclusive_group, booking.day|uq_booking_child_group_day",
    ),
    "a booking of another child than its enrolment's": (
        lambda c: Booking(**{**booked(c.first), "child_id": c.other_child.id}, day=NEXT_DAY),
        FOREIGN,
    ),
    "a booking in another activity than its enrolment's": (
        lambda c: Booking(**{**booked(c.first), "activity_id": c.half.id}, day=NEXT_DAY),
        FOREIGN,
    ),
    "a booking of no enrolment": (
        lambda c: Booking(**{**booked(c.first), "enrolment_id": 999_999}, day=NEXT_DAY),
        FOREIGN,
    ),
    "an enrolment paid by a household that is not the child's": (
        lambda c: enrolled(c, child_id=c.other_child.id),
        FOREIGN,
    ),
    "an enrolment that ends before it begins": (
        lambda c: enrolled(c, last_day=DAY_BEFORE),
        "ck_enrolment_ends_after_it_begins",
    ),
    "even weeks of more than seven days": (lambda c: enrolled(c, even_weeks=128), "ck_enrolment_weeks"),
    "odd weeks of more than seven days": (lambda c: enrolled(c, odd_weeks=128), "ck_enrolment_weeks"),
    "even weeks below nothing": (lambda c: enrolled(c, even_weeks=-1), "ck_enrolment_weeks"),
    "odd weeks below nothing": (lambda c: enrolled(c, odd_weeks=-1), "ck_enrolment_weeks"),
    "more places taken than there are": (lambda c: places(c, taken=11), "ck_pool_day_never_overbooked"),
    "more places taken than there are with those granted": (
        lambda c: places(c, taken=13, forced=2),
        "ck_pool_day_never_overbooked",
    ),
    "fewer places taken than none": (lambda c: places(c, taken=-1), "ck_pool_day_taken_positive"),
    "fewer places granted than none": (lambda c: places(c, forced=-1), "ck_pool_day_forced_positive"),
    "two counts of one half-day": (lambda c: places(c, day=DAY), "pool_day.pool_id, pool_day.day|pk_pool_day"),
    "a pool with fewer places than none": (
        lambda c: CapacityPool(structure_id=c.whole.structure_id, name="Une de plus", capacity=-1),
        "ck_capacity_pool_capacity",
    ),
    "two pools of one name": (
        lambda c: CapacityPool(structure_id=c.whole.structure_id, name=c.whole.pool.name, capacity=1),
        "capacity_pool.structure_id, capacity_pool.name|uq_capacity_pool_structure_id_name",
    ),
    "two activities of one name": (
        lambda c: offered(c, name=c.whole.name),
        "activity.structure_id, activity.name|uq_activity_structure_id_name",
    ),
    "an activity that never opens": (lambda c: offered(c, weekdays=0), "ck_activity_weekdays"),
    "an activity on an eighth day": (lambda c: offered(c, weekdays=128), "ck_activity_weekdays"),
    "an activity that takes no half-day of its pool": (
        lambda c: offered(c, pool_id=c.whole.pool_id),
        "ck_activity_pool_used",
    ),
    "a proof taken for fewer days than none": (lambda c: offered(c, proof_days=-1), "ck_activity_proof_days"),
    "a refusal without a reason": (
        lambda c: line(c, state=LineState.REFUSED),
        "ck_request_line_refused_with_a_reason",
    ),
    "an offer without an end": (lambda c: line(c, state=LineState.OFFERED), "ck_request_line_answer_has_an_end"),
    "another proposal without an end": (
        lambda c: line(c, state=LineState.COUNTERED),
        "ck_request_line_answer_has_an_end",
    ),
    "an end without an offer": (lambda c: line(c, answer_until=ANSWER_UNTIL), "ck_request_line_answer_has_an_end"),
    "a line of no request": (lambda c: line(c, request_id=999_999), FOREIGN),
    "a line of no enrolment": (lambda c: line(c, enrolment_id=999_999), FOREIGN),
    "one form as two requests": (
        lambda c: sent(c, submission="the first form"),
        "request.submission|uq_request_submission",
    ),
    "one form as two requests, by another household": (
        lambda c: sent(c, submission="the first form", family_id=c.two.family_id, submitted_by=c.two.id),
        "request.submission|uq_request_submission",
    ),
    "two receipts with one code": (lambda c: sent(c, code="AAA-AAA"), "request.code|uq_request_code"),
    "a request by nobody": (lambda c: sent(c, submitted_by=999_999), FOREIGN),
    "a leave that ends before it begins": (
        lambda c: Leave(enrolment_id=c.first.id, first_day=DAY, last_day=DAY_BEFORE),
        "ck_leave_ends_after_it_begins",
    ),
    "a leave of no enrolment": (lambda c: Leave(enrolment_id=999_999, first_day=DAY, last_day=DAY), FOREIGN),
    "a child pointed twice": (
        lambda c: Attendance(enrolment_id=c.first.id, day=DAY, present=False),
        "attendance.enrolment_id, attendance.day|pk_attendance",
    ),
    "a household in which a child lives twice": (
        lambda c: Custody(child_id=c.child.id, family_id=c.one.family_id),
        "custody.child_id, custody.family_id|pk_custody",
    ),
    "authority given twice": (
        lambda c: Authority(adult_id=c.one.id, child_id=c.child.id),
        "authority.adult_id, authority.child_id|pk_authority",
    ),
    "holidays that end before they begin": (
        lambda c: holiday(last_day=date(1999, 4, 9)),
        "ck_school_holiday_ends_after_it_begins",
    ),
    "two holidays of a zone that begin together": (
        lambda c: holiday(zone=SchoolZone.A),
        "school_holiday.zone, school_holiday.first_day|uq_school_holiday_zone_first_day",
    ),
    "a public holiday twice": (lambda c: PublicHoliday(day=FERIE, name="Deux fois"), "public_holiday.day|pk_public"),
    "a closure that ends before it begins": (
        lambda c: Closure(structure_id=None, first_day=DAY, last_day=DAY_BEFORE, reason="Travaux"),
        "ck_closure_ends_after_it_begins",
    ),
}


class UndoneError(Exception):
    pass


def refusal(write) -> str:
    """What the database says to this; each try is undone, so many fit in one test."""
    try:
        with db.transaction() as writing:
            write(writing)
            writing.flush()
            raise UndoneError
    except IntegrityError as error:
        return str(error.orig)
    except UndoneError:
        return "accepted"


def test_what_must_never_be_is_refused_each_by_its_own_rule(cast):
    said = {
        what: refusal(lambda writing, wrong=wrong: writing.add(wrong(cast))) for what, (wrong, _) in FORBIDDEN.items()
    }
    assert {what: told for what, told in said.items() if not re.search(FORBIDDEN[what][1], told)} == {}


def test_two_open_lines_on_one_day_are_refused(cast):
    for state, kind in product(OPEN, RequestKind):
        answer = ANSWER_UNTIL if state in (LineState.OFFERED, LineState.COUNTERED) else None
        second = line(cast, enrolment_id=cast.meal.id, state=state, kind=kind, answer_until=answer)
        told = refusal(lambda writing, second=second: writing.add(second))
        assert re.search("request_line.enrolment_id, request_line.day|uq_request_line_open", told), (
            state,
            kind,
            told,
        )


def test_a_closed_day_cannot_come_back_to_life_beside_another(cast):
    """Not only writing: changing a row is held to the same rules."""
    with db.transaction() as writing:
        writing.add(Booking(**booked(cast.second), day=DAY, state=BookingState.CANCELLED_BY_TOWN))
        writing.add(line(cast, enrolment_id=cast.meal.id, state=LineState.WITHDRAWN))
    for statement, rule in (
        ("UPDATE booking SET state = 'booked'", "uq_booking_child|booking.child_id"),
        ("UPDATE request_line SET state = 'in_review'", "uq_request_line_open|request_line.enrolment_id"),
        ("UPDATE pool_day SET taken = taken + 1", "ck_pool_day_never_overbooked"),
        ("UPDATE pool_day SET capacity = 1", "ck_pool_day_never_overbooked"),
        ("UPDATE enrolment SET last_day = '1999-01-01'", "ck_enrolment_ends_after_it_begins"),
    ):
        assert re.search(rule, run(statement)), statement


def run(statement: str) -> str:
    return refusal(lambda writing: writing.execute(text(statement)))


def test_what_others_rest_on_stays(cast):
    for table in ("custody", "enrolment", "child", "activity", "capacity_pool", "request"):
        assert re.search(FOREIGN, run(f"DELETE FROM {table}")), table


LISTS = {
    "booking.state": BookingState,
    "request.kind": RequestKind,
    "request_line.kind": RequestKind,
    "pool_day.half_day": HalfDay,
    "activity.approval": Approval,
    "activity.booking_kind": DeadlineKind,
    "activity.cancelling_kind": DeadlineKind,
    "school_holiday.zone": SchoolZone,
    "school_holiday.kind": HolidayKind,
}


def test_a_value_outside_its_list_is_refused_and_each_of_the_list_accepted(cast):
    for column, values in LISTS.items():
        table, name = column.split(".")
        key = "pool_id" if table == "pool_day" else "id"
        of_one_row = f"WHERE {key} = (SELECT max({key}) FROM {table})"
        told = {value: run(f"UPDATE {table} SET {name} = '{value}' {of_one_row}") for value in (*values, "mairie")}
        assert "check" in told.pop("mairie").casefold(), column
        assert told == dict.fromkeys(values, "accepted"), column


def test_a_line_of_no_known_state_is_refused(cast):
    """Apart: its other states each need something more."""
    assert "check" in run("UPDATE request_line SET state = 'maybe'").casefold()


# What is allowed, so that the refusals above are not too wide


def test_an_absence_leaves_the_day_to_the_other_household_and_to_the_group(cast):
    """Absent or cancelled, the row stays, and a new live one comes beside it."""
    for state, of in product(NOT_LIVE, (cast.second, cast.half_first, cast.half_second)):

        def write(writing, state=state, of=of):
            writing.get_one(Booking, own_booking(cast).id).state = state
            writing.flush()
            writing.add(Booking(**booked(of), day=DAY))

        assert refusal(write) == "accepted", (state, of.id)


def test_other_days_children_and_activities_are_free(cast):
    with db.transaction() as writing:
        writing.add_all(
            [
                Booking(**booked(cast.second), day=NEXT_DAY),
                Booking(**booked(cast.meal), day=DAY),
                Booking(**booked(cast.sibling), day=DAY),
            ]
        )
    assert db.session.scalar(select(Booking.id).where(Booking.enrolment_id == cast.sibling.id))


def test_decided_lines_leave_room_for_a_new_one(cast):
    with db.transaction() as writing:
        for state in DECIDED:
            writing.add(line(cast, state=state, decision_reason="complet" if state is LineState.REFUSED else None))
        writing.flush()
        writing.add(line(cast))
    lines = select(RequestLine.state).where(RequestLine.enrolment_id == cast.first.id, RequestLine.day == DAY)
    assert set(db.session.scalars(lines)) == {*DECIDED, LineState.SUBMITTED}


def test_places_granted_by_an_agent_are_places(cast):
    with db.transaction() as writing:
        writing.add(places(cast, taken=12, forced=2))
    assert db.session.scalar(select(PoolDay.taken).where(PoolDay.day == NEXT_DAY)) == 12


def test_the_last_day_may_be_the_first(cast):
    with db.transaction() as writing:
        writing.add(enrolled(cast, last_day=DAY, even_weeks=127, odd_weeks=127))
        writing.add(Leave(enrolment_id=cast.first.id, first_day=DAY, last_day=DAY))
        writing.add(line(cast, state=LineState.OFFERED, answer_until=ANSWER_UNTIL))
        writing.add(Structure(name="Une structure de plus"))


def own_booking(cast) -> Booking:
    return db.session.scalars(select(Booking).where(Booking.enrolment_id == cast.first.id)).one()


# What the database file alone does not tell

SECRET = "consigne que personne ne doit lire"


SECRETS = [
    *(Child.diet, HealthAlert.text, Pai.instruction, Custody.note, RequestLine.motif, RequestLine.decision_reason),
    *(Contact.name, Contact.link, Contact.phone),
]


def test_secrets_are_unreadable_in_the_raw_tables(cast):
    with db.transaction() as writing:
        for attribute in SECRETS:
            for row in writing.scalars(select(attribute.class_)):
                setattr(row, attribute.key, SECRET)
    for attribute in SECRETS:
        table, column = attribute.class_.__tablename__, attribute.key
        raw = db.session.execute(text(f"SELECT * FROM {table}")).mappings().all()
        assert raw
        assert SECRET not in str([dict(row) for row in raw]), table
        written = [row[column] for row in raw]
        assert all(written)
        assert len(set(written)) == len(written), f"{table}: one text written twice must not look the same"
        assert set(db.session.scalars(select(attribute))) == {SECRET}


def test_days_and_codes_of_health_and_custody_are_unreadable_too_and_come_back_as_they_were(cast):
    with db.transaction() as writing:
        writing.scalars(select(Pai)).one().ends_on = DAY
        writing.scalars(select(HealthAlert)).one().kind = AlertKind.DRUG
        writing.scalars(select(Contact)).one().role = ContactRole.FORBIDDEN
    for attribute, value in ((Pai.ends_on, DAY), (HealthAlert.kind, AlertKind.DRUG), (Contact.role, "forbidden")):
        assert db.session.scalar(select(attribute)) == value
        raw = db.session.execute(text(f"SELECT * FROM {attribute.class_.__tablename__}")).mappings().one()
        assert str(value) not in str(dict(raw))
    with pytest.raises(StatementError), db.transaction() as writing:  # it could not be read again
        writing.scalars(select(HealthAlert)).one().kind = "measles"


def test_a_refusal_of_the_database_does_not_show_what_was_written(cast):
    with pytest.raises(DBAPIError) as caught, db.transaction() as writing:
        writing.add(line(cast, state=LineState.OFFERED, motif=SECRET))
    assert SECRET not in str(caught.value)
