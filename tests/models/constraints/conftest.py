"""Fixtures that several test files of this folder share."""

from datetime import date
from types import SimpleNamespace

import pytest

from app import db
from app.models.enrolments import Attendance, Booking, Leave
from app.models.families import AlertKind, Authority, Child, Contact, ContactRole, HealthAlert, Pai
from app.models.places import PoolDay
from app.models.request_kind import RequestKind
from app.models.requests import Request, RequestLine
from app.models.town import (
    Closure,
    HalfDay,
    HolidayKind,
    PublicHoliday,
    SchoolHoliday,
    SchoolZone,
)
from tests.builders import activity, dupont, durand, enrolment
from tests.models.constraints.rows import DAY, FERIE, NEXT_DAY, SPRING, SPRING_ENDS, booked


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
