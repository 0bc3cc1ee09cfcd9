"""What is known of an enrolment on a day: booked, pointed, on leave, asked for. The planning's raw material."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Date, Integer, String, bindparam, cast, literal, select, union_all

from app import db
from app.models.enrolments import Attendance, Booking, BookingState, Leave
from app.models.places.waiting_list import ranks_of
from app.models.planning.cell import Facts
from app.models.request_kind import RequestKind
from app.models.requests import LineState, RequestLine
from app.models.town.calendar import days_between

# What a line leaves in its cell once it is over: nothing. A refusal stays, for the parent to read.
_OVER = {
    LineState.ACCEPTED,
    LineState.WITHDRAWN,
    LineState.DECLINED,
    LineState.EXPIRED,
    LineState.CANCELLED_BY_TOWN,
}


@dataclass
class Mark:
    booking: BookingState | None = None
    present: bool | None = None
    on_leave: bool = False
    line: LineState | None = None
    line_kind: RequestKind | None = None
    line_id: int = 0
    rank: int | None = None
    """Of the line in the waiting list, once `rank_waiting` looked it up."""

    def on(self, facts: Facts) -> Facts:
        """These facts of the day, with what is known of the enrolment on it."""
        return facts._replace(
            on_leave=self.on_leave,
            booking=self.booking,
            present=self.present,
            line=self.line,
            line_kind=self.line_kind,
        )


Marks = dict[int, dict[date, Mark]]
"""By enrolment, by day."""


def load_marks(enrolments: list[int], first: date, last: date, *, booked_since: date | None = None) -> Marks:
    """All marks of these enrolments from first to last, and what was booked since an earlier day: one query."""
    marks: Marks = defaultdict(lambda: defaultdict(Mark))
    if not enrolments:
        return marks
    lines = []
    asked = {"enrolments": enrolments, "since": booked_since or first, "first": first, "last": last}
    rows: Any = db.session.execute(_statement(), asked).all()
    for what, enrolment_id, start, end, state, kind, number in rows:
        if what == "line":
            lines.append((number, enrolment_id, start, LineState(state), RequestKind(kind)))
        elif what == "booking":
            marks[enrolment_id][start].booking = BookingState(state)
        elif what == "attendance":
            marks[enrolment_id][start].present = bool(number)
        else:
            for day in days_between(max(start, first), min(end, last)):
                marks[enrolment_id][day].on_leave = True
    for number, enrolment_id, day, state, kind in sorted(lines):  # the latest has the last word
        mark = marks[enrolment_id][day]
        mark.line, mark.line_kind, mark.line_id = (None, None, 0) if state in _OVER else (state, kind, number)
    return marks


@cache
def _statement() -> CompoundSelect[*tuple[Any, ...]]:
    """Five kinds of rows in one shape: what, enrolment, first and last day, state, kind, number. Built once."""
    nothing, zero = literal(""), literal(0)
    since, first, last = (bindparam(name, type_=Date) for name in ("since", "first", "last"))

    def part(what: str, on: tuple[Any, Any, Any], *rest: Any) -> Any:
        enrolment_id, starts, ends = on
        columns = select(literal(what), enrolment_id, starts, ends, *rest)
        begins = since if what == "booking" else first
        return columns.where(
            enrolment_id.in_(bindparam("enrolments", expanding=True)), ends >= begins, starts <= last
        )

    def each_day(table: Any) -> tuple[Any, Any, Any]:
        return table.enrolment_id, table.day, table.day

    asked = cast(RequestLine.state, String), cast(RequestLine.kind, String), RequestLine.id
    proposed = RequestLine.proposed_enrolment_id, RequestLine.proposed_day, RequestLine.proposed_day
    leave = Leave.enrolment_id, Leave.first_day, Leave.last_day
    return union_all(
        part("booking", each_day(Booking), cast(Booking.state, String), nothing, zero),
        part("attendance", each_day(Attendance), nothing, nothing, cast(Attendance.present, Integer)),
        part("leave", leave, nothing, nothing, zero),
        part("line", each_day(RequestLine), *asked),
        part("line", proposed, *asked).where(RequestLine.state == LineState.COUNTERED),
    )


def rank_waiting(marks: Marks) -> None:
    """Give those that wait their rank. A query when one does."""
    marked = (mark for days in marks.values() for mark in days.values())
    waiting = {mark.line_id: mark for mark in marked if mark.line is LineState.WAITING_LIST}
    for line_id, rank in ranks_of(list(waiting)).items():
        waiting[line_id].rank = rank
