"""Liste d'attente: who is next, and the offer of a place that was freed. Inside a transaction.

An offered place counts as taken until it is answered: nobody who comes later gets it. The order is that of
submission, unless an agent changed it.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from app import clock, db
from app.clock import PARIS
from app.formats import moment
from app.models import history, places
from app.models.activity import Activity, PoolDay
from app.models.enrolment import Enrolment
from app.models.family import Adult
from app.models.job import Job
from app.models.refusal import RefusedError
from app.models.request import LineState, Request, RequestLine

SHORTEST = timedelta(hours=1)
"""To answer: a place that comes free later than this before the day is offered to nobody."""


def offer(activity: Activity, days: Collection[date]) -> None:
    """Offer what is free on these days, which the caller has locked, to the next who can use it.

    A line that somebody else holds at this instant is passed over (an agent decides it, its family withdraws it):
    waiting for them here, who may wait for these places, would never end.
    """
    if activity.pool is None or not days:
        return
    waited_for = select(_waiting(activity, days).with_only_columns(RequestLine.day).order_by(None).subquery().c.day)
    sharing = db.session.scalars(select(Activity).where(Activity.pool_id == activity.pool_id)).all()
    for day in sorted(set(db.session.scalars(waited_for))):
        ends = {one.id: until for one in sharing if (until := answer_by(one, day)) is not None}
        while (line := _next([one for one in sharing if one.id in ends], day)) is not None:
            enrolment, _ = line.asked_slot
            hold(line, enrolment, day, ends[enrolment.activity_id])


def hold(line: RequestLine, enrolment: Enrolment, day: date, until: datetime) -> None:
    """Keep a place, whose day the caller has locked, for the answer to this line; the family is told."""
    places.take(enrolment.activity, [day], +1)
    countered = line.proposed_day is not None
    line.state = LineState.COUNTERED if countered else LineState.OFFERED
    line.answer_until = until
    db.session.flush()
    history.note(line, "countered" if countered else "offered")
    tell(line.request, "place_offered", until=moment(until))


def free(line: RequestLine) -> None:
    """Give back the place that was kept for this line: to the next in line before anybody else.

    The line must have left its state of offer already.
    """
    enrolment, day = line.asked_slot
    places.lock(enrolment, [day])
    places.take(enrolment.activity, [day], -1)
    db.session.flush()
    offer(enrolment.activity, [day])


def move_before(line: RequestLine, other: RequestLine) -> None:
    """Give a waiting line the turn just before another's of the same day and room. Raises RefusedError."""
    same_day = line.day is not None and line.day == other.day
    if not (line.state is other.state is LineState.WAITING_LIST and same_day and _room(line) == _room(other)):
        raise RefusedError("La liste d’attente a changé entre-temps : regardez-la de nouveau.")
    line.waiting_from = other.waiting_from - timedelta(microseconds=1)


def in_line(line: RequestLine) -> Sequence[RequestLine]:
    """Who waits for a place of the same room on the same day, this line included: the first in line first."""
    if line.day is None or line.enrolment is None or line.enrolment.activity.pool is None:
        return ()
    return db.session.scalars(_waiting(line.enrolment.activity, [line.day])).all()


def answer_by(activity: Activity, day: date) -> datetime | None:
    """Until when (local) an offer made now for this day is to be answered; None when it is too near."""
    now = clock.local_now()
    until = min(now + timedelta(hours=activity.offer_hours), datetime.combine(day, datetime.min.time(), PARIS))
    return until if until - now >= SHORTEST else None


def tell(request: Request, template: str, **context: str) -> None:
    """A mail to who asked, or to who is left of the family: code, kind and link."""
    asked_by = db.session.get(Adult, request.submitted_by)
    stayed = asked_by is not None and asked_by.family_id == request.family_id
    adult = asked_by if stayed else next(iter(request.family.adults), None)  # who left learns nothing more
    if adult is not None and adult.email:
        kind, number = request.kind.label, request.id
        Job.post_mail(adult.email, template, code=request.code, kind=kind, number=number, **context)


def _room(line: RequestLine) -> int | None:
    return line.enrolment.activity.pool_id if line.enrolment else None


def _waiting(activity: Activity, days: Collection[date]) -> Select[RequestLine]:
    """Who waits for a place of this room on these days, the first in line first."""
    return (
        select(RequestLine)
        .join(RequestLine.enrolment)
        .join(Enrolment.activity)
        .where(
            Activity.pool_id == activity.pool_id,
            RequestLine.day.in_(days),
            RequestLine.state == LineState.WAITING_LIST,
        )
        .order_by(RequestLine.day, RequestLine.waiting_from, RequestLine.id)
        .options(contains_eager(RequestLine.enrolment).contains_eager(Enrolment.activity).joinedload(Activity.pool))
        .options(contains_eager(RequestLine.enrolment).joinedload(Enrolment.child))
        .options(joinedload(RequestLine.request))
    )


def _next(sharing: Sequence[Activity], day: date) -> RequestLine | None:
    """The first in line for one of these activities of a room that has a place left, held; None when there is none."""
    if not sharing:
        return None
    rooms = select(PoolDay).where(PoolDay.pool_id == sharing[0].pool_id, PoolDay.day == day)
    known = db.session.scalars(rooms.execution_options(populate_existing=True))
    full = {place.half_day for place in known if places.is_full(place)}
    fitting = [one.id for one in sharing if not full & set(one.half_days)]
    if not fitting:
        return None
    first = _waiting(sharing[0], [day]).where(Enrolment.activity_id.in_(fitting)).limit(1)
    held = first.with_for_update(of=RequestLine, skip_locked=True)
    return db.session.scalars(held.execution_options(populate_existing=True)).first()
