"""Periodic jobs, and the signs of life of a worker."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine

from app import clock, db, tasks
from app.models.jobs import Job, PeriodicRun, WorkerBeat
from app.models.jobs.job import KEPT_WHEN_DONE
from app.worker import Worker
from tests.models.jobs.working import SECOND, claim, enqueue, job_count, later

pytestmark = pytest.mark.usefixtures("inside")


def test_a_periodic_job_runs_when_never_run_then_when_its_time_is_over():
    hour = timedelta(hours=1)
    for after, taken in ((0, True), (59, False), (61, True), (119, False)):
        with later(timedelta(minutes=after)):
            assert PeriodicRun.due("purge", hour) is taken
            with db.transaction():
                assert PeriodicRun.take("purge", hour) is taken


@pytest.mark.parametrize("already_run", [False, True], ids=["never run", "run long ago"])
def test_of_two_workers_that_find_a_periodic_job_due_one_takes_it(already_run):
    hour, ready = timedelta(hours=1), threading.Barrier(2)
    if already_run:
        with time_machine.travel(clock.now() - 2 * hour), db.transaction():
            assert PeriodicRun.take("purge", hour)

    def take(_):
        assert PeriodicRun.due("purge", hour)
        ready.wait(60)  # both have seen it due; now both try
        with db.transaction():
            taken = PeriodicRun.take("purge", hour)
        db.session.remove()
        return taken

    with ThreadPoolExecutor(2) as workers:
        assert sorted(workers.map(take, range(2))) == [False, True]


def test_a_worker_does_the_periodic_jobs(app, monkeypatch):
    done = []
    monkeypatch.setitem(tasks.PERIODIC, "purge", (timedelta(hours=1), lambda: done.append(1)))
    Worker(app).run_all()
    Worker(app).run_all()
    assert done == [1]


def test_a_worker_purges_for_real(app):
    enqueue()
    taken = claim()
    with db.transaction():
        Job.finish(taken.id, taken.lease_token)
    with later(KEPT_WHEN_DONE + timedelta(hours=1)):
        Worker(app).run_all()
    assert job_count() == 0


def test_a_worker_is_alive_while_it_beats(app):
    assert not WorkerBeat.alive()
    Worker(app).run_all()
    assert WorkerBeat.alive()
    with later(WorkerBeat.ALIVE_FOR + SECOND):
        assert not WorkerBeat.alive()
