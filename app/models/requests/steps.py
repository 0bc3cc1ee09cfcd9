"""A request told to its family: each step that it went through.

The journal keeps the steps for a year at most; what the request itself remembers is told for longer. No agent is
named but the one who entered it: « le service » answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app import clock, db
from app.formats import NBSP, moment
from app.models.event import Event
from app.models.families import Adult
from app.models.families.author import Author
from app.models.requests.answered_by import from_family
from app.models.requests.event_words import LINE_WORDS
from app.models.requests.request import Request, RequestLine

_FEW = 3
_AT_ONCE = timedelta(minutes=1)
_OF_REQUEST = {
    "request_taken": "Prise en charge par le service",
    "request_released": "De nouveau en attente",
}
_OF_NOBODY = ("line_waiting", "line_waiting_list", "line_offered", "line_expired", "line_cancelled_by_town")
"""What comes of itself, or says who did it."""
_WORDS = LINE_WORDS | _OF_REQUEST


@dataclass(frozen=True)
class RequestStep:
    at: datetime
    what: str
    who: str
    """« par JEAN DUPONT (Père) », « selon la règle de la prestation »; empty when it goes without saying."""
    about: list[str]
    """The lines that it concerns; empty for all of them."""


def last_word(line: RequestLine) -> str:
    """« Modifié par JEANNE DUPONT (Mère), … »; empty where it is as the request was sent."""
    if line.asked_at is None:
        return ""
    return f"{'Modifié' if line.version > 1 else 'Ajouté'} par {line.author.name}, {moment(line.asked_at)}"


def steps(request: Request) -> list[RequestStep]:
    """What happened to it, oldest first."""
    lines = {line.id: line for line in request.lines}
    rows = _noted(request.id, list(lines))
    theirs = from_family(rows)
    names = _family_side({row.actor_id for row, is_theirs in zip(rows, theirs, strict=True) if is_theirs}, request)
    told = []
    for row, is_theirs in zip(rows, theirs, strict=True):
        line = lines.get(row.subject_id) if row.subject_kind == "request_line" else None
        who = _asker(row, line or request, names) if is_theirs else _decider(row)
        told.append(_Told(_shifted(row.at), row.kind, who, line))
    return _joined([*_unnoted_start(request, told), *told, *_unnoted_end(request, told)], len(lines))


@dataclass(frozen=True)
class _Told:
    at: datetime
    kind: str
    who: str
    line: RequestLine | None
    """None for what concerns the whole request."""


def _noted(request_id: int, line_ids: list[int]) -> Sequence[Any]:
    """Without what each line of the journal holds, which is not to be told here."""
    of_lines = (Event.subject_kind == "request_line") & Event.subject_id.in_(line_ids)
    of_request = (Event.subject_kind == "request") & (Event.subject_id == request_id) & Event.kind.in_(_OF_REQUEST)
    wanted = select(Event.at, Event.kind, Event.actor_id, Event.subject_kind, Event.subject_id)
    kept = wanted.where(of_lines | of_request, Event.kind.in_(_WORDS)).order_by(Event.id)
    return db.session.execute(kept).all()


def _family_side(accounts: set[int | None], request: Request) -> dict[int, str]:
    """By account, the adults, and the agent who entered the request for them."""
    found = db.session.scalars(select(Adult).where(Adult.account_id.in_(accounts - {None}))) if accounts else ()
    names = {adult.account_id: Author(adult).name for adult in found if adult.account_id is not None}
    return names | ({request.acting_agent.account_id: request.author.name} if request.acting_agent else {})


def _asker(row: Any, asked: Request | RequestLine, names: dict[int, str]) -> str:
    unknown = "le service, pour la famille" if row.actor_id else asked.author.name
    return f"par {names.get(row.actor_id, unknown)}"


def _decider(row: Any) -> str:
    if row.kind in _OF_REQUEST or row.kind in _OF_NOBODY:
        return ""
    return "par le service" if row.actor_id else "selon la règle de la prestation"


def _unnoted_start(request: Request, told: list[_Told]) -> list[_Told]:
    """The sending, when the journal does not hold it (any more): lines may have been added since."""
    if any(one.kind == "line_submitted" and one.at < request.submitted_at + _AT_ONCE for one in told):
        return []
    return [_Told(request.submitted_at, "line_submitted", f"par {request.author.name}", None)]


def _unnoted_end(request: Request, told: list[_Told]) -> list[_Told]:
    """The decisions that the journal does not hold (any more)."""
    noted = {(one.line.id, one.kind) for one in told if one.line}
    return [
        _Told(line.decided_at, f"line_{line.state}", "", line)
        for line in request.lines
        if line.decided_at and (line.id, f"line_{line.state}") not in noted
    ]


def _joined(told: list[_Told], count: int) -> list[RequestStep]:
    """What happened to several lines at once is one step."""
    found: list[tuple[_Told, list[RequestLine]]] = []
    for one in told:
        last = found[-1][0] if found else None
        if last is None or (last.kind, last.who, moment(last.at)) != (one.kind, one.who, moment(one.at)):
            found.append((one, []))
        if one.line is not None:
            found[-1][1].append(one.line)
    return [RequestStep(one.at, _WORDS[one.kind], one.who, _about(lines, count)) for one, lines in found]


def _about(lines: list[RequestLine], count: int) -> list[str]:
    """Which lines, when not all: by name as long as they are few."""
    if len(lines) == count:
        return []
    return [line.what for line in lines] if len(lines) <= _FEW else [f"{len(lines)}{NBSP}lignes sur {count}"]


def _shifted(instant: datetime) -> datetime:
    """As the portal tells dates: the journal is written at the real date, whatever day a demonstration shows."""
    local, shift = instant.astimezone(clock.PARIS), clock.today() - clock.local_day(clock.now())
    return datetime.combine(local.date() + shift, local.time(), clock.PARIS)
