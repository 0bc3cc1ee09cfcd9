"""Work for later: the jobs, when each periodic one ran, the workers' signs of life."""

from app.models.jobs.job import Job, JobState
from app.models.jobs.periodic_run import PeriodicRun
from app.models.jobs.worker_beat import WorkerBeat

__all__ = [
    "Job",
    "JobState",
    "PeriodicRun",
    "WorkerBeat",
]
