"""The job table: what is promised to whoever asks for work, and to workers that die or meet."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select, text

from app import clock, crypto, db, tasks
from app.models.accounts import PasswordReset
from app.models.jobs import Job, JobState, PeriodicRun, WorkerBeat
from app.models.jobs.job import BACK_OFF, KEPT_WHEN_DONE, LEASE
from app.models.town import Town
from app.worker import Worker

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _in_the_app(app):
    with app.app_context():
        yield


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
    with later(LEASE + SECOND):
        assert Job.any_due()
        second = sweep_and_claim()
    assert (second.id, second.attempts) == (first.id, 2)


def test_the_job_of_a_worker_that_died_after_handing_over_waits_for_a_look():
    enqueue()
    taken = claim()
    with db.transaction():
        assert Job.commit_to(taken.id, taken.lease_token)
    with later(3 * LEASE + SECOND):
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
    with later(LEASE + SECOND):
        sweep_and_claim()
        before = _columns(the_job())
        with db.transaction():
            assert late(first) is False
        assert _columns(the_job()) == before


def test_a_worker_that_lost_its_job_hands_nothing_over(app, monkeypatch):
    """It learns it at the last moment, from the one that holds the lease now."""
    handed_over = []

    def slow(claim):
        with later(LEASE + SECOND):
            db.session.remove()
            sweep_and_claim()
        claim.before_what_cannot_be_undone()
        handed_over.append(claim.id)

    monkeypatch.setitem(tasks.HANDLERS, "note", slow)
    enqueue()
    Worker(app).turn()
    assert handed_over == []
    assert (the_job().state, the_job().attempts) == (JobState.RUNNING, 2)


def test_a_bug_in_a_handler_is_tried_again_later_and_told_without_personal_data(app, monkeypatch):
    def broken(claim):
        raise ValueError("jean.dupont@exemple.fr")

    monkeypatch.setitem(tasks.HANDLERS, "note", broken)
    enqueue()
    Worker(app).turn()
    job = the_job()
    assert (job.state, job.last_error) == (JobState.QUEUED, "erreur interne (ValueError)")
    assert job.run_at > clock.now()


def test_an_unknown_kind_does_not_stop_the_others(app, monkeypatch):
    done = []
    monkeypatch.setitem(tasks.HANDLERS, "note", lambda claim: done.append(claim.payload))
    enqueue("of a newer version", run_at=clock.now() - SECOND)
    enqueue()
    Worker(app).run_all()
    assert done == [{"n": 1}]


def test_a_job_that_no_key_opens_waits_and_does_not_stop_the_others(app, monkeypatch):
    done = []
    monkeypatch.setitem(tasks.HANDLERS, "note", lambda claim: done.append(claim.payload))
    keys = app.config["PREAU"].encryption_keys
    crypto.configure(["the key of before, 32 characters or more"])
    enqueue(run_at=clock.now() - SECOND)
    crypto.configure(keys)
    enqueue()
    Worker(app).run_all()
    assert done == [{"n": 1}]
    waiting = select(Job.state, Job.last_error).where(Job.state != JobState.DONE)
    assert db.session.execute(waiting).all() == [(JobState.QUEUED, "erreur interne (UnreadableSecretError)")]


def test_pauses_grow_then_the_job_is_failed_and_waits_for_a_look():
    enqueue()
    pauses = []
    for _ in range(len(BACK_OFF)):
        with time_machine.travel(the_job().run_at + SECOND, tick=False):
            taken = claim()
            with db.transaction():
                assert Job.retry_later(taken.id, taken.lease_token, taken.attempts, "le serveur répond 421")
            job = the_job()
            assert job.state is JobState.QUEUED
            pauses.append(job.run_at - clock.now())
            assert claim() is None
    assert pauses == sorted(pauses)
    assert pauses[0] <= timedelta(seconds=30) < timedelta(hours=1) <= pauses[-1]
    assert timedelta(days=1) < sum(pauses, timedelta()) < timedelta(days=5)
    with time_machine.travel(the_job().run_at + SECOND, tick=False):
        taken = claim()
        with db.transaction():
            Job.retry_later(taken.id, taken.lease_token, taken.attempts, "le serveur répond 421")
    assert (the_job().state, the_job().last_error) == (JobState.FAILED, "le serveur répond 421")
    assert Job.for_a_look_count() == 1


def test_a_retried_job_forgets_that_it_had_begun_to_hand_over():
    """Otherwise the next death before handing over would be taken for an uncertain one."""
    enqueue()
    taken = claim()
    with db.transaction():
        Job.commit_to(taken.id, taken.lease_token)
        Job.retry_later(taken.id, taken.lease_token, taken.attempts, "refus temporaire 451 à DATA")
    with later(timedelta(minutes=1)):
        claim()
        with later(3 * LEASE + SECOND):
            assert sweep_and_claim() is not None


def test_after_a_look_a_job_is_queued_anew():
    enqueue()
    taken = claim()
    with db.transaction():
        Job.give_up(taken.id, taken.lease_token, "refus définitif 550 à RCPT TO")
    with db.transaction() as writing:
        writing.get_one(Job, taken.id).try_again()
    assert Job.for_a_look() == []
    again = claim()
    assert (again.payload, again.attempts) == ({"n": 1}, 1)


def test_a_done_job_forgets_its_payload():
    enqueue()
    taken = claim()
    with db.transaction():
        assert Job.finish(taken.id, taken.lease_token)
    job = the_job()
    assert (job.state, job.payload) == (JobState.DONE, {})


def test_a_done_job_is_kept_a_while_and_a_failed_one_until_someone_looks():
    for outcome in (Job.finish, lambda *held: Job.give_up(*held, "refus définitif")):
        enqueue()
        taken = claim()
        with db.transaction():
            outcome(taken.id, taken.lease_token)
    for span, states in (
        (KEPT_WHEN_DONE - timedelta(hours=1), {JobState.DONE, JobState.FAILED}),
        (KEPT_WHEN_DONE + timedelta(hours=1), {JobState.FAILED}),
    ):
        with later(span):
            with db.transaction():
                Job.purge()
            assert set(db.session.scalars(select(Job.state))) == states


def test_the_payload_cannot_be_read_in_the_raw_database():
    with db.transaction():
        Job.post_mail("jean.dupont@exemple.fr", "password_reset", token="sesame-du-lien", identifiant="jean.dupont")
    raw = " ".join(str(value) for value in db.session.execute(text("SELECT * FROM job")).one())
    assert "mail" in raw
    for secret in ("sesame", "dupont", "exemple.fr", "password_reset"):
        assert secret not in raw
    assert the_job().payload["context"]["token"] == "sesame-du-lien"


def test_a_password_link_is_mailed_once_even_if_the_worker_dies_right_after_making_it(app, monkeypatch):
    with db.transaction():
        PasswordReset.request("jean.dupont")

    def die(*_):
        raise SystemExit

    monkeypatch.setattr(Worker, "_end", die)
    with pytest.raises(SystemExit):
        Worker(app).turn()
    monkeypatch.undo()
    db.session.remove()
    with later(LEASE + SECOND):
        Worker(app).run_all()
    assert db.session.scalar(select(func.count()).select_from(PasswordReset)) == 1
    assert db.session.scalar(select(func.count()).where(Job.kind == "mail")) == 1


def test_a_late_worker_makes_no_second_password_link(app):
    with db.transaction():
        PasswordReset.request("jean.dupont")
    first = claim()
    late = tasks.Claim(first.id, first.kind, first.attempts, first.lease_token)
    assert late.payload == {"identifiant": "jean.dupont"}
    with later(LEASE + SECOND):
        Worker(app).run_all()
    tasks.HANDLERS["password_reset"](late)
    assert db.session.scalar(select(func.count()).select_from(PasswordReset)) == 1


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


def _columns(job):
    return {column.name: getattr(job, column.key) for column in Job.__table__.columns}
