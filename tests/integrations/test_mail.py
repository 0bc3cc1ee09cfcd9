"""Mail, through a real SMTP server that is up, down, slow, moody, or drops the line."""

import asyncio
import contextlib
import email
import email.policy
import ipaddress
import re
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from html import unescape
from pathlib import Path

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from app import clock, db
from app.integrations import mail
from app.models.jobs import Job, JobState, job
from app.models.town import Town
from app.worker import Worker
from tests.servers import free_port

# aiosmtpd is right; the login of these tests travels on the loopback.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
TEMPLATES = Path(mail.__file__).parent.parent / "templates" / "mail"
NAMES = sorted(path.stem for path in TEMPLATES.glob("[!_]*.txt"))
CONTEXT = {"identifiant": "jean.dupont", "token": "sesame"}
CONTEXT |= {"code": "K7M-3QX", "kind": "Demande de Réservation", "about": "le 06/05/2015", "number": 12}
# What a mail names, where it is not the account.
ABOUT = dict.fromkeys(
    ("request_received", "request_decided", "place_offered", "offer_expired", "proposal_recalled"), "K7M-3QX"
)
ABOUT |= {
    "week_reminder": "/demandes/nouvelle?semaine=2015-05-18",
    "export_ready": "/mes-donnees",
    "piece_checked": "/enfants/3/documents",
}
CONTEXT |= {"last": "mercredi 6 mai 2015", "child": 3, "until": "mercredi 6 mai 2015 à 20 h 00"}
CONTEXT |= {"next": "Elle est acceptée.", "day": "lundi 11 mai 2015", "instead_of": ""}
CONTEXT |= {"weeks": [{"monday": "2015-05-18", "label": "semaine du lundi 18 mai 2015"}]}
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


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def post(make_app):
    """post(port, mail, …): queue mails for the server on that port, have the worker do what is due; the app."""

    def posting(port, *mails, login="", **settings):
        app = make_app(PREAU_SMTP_URL=f"smtp://{login}127.0.0.1:{port}", **settings)
        with app.app_context(), db.transaction():
            for one in mails or (HELLO,):
                Job.post_mail(**one)
        Worker(app).run_all()
        return app

    return posting


def outcomes(app):
    """State and last error of each job, in the order of asking."""
    with app.app_context():
        return [tuple(row) for row in db.session.execute(select(Job.state, Job.last_error).order_by(Job.id))]


def work_later(app, span=timedelta(days=2)):
    with time_machine.travel(clock.now() + span, tick=True):
        Worker(app).run_all()


# A server that is up.


def test_a_mail_says_who_writes_to_whom_and_where_to_answer(mailbox, post):
    with server(mailbox) as port:
        assert outcomes(post(port)) == [(JobState.DONE, "")]
    sent = mailbox.only()
    assert sent["To"] == "jean.dupont@exemple.fr"
    assert sent["From"] == "Portail famille Saint-Jean <guichetunique@saint-jean.example>"
    assert sent["Reply-To"] == "guichetunique@saint-jean.example"
    assert sent["Subject"] == "Portail famille\u00a0: votre mot de passe a changé"
    assert sent["Auto-Submitted"] == "auto-generated"
    assert abs(sent["Date"].datetime.replace(tzinfo=UTC) - datetime.now(UTC)) < timedelta(minutes=1)
    assert sent["Message-ID"].endswith("@localhost>")
    (envelope,) = mailbox.received
    assert envelope.mail_from == "guichetunique@saint-jean.example"
    assert envelope.rcpt_tos == ["jean.dupont@exemple.fr"]


def test_a_mail_is_a_plain_text_and_the_same_in_html_accents_intact(mailbox, post):
    with server(mailbox) as port:
        post(port)
    assert mailbox.only().get_content_type() == "multipart/alternative"
    plain, html = mailbox.only().iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert (
        "Le mot de passe de l’identifiant «\u00a0Zoé & l’élève <1>\u00a0» vient d’être changé." in plain.get_content()
    )
    assert "«\u00a0Zoé &amp; l’élève &lt;1&gt;\u00a0» vient d’être changé." in html.get_content()
    assert "Subject" not in plain.get_content()
    assert plain.get_content().startswith("Bonjour,")
    assert "Guichet unique enfance-jeunesse\nSaint-Jean, 05 61 00 00 00" in plain.get_content().replace("\r\n", "\n")


def test_accents_do_not_depend_on_every_server_of_the_way_taking_8_bits(mailbox, make_app):
    message = EmailMessage()
    message["From"], message["To"] = "portail@exemple.fr", "jean.dupont@exemple.fr"
    message["Subject"] = "Réservé"
    message.set_content("Réservé à midi.\n")  # lines so short that 8 bits would be the first choice
    with server(mailbox) as port:
        app = make_app(PREAU_SMTP_URL=f"smtp://127.0.0.1:{port}")
        with app.app_context():
            mail.deliver(message, before_handing_over=lambda: None)
    assert mailbox.received[0].content.isascii()
    assert mailbox.only()["Subject"] == "Réservé"
    assert mailbox.only().get_content().strip() == "Réservé à midi."


def test_a_town_with_accents_signs_its_name(mailbox, make_app, post):
    with make_app().app_context(), db.transaction() as writing:
        writing.get_one(Town, 1).name = "L’Haÿ-les-Roses, “la belle”"
    with server(mailbox) as port:
        post(port)
    name, address = parseaddr(email.message_from_bytes(mailbox.received[0].content)["From"])
    assert str(make_header(decode_header(name))) == "Portail famille L’Haÿ-les-Roses, “la belle”"
    assert address == "guichetunique@saint-jean.example"


def test_the_sender_is_the_one_of_the_settings(mailbox, post):
    with server(mailbox) as port:
        post(port, PREAU_MAIL_FROM="portail@saint-jean.fr")
    assert mailbox.received[0].mail_from == "portail@saint-jean.fr"
    assert mailbox.only()["From"].addresses[0].addr_spec == "portail@saint-jean.fr"
    assert mailbox.only()["Reply-To"] == "guichetunique@saint-jean.example"


def test_a_line_that_begins_with_a_dot_arrives_whole(mailbox, post):
    with server(mailbox) as port:
        post(port, {**HELLO, "identifiant": "suite\n.\nfin"})
    plain = mailbox.only().get_body(("plain",)).get_content()
    assert "suite\n.\nfin" in plain.replace("\r\n", "\n")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.sqlite_only
def test_every_template_makes_a_text_and_a_page_in_french(app, name):
    with app.test_request_context(base_url="http://localhost"):
        message = mail.compose({"to": "a@exemple.fr", "template": name, "context": CONTEXT})
    assert message["Subject"].startswith("Portail famille\u00a0: ")
    text, html = (part.get_content() for part in message.iter_parts())
    for content in (text, html):
        assert "Bonjour" in content
        assert ABOUT.get(name, "jean.dupont") in content
        assert "Saint-Jean" in content
        assert not re.search(r"\{[{%]|None|Undefined", content)
    assert "<" not in text
    assert f"<title>{message['Subject']}</title>" in html
    assert '<html lang="fr">' in html


def text_of_mail(app, template, **context) -> str:
    with app.test_request_context(base_url="http://localhost"):
        message = mail.compose({"to": "a@exemple.fr", "template": template, "context": CONTEXT | context})
    plain, page = (part.get_content() for part in message.iter_parts())
    said = unescape(re.sub(r"<[^>]+>", "", page))
    for sentence in re.findall(r"[^.]+\.", plain.split("http")[0].partition("Bonjour,")[2]):
        assert sentence.strip() in said, "the page says what the text says"
    return plain.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.sqlite_only
def test_an_acknowledgement_says_what_was_asked_and_what_comes_next(app):
    told = text_of_mail(app, "request_received", about="5 jours", next="Elle est acceptée : rien à faire.")
    assert "(Demande de Réservation) pour 5 jours est bien enregistrée. Elle est acceptée : rien à faire." in told


@pytest.mark.sqlite_only
def test_an_offer_names_its_day_and_a_proposal_the_day_that_it_replaces(app):
    offered, ended = text_of_mail(app, "place_offered"), text_of_mail(app, "offer_expired")
    assert "une place vous est proposée le lundi 11 mai 2015." in offered
    assert "elle ira à la famille suivante" in offered
    assert "une place vous était proposée le lundi 11 mai 2015." in ended
    assert "Le temps pour répondre est passé : elle ne vous est plus gardée." in ended
    other = {"instead_of": "mercredi 6 mai 2015"}
    proposed, over = text_of_mail(app, "place_offered", **other), text_of_mail(app, "offer_expired", **other)
    assert "autre chose : le lundi 11 mai 2015, au lieu du mercredi 6 mai 2015." in proposed
    assert "autre prestation, le lundi 11 mai 2015." in text_of_mail(
        app, "place_offered", instead_of="lundi 11 mai 2015"
    )
    assert "proposait autre chose, le lundi 11 mai 2015." in over
    assert "famille suivante" not in proposed + over + ended


@pytest.mark.sqlite_only
def test_the_link_of_a_forgotten_password_is_the_portal_s_whole_address(make_app):
    app = make_app(PREAU_BASE_URL="https://famille.saint-jean.fr")
    with app.test_request_context(base_url="https://famille.saint-jean.fr"):
        message = mail.compose({"to": "a@exemple.fr", "template": "password_reset", "context": CONTEXT})
    for part in message.iter_parts():
        assert "https://famille.saint-jean.fr/mot-de-passe/sesame" in part.get_content()


# A server that is down, or slow.


def test_a_server_that_is_down_delays_the_mail(mailbox, post):
    port = free_port()
    app = post(port)
    assert outcomes(app) == [(JobState.QUEUED, "le serveur ne répond pas (ConnectionRefusedError)")]
    with server(mailbox, port):
        Worker(app).run_all()
        assert mailbox.received == [], "not before its pause is over"
        work_later(app, timedelta(minutes=1))
    assert mailbox.recipients == ["jean.dupont@exemple.fr"]
    assert outcomes(app) == [(JobState.DONE, "")]


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


# A server that refuses.


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


def mail_to(*names):
    return [{**HELLO, "to": f"{name}@exemple.fr"} for name in names]


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


# A line that drops.


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


# Logging in, and TLS.


def _only(login, password):
    def check(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (login, password), handled=False)

    return {"authenticator": check, "auth_required": True, "auth_require_tls": False}


def test_a_right_login_opens_the_server_whatever_its_signs(mailbox, post):
    with server(mailbox, **_only(b"portail@saint-jean.fr", b"#/pa:ss@%")) as port:
        app = post(port, login="portail%40saint-jean.fr:%23%2Fpa%3Ass%40%25@")
    assert outcomes(app) == [(JobState.DONE, "")]


def test_a_wrong_login_delays_the_mail_until_someone_mends_the_settings(mailbox, post):
    with server(mailbox, **_only(b"portail", b"juste")) as port:
        app = post(port, login="portail:faux@")
        assert outcomes(app) == [(JobState.QUEUED, "le serveur refuse l’identifiant (535)")]
        assert mailbox.received == []
        work_later(post(port, HELLO, login="portail:juste@"))
    assert len(mailbox.received) == 2


def test_a_login_with_accents_is_told_in_a_sentence(mailbox, post):
    with server(mailbox, **_only(b"portail", "été".encode())) as port:
        app = post(port, login="portail:%C3%A9t%C3%A9@")
    assert outcomes(app) == [(JobState.QUEUED, "l’identifiant ou le mot de passe du serveur a des accents")]


def _certificate(folder):
    """A server's certificate for 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "server.pem"
    path.write_bytes(private + made.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return path, context


def test_what_goes_to_a_server_that_offers_tls_is_encrypted(mailbox, post, tmp_path, monkeypatch):
    path, context = _certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with server(mailbox, tls_context=context) as port:
        assert outcomes(post(port)) == [(JobState.DONE, "")]
    assert mailbox.over_tls == [True]


def test_a_server_that_cannot_prove_who_it_is_gets_nothing(mailbox, post, tmp_path):
    _, context = _certificate(tmp_path)
    with server(mailbox, tls_context=context) as port:
        app = post(port, login="portail:secret@")
    assert outcomes(app) == [(JobState.QUEUED, "le serveur ne répond pas (SSLCertVerificationError)")]
    assert mailbox.received == []


# No server.


def test_without_a_server_a_demonstration_writes_its_mails_in_a_folder(make_app):
    app = make_app(PREAU_SMTP_URL="")
    with app.app_context(), db.transaction():
        for one in mail_to("anne", "zoe"):
            Job.post_mail(**one)
    Worker(app).run_all()
    assert {state for state, _ in outcomes(app)} == {JobState.DONE}
    written = [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in app.config["PREAU"].mails_dir.glob("*.eml")
    ]
    assert sorted(message["To"] for message in written) == ["anne@exemple.fr", "zoe@exemple.fr"]
    assert "vient d’être changé" in written[0].get_body(("plain",)).get_content()


def test_without_a_server_production_keeps_its_mails(make_app):
    app = make_app(PREAU_SMTP_URL="", PREAU_ENV="production", PREAU_TODAY="")
    with app.app_context(), db.transaction():
        Job.post_mail(**HELLO)
    Worker(app).run_all()
    assert outcomes(app) == [(JobState.QUEUED, "PREAU_SMTP_URL manque")]
    assert not app.config["PREAU"].mails_dir.exists()


# flask doctor's question.


@pytest.mark.sqlite_only
def test_the_probe_sends_nothing(mailbox):
    with server(mailbox) as port:
        mail.probe(f"smtp://127.0.0.1:{port}")
    assert mailbox.received == []


@pytest.mark.sqlite_only
def test_the_probe_says_what_is_wrong():
    with pytest.raises(mail.TemporaryError, match="ne répond pas"):
        mail.probe(f"smtp://127.0.0.1:{free_port()}")
    started = time.monotonic()
    with server(Mailbox(), **_only(b"portail", b"juste")) as port, pytest.raises(mail.TemporaryError, match="535"):
        mail.probe(f"smtp://portail:faux@127.0.0.1:{port}")
    assert time.monotonic() - started < mail.TIMEOUT
