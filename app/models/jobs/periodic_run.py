"""When each periodic job ran last; the row is its lock."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, db


class PeriodicRun(db.Base):
    """When a periodic job last ran. The row is its lock: of two workers, one moves `last_run_at`."""

    __tablename__ = "periodic_run"

    name: Mapped[str] = mapped_column(primary_key=True)
    last_run_at: Mapped[datetime]

    @classmethod
    def due(cls, name: str, every: timedelta) -> bool:
        last = db.session.scalar(select(cls.last_run_at).where(cls.name == name))
        return last is None or last <= clock.now() - every

    @classmethod
    def take(cls, name: str, every: timedelta) -> bool:
        """Take this round of the job; False when another worker did."""
        row = db.insert(cls).values(name=name, last_run_at=clock.now())
        taken = row.on_conflict_do_update(
            index_elements=[cls.name],
            set_={"last_run_at": clock.now()},
            where=cls.last_run_at <= clock.now() - every,
        ).returning(cls.name)
        return db.session.scalars(taken).first() is not None
