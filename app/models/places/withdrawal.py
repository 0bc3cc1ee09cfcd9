"""« Retirer ma demande »: what was asked and has no answer yet is taken back by the family. Inside a transaction."""

from collections.abc import Sequence

from sqlalchemy import select

from app import clock, db
from app.models.families.author import Author
from app.models.places import places, waiting_list
from app.models.refusal import RefusedError
from app.models.requests import LineState, Request, RequestLine, line_journal, proof
from app.models.requests.line_state import ANSWERABLE_STATES, OPEN_STATES


def withdraw(request_id: int, *, by: Author, line_id: int | None = None) -> None:
    """Withdraw what of this request has no answer yet, or this line of it alone.

    Raises RefusedError when there is nothing to withdraw any more: an agent may be deciding at this instant.
    """
    chosen = [line for line in locked(request_id) if line_id in (None, line.id)]
    waiting = [line for line in chosen if line.state in OPEN_STATES]
    if chosen and all(line.state is LineState.WITHDRAWN for line in chosen):
        raise RefusedError("Cette demande est déjà retirée.")
    if not waiting:
        raise RefusedError("Cette demande a déjà reçu sa réponse : il n’y a plus rien à retirer.")
    places.lock_lines(waiting)
    for line in sorted(waiting, key=lambda one: one.state in ANSWERABLE_STATES):  # what waits would get those places
        take_back(line, by=by)
        proof.forget_once_settled(line.request)


def take_back(line: RequestLine, *, by: Author) -> None:
    """One line, which this transaction locked, with its request. A place that was kept for it goes to the next."""
    had_a_place = line.state in ANSWERABLE_STATES
    line.state, line.answer_until, line.decided_at = LineState.WITHDRAWN, None, clock.local_now()
    if had_a_place:
        db.session.flush()
        waiting_list.free(line)
    line_journal.note(line, "withdrawn", by=by)


def locked(request_id: int) -> Sequence[RequestLine]:
    """The lines, locked until the transaction ends in the order in which agents lock them: the request first."""
    request = select(Request).where(Request.id == request_id).with_for_update()
    db.session.scalars(request.execution_options(populate_existing=True)).one()
    lines = select(RequestLine).where(RequestLine.request_id == request_id).order_by(RequestLine.id)
    return db.session.scalars(lines.with_for_update().execution_options(populate_existing=True)).all()
