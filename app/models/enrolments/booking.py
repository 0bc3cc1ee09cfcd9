"""A réservation, and what really happened (pointage). One row an enrolment and day."""

import enum
from datetime import date

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import db
from app.columns import ERASED_WITH
from app.models.enrolments.enrolment import Enrolment


class BookingState(enum.StrEnum):
    BOOKED = "booked"
    ABSENT_EXCUSED = "absent_excused"
    ABSENT_BILLED = "absent_billed"
    CANCELLED_BY_TOWN = "cancelled_by_town"


_LIVE = text("state = 'booked'")
_LIVE_IN_GROUP = text("state = 'booked' AND exclusive_group IS NOT NULL")


class Booking(db.Base):
    """Child and activity are repeated from the enrolment (a composite key keeps them true) and the group is copied
    from the activity, so that the database itself forbids a child twice in one activity, or in two of one group, on
    one day."""

    __tablename__ = "booking"
    __table_args__ = (
        ForeignKeyConstraint(
            ["enrolment_id", "child_id", "activity_id"],
            ["enrolment.id", "enrolment.child_id", "enrolment.activity_id"],
            onupdate="CASCADE",  # when two files of one child are joined, its enrolments change child
        ),
        UniqueConstraint("enrolment_id", "day"),
        db.partial_index("uq_booking_child_activity_day", "child_id", "activity_id", "day", where=_LIVE, unique=True),
        db.partial_index(
            "uq_booking_child_group_day", "child_id", "exclusive_group", "day", where=_LIVE_IN_GROUP, unique=True
        ),
        Index(None, "activity_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(info=ERASED_WITH)
    day: Mapped[date]
    state: Mapped[BookingState] = mapped_column(default=BookingState.BOOKED)
    child_id: Mapped[int]
    activity_id: Mapped[int]
    exclusive_group: Mapped[str | None]

    enrolment: Mapped[Enrolment] = relationship()
