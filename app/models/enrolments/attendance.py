"""Pointage: what really happened on a day."""

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app import db
from app.columns import ERASED_WITH


class Attendance(db.Base):
    """What an agent pointed: present or absent, booked or not."""

    __tablename__ = "attendance"

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), primary_key=True, info=ERASED_WITH)
    day: Mapped[date] = mapped_column(primary_key=True)
    present: Mapped[bool]
