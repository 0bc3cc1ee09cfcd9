"""The family's answer to a place that is offered, or to another day that is proposed; and the end of its time.

Inside a transaction. The line is locked first, then the places of its day.
"""

from collections.abc import Sequence

from sqlalchemy import select

from app import clock, db
from app.formats import long_date
from app.models.enrolments import availability
from app.models.families.author import Author
from app.models.places import door, grant, waiting_list
from app.models.refusal import RefusedError
from app.models.requests import LineState, Request, RequestLine, decision, line_journal, receipt
from app.models.requests.line_state import ANSWERABLE_STATES, PENDING_STATES
from app.models.town.calendar import Calendar


def of_family(family_id: int, line_id: int) -> RequestLine | None:
    """A line of this family, locked until the transaction ends; None for anybody else's."""
    wanted = select(RequestLine).join(Request).where(RequestLine.id == line_id, Request.family_id == family_id)
    return db.session.scalars(
        wanted.with_for_update(of=RequestLine).execution_options(populate_existing=True)
    ).first()


def check_seen(line: RequestLine, seen: str) -> None:
    """Raises RefusedError when what is offered is not what the family saw, by its `slot_name`: an agent took that
    back meanwhile, and proposed another day."""
    if line.state not in PENDING_STATES and line.slot_name != seen:
        raise RefusedError("La proposition a changé entre-temps\u00a0: relisez-la.")


def accept(line: RequestLine, *, by: Author) -> None:
    """Take the place up, deadline or not: the town keeps it. Said twice, it is one answer.

    Raises RefusedError when the time to answer is over, or when the child has something else that day.
    """
    if line.state is LineState.ACCEPTED:
        return
    _check_answerable(line)
    _, day = line.asked_slot
    calendar = Calendar.between(day, day)
    grant.grant(line, calendar, override=door.Override(deadline=True), reserved=True)
    line.state, line.answer_until, line.decided_at = LineState.ACCEPTED, None, clock.local_now()
    line_journal.note(line, "accepted", by=by)


def decline(line: RequestLine, *, by: Author) -> None:
    """Leave the place to the next. Said twice, it is one answer. Raises RefusedError when its time is over."""
    if line.state is LineState.DECLINED:
        return
    _check_answerable(line)
    _end(line, LineState.DECLINED)
    line_journal.note(line, "declined", by=by)


def overdue(most: int) -> Sequence[int]:
    """The lines whose time to answer is over, by number, the oldest first."""
    late = select(RequestLine.id).where(
        RequestLine.state.in_(ANSWERABLE_STATES), RequestLine.answer_until <= clock.local_now()
    )
    return db.session.scalars(late.order_by(RequestLine.answer_until, RequestLine.id).limit(most)).all()


def expire(line_id: int) -> None:
    """Nobody answered in time: the place goes to the next. Does nothing to what was answered meanwhile."""
    still = select(RequestLine).where(RequestLine.id == line_id, RequestLine.state.in_(ANSWERABLE_STATES))
    line = db.session.scalars(still.with_for_update().execution_options(populate_existing=True)).first()
    if line is None or line.answer_until is None or line.answer_until > clock.local_now():
        return
    _end(line, LineState.EXPIRED)
    line_journal.note(line, "expired")
    receipt.tell_of_offer(line, "offer_expired")


def outlived(most: int) -> Sequence[int]:
    """The lines that waited for a place until their day had passed, by number."""
    past = select(RequestLine.id).where(RequestLine.state == LineState.WAITING_LIST, RequestLine.day < clock.today())
    return db.session.scalars(past.order_by(RequestLine.day, RequestLine.id).limit(most)).all()


def close(line_id: int) -> None:
    """No place was to be had before the day: the family reads why, and nobody waits for ever."""
    still = select(RequestLine).where(RequestLine.id == line_id, RequestLine.state == LineState.WAITING_LIST)
    line = db.session.scalars(still.with_for_update().execution_options(populate_existing=True)).first()
    if line is not None:
        decision.refuse(line, reason=_why_never_offered(line))


def _why_never_offered(line: RequestLine) -> str:
    """What kept this line, which waited until its day had passed, from having a place."""
    enrolment, day = line.asked_slot
    hopeless = availability.why_hopeless(enrolment, day, Calendar.between(day, day))
    if hopeless is not None:
        return hopeless
    old = line.gives_up
    if old is not None and not availability.is_booked(enrolment.id, old):
        return f"Le {long_date(old)} n’est plus réservé\u00a0: il ne pouvait plus être rendu."
    if old is not None and old < day:  # from then on there was nothing to give in exchange
        return f"Aucune place ne s’est libérée avant le {long_date(old)}, à rendre en échange."
    return "Aucune place ne s’est libérée avant ce jour."


def _end(line: RequestLine, state: LineState) -> None:
    line.state, line.answer_until, line.decided_at = state, None, clock.local_now()
    db.session.flush()
    waiting_list.free(line)


def _check_answerable(line: RequestLine) -> None:
    if line.state not in ANSWERABLE_STATES:
        raise RefusedError(f"Cette proposition n’attend plus de réponse\u00a0: la demande est {line.verdict}.")
    if line.answer_until is not None and line.answer_until <= clock.local_now():
        raise RefusedError("Le temps pour répondre est passé\u00a0: la place n’est plus gardée.")
