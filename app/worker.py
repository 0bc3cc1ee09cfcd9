"""`flask worker`: does what the job table asks, and the periodic jobs (app/tasks.py says how). May run twice, on two
servers, and be killed at any moment.
"""

import logging
import math
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import Flask
from sqlalchemy.exc import DBAPIError

from app import db, keys
from app.integrations import mail, restored
from app.models.jobs import Job, JobState, PeriodicRun, WorkerBeat, job
from app.tasks import HANDLERS, PERIODIC, Claim
from app.turns import BusyError

_log = logging.getLogger("preau.worker")
IDLE_SECONDS = 0.5
BEAT_EVERY = 10  # seconds
AGAIN_AFTER = 5  # seconds


@contextmanager
def _kept_alive(claim: Claim, worker: str) -> Iterator[None]:
    """Renew the lease while the handler works, however slow its server, and give signs of life. A killed worker does
    neither."""
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(job.LEASE.total_seconds() / 3):
            try:
                with db.transaction():
                    Job.renew(claim.id, claim.lease_token)
                    WorkerBeat.beat(worker)
            except Exception:
                _log.exception("a lease could not be renewed", extra={"job": claim.id})
            finally:
                db.session.remove()

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class Worker:
    def __init__(self, app: Flask) -> None:
        self.app = app
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self.stopping = threading.Event()
        self.last_beat = -math.inf

    def run_until_stopped(self) -> None:
        """Work until SIGTERM or SIGINT; the job in hand is finished first."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        _log.info("worker started")
        while not self.stopping.is_set():
            try:
                with self.app.app_context():
                    busy = self.turn()
            except Exception:
                _log.exception("the worker could not work: the database may be out of reach")
                busy = False
                self.stopping.wait(5)
            if not busy:
                self.stopping.wait(IDLE_SECONDS)
        _log.info("worker stopped")

    def run_all(self) -> None:
        """Do what is due now, then return (tests, `flask worker --once`)."""
        with self.app.app_context():
            while self.turn():
                pass

    def turn(self) -> bool:
        """A sign of life, the periodic jobs, one job. Whether there was a job."""
        keys.check()
        self._beat()
        for name, (every, work) in PERIODIC.items():
            self._periodic(name, every, work)
        if not Job.any_due():
            db.session.rollback()
            return False
        with db.transaction():
            Job.sweep()
            due = Job.claim()
            claim = Claim(due.id, due.kind, due.attempts, due.lease_token or "") if due else None
        if claim is not None:
            self._perform(claim)
        return claim is not None

    def _perform(self, claim: Claim) -> None:
        try:
            with (
                _kept_alive(claim, self.name),
                self.app.test_request_context(base_url=self.app.config["PREAU"].base_url),
            ):
                ended = HANDLERS[claim.kind](claim)
        except mail.DefinitiveError as error:
            self._keep(claim, JobState.FAILED, str(error))
        except mail.UnknownOutcomeError as error:
            self._keep(claim, JobState.UNCERTAIN, str(error))
        except mail.UnreachableError as error:
            self._wait(claim, str(error))
        except mail.TemporaryError as error:
            self._retry(claim, str(error))
        except Exception as error:
            _log.exception("a job failed", extra={"job": claim.id, "kind": claim.kind})
            self._retry(claim, f"erreur interne ({type(error).__name__})")
        else:
            self._end(claim, "done", lambda: bool(ended) or Job.finish(claim.id, claim.lease_token))

    def _keep(self, claim: Claim, state: JobState, why: str) -> None:
        self._end(claim, state, lambda: Job.give_up(claim.id, claim.lease_token, why, state=state))

    def _retry(self, claim: Claim, why: str) -> None:
        again = lambda: Job.retry_later(claim.id, claim.lease_token, claim.attempts, why)  # noqa: E731
        self._end(claim, "retried", again)

    def _wait(self, claim: Claim, why: str) -> None:
        self._end(claim, "waiting", lambda: Job.wait_for_server(claim.id, claim.lease_token, why))

    def _end(self, claim: Claim, state: str, write: Callable[[], bool]) -> None:
        is_ours = self._until_it_stands(write)
        told = {"job": claim.id, "kind": claim.kind, "attempt": claim.attempts, "state": state if is_ours else "lost"}
        _log.info("job ended", extra=told)

    def _until_it_stands(self, write: Callable[[], bool]) -> bool:
        """Write how a job ended, again and again while the database refuses it (a full disk): a mail that left would
        leave a second time. Whether the job was still ours; raises what stands in the way once the worker is stopped.
        """
        while True:
            db.session.remove()
            try:
                with db.transaction():
                    return write()
            except (DBAPIError, BusyError):
                _log.exception("the end of a job could not be written")
                if self.stopping.wait(AGAIN_AFTER):
                    raise

    def _beat(self) -> None:
        if time.monotonic() - self.last_beat > BEAT_EVERY:
            with db.transaction():
                if self.last_beat == -math.inf and restored.is_copy():
                    _log.warning("the database is a copy: its mails wait for a look")
                    Job.hold_mails("Base remise d’une copie\u00a0: ce courriel est peut-être déjà parti.")
                WorkerBeat.beat(self.name)
            restored.note_now()
            self.last_beat = time.monotonic()

    def _periodic(self, name: str, every: timedelta, work: Callable[[], None]) -> None:
        """Run this round of a periodic job if it is due and no other worker takes it."""
        if not PeriodicRun.due(name, every):
            return
        with db.transaction():
            taken = PeriodicRun.take(name, every)
        if taken:
            work()
