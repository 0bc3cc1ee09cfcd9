"""What the tests of job share."""

from datetime import timedelta

import time_machine
from sqlalchemy import func, select

from app import clock, db
from app.models.jobs import Job
from app.models.jobs.job import LEASE

SECOND = timedelta(seconds=1)
LOST = LEASE + clock.APART + SECOND
"""How long after its last sign a worker counts as dead, whatever its clock said."""


def enqueue(kind="note", **more):
    with db.transaction():
        Job.enqueue(kind, {"n": 1}, **more)


def claim():
    with db.transaction():
        return Job.claim()


def sweep_and_claim():
    with db.transaction():
        Job.sweep()
        return Job.claim()


def the_job():
    """The only job, as it is in the database now."""
    db.session.rollback()
    return db.session.scalars(select(Job).execution_options(populate_existing=True)).one()


def job_count():
    return db.session.scalar(select(func.count()).select_from(Job))


def later(span):
    return time_machine.travel(clock.now() + span, tick=True)
