"""A mail server that is slow, refuses or drops: what is tried again, and what waits for a look."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from aiosmtpd.smtp import SMTP

from app import clock, db
from app.integrations import mail
from app.models.jobs import Job, JobState, job
from app.worker import Worker
from tests.integrations.mailing import HELLO, Mailbox, mail_to, outcomes, server, work_later

# aiosmtpd is right; the login of these tests travels on the loopback.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


class Slow(Mailbox):
    """Falls asleep before the text, or after it."""

    def __init__(self, step):
        super().__init__()
        self.step = step

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.step == "RCPT":
            await asyncio.sleep(4)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.step == "DATA":
            await asyncio.sleep(1)
        return await super().handle_DATA(server, session, envelope)


def test_a_server_too_slow_to_take_the_text_gets_it_later(post, monkeypatch):
    monkeypatch.setattr(mail, "TIMEOUT", 2)
    slow = Slow("RCPT")
    with server(slow) as port:
        app = post(port)
        assert outcomes(app) == [(JobState.QUEUED, "le serveur a rompu la connexion (SMTPServerDisconnected)")]
        slow.step = "awake"
        work_later(app)
    assert len(slow.received) == 1
    assert outcomes(app) == [(JobState.DONE, "")]


def test_a_server_silent_after_the_text_leaves_it_uncertain_and_it_is_not_sent_twice(post, monkeypatch):
    monkeypatch.setattr(mail, "DATA_TIMEOUT", 0.3)
    slow = Slow("DATA")
    with server(slow) as port:
        app = post(port)
        uncertain = [(JobState.UNCERTAIN, "connexion perdue pendant l’envoi (SMTPServerDisconnected)")]
        assert outcomes(app) == uncertain
        assert slow.received == []
        slow.step = "awake"
        work_later(app)
        assert outcomes(app) == uncertain
        assert len(slow.received) <= 1


class Refusing(Mailbox):
    """Gives these answers to RCPT and DATA, by recipient."""

    def __init__(self, rcpt=None, data=None):
        super().__init__()
        self.rcpt, self.data = rcpt or {}, data or {}

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        refusal = self.data.get(envelope.rcpt_tos[0])
        return refusal or await super().handle_DATA(server, session, envelope)


def test_a_refused_recipient_stops_nobody_else(post):
    refusing = Refusing(rcpt={"inconnu@exemple.fr": "550 no such user"})
    with server(refusing) as port:
        app = post(port, *mail_to("anne", "inconnu", "zoe"))
        work_later(app)
    assert refusing.recipients == ["anne@exemple.fr", "zoe@exemple.fr"]
    assert outcomes(app) == [
        (JobState.DONE, ""),
        (JobState.FAILED, "refus définitif 550 à RCPT TO"),
        (JobState.DONE, ""),
    ]
    with app.app_context():
        assert [job.id for job in Job.for_a_look()] == [2]


@pytest.mark.parametrize(("step", "named"), [("rcpt", "RCPT TO"), ("data", "DATA")])
def test_not_now_is_tried_again(post, step, named):
    refusing = Refusing(**{step: {"anne@exemple.fr": "451 greylisted"}})
    with server(refusing) as port:
        app = post(port, *mail_to("anne", "zoe"))
        assert outcomes(app) == [(JobState.QUEUED, f"refus temporaire 451 à {named}"), (JobState.DONE, "")]
        getattr(refusing, step).clear()
        work_later(app)
    assert refusing.recipients == ["zoe@exemple.fr", "anne@exemple.fr"]
    assert [state for state, _ in outcomes(app)] == [JobState.DONE, JobState.DONE]


def test_not_now_for_days_ends_in_a_look(post):
    refusing = Refusing(rcpt={"anne@exemple.fr": "451 greylisted"})
    with server(refusing) as port:
        app = post(port, *mail_to("anne"))
        for day in range(1, 40):
            work_later(app, timedelta(days=day))
    assert outcomes(app) == [(JobState.FAILED, "refus temporaire 451 à RCPT TO")]


def test_a_text_refused_for_good_waits_for_a_look(post):
    refusing = Refusing(data={"anne@exemple.fr": "554 looks like spam"})
    with server(refusing) as port:
        app = post(port, *mail_to("anne", "zoe"))
        work_later(app)
    assert outcomes(app) == [(JobState.FAILED, "refus définitif 554 à DATA"), (JobState.DONE, "")]


@pytest.mark.parametrize("address", ["hélène@exemple.fr", "pas une adresse", "", "a@b\nBcc: tous@exemple.fr"])
def test_an_address_that_cannot_be_written_to_waits_for_a_look(mailbox, post, address):
    with server(mailbox) as port:
        app = post(port, {**HELLO, "to": address}, *mail_to("zoe"))
    assert outcomes(app) == [(JobState.FAILED, "adresse de courriel impossible"), (JobState.DONE, "")]
    assert mailbox.recipients == ["zoe@exemple.fr"]


class DropsAtTheText(SMTP):
    """Says « go on », then hangs up."""

    async def smtp_DATA(self, arg):  # noqa: N802
        await self.push("354 go on")
        self.transport.abort()


class DropsAtRecipient(SMTP):
    async def smtp_RCPT(self, arg):  # noqa: N802
        self.transport.abort()


def test_a_line_dropped_in_mid_text_leaves_it_uncertain_and_it_is_not_sent_twice(mailbox, post):
    with server(mailbox, smtp=DropsAtTheText) as port:
        app = post(port)
    ((state, error),) = outcomes(app)
    assert state is JobState.UNCERTAIN
    assert error.startswith("connexion perdue pendant l’envoi")
    with server(mailbox, port):
        work_later(app)
    assert mailbox.received == []
    assert outcomes(app) == [(state, error)]


def test_a_line_dropped_before_the_text_is_tried_again(mailbox, post):
    with server(mailbox, smtp=DropsAtRecipient) as port:
        app = post(port)
        assert [state for state, _ in outcomes(app)] == [JobState.QUEUED]
    with server(mailbox, port):
        work_later(app)
    assert mailbox.recipients == ["jean.dupont@exemple.fr"]


def test_a_line_dropped_after_the_yes_changes_nothing(mailbox, post):
    class DropsAtQuit(SMTP):
        async def smtp_QUIT(self, arg):  # noqa: N802
            self.transport.abort()

    with server(mailbox, smtp=DropsAtQuit) as port:
        assert outcomes(post(port)) == [(JobState.DONE, "")]
    assert len(mailbox.received) == 1


def test_a_slow_server_s_mail_is_not_taken_by_another_worker(mailbox, make_app, monkeypatch):
    """At a tenth of every time: all answers together, and the last one alone, outlast the lease."""

    class SlowEverywhere(SMTP):
        async def push(self, status):
            await asyncio.sleep(3.5 if "Spooled" in status else 0.8)
            await super().push(status)

    monkeypatch.setattr(job, "LEASE", job.LEASE / 10)
    monkeypatch.setattr(clock, "APART", timedelta(0))
    stop = threading.Event()

    def second_worker():
        while not stop.wait(0.05):
            with db.transaction():
                Job.sweep()
        db.session.remove()

    with server(mailbox, smtp=SlowEverywhere) as port:
        app = make_app(PREAU_SMTP_URL=f"smtp://127.0.0.1:{port}")
        with app.app_context(), db.transaction():
            Job.post_mail(**HELLO)
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(second_worker)
            Worker(app).run_all()
            stop.set()
            other.result()
    assert len(mailbox.received) == 1
    assert outcomes(app) == [(JobState.DONE, "")]
