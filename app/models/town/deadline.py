"""Deadlines: until when a day may be booked, or cancelled. A rule is data and says itself in French. Pure.

The rules are those met in real towns (domain.md §3). A deadline is a local instant; whether a request was in
time is decided on when it was *submitted*, never on when an agent reads it.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from app.clock import PARIS
from app.formats import DAYS, NBSP, clock_time, long_date
from app.models.town.calendar import LONGEST_SEARCH, Calendar

MINUTE = timedelta(minutes=1)


class DeadlineKind(enum.StrEnum):
    DAYS = "days"
    """`count` days before."""
    WORKING_DAYS = "working_days"
    """`count` working days (Monday to Friday, public holidays apart) before."""
    SCHOOL_DAYS = "school_days"
    """`count` days with school before."""
    WEEK = "week"
    """Weekday `weekday` of the week that comes `count` weeks before the week of the day."""
    MONTH = "month"
    """Day `count` of the previous month."""


@dataclass(frozen=True)
class DeadlineRule:
    kind: DeadlineKind
    count: int
    at: time
    """Local time, that minute included."""
    weekday: int = 0
    """0 is Monday; only for WEEK."""

    def __post_init__(self) -> None:
        """Raises ValueError for a rule that names no day."""
        if self.count < 0 or not 0 <= self.weekday <= 6:
            raise ValueError("a deadline lies some days before, on a weekday from 0 to 6")
        if self.kind is DeadlineKind.MONTH and not 1 <= self.count <= 31:
            raise ValueError("a day of the month goes from 1 to 31")

    def deadline(self, day: date, calendar: Calendar) -> datetime:
        """The local instant (Europe/Paris) from which it is too late: the minute of `at` is still in time."""
        return (self._last_minute(day, calendar) + MINUTE).astimezone(PARIS)

    def is_met(self, day: date, calendar: Calendar, submitted_at: datetime) -> bool:
        """Whether what was submitted at this instant (aware) was in time. Compared in UTC: clocks change."""
        return submitted_at.timestamp() < self.deadline(day, calendar).timestamp()

    def sentence(self, day: date, calendar: Calendar) -> str:
        """« jusqu’au mardi 26 mai 2015 à 23 h 59 » : the real date of this day's deadline."""
        last = self._last_minute(day, calendar).astimezone(PARIS)
        return f"jusqu’au {long_date(last.date())} à {clock_time(last)}"

    @property
    def reach(self) -> timedelta:
        """How long after its deadline a day may lie at most, public holidays and the summer included."""
        days = {
            DeadlineKind.DAYS: self.count,
            DeadlineKind.WORKING_DAYS: 2 * self.count + 5,
            DeadlineKind.SCHOOL_DAYS: 3 * self.count + 70,
            DeadlineKind.WEEK: 7 * self.count + 6 - self.weekday,
            DeadlineKind.MONTH: 62 - self.count,
        }
        return timedelta(days=max(0, days[self.kind]))

    def rule(self) -> str:
        """The rule itself, for people: « au plus tard 2 jours ouvrés avant, à 12 h 00 »."""
        hour = f"à {self.at.hour}{NBSP}h{NBSP}{self.at.minute:02d}"
        many = "s" if self.count > 1 else ""
        days = {
            DeadlineKind.DAYS: "",
            DeadlineKind.WORKING_DAYS: f" ouvré{many}",
            DeadlineKind.SCHOOL_DAYS: " d’école",
        }
        if self.kind in days:
            if self.count == 0:
                return f"au plus tard le jour même, {hour}"
            return f"au plus tard {self.count}{NBSP}jour{many}{days[self.kind]} avant, {hour}"
        if self.kind is DeadlineKind.WEEK:
            which = {0: "de la même semaine", 1: "de la semaine précédente"}
            before = which.get(self.count, f"{self.count}{NBSP}semaines avant")
            return f"au plus tard le {DAYS[self.weekday]} {before}, {hour}"
        number = {1: "1er", 31: "dernier jour"}.get(self.count, str(self.count))
        return f"au plus tard le {number} du mois précédent, {hour}"

    def _last_minute(self, day: date, calendar: Calendar) -> datetime:
        """The beginning of the last minute, UTC. On the two nights a year when a local time happens twice or never,
        the later reading: the doubt is the family's."""
        last = self._last_day(day, calendar)
        meant = (datetime.combine(last, self.at.replace(fold=fold), PARIS) for fold in (0, 1))
        return max(local.astimezone(UTC) for local in meant)

    def _last_day(self, day: date, calendar: Calendar) -> date:
        if self.kind is DeadlineKind.DAYS:
            return day - timedelta(days=self.count)
        if self.kind is DeadlineKind.WORKING_DAYS:
            return _back(day, self.count, calendar.is_working_day)
        if self.kind is DeadlineKind.SCHOOL_DAYS:
            return _back(day, self.count, calendar.is_school_day)
        if self.kind is DeadlineKind.WEEK:
            monday = day - timedelta(days=day.weekday(), weeks=self.count)
            return monday + timedelta(days=self.weekday)
        last_of_previous = day.replace(day=1) - timedelta(days=1)
        return last_of_previous.replace(day=min(self.count, last_of_previous.day))


def _back(day: date, count: int, counts: Callable[[date], bool]) -> date:
    """The day that lies `count` counted days before this one; the summer counts no school day, so it is bounded."""
    found = day
    for _ in range(count):
        for step in range(1, LONGEST_SEARCH):
            if counts(found - timedelta(days=step)):
                found -= timedelta(days=step)
                break
        else:
            found -= timedelta(days=1)
    return found
