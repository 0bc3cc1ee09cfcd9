"""Logging in to a mail server, TLS, and no server at all."""

import email
import email.policy
import ipaddress
import ssl
import time
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app import db
from app.integrations import mail
from app.models.jobs import Job, JobState
from app.worker import Worker
from tests.integrations.mailing import HELLO, Mailbox, mail_to, outcomes, server, work_later
from tests.servers import free_port

# aiosmtpd is right; the login of these tests travels on the loopback.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


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
