"""What an agent may do with a request besides deciding it: propose another day and take that back, change the order
of the waiting list, pass on what is not theirs to decide.

Inside a transaction that holds the request and its lines (see Review.locked).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import clock, db
from app.formats import long_date
from app.models.accounts import Agent
from app.models.accounts.clerk import Clerk
from app.models.enrolments import Enrolment, availability, scope
from app.models.places import door, places, waiting_list
from app.models.planning.days_plan import DayOutcome, DaysPlan
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import LineState, RequestLine, line_journal, receipt
from app.models.reviews.review import Review
from app.models.town import Activity


def enrolments_for(line: RequestLine, agent: Agent) -> list[Enrolment]:
    """What this agent may propose another day of: the child's enrolments that the same family pays."""
    return enrolments_by_line([line], agent).get(line.id, [])


def enrolments_by_line(lines: Sequence[RequestLine], agent: Agent) -> dict[int, list[Enrolment]]:
    """The same for each of these lines that is about a day. One query, however many they are."""
    asked = {line.id: line.enrolment for line in lines if line.enrolment is not None}
    if not asked:
        return {}
    wanted = (
        select(Enrolment)
        .where(scope.enrolments(agent))
        .where(Enrolment.child_id.in_({one.child_id for one in asked.values()}))
        .where(Enrolment.family_id.in_({one.family_id for one in asked.values()}))
        .where(Enrolment.lasting(clock.today()))
        .options(joinedload(Enrolment.child))
        .options(joinedload(Enrolment.activity).options(joinedload(Activity.structure), joinedload(Activity.pool)))
        .order_by(Enrolment.activity_id, Enrolment.id)
    )
    paid: dict[tuple[int, int], list[Enrolment]] = defaultdict(list)
    for enrolment in db.session.scalars(wanted):
        paid[enrolment.child_id, enrolment.family_id].append(enrolment)
    return {line_id: paid[one.child_id, one.family_id] for line_id, one in asked.items()}


def propose(line: RequestLine, enrolment: Enrolment, day: date, *, by: Clerk | None = None) -> None:
    """Propose this day instead of the one asked. Raises RefusedError, with the reason, when it cannot be given."""
    if line.kind is not RequestKind.BOOKING:
        raise RefusedError("On ne propose un autre jour que pour une réservation.")
    if (enrolment.id, day) == (line.enrolment_id, line.day):
        raise RefusedError("C’est le jour demandé\u00a0: acceptez-le, ou proposez-en un autre.")
    if line.gives_up is not None and line.enrolment is not None:  # the family could not take the day up
        door.check_returnable(line.enrolment, line.gives_up)
    places.lock(enrolment, [day])
    (planned,) = DaysPlan.of(RequestKind.BOOKING, [(enrolment, day)]).lines
    if planned.outcome is DayOutcome.IMPOSSIBLE:
        raise RefusedError(f"{long_date(day).capitalize()}\u00a0: {planned.why}")
    if planned.outcome is DayOutcome.WAITING_LIST:
        raise RefusedError(f"{long_date(day).capitalize()}\u00a0: {availability.FULL}")
    until = waiting_list.answer_by(enrolment.activity, day)
    if until is None:
        raise RefusedError("Ce jour est trop proche\u00a0: la famille n’aurait pas le temps de répondre.")
    line.proposed, line.proposed_day = enrolment, day
    waiting_list.reserve(line, enrolment, day, until, by=by)


def counter(review: Review, line_id: int, *, version: int, enrolment_id: int, day: date) -> None:
    """« Autre proposition ». The family answers before a time. Raises RefusedError."""
    line = review.to_decide(line_id, version)
    enrolment = next((one for one in enrolments_for(line, review.agent) if one.id == enrolment_id), None)
    if enrolment is None:
        raise RefusedError("Cet enfant n’a pas cette inscription.")
    propose(line, enrolment, day, by=review.clerk)


def recall(review: Review, line_id: int) -> None:
    """« Retirer la proposition »: the day asked waits for an answer again, and the place kept goes to the next.

    Raises RefusedError when the family has answered meanwhile, or another agent deals with the rest.
    """
    line = next((line for line in review.lines if line.id == line_id), None)
    if line is None or line.state is not LineState.COUNTERED:
        raise RefusedError("Cette proposition n’attend plus de réponse\u00a0: voyez ce que la demande est devenue.")
    receipt.tell_of_offer(line, "proposal_recalled")
    review.reopen(line)
    db.session.flush()
    waiting_list.free(line)
    line.proposed, line.proposed_day = None, None
    line_journal.note(line, "recalled", by=review.clerk)


def put_in_line(review: Review, line_id: int, *, version: int) -> None:
    """« Mettre en liste d’attente »: the day filled up since it was asked. Its turn is that of its submission.

    Raises RefusedError.
    """
    line = review.to_decide(line_id, version)
    if line.kind is not RequestKind.BOOKING or line.state is LineState.WAITING_LIST:
        raise RefusedError("Seule une réservation qui n’attend pas déjà une place va en liste d’attente.")
    places.lock_lines([line])
    if not door.is_full(*line.asked_slot):
        raise RefusedError("Il reste de la place ce jour-là\u00a0: acceptez la demande, ou refusez-la.")
    line.state = LineState.WAITING_LIST
    line_journal.note(line, "waiting", by=review.clerk)
    review.tell_the_family()


def move_up(review: Review, line_id: int, *, before_id: int, reason: str) -> None:
    """Give a waiting line the turn of another one, for a reason that the journal keeps. Raises RefusedError."""
    if not reason.strip():
        raise RefusedError("Dites pourquoi l’ordre change\u00a0: c’est noté au journal.")
    line = next((line for line in review.lines if line.id == line_id), None)
    queue = waiting_list.in_line(line) if line else ()
    other = next((one for one in queue if one.id == before_id), None)
    if line is None or other is None or line not in queue or line is other:  # offered or withdrawn meanwhile
        raise RefusedError("La liste d’attente a changé entre-temps\u00a0: regardez-la de nouveau.")
    rank = [one.id for one in queue].index(line.id) + 1
    waiting_list.move_before(line, other)
    db.session.flush()
    now = [one.id for one in waiting_list.in_line(line)].index(line.id) + 1
    review.note(
        "queue_moved", before={"rank": rank}, after={"line": line.what, "rank": now, "reason": reason.strip()}
    )


def pass_on(review: Review, line_id: int, *, note: str) -> None:
    """Leave to colleagues a line of which this agent may not decide, with a note that they read; the request goes
    back to the queue. Raises RefusedError without a note.
    """
    line = next((line for line in review.pending if line.id == line_id), None)
    if line is None or not line.may_excuse:
        raise RefusedError("Il n’y a rien à transmettre ici.")
    if not note.strip():
        raise RefusedError("Écrivez une note pour vos collègues.")
    review.release()
    line.passed_on = f"{review.agent.name}\u00a0: {note.strip()}"
    review.note("absence_passed_on", after={"line": line.what})
