"""Mes données: everything that the portal knows of a family, in one file that the worker makes."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app import clock, db
from app.models.durations import EXPORTS
from app.models.families import Adult
from app.models.families.author import Author
from app.models.jobs import Job
from app.models.refusal import RefusedError
from app.models.requests.reader import Whose

A_DAY = timedelta(days=1)
PER_DAY = 3


class DataExport(db.Base):
    """One file asked for by one adult, for that adult alone. Ready once `ready_at` is set."""

    __tablename__ = "data_export"

    id: Mapped[int] = mapped_column(primary_key=True)
    adult_id: Mapped[int] = mapped_column(ForeignKey("adult.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    ready_at: Mapped[datetime | None]
    storage_key: Mapped[str] = mapped_column(unique=True)
    """Chosen before the file is made: a worker killed on the way leaves nothing that no row names."""
    size: Mapped[int | None]
    """Bytes, before encryption."""
    reach: Mapped[str | None]
    """Of whom it speaks, as `Whose.reach` says it: once the adult may know less, nobody may open it any more."""

    adult: Mapped[Adult] = relationship()

    @classmethod
    def ask(cls, storage_key: str, *, by: Author) -> "DataExport":
        """Ask for a file; while one is being made, it is that one. Raises RefusedError for too many in a day."""
        adult = by.adult
        db.session.scalar(select(Adult.id).where(Adult.id == adult.id).with_for_update())
        latest = cls.latest(adult)
        if latest is not None and latest.is_being_made:
            return latest
        recent = select(func.count()).where(cls.adult_id == adult.id, cls.asked_at > clock.now() - A_DAY)
        if (db.session.scalar(recent) or 0) >= PER_DAY:
            raise RefusedError(f"Vous avez déjà demandé {PER_DAY} copies depuis hier : recommencez demain.")
        made = cls(adult_id=adult.id, storage_key=storage_key, asked_at=clock.now())
        db.session.add(made)
        db.session.flush()
        Job.enqueue("data_export", {"export": made.id})
        by.note("export_asked", adult, family_id=adult.family_id)
        return made

    @classmethod
    def latest(cls, adult: Adult) -> "DataExport | None":
        """The last one that this adult asked for, if it is still kept and theirs to read."""
        mine = select(cls).where(cls.adult_id == adult.id, cls.asked_at > clock.now() - EXPORTS.span.as_delta)
        made = db.session.scalars(mine.order_by(cls.id.desc()).limit(1)).first()
        return made if made and made.tells_no_more_than(adult) else None

    @classmethod
    def of_adult(cls, adult: Adult, export_id: int) -> "DataExport | None":
        """A file that this adult may fetch; None for another's, for one that is not ready or too old, and for one
        that speaks of somebody of whom the adult may not know any more.
        """
        mine = select(cls).where(
            cls.id == export_id,
            cls.adult_id == adult.id,
            cls.ready_at.is_not(None),
            cls.asked_at > clock.now() - EXPORTS.span.as_delta,
        )
        made = db.session.scalars(mine).first()
        return made if made and made.tells_no_more_than(adult) else None

    def tells_no_more_than(self, adult: Adult) -> bool:
        """Whether all of whom it speaks is still this adult's to know: authority, custody, household may change."""
        return set((self.reach or "").split()) <= Whose(adult).reach

    @property
    def is_being_made(self) -> bool:
        """Whether the worker is at it. After a day without a file it failed, and another may be asked for."""
        return self.ready_at is None and self.asked_at > clock.now() - A_DAY

    @property
    def kept_until(self) -> datetime:
        return self.asked_at + EXPORTS.span.as_delta

    @classmethod
    def finish(cls, export_id: int, size: int, reach: Collection[str]) -> bool:
        """The file is there, and speaks of these: say so by mail. False when the row is gone, its file with it."""
        made = db.session.get(cls, export_id, with_for_update=True, populate_existing=True)
        if made is None:
            return False
        made.ready_at, made.size, made.reach = clock.now(), size, " ".join(sorted(reach))
        if made.adult.news_email:
            Job.post_mail(made.adult.news_email, "export_ready", key=f"export_ready-{export_id}")
        return True

    @classmethod
    def purge(cls) -> None:
        """Forget the files that nobody may fetch any more: rows now, files by the worker."""
        oldest = clock.now() - EXPORTS.span.as_delta
        for made in db.session.scalars(select(cls).options(joinedload(cls.adult))).all():
            if made.asked_at <= oldest or not made.tells_no_more_than(made.adult):
                Job.forget_file(made.storage_key)
                db.session.delete(made)
