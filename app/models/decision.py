"""Deciding a line: what becomes of it, who said so, and what the file or the planning gets. Inside a transaction.

A rule decides at once where an activity is automatic (`by` is None then); elsewhere an agent does, through `Review`.
"""

from app import clock
from app.models import applying, door, history, places, proof
from app.models.agent import Agent
from app.models.calendar import Calendar
from app.models.line_state import LineState
from app.models.refusal import RefusedError
from app.models.request import RequestLine
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
        grant(line, calendar, override=override)
    else:
        door.excuse(line.enrolment, line.day)
    decide(line, LineState.ACCEPTED, by=by, address=address)


def grant(
    line: RequestLine, calendar: Calendar, *, override: door.Override = door.NO_OVERRIDE, held: bool = False
) -> None:
    """Book what a line asks for; the day that it is exchanged for is given back then, and not before.

    Raises RefusedError when it cannot be, and DayFullError when the day is full.
    """
    enrolment, day = line.asked_slot
    at = line.request.submitted_at
    if line.gives_up is not None:  # two who exchange the same two days, each for the other
        places.lock_lines([line])
    if not door.book(enrolment, day, calendar, submitted_at=at, override=override, held=held):
        raise door.DayFullError("Il ne reste plus de place ce jour-là.")
    if line.gives_up is not None and line.enrolment is not None:  # of the day asked, whatever is proposed instead
        door.give_back(line.enrolment, line.gives_up)


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
