"""The journal, the agents' lots, the background jobs that nobody took up again."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import String, cast, delete, literal, select

from app import db
from app.models.durations import JOURNAL
from app.models.event import Event
from app.models.jobs import Job, JobState
from app.models.retention_rule import Rows, Rule, before_end_of
from app.models.reviews import Batch, BatchLine

_LEFT = (JobState.FAILED, JobState.UNCERTAIN)


def _events(cutoff: date) -> Rows:
    return select(Event.id, literal(""), Event.at).where(Event.at < before_end_of(cutoff))


def _erase_events(keys: Sequence[int], cutoff: date) -> None:
    db.session.execute(delete(Event).where(Event.id.in_(keys)))


def _batches(cutoff: date) -> Rows:
    return select(Batch.id, literal(""), Batch.created_at).where(Batch.created_at < before_end_of(cutoff))


def _erase_batches(keys: Sequence[int], cutoff: date) -> None:
    db.session.execute(delete(BatchLine).where(BatchLine.batch_id.in_(keys)))
    db.session.execute(delete(Batch).where(Batch.id.in_(keys)))


def _jobs(cutoff: date) -> Rows:
    """Not the files to forget: their job is all that still knows them."""
    old = select(Job.id, "tâche n° " + cast(Job.id, String), Job.created_at)
    return old.where(Job.created_at < before_end_of(cutoff), Job.state.in_(_LEFT), Job.kind != "forget_file")


def _erase_jobs(keys: Sequence[int], cutoff: date) -> None:
    db.session.execute(delete(Job).where(Job.id.in_(keys), Job.state.in_(_LEFT)))


RULES = (
    Rule("Lignes du journal", JOURNAL, _events, _erase_events, by_law=True),
    Rule("Lots des agents", JOURNAL, _batches, _erase_batches),
    Rule("Tâches de fond échouées", JOURNAL, _jobs, _erase_jobs),
)
