"""Several days asked at once: what will become of each, told before it is sent and done the same way after.

One plan serves both: shown from what anyone may read, then made again under the locks and carried out. What it says
of a day is what happens to it, unless somebody else was faster in between.
"""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select

from app import clock, db
from app.formats import NBSP, moment
from app.models.enrolments import Booking, BookingState, Enrolment, availability
from app.models.places import PoolDay
from app.models.places.places import EnrolmentDay
from app.models.planning.day_record import Mark, Marks, load_marks
from app.models.request_kind import RequestKind
from app.models.requests.line_state import OPEN_STATES
from app.models.town import Activity, Approval
from app.models.town.calendar import Calendar
from app.models.town.deadline import MINUTE, DeadlineRule

ASKED_ALREADY = "Une demande attend déjà sa réponse pour ce jour."
NOT_BOOKED = "Ce jour n’est pas réservé\u00a0: il n’y a pas d’absence à déclarer."


Room = tuple[int, date, str]
Taken = tuple[int, str | None, int, str]
"""A booking: its activity, group and enrolment, and the activity's name."""


class DayOutcome(enum.StrEnum):
    """What becomes of a day that is asked."""

    DONE = "done"
    """At once, by the activity's own rule."""
    ASKED = "asked"
    """An agent will decide."""
    WAITING_LIST = "waiting_list"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True)
class PlannedLine:
    enrolment: Enrolment
    day: date
    outcome: DayOutcome
    why: str = ""
    late: bool = False

    @property
    def askable(self) -> bool:
        """Whether sending would ask it."""
        return self.outcome is not DayOutcome.IMPOSSIBLE


@dataclass(frozen=True)
class DaysPlan:
    kind: RequestKind
    lines: tuple[PlannedLine, ...]
    calendar: Calendar

    @classmethod
    def of(
        cls, kind: RequestKind, wanted: Iterable[EnrolmentDay], *, at: datetime | None = None, granted: bool = False
    ) -> "DaysPlan":
        """What would become of these days, asked at this instant (now): a fixed number of queries.

        The first days are served first, and of one day the enrolments in the order of their numbers. `granted`, what
        is booked in time needs no agent: it was granted before.
        """
        asked = sorted(dict.fromkeys(wanted), key=lambda one: (one[1], one[0].id))
        days = [day for _, day in asked] or [clock.today()]
        calendar = Calendar.between(days[0], days[-1])
        judge = _Judge(asked, calendar, at or clock.local_now(), granted=granted)
        verdict = judge.of_absence if kind is RequestKind.ABSENCE else judge.of_booking
        return cls(kind, tuple(verdict(enrolment, day) for enrolment, day in asked), calendar)

    def of_outcome(self, outcome: DayOutcome) -> list[PlannedLine]:
        return [line for line in self.lines if line.outcome is outcome]

    def count(self, outcome: DayOutcome) -> int:
        return len(self.of_outcome(outcome))

    @property
    def askable(self) -> list[PlannedLine]:
        """Those that sending would ask."""
        return [line for line in self.lines if line.askable]


class _Judge:
    """Decides day after day, counting what the days before took: two of one request do not get one place."""

    def __init__(self, asked: Sequence[EnrolmentDay], calendar: Calendar, at: datetime, *, granted: bool) -> None:
        self.calendar, self.at, self.today, self.granted = calendar, at, clock.today(), granted
        self.enrolments = list(dict.fromkeys(enrolment for enrolment, _ in asked))
        self.days = [day for _, day in asked]

    @cached_property
    def marks(self) -> Marks:
        ids = [enrolment.id for enrolment in self.enrolments]
        return load_marks(ids, self.days[0], self.days[-1]) if self.days else {}

    @cached_property
    def booked(self) -> dict[Any, list[Taken]]:
        return _booked(self.enrolments, self.days)

    @cached_property
    def free(self) -> dict[Room, int]:
        return _free(self.enrolments, self.days)

    def of_booking(self, enrolment: Enrolment, day: date) -> PlannedLine:
        activity, late = enrolment.activity, not self._in_time(enrolment.activity.booking_rule, day)
        why_not = self._why_no_booking(enrolment, day)
        if why_not is not None:
            return PlannedLine(enrolment, day, DayOutcome.IMPOSSIBLE, why_not)
        if late:  # full or not: a place that comes free goes to who asked in time
            why = self._late(activity.booking_rule, day, "Le service décidera.")
            return PlannedLine(enrolment, day, DayOutcome.ASKED, why, late)
        if self._is_full(enrolment, day):
            return PlannedLine(enrolment, day, DayOutcome.WAITING_LIST, availability.FULL)
        if activity.approval is not Approval.AUTOMATIC and not self.granted:
            return PlannedLine(enrolment, day, DayOutcome.ASKED)
        self._take(enrolment, day)
        return PlannedLine(enrolment, day, DayOutcome.DONE)

    def of_absence(self, enrolment: Enrolment, day: date) -> PlannedLine:
        mark = self._mark(enrolment, day)
        why_not = self._why_past(day)
        if why_not is None and mark.booking is not BookingState.BOOKED:
            why_not = NOT_BOOKED
        if why_not is None and mark.line in OPEN_STATES:
            why_not = ASKED_ALREADY
        if why_not is not None:
            return PlannedLine(enrolment, day, DayOutcome.IMPOSSIBLE, why_not)
        late = not self._in_time(enrolment.activity.cancelling_rule, day)
        automatic = enrolment.activity.approval is Approval.AUTOMATIC and not late
        outcome = DayOutcome.DONE if automatic else DayOutcome.ASKED
        billed = "Ce jour sera facturé, sauf si le service l’excuse."
        why = self._late(enrolment.activity.cancelling_rule, day, billed) if late else ""
        return PlannedLine(enrolment, day, outcome, why, late)

    def _why_no_booking(self, enrolment: Enrolment, day: date) -> str | None:
        mark = self._mark(enrolment, day)
        past = self._why_past(day)
        if past is not None:
            return past
        closed = availability.why_not_open(enrolment, day, self.calendar, ())
        if closed is not None:
            return closed
        if mark.on_leave:
            return availability.ON_LEAVE
        if mark.booking is BookingState.BOOKED:
            return availability.BOOKED_ALREADY
        return ASKED_ALREADY if mark.line in OPEN_STATES else self._why_elsewhere(enrolment, day)

    def _why_elsewhere(self, enrolment: Enrolment, day: date) -> str | None:
        """Booked by the other household or in another activity of the group; what was asked just before counts."""
        for activity_id, group, enrolment_id, name in self.booked.get((enrolment.child_id, day), ()):
            if enrolment_id == enrolment.id:
                continue
            why_not = availability.why_not_both(enrolment.activity, activity_id, group, name)
            if why_not is not None:
                return why_not
        return None

    def _why_past(self, day: date) -> str | None:
        return "Ce jour est passé." if day < self.today else None

    def _mark(self, enrolment: Enrolment, day: date) -> Mark:
        return self.marks.get(enrolment.id, {}).get(day, Mark())

    def _in_time(self, rule: Any, day: date) -> bool:
        return bool(rule.is_met(day, self.calendar, self.at))

    def _late(self, rule: DeadlineRule, day: date, then: str) -> str:
        """« Hors délai : il fallait demander avant le jeudi 26 novembre 2026 à 23 h 59. Le service décidera. »"""
        last = moment(rule.deadline(day, self.calendar) - MINUTE)
        return f"Hors délai{NBSP}: il fallait demander avant le {last}. {then}"

    def _is_full(self, enrolment: Enrolment, day: date) -> bool:
        return any(self.free[room] < 1 for room in _rooms(enrolment, day))

    def _take(self, enrolment: Enrolment, day: date) -> None:
        for room in _rooms(enrolment, day):
            self.free[room] -= 1
        activity = enrolment.activity
        taken = (enrolment.activity_id, activity.exclusive_group, enrolment.id, activity.name)
        self.booked.setdefault((enrolment.child_id, day), []).append(taken)


def _rooms(enrolment: Enrolment, day: date) -> list[Room]:
    """The half-days of the room that this day takes; none for an activity that counts no places."""
    pool = enrolment.activity.pool
    return [(pool.id, day, half.value) for half in enrolment.activity.half_days] if pool else []


def _booked(enrolments: Sequence[Enrolment], days: Sequence[date]) -> dict[Any, list[Taken]]:
    """By child and day, each booking. One query."""
    found: dict[Any, list[Taken]] = {}
    if not days:
        return found
    about = (Booking.activity_id, Booking.exclusive_group, Booking.enrolment_id, Activity.name)
    rows = (
        select(Booking.child_id, Booking.day, *about)
        .join(Activity, Activity.id == Booking.activity_id)
        .where(
            Booking.child_id.in_({enrolment.child_id for enrolment in enrolments}),
            Booking.day.between(days[0], days[-1]),
            Booking.state == BookingState.BOOKED,
        )
    )
    for child_id, day, activity_id, group, enrolment_id, name in db.session.execute(rows):
        found.setdefault((child_id, day), []).append((activity_id, group, enrolment_id, name))
    return found


def _free(enrolments: Sequence[Enrolment], days: Sequence[date]) -> dict[Room, int]:
    """Places left in each room and half-day that these could take. One query."""
    pools = {one.activity.pool.id: one.activity.pool.capacity for one in enrolments if one.activity.pool}
    found = {room: pools[room[0]] for enrolment in enrolments for day in set(days) for room in _rooms(enrolment, day)}
    if not found:
        return found
    known = select(PoolDay.pool_id, PoolDay.day, PoolDay.half_day, PoolDay.left)
    known = known.where(PoolDay.pool_id.in_(pools), PoolDay.day.between(days[0], days[-1]))
    for pool_id, day, half, left in db.session.execute(known):
        found[pool_id, day, half.value] = left
    return found
