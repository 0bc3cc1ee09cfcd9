"""Days that come again: every Monday, the even weeks, these weeks as those. Pure."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from app.models.enrolments import Enrolment
from app.models.enrolments.terms import Terms
from app.models.places.places import EnrolmentDay
from app.models.town.calendar import days_between

LONGEST = timedelta(days=366)


def every(enrolments: Sequence[Enrolment], terms: Terms) -> list[EnrolmentDay]:
    """The days of this usual week (`terms`, with its last day), the same for each of these, on the weekdays on which
    its activity opens: nobody means the others, when one form serves several activities."""
    assert terms.last_day is not None
    days = [day for day in days_between(terms.first_day, terms.last_day) if terms.is_usual(day)]
    return [(one, day) for one in enrolments for day in days if one.activity.opening.opens_on(day)]


def copied(booked: Iterable[EnrolmentDay], source: date, targets: Collection[date]) -> list[EnrolmentDay]:
    """What is booked from this Monday on, from each of those Mondays on; once, where their weeks overlap."""
    booked = list(booked)
    days = [(enrolment, target + (day - source)) for target in sorted(targets) for enrolment, day in booked]
    return list(dict.fromkeys(days))


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
