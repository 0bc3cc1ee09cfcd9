"""What an enrolment says of its days: from when to when, the usual week, the leaves. Pure.

Weeks go by the parity of the ISO number printed on French calendars. A year of 53 weeks ends on an odd one and the
next begins on an odd one: people are told real dates, never parity alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.formats import DAYS
from app.models.durations import school_year_end
from app.models.town.calendar import Span, days_between

WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Week:
    """A real week, to show what « paire » and « impaire » mean."""

    number: int
    monday: date

    @property
    def is_odd(self) -> bool:
        return self.number % 2 == 1

    @property
    def friday(self) -> date:
        return self.monday + timedelta(days=4)


@dataclass(frozen=True)
class Terms:
    first_day: date
    last_day: date | None = None
    even_weeks: int = 0
    """Usual weekdays, bit 0 is Monday."""
    odd_weeks: int = 0
    leaves: tuple[Span, ...] = ()

    def covers(self, day: date) -> bool:
        return self.first_day <= day and self.lasts_until(day)

    def lasts_until(self, day: date) -> bool:
        """Whether it has not ended before this day; it may begin after it."""
        return self.last_day is None or day <= self.last_day

    @property
    def has_pattern(self) -> bool:
        """Whether it has a usual week at all."""
        return bool(self.even_weeks or self.odd_weeks)

    def is_usual(self, day: date) -> bool:
        """Whether the usual week has this day."""
        return day.weekday() in self.usual_weekdays(day)

    def usual_weekdays(self, day: date) -> list[int]:
        """The weekdays of the usual week, in the week of this day."""
        week = self.odd_weeks if day.isocalendar().week % 2 else self.even_weeks
        return [weekday for weekday in range(7) if week >> weekday & 1]

    def is_leave(self, day: date) -> bool:
        return any(day in leave for leave in self.leaves)

    def expects(self, day: date) -> bool:
        """Whether the child may come on this day, usual or not."""
        return self.covers(day) and not self.is_leave(day)

    @property
    def usual(self) -> str:
        """« lundi, mardi ; semaines impaires : mercredi » ; empty without a usual week."""
        even, odd = (_weekdays(bits) for bits in (self.even_weeks, self.odd_weeks))
        if even == odd:
            return even
        parts = [f"semaines {name} : {days}" for name, days in (("paires", even), ("impaires", odd)) if days]
        return " ; ".join(parts)

    @property
    def stamp(self) -> str:
        """These terms in one word, to find out that somebody changed them meanwhile."""
        leaves = (f"{leave.first:%Y%m%d}-{leave.last:%Y%m%d}" for leave in self.leaves)
        return "_".join(map(str, (self.first_day, self.last_day, self.even_weeks, self.odd_weeks, *leaves)))

    def with_leave(self, leave: Span) -> "Terms":
        """The same with one leave more; noted already, nothing changes."""
        return replace(self, leaves=tuple(sorted({*self.leaves, leave}, key=lambda one: one.first)))

    def without_leave(self, leave: Span, today: date) -> "Terms":
        """The same without this leave; of one that has begun, the past days stay."""
        kept = {one for one in self.leaves if one != leave}
        if leave.first < today:
            kept.add(replace(leave, last=min(leave.last, today - timedelta(days=1))))
        return replace(self, leaves=tuple(sorted(kept, key=lambda one: one.first)))

    def days_from(self, today: date) -> Iterator[date]:
        """The days to come that the enrolment settles: to its end, or to the end of the school year."""
        first = max(today, self.first_day)
        return days_between(first, self.last_day or school_year_end(first))


def next_weeks(today: date) -> list[Week]:
    """The next even and the next odd week, in the order in which they come; this one counts until it is over."""
    monday = today - timedelta(days=today.weekday())
    found: dict[int, Week] = {}
    while len(found) < 2:
        week = Week(monday.isocalendar().week, monday)
        found.setdefault(week.number % 2, week)
        monday += WEEK
    return list(found.values())


def odd_twice(first: date, last: date) -> Week | None:
    """The week 53 of these days, if any: the next week, the first of its year, is odd too."""
    mondays = (first - timedelta(days=first.weekday()) + WEEK * n for n in range((last - first).days // 7 + 2))
    return next((Week(53, one) for one in mondays if one.isocalendar().week == 53 and one <= last), None)


def _weekdays(bits: int) -> str:
    return ", ".join(name for weekday, name in enumerate(DAYS) if bits >> weekday & 1)
