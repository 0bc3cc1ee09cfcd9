"""« Liste des demandes »: what a family asked, in which table it stands, and for how long it is shown there.

What waits is shown always; what was decided, when it was sent or decided less than a month ago (guide); older
requests on ask.
"""

import calendar
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property

from sqlalchemy import Integer, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app import clock, db
from app.models.enrolments import Enrolment
from app.models.families import Adult, Authority
from app.models.families.sections.values import RANKS
from app.models.request_kind import RequestKind
from app.models.requests.line_state import IS_ANSWERABLE, OPEN_STATES
from app.models.requests.reader import Whose, asked_to_add
from app.models.requests.request import Request, RequestLine
from app.models.requests.rows import COLUMNS, Columns, LineOutcome, Row, columns

PAGE = 25
_ADULT = bindparam("adult", type_=Integer)
_READABLE = and_(
    Request.family_id == bindparam("family", type_=Integer),
    or_(
        Request.child_id.is_(None),
        Request.child_id.in_(select(Authority.child_id).where(Authority.adult_id == _ADULT)),
        asked_to_add(_ADULT),
    ),
)
"""The requests that an adult may read: the family's; about a child's file, with authority over the child, or where
they asked to add it. `_by` says who reads."""
OF_CHILDREN = tuple(kind for kind in RequestKind if kind not in COLUMNS)
"""Mes enfants: days, and the children's files."""
_LOADED = (
    joinedload(Request.sender),
    joinedload(Request.acting_agent),
    joinedload(Request.child),
    joinedload(Request.proof),
    *(
        selectinload(Request.lines)
        .joinedload(slot)
        .options(joinedload(Enrolment.child), joinedload(Enrolment.activity))
        for slot in (RequestLine.enrolment, RequestLine.proposed)
    ),
)


def find(adult: Adult, request_id: int) -> Request | None:
    """A request that this adult may read; None for any other."""
    asked = select(Request).where(Request.id == request_id, _READABLE).options(*_LOADED)
    return db.session.scalars(asked, _by(adult)).first()


def waiting(adult: Adult) -> dict[RequestKind, int]:
    """How many requests wait for an answer, by kind."""
    asked = select(Request.kind, func.count(func.distinct(Request.id))).join(RequestLine)
    waiting = asked.where(_READABLE, RequestLine.state.in_(OPEN_STATES)).group_by(Request.kind)
    return dict(iter(db.session.execute(waiting, _by(adult))))


def to_answer(adult: Adult) -> Sequence[RequestLine]:
    """The places offered and the other days proposed that wait for this family's answer, the most urgent first."""
    return db.session.scalars(_to_answer(), _by(adult)).all()


@cache
def _to_answer() -> Select[RequestLine]:
    """Built once: building it costs as much as running it."""
    asked = select(RequestLine).join(Request).where(_READABLE, IS_ANSWERABLE)
    slots = (joinedload(RequestLine.enrolment), joinedload(RequestLine.proposed))
    named = [slot.options(joinedload(Enrolment.child), joinedload(Enrolment.activity)) for slot in slots]
    return asked.options(*named).order_by(RequestLine.answer_until, RequestLine.id)


def month_before(day: date) -> date:
    """The same day of the month before, or its last one."""
    year, month = (day.year - 1, 12) if day.month == 1 else (day.year, day.month - 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True)
class Table:
    outcome: LineOutcome
    columns: Columns
    rows: list[Row]
    count: int
    """On all its pages."""
    page: int

    @property
    def pages(self) -> int:
        return math.ceil(self.count / PAGE)


@dataclass(frozen=True)
class _Standing:
    """Where a request stands with some of its lines."""

    request_id: int
    outcome: LineOutcome
    submitted_at: datetime
    decided_at: datetime | None

    @property
    def is_recent(self) -> bool:
        since = month_before(clock.today())
        days = [clock.local_day(instant) for instant in (self.submitted_at, self.decided_at) if instant]
        return self.outcome is LineOutcome.WAITING or max(days) > since


@dataclass
class Listing:
    """The requests of one tab."""

    whose: Whose
    kinds: tuple[RequestKind, ...]
    older: bool = False
    pages: Mapping[LineOutcome, int] = field(default_factory=dict)

    def tables(self) -> list[Table]:
        """One for each outcome, the newest first."""
        found = {outcome: self._of(outcome) for outcome in LineOutcome}
        pages = {
            outcome: max(1, min(self.pages.get(outcome, 1), math.ceil(len(ids) / PAGE)))
            for outcome, ids in found.items()
        }
        shown = {outcome: ids[PAGE * (pages[outcome] - 1) :][:PAGE] for outcome, ids in found.items()}
        rows = self._rows(shown)
        return [
            Table(outcome, columns(self.kinds[0], outcome), rows[outcome], len(ids), pages[outcome])
            for outcome, ids in found.items()
        ]

    @property
    def hides_older(self) -> bool:
        return not self.older and any(not one.is_recent for one in self._standings)

    def _of(self, outcome: LineOutcome) -> list[int]:
        mine = [one for one in self._standings if one.outcome is outcome and (self.older or one.is_recent)]
        newest = sorted(mine, key=lambda one: (one.decided_at or one.submitted_at, one.request_id), reverse=True)
        return list(dict.fromkeys(one.request_id for one in newest))

    @cached_property
    def _standings(self) -> list[_Standing]:
        """All that the tab could show: numbers and dates alone, of one family."""
        asked = select(Request.id, Request.submitted_at, RequestLine.state, func.max(RequestLine.decided_at))
        mine = asked.join(RequestLine).where(_READABLE, Request.kind.in_(self.kinds))
        mine = mine.group_by(Request.id, Request.submitted_at, RequestLine.state)
        found = db.session.execute(mine, _by(self.whose.adult))
        return [_Standing(id_, LineOutcome.of(state), sent, decided) for id_, sent, state, decided in found]

    def _rows(self, shown: dict[LineOutcome, list[int]]) -> dict[LineOutcome, list[Row]]:
        ids = {request_id for some in shown.values() for request_id in some}
        wanted = select(Request).where(Request.id.in_(ids), _READABLE).options(*_LOADED)
        requests = {one.id: one for one in db.session.scalars(wanted, _by(self.whose.adult))} if ids else {}
        readable = self.whose.readable(line for one in requests.values() for line in one.lines)
        rank = RANKS.get(self.kinds[0], 1)
        name = next((one.full_name for one in self.whose.adult.family.adults if one.rank == rank), "")
        return {
            outcome: [Row(requests[one], outcome, name, readable) for one in some if one in requests]
            for outcome, some in shown.items()
        }


def _by(adult: Adult) -> dict[str, int]:
    """The adult who reads, for `_READABLE`."""
    return {"adult": adult.id, "family": adult.family_id}
