"""The agents' queue (demandes): what waits, oldest first, by kind, structure, age, agent, or whatever is typed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app import clock, db
from app.models.accounts import Agent, Permission
from app.models.enrolments import Enrolment
from app.models.families import Family, search
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.requests import scope as request_scope
from app.models.requests.line_state import ANSWERABLE_STATES, IS_ANSWERABLE, IS_PENDING, OWED_STATES
from app.models.town import Activity

_DAYS = frozenset({RequestKind.BOOKING, RequestKind.ABSENCE})
OVERDUE_AFTER = {kind: timedelta(days=2 if kind in _DAYS else 7) for kind in RequestKind}
"""How long a family should wait at most for an answer."""
PAGE = 25
STATES = {
    "a-traiter": OWED_STATES,
    "en-cours": (LineState.IN_REVIEW,),
    "liste-attente": (LineState.WAITING_LIST,),
    "proposees": ANSWERABLE_STATES,
    "repondues": None,
}
"""Which requests a filter shows, by their lines; None: those that want no answer of anybody any more."""


def is_overdue(request: Request) -> bool:
    """Whether the family has waited too long for an answer that an agent owes: in the waiting list, it waits for a
    place."""
    owed = any(line.state in OWED_STATES for line in request.lines)
    return owed and request.submitted_at < clock.local_now() - OVERDUE_AFTER[request.kind]


@dataclass(frozen=True)
class Queue:
    """The requests that an agent asks to see."""

    agent: Agent
    state: str = "a-traiter"
    kind: RequestKind | None = None
    structure_id: int | None = None
    days: int | None = None
    """Only those that have waited at least so many days."""
    mine: bool = False
    typed: str = ""

    def page(self, number: int) -> list[Request]:
        """The requests of this page (from 1), oldest first; the newest first among those answered."""
        order = Request.submitted_at.desc() if self.state == "repondues" else Request.submitted_at
        wanted = self._wanted(select(Request)).order_by(order, Request.id).limit(PAGE).offset((number - 1) * PAGE)
        return list(db.session.scalars(wanted.options(*with_lines())))

    def following(self, request: Request) -> int | None:
        """The one that comes after this in the list."""
        later = Request.submitted_at > request.submitted_at
        same_instant = (Request.submitted_at == request.submitted_at) & (Request.id > request.id)
        wanted = self._wanted(select(Request.id)).where(later | same_instant)
        found: int | None = db.session.scalar(wanted.order_by(Request.submitted_at, Request.id).limit(1))
        return found

    def lines(self, request: Request) -> list[RequestLine]:
        """What the agent may read of it."""
        return request_scope.lines(self.agent, request)

    def count(self) -> int:
        return db.session.scalar(self._wanted(select(func.count(Request.id)))) or 0

    def ids(self, most: int) -> list[int]:
        """Oldest first."""
        return list(db.session.scalars(self._wanted(select(Request.id)).order_by(Request.submitted_at).limit(most)))

    def _wanted(self, wanted: Select[Any]) -> Select[Any]:
        return wanted.where(request_scope.requests(self.agent), *self._conditions())

    def _conditions(self) -> Sequence[ColumnElement[bool]]:
        states = STATES[self.state]
        of_request = RequestLine.request_id == Request.id
        pending, offered = (select(RequestLine.request_id).where(them) for them in (IS_PENDING, IS_ANSWERABLE))
        found: list[ColumnElement[bool]] = []
        if states is None:
            found += [Request.id.not_in(pending), Request.id.not_in(offered)]
        elif states is ANSWERABLE_STATES:
            found.append(Request.id.in_(offered))
        else:
            found.append(Request.id.in_(pending.where(RequestLine.state.in_(states))))
        if self.kind:
            found.append(Request.kind == self.kind)
        if self.structure_id:
            enrolled = RequestLine.enrolment_id == Enrolment.id, Enrolment.activity_id == Activity.id
            found.append(exists().where(of_request, *enrolled, Activity.structure_id == self.structure_id))
        if self.days:
            found.append(Request.submitted_at < clock.local_now() - timedelta(days=self.days))
        if self.mine:
            found.append(Request.taken_by == self.agent.id)
        if self.typed.strip():
            letters = re.sub(r"[^A-Z0-9]", "", self.typed.upper())
            code = f"{letters[:3]}-{letters[3:]}"
            asking = search.matches(self.typed, names_only=self.agent.scope is not None)
            found.append(or_(Request.code == code, Request.family_id.in_(select(Family.id).where(asking))))
        return found


@dataclass(frozen=True)
class Waiting:
    """What waits, of one kind."""

    kind: RequestKind
    count: int
    oldest: datetime

    @property
    def overdue(self) -> bool:
        return self.oldest < clock.local_now() - OVERDUE_AFTER[self.kind]


def waiting(agent: Agent) -> list[Waiting]:
    """What waits for an answer by kind, with the oldest of each: one query."""
    everything = agent.scope is None and agent.may(Permission.REQUESTS)
    asked = _WAITING if everything else _WAITING.where(request_scope.requests(agent))
    return [Waiting(kind, count, oldest) for kind, count, oldest in db.session.execute(asked)]


_WAITING = (
    select(Request.kind, func.count(func.distinct(Request.id)), func.min(Request.submitted_at))
    .join(RequestLine)
    .where(IS_PENDING, RequestLine.state.in_(OWED_STATES))
    .group_by(Request.kind)
    .order_by(func.min(Request.submitted_at))
)


def with_lines() -> list[Any]:
    """What a page needs to name a request, its lines, who asks and who deals with it."""
    enrolment = selectinload(Request.lines).joinedload(RequestLine.enrolment)
    return [
        enrolment.joinedload(Enrolment.child),
        enrolment.joinedload(Enrolment.activity).options(joinedload(Activity.structure), joinedload(Activity.pool)),
        selectinload(Request.lines).joinedload(RequestLine.decider),
        joinedload(Request.child),
        joinedload(Request.sender),
        joinedload(Request.taker),
        joinedload(Request.acting_agent),
    ]


def whole() -> list[Any]:
    """What the page of a request needs besides what names it in a list."""
    lines = selectinload(Request.lines)
    return [
        *with_lines(),
        joinedload(Request.family).joinedload(Family.adults),
        joinedload(Request.proof),
        joinedload(Request.taker).joinedload(Agent.structures),
        lines.joinedload(RequestLine.asker),
        lines.joinedload(RequestLine.acting_agent),
        lines.joinedload(RequestLine.proposed).joinedload(Enrolment.activity),
    ]
