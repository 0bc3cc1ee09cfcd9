"""Work for later, kept in the same transaction as the change that asks for it.

`flask worker` claims a job by lease. A worker killed in the middle leaves a lease that runs out: the job is
then taken again, unless it had begun something that cannot be repeated safely (handing a mail to the
server), in which case it is `uncertain` and waits for a person's look.
"""

import enum
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, Index, delete, func, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, db
from app.columns import EncryptedJSON

LEASE = timedelta(seconds=30)
# About two days in all, as mail servers do.
BACK_OFF = (10, 60, 300, 900, 1800, 3600, *([3 * 3600] * 15))
OUTAGE_PAUSE = timedelta(minutes=1)
"""How long mails wait when their server cannot be reached, before one of them tries again."""
KEPT_WHEN_DONE = timedelta(days=7)


class JobState(enum.StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


class Job(db.Base):
    __tablename__ = "job"
    __table_args__ = (
        db.partial_index("ix_job_due", "run_at", where=text("state = 'queued'")),
        Index(None, "state", "lease_until"),
        CheckConstraint("(state = 'running') = (lease_token IS NOT NULL)", name="running_has_a_lease"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    # Read only by who does the job: one that no key opens must not hide the others.
    payload: Mapped[Any] = mapped_column(EncryptedJSON, deferred=True)
    # Enqueued twice with one key, done once.
    key: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[JobState] = mapped_column(default=JobState.QUEUED)
    run_at: Mapped[datetime] = mapped_column(default=clock.now)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    # Set just before what cannot be taken back.
    committed_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]

    @classmethod
    def enqueue(
        cls, kind: str, payload: dict[str, Any], *, key: str | None = None, run_at: datetime | None = None
    ) -> None:
        """Ask for work once this transaction commits; with a key already known, nothing is added."""
        if key is not None and db.session.scalar(select(cls.id).where(cls.key == key)) is not None:
            return
        db.session.add(cls(kind=kind, payload=payload, key=key, run_at=run_at or clock.now()))

    @classmethod
    def post_mail(cls, to: str, template: str, *, key: str | None = None, **context: Any) -> None:
        """Mail `templates/mail/<template>` to one address, with these plain values (they must fit JSON)."""
        cls.enqueue("mail", {"to": to, "template": template, "context": context}, key=key)

    @classmethod
    def forget_file(cls, storage_key: str) -> None:
        """Delete a stored file, once the transaction commits that takes its key off the row."""
        cls.enqueue("forget_file", {"key": storage_key})

    @classmethod
    def claim(cls) -> "Job | None":
        """Take the job that has waited longest, for `LEASE`; mails, which may be slow, after all others. Two workers
        never get the same one."""
        now = clock.now()
        due = select(cls).where(cls.state == JobState.QUEUED, cls.run_at <= now)
        due = due.order_by(cls.kind == "mail", cls.run_at, cls.id)
        job = db.session.scalars(due.limit(1).with_for_update(skip_locked=True)).first()
        if job is not None:
            job.state = JobState.RUNNING
            job.attempts += 1
            job.lease_token = secrets.token_hex(8)
            job.lease_until = now + LEASE
            job.committed_at = None
        return job

    @classmethod
    def any_due(cls) -> bool:
        """Whether a worker has something to do; a read, so that idle workers disturb nobody."""
        is_due = (cls.state == JobState.QUEUED) & (cls.run_at <= clock.now())
        return db.session.scalar(select(cls.id).where(or_(is_due, cls._is_lost())).limit(1)) is not None

    @classmethod
    def sweep(cls) -> None:
        """Take back the jobs of workers that died: again if nothing irrevocable began, else for a look."""
        lost = cls._is_lost()
        free = {"lease_token": None, "lease_until": None}
        db.session.execute(update(cls).where(lost, cls.committed_at.is_(None)).values(state=JobState.QUEUED, **free))
        unknown = "Arrêt pendant l’envoi\u00a0: on ne sait pas si le destinataire l’a reçu."
        db.session.execute(
            update(cls)
            .where(lost, cls.committed_at.is_not(None))
            .values(state=JobState.UNCERTAIN, last_error=unknown, **free)
        )

    @classmethod
    def _is_lost(cls) -> ColumnElement[bool]:
        """Whether its worker is dead: its lease is over, by whichever server's clock."""
        return (cls.state == JobState.RUNNING) & (cls.lease_until < clock.now() - clock.APART)

    @classmethod
    def commit_to(cls, job_id: int, lease_token: str) -> bool:
        """Note that what cannot be taken back begins now; False when another worker has the job."""
        return cls._write_if_leased(job_id, lease_token, committed_at=clock.now(), lease_until=clock.now() + LEASE)

    @classmethod
    def renew(cls, job_id: int, lease_token: str) -> bool:
        """Keep the job for another `LEASE`; False when another worker has it."""
        return cls._write_if_leased(job_id, lease_token, lease_until=clock.now() + LEASE)

    @classmethod
    def finish(cls, job_id: int, lease_token: str) -> bool:
        """Done. The payload is forgotten at once: what was sent is nobody's to read later."""
        return cls._write_if_leased(
            job_id, lease_token, state=JobState.DONE, payload={}, finished_at=clock.now(), lease_token=None,
            lease_until=None, last_error="",
        )  # fmt: skip

    @classmethod
    def give_up(cls, job_id: int, lease_token: str, error: str, *, state: JobState = JobState.FAILED) -> bool:
        """Keep it for a person's look (`failed`, or `uncertain` when nobody knows how it ended)."""
        return cls._write_if_leased(
            job_id, lease_token, state=state, last_error=error, lease_token=None, lease_until=None
        )

    @classmethod
    def retry_later(cls, job_id: int, lease_token: str, attempts: int, error: str) -> bool:
        """Again after a pause that grows; after the last, it is kept as failed."""
        if attempts > len(BACK_OFF):
            return cls.give_up(job_id, lease_token, error)
        pause = timedelta(seconds=BACK_OFF[attempts - 1])
        return cls._queue_again(job_id, lease_token, clock.now() + pause, error)

    @classmethod
    def wait_for_server(cls, job_id: int, lease_token: str, error: str) -> bool:
        """All mails that are due wait for `OUTAGE_PAUSE`, this one too: it is not tried less often for that, and the
        oldest still leaves first."""
        again = clock.now() + OUTAGE_PAUSE
        db.session.execute(update(cls).where(_MAIL_WAITS, cls.run_at < again).values(run_at=again))
        return cls._queue_again(job_id, lease_token, again, error, attempts=cls.attempts - 1)

    @classmethod
    def hold_mails(cls, why: str) -> None:
        """Keep all mails that wait for a person's look."""
        db.session.execute(update(cls).where(_MAIL_WAITS).values(state=JobState.UNCERTAIN, last_error=why))

    @classmethod
    def _queue_again(cls, job_id: int, lease_token: str, run_at: datetime, error: str, **more: Any) -> bool:
        return cls._write_if_leased(
            job_id, lease_token, state=JobState.QUEUED, run_at=run_at, last_error=error, lease_token=None,
            lease_until=None, committed_at=None, **more,
        )  # fmt: skip

    @classmethod
    def _write_if_leased(cls, job_id: int, token: str, /, **values: Any) -> bool:
        done = update(cls).where(cls.id == job_id, cls.lease_token == token).values(**values).returning(cls.id)
        return db.session.scalars(done).first() is not None

    @classmethod
    def for_a_look(cls) -> list["Job"]:
        """What failed or ended unknown, oldest first."""
        states = (JobState.FAILED, JobState.UNCERTAIN)
        return list(db.session.scalars(select(cls).where(cls.state.in_(states)).order_by(cls.id)))

    @classmethod
    def for_a_look_count(cls) -> int:
        return db.session.scalar(_FOR_A_LOOK) or 0

    def try_again(self) -> None:
        """After a person's look: queue it anew."""
        self.state, self.run_at, self.attempts, self.committed_at = JobState.QUEUED, clock.now(), 0, None

    @classmethod
    def purge(cls) -> None:
        db.session.execute(
            delete(cls).where(cls.state == JobState.DONE, cls.finished_at < clock.now() - KEPT_WHEN_DONE)
        )


_MAIL_WAITS = (Job.kind == "mail") & (Job.state == JobState.QUEUED)
_FOR_A_LOOK = select(func.count()).where(Job.state.in_((JobState.FAILED, JobState.UNCERTAIN)))
