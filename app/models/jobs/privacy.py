"""Jobs and the workers' own rows: a failed job goes when nobody took it up again."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import String, cast, select

from app.models.durations import JOURNAL
from app.models.jobs import Job, JobState, erase
from app.models.personal_data import INTERNAL, PersonalData
from app.models.retention_rule import Rows, Rule, Turn, before_end_of

_LEFT = (JobState.FAILED, JobState.UNCERTAIN)


def _left(cutoff: date) -> Rows:
    """Not the files to forget: their job is all that still knows them."""
    old = select(Job.id, "tâche n° " + cast(Job.id, String), Job.created_at)
    return old.where(Job.created_at < before_end_of(cutoff), Job.state.in_(_LEFT), Job.kind != "forget_file")


def _erase(keys: Sequence[int], cutoff: date) -> None:
    """Those that nobody took up meanwhile."""
    erase.rows(Job, Job.id.in_(keys) & Job.state.in_(_LEFT))


DATA = PersonalData(
    rules=(Rule("Tâches de fond échouées", JOURNAL, Turn.JOURNAL, _left, _erase),),
    not_told=dict.fromkeys(("job", "periodic_run", "worker_beat"), INTERNAL),
    not_purged={
        "job": "once done, by the worker each hour",
        "periodic_run": "names a work of the portal, and when it ran",
        "worker_beat": "by the worker each hour",
    },
)
