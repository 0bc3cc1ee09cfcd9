"""A worker that is killed, again and again, while two hundred mails wait."""

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import func, select

from app import create_app, db
from app.models.jobs import Job, JobState
from tests.conftest import SECRETS, settings
from tests.servers import ROOT, free_port

MAILS = 200
# The leases are the only thing that is not as in production: nobody waits 30 s for a dead worker's job here.
WORKER = """
from datetime import timedelta
from app import clock
from app.models.jobs import job
job.LEASE, clock.APART = timedelta(seconds={lease}), timedelta(0)
from app.worker import Worker
from wsgi import app
Worker(app).run_until_stopped()
"""
# Asked to stop, it does not sleep to the end of its pause.
SLEEPER = """
from app import worker
worker.IDLE_SECONDS = 3600
from wsgi import app
worker.Worker(app).run_until_stopped()
"""
LONG = 120
"""Seconds that nothing here takes on any machine."""


class CountingServer:
    """Counts the mails it said yes to, by recipient; takes its time for each."""

    def __init__(self, pause):
        self.pause, self.yes = pause, Counter()
        self.begun = threading.Event()

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.begun.set()
        await asyncio.sleep(self.pause)
        self.yes[envelope.rcpt_tos[0]] += 1
        return "250 OK"


@contextlib.contextmanager
def mail_server(pause):
    counting = CountingServer(pause)
    controller = Controller(counting, hostname="127.0.0.1", port=free_port())
    controller.start()
    counting.url = f"smtp://127.0.0.1:{controller.port}"
    try:
        yield counting
    finally:
        controller.stop()


class Workers:
    """Starts real worker processes and makes sure that none outlives the test."""

    def __init__(self, folder, url, smtp_url):
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "PREAU_ENV": "demo",
            "PREAU_DATA_DIR": str(folder),
            "PREAU_DATABASE_URL": url,
            **SECRETS,
            "PREAU_BASE_URL": "http://localhost",
            "PREAU_SMTP_URL": smtp_url,
        }
        self.log = folder / "worker.log"
        self.started = []

    def start(self, *command, lease=5.0):
        command = command or ("-c", WORKER.format(lease=lease))
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        self.started.append(process)
        return process

    def kill_all(self):
        for process in self.started:
            process.kill()
            process.wait(LONG)


@pytest.fixture
def workers(place):
    started = []

    def at(smtp_url):
        folder, url = place
        create_app(settings(folder, url, PREAU_SMTP_URL=smtp_url))
        started.append(Workers(folder, url, smtp_url))
        return started[0]

    yield at
    for each in started:
        each.kill_all()
    db.disconnect()


def queue_mails(count):
    with db.transaction():
        for n in range(count):
            Job.post_mail(f"famille{n}@exemple.fr", "password_changed", key=f"mail-{n}", identifiant=f"famille{n}")


def count(*states):
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Job.kind == "mail", Job.state.in_(states)))


def wait_until(true):
    ends = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.01)


def test_killed_in_the_middle_again_and_again_it_loses_no_mail_and_sends_none_twice(workers):
    with mail_server(pause=0.01) as server:
        crew = workers(server.url)
        queue_mails(MAILS)
        kills = 0
        for quota in (20, 50, 80, 110):
            worker = crew.start()
            wait_until(lambda quota=quota: sum(server.yes.values()) >= quota)
            worker.kill()
            assert worker.wait(LONG) == -signal.SIGKILL
            kills += 1
        assert sum(server.yes.values()) < MAILS, "killed after the work was done: nothing was proved"
        last = [crew.start(), crew.start()]
        wait_until(lambda: count(JobState.QUEUED, JobState.RUNNING) == 0)
        for worker in last:
            worker.terminate()
        assert [worker.wait(LONG) for worker in last] == [0, 0]
    outcomes = {job.key: job.state for job in db.session.scalars(select(Job).where(Job.kind == "mail"))}
    assert len(outcomes) == MAILS
    for n in range(MAILS):
        delivered, state = server.yes[f"famille{n}@exemple.fr"], outcomes[f"mail-{n}"]
        assert (state, delivered) in {(JobState.DONE, 1), (JobState.UNCERTAIN, 0), (JobState.UNCERTAIN, 1)}, n
    # A worker has one job in hand, so that one killed leaves at most one in doubt.
    assert list(outcomes.values()).count(JobState.UNCERTAIN) <= kills


def test_killed_before_the_text_a_mail_is_sent_again_without_a_look(workers):
    """Stopped where nothing has left yet: while the server makes it wait for its greeting."""
    with mail_server(pause=0) as server, _silent_server() as (silent_url, called):
        crew = workers(silent_url)
        queue_mails(1)
        worker = crew.start(lease=0.5)
        assert called.wait(LONG)
        worker.kill()
        worker.wait(LONG)
        crew.environment["PREAU_SMTP_URL"] = server.url
        crew.start(lease=0.5)
        wait_until(lambda: count(JobState.DONE) == 1)
    assert server.yes == {"famille0@exemple.fr": 1}


def test_killed_in_the_text_a_mail_waits_for_a_look(workers):
    with mail_server(pause=0.5) as server:
        crew = workers(server.url)
        queue_mails(1)
        worker = crew.start(lease=0.3)
        assert server.begun.wait(LONG)
        worker.kill()
        worker.wait(LONG)
        crew.start(lease=0.3)
        wait_until(lambda: count(JobState.UNCERTAIN) == 1)
    assert sum(server.yes.values()) <= 1


def test_asked_to_stop_it_finishes_the_mail_in_hand_and_leaves_the_others(workers):
    with mail_server(pause=0.5) as server:
        crew = workers(server.url)
        queue_mails(5)
        worker = crew.start("-m", "flask", "worker")
        assert server.begun.wait(LONG)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(LONG) == 0
    assert sum(server.yes.values()) == 1
    assert (count(JobState.DONE), count(JobState.QUEUED), count(JobState.RUNNING)) == (1, 4, 0)


def test_asked_to_stop_while_it_has_nothing_to_do_it_stops_at_once(workers):
    crew = workers("smtp://127.0.0.1:9")
    worker = crew.start("-c", SLEEPER)
    wait_until(lambda: b"worker started" in crew.log.read_bytes())
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(LONG) == 0
    assert b"worker stopped" in crew.log.read_bytes()


@contextlib.contextmanager
def _silent_server():
    """Takes the call and says nothing; yields its address and the event of a call."""
    called = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def take():
            calls = []
            with contextlib.suppress(OSError):
                while True:
                    calls.append(listening.accept())
                    called.set()

        threading.Thread(target=take, daemon=True).start()
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}", called
        listening.shutdown(socket.SHUT_RDWR)
