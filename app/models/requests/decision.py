"""Deciding a line: what becomes of it, who said so, and what the file or the planning gets. Inside a transaction.

A rule decides at once where an activity is automatic (`by` is None then); elsewhere an agent does, through `Review`.
"""

from app import clock
from app.models.accounts.clerk import Clerk
from app.models.refusal import RefusedError
from app.models.requests import line_journal, proof
from app.models.requests.line_state import LineState
from app.models.requests.request import RequestLine


def refuse(line: RequestLine, *, reason: str, by: Clerk | None = None) -> None:
    """Refuse, with a reason that the parent reads. A refused absence stays booked."""
    if not reason.strip():
        raise RefusedError("Un refus doit dire pourquoi.")
    line.decision_reason = reason.strip()
    decide(line, LineState.REFUSED, by=by)


def decide(line: RequestLine, state: LineState, *, by: Clerk | None = None) -> None:
    conclude(line, state, by=by)
    proof.forget_once_settled(line.request)
    line_journal.note(line, state, by=by)


def conclude(line: RequestLine, state: LineState, *, by: Clerk | None = None) -> None:
    """Give a line its last state; one that is not stored yet has no paper to forget, and is not in the journal."""
    line.state, line.decided_at, line.answer_until = state, clock.local_now(), None
    line.decider = by.agent if by else None
