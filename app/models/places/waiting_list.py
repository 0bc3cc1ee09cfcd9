"""Liste d'attente: who is next, and the offer of a place that was freed. Inside a transaction.

An offered place counts as taken until it is answered: nobody who comes later gets it. The order is that of
submission, unless an agent changed it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app import clock, db
from app.clock import PARIS
from app.formats import moment
from app.models.accounts.clerk import Clerk
from app.models.enrolments import Enrolment, availability
from app.models.jobs import Job
from app.models.places import places
from app.models.places.pool_day import PoolDay
from app.models.refusal import RefusedError
from app.models.requests import LineState, RequestLine, line_journal, receipt
from app.models.town import Activity
from app.models.town.calendar import Calendar

SHORTEST = timedelta(hours=1)
"""To answer: a place that comes free later than this before the day is offered to nobody."""
_A_MOMENT = timedelta(seconds=5)


def offer(activity: Activity, days: Collection[date]) -> None:
    """Offer what is free on these days, which the caller has locked, to the next who can use it.

    A line that somebody else locks at this instant (an agent decides it, its family withdraws it) is passed over:
    they may wait for these very places, and each would wait for the other. What is left then is offered a moment
    later.
    """
    if activity.pool is None or not days:
        return
    sharing = db.session.scalars(select(Activity).where(Activity.pool_id == activity.pool_id)).all()
    for day in _waited_for(sharing, days):
        ends = {one.id: until for one in sharing if (until := answer_by(one, day)) is not None}
        calendar = Calendar.between(day, day)
        hopeless: list[int] = []
        while (fitting := _fitting([one for one in sharing if one.id in ends], day, besides=hopeless)) is not None:
            unlocked = fitting.with_for_update(of=RequestLine, skip_locked=True)
            line = db.session.scalars(unlocked.execution_options(populate_existing=True)).first()
            if line is None:
                _offer_later(db.session.scalars(fitting).first(), day)
                break
            enrolment, _ = line.asked_slot
            if _could_take_up(line, calendar):
                reserve(line, enrolment, day, ends[enrolment.activity_id])
            else:  # it would keep from the others a place that its family cannot have
                hopeless.append(line.id)


def offer_again(enrolment_id: int, day: date) -> None:
    """What is free on this day of this enrolment's room, to the next: nobody could have it when it came free."""
    enrolment = db.session.get(Enrolment, enrolment_id)
    if enrolment is not None:
        places.lock(enrolment, [day])
        offer(enrolment.activity, [day])


def unserved() -> Sequence[tuple[int, date]]:
    """The rooms and days where somebody waits though a place is left, each by an enrolment of it and the day.

    When the place came free, nobody could use it; an enrolment was prolonged since, or a closure lifted.
    """
    wanted = (
        select(func.min(RequestLine.enrolment_id), RequestLine.day)
        .join(RequestLine.enrolment)
        .join(Enrolment.activity)
        .join(PoolDay, (PoolDay.pool_id == Activity.pool_id) & (PoolDay.day == RequestLine.day))
        .where(RequestLine.state == LineState.WAITING_LIST, RequestLine.day >= clock.today())
        .where(~PoolDay.is_full)
        .group_by(Activity.pool_id, RequestLine.day)
        .order_by(RequestLine.day, Activity.pool_id)
    )
    return [(enrolment_id, day) for enrolment_id, day in db.session.execute(wanted) if enrolment_id and day]


def reserve(line: RequestLine, enrolment: Enrolment, day: date, until: datetime, *, by: Clerk | None = None) -> None:
    """Keep a place, whose day the caller has locked, for the answer to this line; the family is told."""
    places.take(enrolment.activity, [day], +1)
    line.state = LineState.OFFERED if line.proposed_day is None else LineState.COUNTERED
    line.answer_until = until
    db.session.flush()
    line_journal.note(line, line.state, by=by)
    receipt.tell_of_offer(line, "place_offered", until=moment(until))


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
        raise RefusedError("La liste d’attente a changé entre-temps\u00a0: regardez-la de nouveau.")
    before = [one.waiting_from for one in in_line(line) if one.id != line.id and _turn(one) < _turn(other)]
    gap = (other.waiting_from - before[-1]) / 2 if before else timedelta(seconds=1)
    line.waiting_from = other.waiting_from - gap


def _turn(line: RequestLine) -> tuple[datetime, int]:
    return line.waiting_from, line.id


def in_line(line: RequestLine) -> Sequence[RequestLine]:
    """Who waits for a place of the same room on the same day, this line included: the first in line first."""
    if line.day is None or line.enrolment is None or line.enrolment.activity.pool is None:
        return ()
    return db.session.scalars(_waiting([line.enrolment.activity.pool_id], [line.day])).all()


def in_lines(lines: Iterable[RequestLine]) -> dict[int, list[RequestLine]]:
    """By line, of those that wait for a place, who waits for the same room on the same day: see `in_line`. One query,
    however many they are.
    """
    waiting = [line for line in lines if line.state is LineState.WAITING_LIST and _room(line) is not None]
    if not waiting:
        return {}
    queues: dict[tuple[int | None, date | None], list[RequestLine]] = defaultdict(list)
    for one in db.session.scalars(_waiting([_room(line) for line in waiting], [line.day for line in waiting])):
        queues[_room(one), one.day].append(one)
    return {line.id: queues[_room(line), line.day] for line in waiting}


def answer_by(activity: Activity, day: date) -> datetime | None:
    """Until when (local) an offer made now for this day is to be answered; None when it is too near."""
    now = clock.local_now()
    until = min(now + timedelta(hours=activity.offer_hours), datetime.combine(day, datetime.min.time(), PARIS))
    return until if until - now >= SHORTEST else None


def _room(line: RequestLine) -> int | None:
    return line.enrolment.activity.pool_id if line.enrolment else None


def _waiting(pool_ids: Collection[int | None], days: Collection[date | None]) -> Select[RequestLine]:
    """Who waits for a place of these rooms on these days, the first in line first."""
    return (
        select(RequestLine)
        .join(RequestLine.enrolment)
        .join(Enrolment.activity)
        .where(
            Activity.pool_id.in_(pool_ids),
            RequestLine.day.in_(days),
            RequestLine.state == LineState.WAITING_LIST,
        )
        .order_by(RequestLine.day, RequestLine.waiting_from, RequestLine.id)
        .options(contains_eager(RequestLine.enrolment).contains_eager(Enrolment.activity).joinedload(Activity.pool))
        .options(contains_eager(RequestLine.enrolment).joinedload(Enrolment.child))
        .options(joinedload(RequestLine.request))
    )


def _waited_for(sharing: Sequence[Activity], days: Collection[date]) -> Sequence[date]:
    """The days for which somebody waits. One query, and mostly the last one."""
    mine = select(Enrolment.id).where(Enrolment.activity_id.in_([one.id for one in sharing]))
    waiting = select(RequestLine.day).where(
        RequestLine.state == LineState.WAITING_LIST, RequestLine.day.in_(days), RequestLine.enrolment_id.in_(mine)
    )
    return [day for day in db.session.scalars(waiting.distinct().order_by(RequestLine.day)) if day]


def _could_take_up(line: RequestLine, calendar: Calendar) -> bool:
    """Whether the family could have the place if it were offered: nothing changed since it asked."""
    enrolment, day = line.asked_slot
    if availability.why_hopeless(enrolment, day, calendar) is not None:
        return False
    return line.gives_up is None or bool(availability.returnable([enrolment.id], [line.gives_up]))


def _fitting(sharing: Sequence[Activity], day: date, *, besides: Collection[int]) -> Select[RequestLine] | None:
    """The first in line, besides these, for one of these activities of a room, for what it has left on this day;
    None when nothing is."""
    if not sharing:
        return None
    rooms = select(PoolDay).where(PoolDay.pool_id == sharing[0].pool_id, PoolDay.day == day)
    known = db.session.scalars(rooms.execution_options(populate_existing=True))
    full = {place.half_day for place in known if place.is_full}
    fitting = [one.id for one in sharing if not full & set(one.half_days)]
    if not fitting:
        return None
    wanted = _waiting([sharing[0].pool_id], [day]).where(
        Enrolment.activity_id.in_(fitting), RequestLine.id.not_in(besides)
    )
    return wanted.limit(1)


def _offer_later(line: RequestLine | None, day: date) -> None:
    if line is not None:
        Job.enqueue("offer", {"enrolment": line.enrolment_id, "day": day.isoformat()}, run_at=clock.now() + _A_MOMENT)


def ranks_of(waiting: list[int]) -> dict[int, int]:
    """The rank of these waiting lines among those of their room and day: 1 is next. A query when there is one."""
    if not waiting:
        return {}
    places = func.row_number().over(
        partition_by=(Activity.pool_id, RequestLine.day), order_by=(RequestLine.waiting_from, RequestLine.id)
    )
    concerned = select(RequestLine.day).where(RequestLine.id.in_(waiting))
    order = (
        select(RequestLine.id, places.label("rank"))
        .join(Enrolment, Enrolment.id == RequestLine.enrolment_id)
        .join(Activity)
        .where(RequestLine.state == LineState.WAITING_LIST, RequestLine.day.in_(concerned))
        .subquery()
    )
    return {row.id: row.rank for row in db.session.execute(select(order).where(order.c.id.in_(waiting)))}
