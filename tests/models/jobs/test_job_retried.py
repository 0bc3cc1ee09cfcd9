"""A job that failed: tried again, waiting for a look, forgotten."""

import time
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select, text, update

from app import clock, crypto, db, tasks
from app.models.accounts import PasswordReset
from app.models.jobs import Job, JobState, WorkerBeat
from app.models.jobs.job import BACK_OFF, KEPT_WHEN_DONE
from app.worker import Worker
from tests.models.jobs.working import LOST, SECOND, claim, enqueue, later, sweep_and_claim, the_job

pytestmark = pytest.mark.usefixtures("inside")


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
        with later(3 * LOST):
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
    with later(LOST):
        Worker(app).run_all()
    assert db.session.scalar(select(func.count()).select_from(PasswordReset)) == 1
    assert db.session.scalar(select(func.count()).where(Job.kind == "mail")) == 1


def test_a_late_worker_makes_no_second_password_link(app):
    with db.transaction():
        PasswordReset.request("jean.dupont")
    first = claim()
    late = tasks.Claim(first.id, first.kind, first.attempts, first.lease_token)
    assert late.payload == {"identifiant": "jean.dupont"}
    with later(LOST):
        Worker(app).run_all()
    tasks.HANDLERS["password_reset"](late)
    assert db.session.scalar(select(func.count()).select_from(PasswordReset)) == 1


@pytest.mark.parametrize("behind", [timedelta(0), timedelta(hours=3)], ids=["as it was", "a copy"])
def test_the_mails_of_a_restored_copy_wait_for_a_look(app, behind, monkeypatch):
    sent: list[int] = []
    monkeypatch.setitem(tasks.HANDLERS, "mail", lambda claim: sent.append(claim.id))
    Worker(app).turn()
    with db.transaction() as writing:
        writing.execute(update(WorkerBeat).values(seen_at=clock.now() - behind))
    enqueue("mail")
    Worker(app).run_all()
    held = (JobState.UNCERTAIN, "Base remise d’une copie\u00a0: ce courriel est peut-être déjà parti.")
    assert (the_job().state, the_job().last_error) == (held if behind else (JobState.DONE, ""))
    assert len(sent) == (0 if behind else 1)


def test_a_job_that_ends_itself_is_told_as_done(app, caplog):
    with db.transaction():
        PasswordReset.request("jean.dupont")
    Worker(app).turn()
    told = [record.state for record in caplog.records if record.message == "job ended"]
    assert told == ["done"]


def test_a_worker_at_a_slow_job_still_gives_signs_of_life(app, monkeypatch):
    monkeypatch.setattr("app.worker.job.LEASE", timedelta(seconds=0.3))
    long_ago = clock.now() - timedelta(hours=1)

    def slow(claim):
        with db.transaction() as writing:
            writing.execute(update(WorkerBeat).values(seen_at=long_ago))
        for _ in range(400):
            db.session.rollback()
            if WorkerBeat.alive():
                return
            time.sleep(0.05)

    monkeypatch.setitem(tasks.HANDLERS, "note", slow)
    enqueue()
    Worker(app).turn()
    assert WorkerBeat.alive()
