"""Lots: many requests that an agent accepts in one go, some lines at a time, with a result for each."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, db
from app.models.request import RequestLine


class Batch(db.Base):
    __tablename__ = "batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    lines: Mapped[list["BatchLine"]] = relationship(order_by="BatchLine.line_id")


class BatchLine(db.Base):
    """A line to accept. `accepted` stays None until its turn; `sentence` says why it could not be."""

    __tablename__ = "batch_line"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"), primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("request_line.id"), primary_key=True, index=True)
    accepted: Mapped[bool | None]
    sentence: Mapped[str] = mapped_column(default="")

    line: Mapped[RequestLine] = relationship()
