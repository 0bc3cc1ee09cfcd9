"""Deciding a line: what becomes of it, who said so, and what the file or the planning gets. Inside a transaction.

A rule decides at once where an activity is automatic (`by` is None then); elsewhere an agent does, through `Review`.
"""

from app import clock
from app.models import applying, door, history, proof
from app.models.agent import Agent
from app.models.calendar import Calendar
from app.models.refusal import RefusedError
from app.models.request import LineState, RequestLine
from app.models.request_kind import RequestKind


def accept(
    line: RequestLine,
    calendar: Calendar,
    *,
    by: Agent | None = None,
    override: door.Override = door.NO_OVERRIDE,
    address: str = "",
) -> None:
    """Accept what was asked. A late absence is excused only by an agent who accepts it.

    Raises RefusedError when it cannot be, when the day is full, or when the file changed meanwhile.
    """
    if line.enrolment is None or line.day is None:
        assert by is not None  # no rule decides of a file
        applying.apply(line, by=by, address=address)
    elif line.kind is RequestKind.BOOKING:
        at = line.request.submitted_at
        if not door.book(line.enrolment, line.day, calendar, submitted_at=at, override=override):
            raise RefusedError("Il ne reste plus de place ce jour-là.")
    else:
        door.excuse(line.enrolment, line.day)
    decide(line, LineState.ACCEPTED, by=by, address=address)


def refuse(line: RequestLine, *, reason: str, by: Agent | None = None, address: str = "") -> None:
    """Refuse, with a reason that the parent reads. A refused absence stays booked."""
    if not reason.strip():
        raise RefusedError("Un refus doit dire pourquoi.")
    line.decision_reason = reason.strip()
    decide(line, LineState.REFUSED, by=by, address=address)


def decide(line: RequestLine, state: LineState, *, by: Agent | None = None, address: str = "") -> None:
    line.state, line.decided_at, line.answer_until = state, clock.local_now(), None
    line.decider = by
    proof.forget_once_settled(line.request)
    history.note(line, state, actor=by.account if by else None, address=address)
