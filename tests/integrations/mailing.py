"""What the tests of mail share."""

import contextlib
import email
import email.policy
from datetime import timedelta

import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from sqlalchemy import select

from app import clock, db
from app.models.jobs import Job
from app.worker import Worker
from tests.servers import free_port

HELLO = {"to": "jean.dupont@exemple.fr", "template": "password_changed", "identifiant": "Zoé & l’élève <1>"}


class Mailbox:
    """What the server received. A test replaces a step of the conversation with an answer of its own."""

    def __init__(self):
        self.received = []
        self.over_tls = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.received.append(envelope)
        self.over_tls.append(session.ssl is not None)
        return "250 OK"

    @property
    def recipients(self):
        return [envelope.rcpt_tos[0] for envelope in self.received]

    def only(self):
        """The one mail received, parsed."""
        (envelope,) = self.received
        return email.message_from_bytes(envelope.content.replace(b"\r\n", b"\n"), policy=email.policy.default)


@contextlib.contextmanager
def server(mailbox, port=None, smtp=SMTP, **options):
    """A mail server on the loopback; yields its port."""

    class Here(Controller):
        def factory(self):
            return smtp(self.handler, **self.SMTP_kwargs)

    controller = Here(mailbox, hostname="127.0.0.1", port=port or free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def outcomes(app):
    """State and last error of each job, in the order of asking."""
    with app.app_context():
        return [tuple(row) for row in db.session.execute(select(Job.state, Job.last_error).order_by(Job.id))]


def work_later(app, span=timedelta(days=2)):
    with time_machine.travel(clock.now() + span, tick=True):
        Worker(app).run_all()


def mail_to(*names):
    return [{**HELLO, "to": f"{name}@exemple.fr"} for name in names]
