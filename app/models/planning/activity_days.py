"""What days say to an activity, whoever is enrolled in it.

Most cells of the planning are empty. Those of an activity are made once, when one is first asked for, and all its
enrolments share them.
"""

from datetime import date
from functools import cache, cached_property
from typing import Any, NamedTuple

from sqlalchemy import Date, Select, bindparam, select

from app import clock, db
from app.models.places import PoolDay
from app.models.planning.cell import LEGEND, CellState, Facts, Sign, state_of
from app.models.town import HalfDay
from app.models.town.activity import Opening, half_days
from app.models.town.calendar import Calendar
from app.models.town.deadline import DeadlineRule


class Cell(NamedTuple):
    day: date
    isoday: str
    state: CellState
    sign: Sign
    rank: int | None
    """In the waiting list."""
    letter: str
    """What is seen, « L2 »; nothing in an empty cell."""
    name: str
    """What is said of it, « Liste d’attente (rang 2) »."""

    @classmethod
    def of(cls, day: date, state: CellState, rank: int | None = None) -> "Cell":
        sign = LEGEND[state]
        name = f"{sign.label} (rang {rank})" if rank else sign.label
        return cls(day, day.isoformat(), state, sign, rank, f"{sign.letter}{rank or ''}", name)


class OpeningDays(dict[date, Facts]):
    """By day, what the calendar says to all activities that open alike."""

    def __init__(self, opening: Opening, calendar: Calendar) -> None:
        self.opening, self.calendar = opening, calendar

    def __missing__(self, day: date) -> Facts:
        self[day] = facts = Facts.of_day(self.opening, day, self.calendar)
        return facts


class PlanningDays:
    """Days in a row, for all activities."""

    def __init__(self, days: list[date], pools: dict[int, int]) -> None:
        """`pools`: the capacity of each one that an activity draws on."""
        self.days, self.pools = days, pools
        self.calendar, self.today = Calendar.between(days[0], days[-1]), clock.today()
        self._in_time_from: dict[DeadlineRule, date] = {}
        self._openings: dict[Opening, OpeningDays] = {}
        self._empty: dict[tuple[Opening, date], dict[date, Cell]] = {}

    @cached_property
    def full(self) -> dict[tuple[int, HalfDay], set[date]]:
        """The days on which half-days of the pools have no place left: one query."""
        found = {
            (pool, half): set() if capacity else set(self.days)
            for pool, capacity in self.pools.items()
            for half in HalfDay
        }
        asked = {"pools": list(self.pools), "first": self.days[0], "last": self.days[-1]}
        for pool, half, day in db.session.execute(_full_half_days(), asked):
            found[pool, half].add(day)
        return found

    def in_time_from(self, rule: DeadlineRule) -> date:
        """The first of the days that may still be booked in time: a later day never has an earlier deadline."""
        if rule not in self._in_time_from:
            now = clock.local_now()
            ahead = (day for day in self.days if day >= self.today)
            found = next((day for day in ahead if rule.is_met(day, self.calendar, now)), date.max)
            self._in_time_from[rule] = found
        return self._in_time_from[rule]

    def opening_days(self, opening: Opening) -> OpeningDays:
        if opening not in self._openings:
            self._openings[opening] = OpeningDays(opening, self.calendar)
        return self._openings[opening]

    def empty_cells(self, opening: Opening, in_time_from: date) -> dict[date, Cell]:
        """The cells made so far for the activities that open alike and may be booked from the same day."""
        return self._empty.setdefault((opening, in_time_from), {})


class ActivityDays(dict[date, Cell]):
    """By day, the cell of an enrolment in this activity of which nothing is known on that day."""

    def __init__(self, activity: Any, span: PlanningDays) -> None:
        """`activity`: its columns, named as in `Activity`."""
        self.span = span
        self.opening = Opening(
            activity.structure_id,
            activity.weekdays,
            activity.in_school_time,
            activity.in_short_holidays,
            activity.in_long_holidays,
        )
        self.rule: DeadlineRule = activity.booking_rule
        self.pool_id: int | None = activity.pool_id
        halves = half_days(activity.uses_morning, activity.uses_afternoon) if activity.pool_id else ()
        self.half_days: list[tuple[int, HalfDay]] = [(activity.pool_id, half) for half in halves]

    def __missing__(self, day: date) -> Cell:
        alike = {} if day in self.full else self.shared
        if day not in alike:
            alike[day] = Cell.of(day, state_of(self.facts(day)))
        self[day] = alike[day]
        return alike[day]

    def facts(self, day: date) -> Facts:
        """What is known of the day before anything is of an enrolment."""
        return self.calendar_facts[day]._replace(
            past=day < self.span.today, full=day in self.full, too_late=day < self.in_time_from
        )

    @cached_property
    def calendar_facts(self) -> OpeningDays:
        """The same without places and deadlines: enough to know what a day is that is not empty."""
        return self.span.opening_days(self.opening)

    @cached_property
    def shared(self) -> dict[date, Cell]:
        """The cells of the days that are not full."""
        return self.span.empty_cells(self.opening, self.in_time_from)

    @cached_property
    def full(self) -> set[date]:
        """The days on which a half-day that it takes has no place left."""
        return set().union(*(self.span.full[half] for half in self.half_days))

    @cached_property
    def in_time_from(self) -> date:
        return self.span.in_time_from(self.rule)


@cache
def _full_half_days() -> Select[*tuple[Any, ...]]:
    """Built once: building it costs as much as running it."""
    first, last = bindparam("first", type_=Date), bindparam("last", type_=Date)
    return select(PoolDay.pool_id, PoolDay.half_day, PoolDay.day).where(
        PoolDay.pool_id.in_(bindparam("pools", expanding=True)), PoolDay.day.between(first, last), PoolDay.is_full
    )
