"""The job table: what is promised to whoever asks for work, and to workers that die or meet."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock, db, tasks
from app.models.jobs import Job, JobState
from app.models.jobs.job import LEASE
from app.models.town import Town
from app.worker import Worker
from tests.models.jobs.working import LOST, SECOND, claim, enqueue, job_count, later, sweep_and_claim, the_job

pytestmark = pytest.mark.usefixtures("inside")


def test_a_job_is_there_once_the_change_that_asks_for_it_is_kept():
    with db.transaction() as writing:
        writing.get_one(Town, 1).welcome_message = "Nouveau message"
        Job.enqueue("note", {"n": 1})
    assert the_job().payload == {"n": 1}
    assert Town.current().welcome_message == "Nouveau message"


def test_a_job_is_rolled_back_with_the_change_that_asks_for_it():
    before = Town.current().welcome_message

    def stopped():
        with db.transaction() as writing:
            writing.get_one(Town, 1).welcome_message = "Nouveau message"
            Job.enqueue("note", {"n": 1})
            writing.flush()
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        stopped()
    assert job_count() == 0
    assert Town.current().welcome_message == before


def test_a_job_asked_outside_a_transaction_is_refused():
    Job.enqueue("note", {"n": 1})
    with pytest.raises(RuntimeError, match="outside"):
        db.session.commit()
    db.session.rollback()
    assert job_count() == 0


def test_asked_twice_with_one_key_is_kept_once():
    with db.transaction():
        Job.enqueue("note", {"n": 1}, key="rappel-7")
        Job.enqueue("note", {"n": 2}, key="rappel-7")
    with db.transaction():
        Job.enqueue("note", {"n": 3}, key="rappel-7")
    assert the_job().payload == {"n": 1}


def test_a_key_is_remembered_after_the_job_is_done():
    enqueue(key="rappel-7")
    done = claim()
    with db.transaction():
        Job.finish(done.id, done.lease_token)
    enqueue(key="rappel-7")
    assert the_job().state is JobState.DONE


def test_without_a_key_every_ask_counts():
    enqueue()
    enqueue()
    assert job_count() == 2


def test_the_job_that_has_waited_longest_comes_first():
    for kind, age in (("second", 2), ("first", 3), ("third", 1)):
        enqueue(kind, run_at=clock.now() - age * SECOND)
    assert [claim().kind for _ in range(3)] == ["first", "second", "third"]
    assert claim() is None


def test_a_job_for_tomorrow_waits_until_tomorrow():
    enqueue(run_at=clock.now() + timedelta(days=1))
    assert not Job.any_due()
    assert claim() is None
    with later(timedelta(days=1, seconds=1)):
        assert Job.any_due()
        assert claim() is not None


def test_a_claimed_job_is_running_under_a_lease():
    enqueue()
    taken = claim()
    assert (taken.state, taken.attempts) == (JobState.RUNNING, 1)
    assert timedelta(0) < taken.lease_until - clock.now() <= LEASE
    assert not Job.any_due()
    assert claim() is None


def test_while_one_worker_is_taking_a_job_another_takes_the_next(engine_name):
    """On PostgreSQL the second passes over the locked row; on SQLite it waits for the first to be done."""
    enqueue("first", run_at=clock.now() - 2 * SECOND)
    enqueue("second", run_at=clock.now() - SECOND)
    with ThreadPoolExecutor(1) as other:
        with db.transaction():
            mine = Job.claim()
            db.session.flush()
            theirs = other.submit(claim)
            if engine_name == "postgresql":
                assert theirs.result(timeout=60).kind == "second"
            else:
                with pytest.raises(TimeoutError):
                    theirs.result(timeout=0.2)
        assert mine.kind == "first"
        assert theirs.result(timeout=60).kind == "second"
        other.submit(db.session.remove).result()


def test_two_workers_do_each_of_a_hundred_jobs_once(app, monkeypatch):
    done, both_at_work = [], threading.Barrier(2)

    def note(claim):
        if threading.get_ident() not in {who for who, _ in done}:
            both_at_work.wait(60)  # each with a first job in hand
        done.append((threading.get_ident(), claim.id))

    monkeypatch.setitem(tasks.HANDLERS, "note", note)
    with db.transaction():
        for n in range(100):
            Job.enqueue("note", {"n": n})
    threads = [threading.Thread(target=Worker(app).run_all) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len({who for who, _ in done}) == 2
    assert Counter(job for _, job in done) == dict.fromkeys(db.session.scalars(select(Job.id)), 1)
    assert set(db.session.scalars(select(Job.state))) == {JobState.DONE}
    assert set(db.session.scalars(select(Job.attempts))) == {1}


def test_the_job_of_a_dead_worker_is_taken_again_when_its_lease_is_over():
    enqueue()
    first = claim()
    with later(LEASE - SECOND):
        assert not Job.any_due()
        assert sweep_and_claim() is None
    with later(LOST):
        assert Job.any_due()
        second = sweep_and_claim()
    assert (second.id, second.attempts) == (first.id, 2)


def test_the_job_of_a_worker_that_died_after_handing_over_waits_for_a_look():
    enqueue()
    taken = claim()
    with db.transaction():
        assert Job.commit_to(taken.id, taken.lease_token)
    with later(3 * LOST):
        assert sweep_and_claim() is None
        assert not Job.any_due()
    job = the_job()
    assert job.state is JobState.UNCERTAIN
    assert "on ne sait pas si le destinataire l’a reçu" in job.last_error
    assert Job.for_a_look() == [job]
    assert Job.for_a_look_count() == 1


@pytest.mark.parametrize("prolong", [Job.commit_to, Job.renew], ids=["commit_to", "renew"])
def test_a_worker_at_work_holds_its_job_for_another_lease(prolong):
    enqueue()
    taken = claim()
    with later(LEASE - SECOND), db.transaction():
        assert prolong(taken.id, taken.lease_token)
    with later(2 * LEASE - 2 * SECOND):
        assert sweep_and_claim() is None
        assert the_job().state is JobState.RUNNING


@pytest.mark.parametrize(
    "late",
    [
        lambda job: Job.commit_to(job.id, job.lease_token),
        lambda job: Job.renew(job.id, job.lease_token),
        lambda job: Job.finish(job.id, job.lease_token),
        lambda job: Job.give_up(job.id, job.lease_token, "trop tard"),
        lambda job: Job.retry_later(job.id, job.lease_token, job.attempts, "trop tard"),
    ],
    ids=["commit_to", "renew", "finish", "give_up", "retry_later"],
)
def test_a_late_worker_changes_nothing(late):
    enqueue()
    first = claim()
    db.session.expunge(first)
    with later(LOST):
        sweep_and_claim()
        before = _columns(the_job())
        with db.transaction():
            assert late(first) is False
        assert _columns(the_job()) == before


def test_a_worker_that_lost_its_job_hands_nothing_over(app, monkeypatch):
    """It learns it at the last moment, from the one that holds the lease now."""
    handed_over = []

    def slow(claim):
        with later(LOST):
            db.session.remove()
            sweep_and_claim()
        claim.before_what_cannot_be_undone()
        handed_over.append(claim.id)

    monkeypatch.setitem(tasks.HANDLERS, "note", slow)
    enqueue()
    Worker(app).turn()
    assert handed_over == []
    assert (the_job().state, the_job().attempts) == (JobState.RUNNING, 2)


def _columns(job):
    return {column.name: getattr(job, column.key) for column in Job.__table__.columns}
