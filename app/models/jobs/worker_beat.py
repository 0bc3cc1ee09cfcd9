"""A sign of life of each worker."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, db


class WorkerBeat(db.Base):
    """A sign of life of each worker, for `flask doctor` and /sante."""

    __tablename__ = "worker_beat"

    worker: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)

    ALIVE_FOR = timedelta(seconds=60) + clock.APART

    @classmethod
    def beat(cls, worker: str) -> None:
        db.session.merge(cls(worker=worker, seen_at=clock.now()))

    @classmethod
    def newest(cls) -> datetime | None:
        return db.session.scalar(select(func.max(cls.seen_at)))

    @classmethod
    def alive(cls) -> bool:
        newest = cls.newest()
        return newest is not None and newest > clock.now() - cls.ALIVE_FOR

    @classmethod
    def purge(cls) -> None:
        db.session.execute(delete(cls).where(cls.seen_at < clock.now() - timedelta(days=1)))
