"""Mail, through a real SMTP server that is up, down, slow, moody, or drops the line."""

import email
import email.policy
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from html import unescape
from pathlib import Path

import pytest
import time_machine
from sqlalchemy.exc import OperationalError

from app import clock, db, tasks, worker
from app.integrations import mail
from app.models.jobs import Job, JobState
from app.models.town import Town
from app.worker import Worker
from tests.integrations.mailing import HELLO, mail_to, outcomes, server, work_later
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


def test_while_the_server_is_away_one_mail_tries_and_what_is_no_mail_does_not_wait(app, monkeypatch):
    done: list[str] = []

    def away(message, **how) -> None:
        done.append(f"tried {message['To']}")
        raise mail.UnreachableError("le serveur ne répond pas (TimeoutError)")

    monkeypatch.setattr(mail, "deliver", away)
    monkeypatch.setitem(tasks.HANDLERS, "offer", lambda claim: done.append("offer"))
    with app.app_context(), db.transaction():
        for one in mail_to("a", "b", "c"):
            Job.post_mail(**one)
        Job.enqueue("offer", {}, run_at=clock.now())
    Worker(app).run_all()
    assert done == ["offer", "tried a@exemple.fr"]
    work_later(app, timedelta(seconds=61))
    assert done[2:] == ["tried a@exemple.fr"]


def test_after_a_long_absence_of_the_server_the_oldest_leave_first_and_none_is_given_up(mailbox, post):
    port = free_port()
    app = post(port, *mail_to("a", "b"))
    for day in range(1, 5):  # longer than any mail is tried that a server refuses
        work_later(app, timedelta(days=day))
    with time_machine.travel(clock.now() + timedelta(days=4, hours=1)), app.app_context(), db.transaction():
        Job.post_mail(**mail_to("c")[0])
    with server(mailbox, port):
        work_later(app, timedelta(days=5))
    assert mailbox.recipients == ["a@exemple.fr", "b@exemple.fr", "c@exemple.fr"]


def test_the_end_of_a_mail_is_written_again_until_it_stands(mailbox, post, monkeypatch):
    """On a full disk the server has the mail already: it must not leave twice."""
    port, refused = free_port(), []
    finish = Job.finish

    def full_disk(*told):
        if len(refused) < 3:
            refused.append(told)
            raise OperationalError("UPDATE job", {}, sqlite3.OperationalError("database or disk is full"))
        return finish(*told)

    monkeypatch.setattr(Job, "finish", full_disk)
    monkeypatch.setattr(worker, "AGAIN_AFTER", 0)
    with server(mailbox, port):
        app = post(port)
    assert len(refused) == 3
    assert len(mailbox.received) == 1
    assert outcomes(app) == [(JobState.DONE, "")]
