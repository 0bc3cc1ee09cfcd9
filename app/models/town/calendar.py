"""Days: school holidays by zone, public holidays, closures. Rows that agents edit, and a pure `Calendar` to ask.

Seeded from the packages of published dates (see app.integrations.school_calendar); a row here always wins.
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Any, Self

from sqlalchemy import (
    CheckConstraint,
    CompoundSelect,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    bindparam,
    cast,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, db
from app.formats import long_date
from app.models.durations import school_year_end
from app.models.town.town import SchoolZone, Town

# Monday, Tuesday, Thursday, Friday: the four-day week of nearly every commune (décret 2017-1108).
SCHOOL_WEEKDAYS = frozenset({0, 1, 3, 4})
WORKING_WEEKDAYS = frozenset(range(5))
LONGEST_SEARCH = 200  # days: longer than any holiday, so that a search for a day always ends


class HolidayKind(enum.StrEnum):
    SHORT = "short"
    """Petites vacances (P)."""
    LONG = "long"
    """Grandes vacances (G), the summer."""


class SchoolHoliday(db.Base):
    __tablename__ = "school_holiday"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="ends_after_it_begins"),
        UniqueConstraint("zone", "first_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    zone: Mapped[SchoolZone]
    name: Mapped[str]
    kind: Mapped[HolidayKind]
    first_day: Mapped[date]
    """The first day without school, often a Saturday."""
    last_day: Mapped[date]
    """The last day without school: the eve of the return."""


class PublicHoliday(db.Base):
    __tablename__ = "public_holiday"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str]


class Closure(db.Base):
    """Days on which a structure does not open; without a structure, none does."""

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="ends_after_it_begins"),
        Index(None, "first_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    structure_id: Mapped[int | None] = mapped_column(ForeignKey("structure.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str]


@dataclass(frozen=True)
class Span:
    """Days from first to last, both included."""

    first: date
    last: date
    what: str
    structure_id: int | None = None

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def known_until(today: date) -> date:
    """The last day of which a town can know the school holidays: they are published a year ahead or so."""
    return school_year_end(school_year_end(today) + timedelta(days=1))


def not_known_after(limit: date) -> str:
    """Why a day after it can neither be booked nor be part of an enrolment."""
    return f"Choisissez des jours jusqu’au {long_date(limit)} : le calendrier scolaire n’est pas connu plus loin."


@dataclass(frozen=True)
class Calendar:
    """The days of the town, as values. Pure: `between` reads them, everything else only answers."""

    holidays: tuple[Span, ...] = ()
    """`what` is a HolidayKind."""
    public: dict[date, str] = field(default_factory=dict)
    closures: tuple[Span, ...] = ()
    """`what` is the reason."""
    known_until: date = date.max

    @classmethod
    def between(cls, first: date, last: date) -> Self:
        """The town's calendar from first to last, with what deadlines before it need: one query, and none for days
        of a calendar that this reading transaction has already."""
        known: dict[tuple[date, date], Self] = db.kept().setdefault(cls, {})
        for (start, end), calendar in known.items():
            if start <= first and last <= end:
                return calendar
        known[first, last] = cls._read(first, last)
        return known[first, last]

    @classmethod
    def _read(cls, first: date, last: date) -> Self:
        since = first - timedelta(days=LONGEST_SEARCH)
        found: dict[str, list[Span]] = {"holiday": [], "public": [], "closure": []}
        asked = {"since": since, "first": first, "last": last}
        rows: Any = db.session.execute(_statement(), asked)
        for kind, start, end, what, structure_id in rows:
            found[kind].append(Span(start, end, what, structure_id))
        return cls(
            tuple(found["holiday"]),
            {span.first: span.what for span in found["public"]},
            tuple(found["closure"]),
            known_until(clock.today()),
        )

    def is_known(self, day: date) -> bool:
        return day <= self.known_until

    def holiday(self, day: date) -> HolidayKind | None:
        """The school holidays of this day; None in school time."""
        return self._holidays.get(day)

    @cached_property
    def _holidays(self) -> dict[date, HolidayKind]:
        """By day; of two that share a day, the first counts."""
        return {
            day: HolidayKind(span.what)
            for span in reversed(self.holidays)
            for day in days_between(span.first, span.last)
        }

    def closure(self, day: date, structure_id: int) -> str | None:
        """Why this structure is closed on this day; None when it is not."""
        for span in self.closures:
            if day in span and span.structure_id in (None, structure_id):
                return span.what
        return None

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, public holidays apart."""
        return day.weekday() in WORKING_WEEKDAYS and day not in self.public

    def is_school_day(self, day: date) -> bool:
        """A day with school: not a Wednesday, a weekend, a public holiday or school holidays."""
        return day.weekday() in SCHOOL_WEEKDAYS and day not in self.public and self.holiday(day) is None


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from first to last, both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


@cache
def _statement() -> CompoundSelect[*tuple[Any, ...]]:
    """Three kinds of rows in one shape: what, first and last day, name or kind, structure. Built once."""
    since, first, last = (bindparam(name, type_=Date) for name in ("since", "first", "last"))
    zone = select(Town.school_zone).scalar_subquery()
    holidays = select(
        literal("holiday"),
        SchoolHoliday.first_day,
        SchoolHoliday.last_day,
        cast(SchoolHoliday.kind, String),
        cast(null(), Integer),
    ).where(SchoolHoliday.zone == zone, SchoolHoliday.last_day >= since, SchoolHoliday.first_day <= last)
    public = select(
        literal("public"), PublicHoliday.day, PublicHoliday.day, PublicHoliday.name, cast(null(), Integer)
    ).where(PublicHoliday.day.between(since, last))
    closures = select(
        literal("closure"), Closure.first_day, Closure.last_day, Closure.reason, Closure.structure_id
    ).where(Closure.last_day >= first, Closure.first_day <= last)
    return union_all(holidays, public, closures).order_by("first_day")
