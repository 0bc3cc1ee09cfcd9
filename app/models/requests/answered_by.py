"""Who answered a line of a request, or took it back. The journal knows it, for as long as it is kept. Reads only."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from app import db
from app.models.event import Event
from app.models.requests.line_state import LineState
from app.models.requests.request import RequestLine

BY_FAMILY = ("line_submitted", "line_amended", "line_paper_joined", "line_paper_replaced", "line_withdrawn")
_OFFERS = ("line_offered", "line_countered")
_ANSWERS = ("line_accepted", "line_declined")
_SAID = {
    LineState.WITHDRAWN: "Retirée par la famille",
    LineState.DECLINED: "Déclinée par la famille",
    LineState.EXPIRED: "Sans réponse de la famille",
}


def from_family(rows: Iterable[Any]) -> list[bool]:
    """Of each line of the journal, oldest first, whether the family did it: what it asks, its answer to an offer."""
    last: dict[int, str] = {}
    found = []
    for row in rows:
        found.append(row.kind in BY_FAMILY or (row.kind in _ANSWERS and last.get(row.subject_id) in _OFFERS))
        if row.subject_kind == "request_line":
            last[row.subject_id] = row.kind
    return found


def answered(lines: Sequence[RequestLine]) -> dict[int, str]:
    """By the id of the line, of those that are decided: an agent's name, the family, or the rule."""
    ruled = [line.id for line in lines if line.state is LineState.ACCEPTED and line.decider is None]
    taken = _taken(ruled) if ruled else set()
    return {line.id: _who(line, taken) for line in lines if line.decided_at}


def _who(line: RequestLine, taken: set[int]) -> str:
    if line.state in _SAID:
        return _SAID[line.state]
    if line.id in taken:
        return "Acceptée par la famille"
    return line.decider.name if line.decider else "Selon la règle de la prestation"


def _taken(line_ids: list[int]) -> set[int]:
    """Those of these lines whose offer the family took."""
    wanted = select(Event.kind, Event.subject_kind, Event.subject_id).order_by(Event.id)
    of_lines = (Event.subject_kind == "request_line") & Event.subject_id.in_(line_ids)
    rows = db.session.execute(wanted.where(of_lines, Event.kind.in_((*_OFFERS, *_ANSWERS)))).all()
    mine = from_family(rows)
    return {row.subject_id for row, theirs in zip(rows, mine, strict=True) if theirs and row.kind == "line_accepted"}
