"""A crowd for tests of races: a room of few places, families, agents and the worker, each with what they may do.

Every step is a transaction of its own; what cannot be is refused, and that is an answer.
"""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import select, update

from app import clock, db
from app.models.enrolments import Booking, BookingState, Enrolment
from app.models.families import Adult, Civility, Family
from app.models.families.author import Author
from app.models.places import door as the_door
from app.models.places import offer, withdrawal
from app.models.planning import undo
from app.models.planning.many_days import Asking
from app.models.planning.slot import Slot
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import RequestLine
from app.models.requests.line_state import ANSWERABLE_STATES, PENDING_STATES
from app.models.reviews import Batch, proposal
from app.models.reviews.review import Review
from app.models.town import Approval
from tests.builders import DAY as WEDNESDAY
from tests.builders import activity, clerk, enrolment

DAY = WEDNESDAY + timedelta(days=1)  # three days on, so that an offer ends before it
DAYS = [DAY, DAY + timedelta(days=4), DAY + timedelta(days=5)]
GROUP = "jour"


def room(places: int) -> dict[str, object]:
    """Mornings, afternoons, whole days, and mornings that an agent grants, which share a room. By name."""
    morning = activity("Matin", places=places, exclusive_group=GROUP)
    halves = {
        "Après-midi": {"uses_afternoon": True},
        "Journée": {"uses_morning": True, "uses_afternoon": True},
        "Sur demande": {"uses_morning": True, "approval": Approval.MANUAL},
    }
    found = {"Matin": morning}
    for name, changes in halves.items():
        found[name] = activity(name, exclusive_group=GROUP, **changes)
        found[name].pool, found[name].uses_morning = morning.pool, "uses_morning" in changes
    db.session.flush()
    return found


def family(number: int) -> Adult:
    """A new family's only adult, without an account."""
    made = Family(number=str(3 * 10**12 + number))
    adult = Adult(family=made, rank=1, civility=Civility.MADAME, last_name=f"N{number}", first_name="ANNE")
    db.session.add_all([made, adult])
    db.session.flush()
    return adult


def families(many: int, places: int) -> list[tuple[int, list[int]]]:
    """The numbers of their adults and enrolments: one child each, in every activity of one room."""
    activities, found = list(room(places).values()), []
    for number in range(many):
        adult = family(number)
        first = enrolment(activities[0], adult.family)
        others = [enrolment(one, adult.family, first.child).id for one in activities[1:]]
        found.append((adult.id, [first.id, *others]))
    return found


def author(adult_id) -> Author:
    return Author(db.session.get_one(Adult, adult_id))


def ask(adult_id, wanted, *, kind=RequestKind.BOOKING, instead_of=None) -> int:
    with db.transaction() as writing:
        rows = [(writing.get_one(Enrolment, number), day) for number, day in wanted]
        submission = f"s{random.getrandbits(64)}"
        asking = Asking(kind, rows, author(adult_id), submission, reason="Malade", gives_up=instead_of)
        return asking.send().id


def answer(adult_id, number, day, *, takes) -> None:
    with db.transaction():
        who = author(adult_id)
        slot = Slot.of_family(who.adult.family_id, number, day)
        line = slot.open_line or slot.last_line
        slot.answer_offer(takes=takes, seen=line.slot_name if line else "", by=who)


def undo_all(adult_id, request_id) -> None:
    with db.transaction():
        undo.undo(request_id, by=author(adult_id))


def withdraw(adult_id, request_id) -> None:
    with db.transaction():
        withdrawal.withdraw(request_id, by=author(adult_id))


def ends_at(line_id, instant) -> None:
    """The time to answer this line is over then."""
    mine = update(RequestLine).where(RequestLine.id == line_id, RequestLine.state.in_(ANSWERABLE_STATES))
    with db.transaction() as writing:
        writing.execute(mine.values(answer_until=instant))


def expire(line_id) -> None:
    with db.transaction():
        offer.expire(line_id)


class Parent:
    """One family's browser: at each step, something that a family may do."""

    def __init__(self, adult_id, enrolments, seed) -> None:
        self.adult_id, self.enrolments, self.random = adult_id, enrolments, random.Random(seed)

    def step(self) -> None:
        verbs = [self.book, self.several, self.absence, self.reply, self.give_up]
        self.random.choices(verbs, weights=[3, 3, 4, 6, 2])[0]()

    def slot(self):
        return self.random.choice(self.enrolments), self.random.choice(DAYS)

    def book(self) -> None:
        ask(self.adult_id, [self.slot()])

    def several(self) -> None:
        ask(self.adult_id, [self.slot() for _ in range(4)])

    def absence(self) -> None:
        booked = select(Booking.enrolment_id, Booking.day).where(Booking.enrolment_id.in_(self.enrolments))
        mine = db.session.execute(booked.where(Booking.state == BookingState.BOOKED)).all()
        if mine and self.random.random() < 0.5:
            number, day = self.random.choice(mine)
            ask(self.adult_id, [(number, self.random.choice(DAYS))], instead_of=day)
        elif mine:
            ask(self.adult_id, [self.random.choice(mine)], kind=RequestKind.ABSENCE)

    def reply(self) -> None:
        mine = select(RequestLine.enrolment_id, RequestLine.day).where(RequestLine.enrolment_id.in_(self.enrolments))
        offered = db.session.execute(mine.where(RequestLine.state.in_(ANSWERABLE_STATES))).all()
        if offered:
            answer(self.adult_id, *self.random.choice(offered), takes=self.random.random() < 0.6)

    def give_up(self) -> None:
        mine = select(RequestLine.request_id).where(RequestLine.enrolment_id.in_(self.enrolments))
        sent = db.session.scalars(mine).all()
        if sent:
            self.random.choice([undo_all, withdraw])(self.adult_id, self.random.choice(sent))


class Desk:
    """An agent: decides, proposes another day, accepts all of a request or a lot of them."""

    def __init__(self, name, seed) -> None:
        self.name, self.random = name, random.Random(seed)

    def step(self) -> None:
        waiting = select(RequestLine.request_id).where(RequestLine.state.in_(PENDING_STATES)).distinct()
        found = db.session.scalars(waiting.join(Enrolment, Enrolment.id == RequestLine.enrolment_id)).all()
        if found:
            self.random.choice([self.decide, self.propose, self.accept_all, self.lot])(found)

    def review(self, found) -> Review:
        review = Review.locked(clerk(self.name), self.random.choice(found))
        if review.taken_by_another:
            review.take_over(taken_by=review.request.taken_by)
        if not review.pending:
            raise RefusedError("nothing waits any more")
        return review

    def decide(self, found) -> None:
        with db.transaction():
            review = self.review(found)
            line = self.random.choice(review.pending)
            if self.random.random() < 0.7:
                how = the_door.Override(capacity=self.random.random() < 0.1)
                review.accept(line.id, version=line.version, override=how)
            else:
                review.refuse(line.id, version=line.version, reason="Effectif")

    def propose(self, found) -> None:
        with db.transaction():
            review = self.review(found)
            line = self.random.choice(review.pending)
            instead = self.random.choice(proposal.enrolments_for(line, review.agent))
            proposal.counter(
                review, line.id, version=line.version, enrolment_id=instead.id, day=self.random.choice(DAYS)
            )

    def accept_all(self, found) -> None:
        with db.transaction():
            review = self.review(found)
            review.accept_all(seen=review.stamp)

    def lot(self, found) -> None:
        with db.transaction():
            number = Batch.open(clerk(self.name), found).id
        with db.transaction() as writing:
            writing.get_one(Batch, number).advance(by=clerk(self.name))


class Clockwork:
    """The worker's: offers that nobody answered."""

    def __init__(self, seed) -> None:
        self.random = random.Random(seed)

    def step(self) -> None:
        offered = db.session.scalars(select(RequestLine.id).where(RequestLine.state.in_(ANSWERABLE_STATES))).all()
        if offered:
            ends_at(self.random.choice(offered), clock.local_now() - timedelta(seconds=1))
        for line_id in offer.overdue(10):
            expire(line_id)


def often(actor, steps, *, unless=None) -> Callable[[], None]:
    """So many steps of this actor, or fewer when `unless` is set meanwhile."""

    def work() -> None:
        for _ in range(steps):
            if unless is not None and unless.is_set():
                return
            with suppress(RefusedError):
                actor.step()
            db.session.rollback()
            time.sleep(0.01)  # SQLite serves those who wait in no order: who never pauses may keep the others out

    return work
