"""Messages between a family and a structure."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, db
from app.columns import ERASED_WITH
from app.models.town import Structure


class Sender(enum.StrEnum):
    FAMILY = "family"
    STRUCTURE = "structure"


class Thread(db.Base):
    """A conversation (fil)."""

    __tablename__ = "thread"

    id: Mapped[int] = mapped_column(primary_key=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"), index=True)
    structure_id: Mapped[int] = mapped_column(ForeignKey("structure.id"), index=True)
    subject: Mapped[str]

    structure: Mapped[Structure] = relationship()
    messages: Mapped[list["Message"]] = relationship(back_populates="thread", order_by="Message.id")


class Message(db.Base):
    __tablename__ = "message"

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"), index=True, info=ERASED_WITH)
    sender: Mapped[Sender]
    body: Mapped[str]
    sent_at: Mapped[datetime] = mapped_column(default=clock.now)
    read_at: Mapped[datetime | None]

    thread: Mapped[Thread] = relationship(back_populates="messages")

    @classmethod
    def unread_by_family(cls, family_id: int) -> int:
        """How many messages of the structures this family has not opened: the number of the welcome line."""
        return db.session.scalar(_UNREAD, {"family": family_id}) or 0

    @classmethod
    def waiting_for_structures(cls) -> int:
        """How many messages of families no agent has opened."""
        return db.session.scalar(_WAITING) or 0


_UNREAD = (
    select(func.count())
    .select_from(Message)
    .join(Thread)
    .where(Thread.family_id == bindparam("family"), Message.sender == Sender.STRUCTURE, Message.read_at.is_(None))
)
_WAITING = select(func.count()).where(Message.sender == Sender.FAMILY, Message.read_at.is_(None))
