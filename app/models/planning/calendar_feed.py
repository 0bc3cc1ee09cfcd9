"""The iCalendar feed of an adult: a secret address that shows the booked days to whoever holds it.

Off until the adult asks for it. Without a row there is no address; a new address ends the one before.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ForeignKey, exists, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, crypto, db
from app.columns import Encrypted
from app.models.accounts import Account
from app.models.enrolments import Booking, BookingState, Enrolment, Leave
from app.models.event import Event
from app.models.families import Adult, Family
from app.models.town import Activity
from app.models.town.calendar import Calendar

PAST, AHEAD = timedelta(days=30), timedelta(days=120)


@dataclass(frozen=True)
class FeedDay:
    """A booked day, with all that the feed may tell of it: no child, no place."""

    uid: str
    activity: str
    day: date
    hours: tuple[time, time] | None
    """None for the whole day."""
    revised_at: datetime
    """When what is told of it last changed."""


class CalendarFeed(db.Base):
    __tablename__ = "calendar_feed"

    adult_id: Mapped[int] = mapped_column(ForeignKey("adult.id", ondelete="CASCADE"), primary_key=True)
    # Encrypted, not only digested: the page shows the address again, for a second device.
    token: Mapped[str] = mapped_column(Encrypted)
    token_digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    adult: Mapped[Adult] = relationship()

    @classmethod
    def open(cls, adult_id: int) -> None:
        """Give the adult an address; the one before, if any, stops working."""
        token = secrets.token_urlsafe(32)
        values = {"token": token, "token_digest": crypto.digest(token), "created_at": clock.now()}
        added = db.insert(cls).values(adult_id=adult_id, **values)
        db.session.execute(added.on_conflict_do_update(index_elements=[cls.adult_id], set_=values))
        cls._note("calendar_feed_opened", adult_id)

    @classmethod
    def revoke(cls, adult_id: int) -> None:
        """End the adult's address; without one, nothing happens."""
        found = cls.of_adult(adult_id)
        if found is not None:
            db.session.delete(found)
            cls._note("calendar_feed_revoked", adult_id)

    @classmethod
    def of_adult(cls, adult_id: int) -> "CalendarFeed | None":
        """The adult's feed; None while it is off."""
        return db.session.get(cls, adult_id)

    @classmethod
    def by_token(cls, token: str) -> "CalendarFeed | None":
        """The feed at this address; None when it was revoked or renewed, or when its adult may no longer log in."""
        named = select(cls).join(Adult).join(Account, Account.id == Adult.account_id).join(Adult.family)
        open_ones = named.where(Account.locked_at.is_(None), Family.merged_into.is_(None))
        alive = open_ones.where(cls.token_digest == crypto.digest(token))
        return db.session.scalars(alive).first()

    def days(self) -> Iterator[FeedDay]:
        """The days on which a child is expected, of the enrolments that the adult's family pays, around today."""
        first, last = clock.today() - PAST, clock.today() + AHEAD
        calendar = Calendar.between(first, last)
        for row in self._booked(first, last):
            if row.day not in calendar.public and calendar.closure(row.day, row.structure_id) is None:
                uid = f"{row.enrolment_id}-{row.day:%Y%m%d}"
                timed = row.starts_at is not None and row.ends_at is not None and row.starts_at < row.ends_at
                hours = (row.starts_at, row.ends_at) if timed else None
                yield FeedDay(uid, row.name, row.day, hours, row.revised_at or self.created_at)

    def _booked(self, first: date, last: date) -> Any:
        on_leave = exists().where(
            Leave.enrolment_id == Booking.enrolment_id,
            Leave.first_day <= Booking.day,
            Leave.last_day >= Booking.day,
        )
        booked = (
            select(
                Booking.enrolment_id,
                Booking.day,
                Activity.name,
                Activity.structure_id,
                Activity.starts_at,
                Activity.ends_at,
                Activity.revised_at,
            )
            .join(Enrolment, Enrolment.id == Booking.enrolment_id)
            .join(Activity, Activity.id == Enrolment.activity_id)
            .where(
                Enrolment.family_id == self.adult.family_id,
                Booking.state == BookingState.BOOKED,
                Booking.day.between(first, last),
                ~on_leave,
            )
            .order_by(Booking.day, Activity.starts_at, Booking.enrolment_id)
        )
        return db.session.execute(booked)

    @staticmethod
    def _note(kind: str, adult_id: int) -> None:
        adult = db.session.get_one(Adult, adult_id)
        Event.record(kind, actor=adult.account, subject=adult)
