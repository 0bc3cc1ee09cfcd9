"""`flask worker`: does what the job table asks, and the periodic jobs. May run twice, on two servers, and be
killed at any moment.

A handler may raise TemporaryError (again later), DefinitiveError or UnknownOutcomeError (kept for a look);
anything else is a bug, tried again later like a temporary failure, and logged.
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
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from flask import Flask
from sqlalchemy import select

from app import db
from app.integrations import export_zip, mail, storage
from app.models import (
    DataExport,
    Job,
    JobState,
    PasswordReset,
    PeriodicRun,
    Throttle,
    UserSession,
    WorkerBeat,
    job,
)

_log = logging.getLogger("preau.worker")
IDLE_SECONDS = 0.5
BEAT_EVERY = 10  # seconds


@dataclass(frozen=True)
class Claim:
    """A job in hand."""

    id: int
    kind: str
    attempts: int
    lease_token: str

    @cached_property
    def payload(self) -> Any:
        """Read by the handler, so that one that no key opens (UnreadableSecretError) stops no other job."""
        return db.session.scalar(select(Job.payload).where(Job.id == self.id))

    def before_what_cannot_be_undone(self) -> None:
        """Note it in the database first: killed from here on, the job is not repeated but looked at."""
        with db.transaction():
            held = Job.commit_to(self.id, self.lease_token)
        if not held:
            raise mail.TemporaryError("un autre travailleur a repris cette tâche")


@contextmanager
def _kept_alive(claim: Claim) -> Iterator[None]:
    """Renew the lease while the handler works, however slow its server. A killed worker renews nothing."""
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(job.LEASE.total_seconds() / 3):
            try:
                with db.transaction():
                    Job.renew(claim.id, claim.lease_token)
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


def _send_mail(claim: Claim) -> None:
    message = mail.compose(claim.payload)
    db.session.remove()  # no read transaction stays open while the server thinks
    mail.deliver(message, before_handing_over=claim.before_what_cannot_be_undone)


def _send_reset(claim: Claim) -> None:
    """Done in the transaction of its effect: killed at any moment, it makes one link."""
    identifiant = claim.payload["identifiant"]
    with db.transaction():
        if Job.finish(claim.id, claim.lease_token):
            PasswordReset.send(identifiant)


def _forget_file(claim: Claim) -> None:
    storage.delete(claim.payload["key"])


def _make_export(claim: Claim) -> None:
    """Ready in the transaction that ends the job. Killed before it, the same file is written again."""
    number = claim.payload["export"]
    key = db.session.scalar(select(DataExport.storage_key).where(DataExport.id == number))
    made = export_zip.make(number)
    if made is None or key is None:
        return
    with db.transaction():
        gone = Job.finish(claim.id, claim.lease_token) and not DataExport.finish(number, *made)
    if gone:
        storage.delete(key)


HANDLERS: dict[str, Callable[[Claim], None]] = {
    "mail": _send_mail,
    "password_reset": _send_reset,
    "forget_file": _forget_file,
    "data_export": _make_export,
}


def _purge() -> None:
    with db.transaction():
        for table in (Job, Throttle, UserSession, PasswordReset, WorkerBeat, DataExport):
            table.purge()


PERIODIC: dict[str, tuple[timedelta, Callable[[], None]]] = {"purge": (timedelta(hours=1), _purge)}


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
            with _kept_alive(claim), self.app.test_request_context(base_url=self.app.config["PREAU"].base_url):
                HANDLERS[claim.kind](claim)
        except mail.DefinitiveError as error:
            self._keep(claim, JobState.FAILED, str(error))
        except mail.UnknownOutcomeError as error:
            self._keep(claim, JobState.UNCERTAIN, str(error))
        except mail.TemporaryError as error:
            self._retry(claim, str(error))
        except Exception as error:
            _log.exception("a job failed", extra={"job": claim.id, "kind": claim.kind})
            self._retry(claim, f"erreur interne ({type(error).__name__})")
        else:
            self._end(claim, "done", lambda: Job.finish(claim.id, claim.lease_token))

    def _keep(self, claim: Claim, state: JobState, why: str) -> None:
        self._end(claim, state, lambda: Job.give_up(claim.id, claim.lease_token, why, state=state))

    def _retry(self, claim: Claim, why: str) -> None:
        again = lambda: Job.retry_later(claim.id, claim.lease_token, claim.attempts, why)  # noqa: E731
        self._end(claim, "retried", again)

    def _end(self, claim: Claim, state: str, write: Callable[[], bool]) -> None:
        db.session.remove()
        with db.transaction():
            held = write()
        told = {"job": claim.id, "kind": claim.kind, "attempt": claim.attempts, "state": state if held else "lost"}
        _log.info("job ended", extra=told)

    def _beat(self) -> None:
        if time.monotonic() - self.last_beat > BEAT_EVERY:
            self.last_beat = time.monotonic()
            with db.transaction():
                WorkerBeat.beat(self.name)

    def _periodic(self, name: str, every: timedelta, work: Callable[[], None]) -> None:
        """Run this round of a periodic job if it is due and no other worker takes it."""
        if not PeriodicRun.due(name, every):
            return
        with db.transaction():
            taken = PeriodicRun.take(name, every)
        if taken:
            work()
