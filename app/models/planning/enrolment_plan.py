"""What becomes of a child's days when an agent sets an enrolment: shown before it is done, then done by the door.

Days past never change; today still does.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from app import clock
from app.formats import MONTHS, NBSP, long_date
from app.models.enrolments import Enrolment, Leave, availability
from app.models.enrolments.terms import Terms
from app.models.places import pool_day
from app.models.planning.planned_day import GRANTED, Fate, Fates, KnownDays, PlannedDay
from app.models.requests import RequestLine
from app.models.town.calendar import Calendar, Span

_COLUMNS = {
    Fate.BOOK: "À réserver",
    Fate.RELEASE: "À libérer",
    Fate.CLOSED: "Fermés",
    Fate.IMPOSSIBLE: "Impossibles",
    Fate.KEEP: "Laissés tels quels",
}


@dataclass(frozen=True)
class PlannedMonth:
    title: str
    days: list[PlannedDay]

    def of(self, fate: Fate) -> list[date]:
        return [one.day for one in self.days if one.fate is fate]

    def reasons(self, fate: Fate) -> dict[str, list[date]]:
        """The days of this fate, by what is said of them."""
        found: dict[str, list[date]] = {}
        for one in self.days:
            if one.fate is fate:
                found.setdefault(one.why, []).append(one.day)
        return found


@dataclass(frozen=True)
class EnrolmentPlan:
    enrolment: Enrolment
    before: Terms
    terms: Terms
    days: tuple[PlannedDay, ...]
    open_lines: tuple[tuple[date, RequestLine], ...]
    """Requests of the family that wait for their answer, by day: the one asked, or the one proposed instead."""

    @classmethod
    def of(
        cls, enrolment: Enrolment, before: Terms, terms: Terms, *, whole: bool = True, over_capacity: bool = False
    ) -> Self:
        """The plan that leads from the terms `before` to these, as things stand. Reads only; the enrolment may not be
        stored yet.

        Not `whole`, it looks only at the days on which the child is expected and was not, or the other way round.
        """
        today = clock.today()
        known = KnownDays.load(enrolment.id, today)
        days = sorted({*terms.days_from(today), *known.bookings, *known.asked, *known.open_lines})
        if not whole:
            days = [day for day in days if before.expects(day) != terms.expects(day)]
        if not days:
            return cls(enrolment, before, terms, (), ())
        fates = Fates(
            enrolment=enrolment,
            before=before,
            terms=terms,
            known=known,
            calendar=Calendar.between(days[0], days[-1]),
            elsewhere=availability.booked_elsewhere(
                enrolment.activity, enrolment.child.id, days, besides=enrolment.id
            ),
            full=pool_day.full_days(enrolment.activity, days),
            over_capacity=over_capacity,
        )
        planned = (fates.of(day) for day in days)
        open_lines = tuple(sorted(known.open_lines.items(), key=lambda one: one[0]))
        return cls(enrolment, before, terms, tuple(one for one in planned if one), open_lines)

    @classmethod
    def as_it_stands(cls, enrolment: Enrolment) -> Self:
        """What its own terms still want done: the usual days that could not be booked, among others."""
        terms = current_terms(enrolment)
        return cls.of(enrolment, terms, terms)

    def of_fate(self, fate: Fate) -> list[date]:
        return [one.day for one in self.days if one.fate is fate]

    def count(self, fate: Fate) -> int:
        return len(self.of_fate(fate))

    @property
    def columns(self) -> dict[Fate, str]:
        """What becomes of some day in it, in the order and the words in which it is shown."""
        fates = {one.fate for one in self.days}
        return {fate: label for fate, label in _COLUMNS.items() if fate in fates}

    @property
    def pending(self) -> list[tuple[date, RequestLine]]:
        """Those about days on which the child will not come any more."""
        return [(day, line) for day, line in self.open_lines if not self.terms.expects(day)]

    @property
    def age_warning(self) -> str | None:
        """A child too young or too old for the activity on its first day: the agent decides."""
        activity, child, day = self.enrolment.activity, self.enrolment.child, self.terms.first_day
        age = child.age_on(day)
        if (activity.min_age or 0) <= age <= (activity.max_age or age):
            return None
        limits = [f"à partir de {activity.min_age}"] if activity.min_age else []
        limits += [f"jusqu’à {activity.max_age}"] if activity.max_age else []
        return f"{child.first_name} a {age} ans le {long_date(day)}. {activity.name}{NBSP}: {', '.join(limits)} ans."

    @property
    def changes_nothing(self) -> bool:
        return self.before == self.terms and not self.touched

    @property
    def touched(self) -> list[date]:
        """The days that it books or releases."""
        return [one.day for one in self.days if one.fate in (Fate.BOOK, Fate.RELEASE)]

    @property
    def grants_places(self) -> bool:
        """Whether it goes over capacity somewhere."""
        return any(one.why == GRANTED for one in self.days)

    @property
    def months(self) -> list[PlannedMonth]:
        found: dict[tuple[int, int], list[PlannedDay]] = {}
        for one in self.days:
            found.setdefault((one.day.year, one.day.month), []).append(one)
        return [
            PlannedMonth(f"{MONTHS[month - 1].capitalize()} {year}", days) for (year, month), days in found.items()
        ]

    def without(self, refused: dict[date, str]) -> "EnrolmentPlan":
        """What was really done: these days, to be booked, could not be."""
        days = (
            replace(one, fate=Fate.IMPOSSIBLE, why=refused[one.day])
            if one.fate is Fate.BOOK and one.day in refused
            else one
            for one in self.days
        )
        return replace(self, days=tuple(days))


def current_terms(enrolment: Enrolment) -> Terms:
    """Its terms as they stand, leaves included."""
    leaves: Iterable[Leave] = Leave.of_enrolment(enrolment.id) if enrolment.id else ()
    return replace(enrolment.terms, leaves=tuple(Span(one.first_day, one.last_day, "") for one in leaves))
