"""Passwords: forgotten, reset, changed, forced."""

import logging
import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from app import clock, db
from app.models.accounts import Account, PasswordReset
from app.models.jobs import Job
from tests.conftest import PASSWORD, text_of

NEW = "Soleil-2031"


def mails(app) -> list[str]:
    """The mails laid in the demonstration's folder, decoded, oldest first."""
    from email import policy  # noqa: PLC0415
    from email.parser import BytesParser  # noqa: PLC0415

    parser = BytesParser(policy=policy.default)
    found = [parser.parsebytes(path.read_bytes()) for path in app.config["PREAU"].mails_dir.glob("*.eml")]
    return [f"To: {m['To']}\n{m['Subject']}\n{m.get_body(('plain',)).get_content()}" for m in found]


def ask(client, identifiant="jean.dupont"):
    return client.send_form("/mot-de-passe/oubli", {"identifiant": identifiant})


def link_from(app, worker) -> str:
    worker.run_all()
    (mail,) = [mail for mail in mails(app) if "choisir un nouveau" in mail]
    return re.search(r"http://localhost(/mot-de-passe/\S+)", mail)[1]


def choose(client, link, password=NEW, confirmation=None):
    return client.send_form(link, {"password": password, "confirmation": confirmation or password})


def test_the_mailed_link_sets_a_new_password(client, app, worker):
    assert "Si le portail connaît une adresse de courriel pour ce que vous avez écrit" in text_of(ask(client))
    link = link_from(app, worker)
    assert "8 caractères minimum" in text_of(client.get(link))
    answer = choose(client, link)
    assert answer.location == "/connexion"
    assert "Votre mot de passe est changé" in text_of(client.get("/connexion"))
    assert client.log_in_by_form("jean.dupont", NEW).location == "/"
    assert app.test_client().log_in_by_form("jean.dupont", PASSWORD).status_code == 422


def test_the_answer_is_one_for_all_even_to_the_byte(client, app, worker):
    def body(name):
        return re.sub(r'value="[^"]*"|X-CSRFToken[^\']*', "", ask(client, name).text)

    assert body("jean.dupont") == body("personne") == body("JEAN.DUPONT  ")
    worker.run_all()
    assert len(mails(app)) == 2


def test_the_link_unlocks_a_locked_account(client, app, worker):
    for _ in range(11):
        client.log_in_by_form("jean.dupont", "Faux12345")
    assert client.log_in_by_form("jean.dupont").status_code == 429
    ask(client)
    choose(client, link_from(app, worker))
    assert client.log_in_by_form("jean.dupont", NEW).location == "/"


def test_the_link_serves_once(client, app, worker):
    ask(client)
    link = link_from(app, worker)
    choose(client, link)
    assert client.get(link).status_code == 404
    assert "ne fonctionne plus" in text_of(client.get(link)) or "lien" in text_of(client.get(link))


def test_opening_the_link_does_not_spend_it(client, app, worker):
    ask(client)
    link = link_from(app, worker)
    for _ in range(3):  # a mail filter looks at links before people do
        assert client.get(link).status_code == 200
    assert choose(client, link).status_code == 303


def test_the_link_lasts_60_minutes(client, app, worker):
    ask(client)
    link = link_from(app, worker)
    with time_machine.travel(clock.now() + timedelta(minutes=59), tick=True):
        assert client.get(link).status_code == 200
    with time_machine.travel(clock.now() + timedelta(minutes=61), tick=True):
        assert client.get(link).status_code == 404


def test_a_used_link_kills_the_others(client, app, worker):
    ask(client)
    first = link_from(app, worker)
    ask(client)
    worker.run_all()
    choose(client, first)
    with app.app_context():
        assert db.session.query(PasswordReset).filter_by(used_at=None).count() == 0


def test_five_links_an_hour_and_no_more(client, app, worker):
    for _ in range(8):
        ask(client)
    worker.run_all()
    assert len(mails(app)) == 5


def test_an_address_that_asks_for_too_many_links_is_told(client):
    answers = [ask(client, f"personne{n}").status_code for n in range(21)]
    assert answers[0] == 200
    assert answers[-1] == 429


def test_the_token_is_not_in_the_database(client, app, worker):
    ask(client)
    token = link_from(app, worker).rpartition("/")[2]
    with app.app_context():
        rows = [
            *db.session.execute(text("SELECT * FROM job")),
            *db.session.execute(text("SELECT * FROM password_reset")),
        ]
    assert len(rows) == 3
    assert token not in str(rows)


def test_the_token_is_not_in_the_log(client, app, worker, log_lines):
    ask(client)
    link = link_from(app, worker)
    choose(client, link)
    logging.getLogger("some.library").warning("GET %s refused", link)
    told = "\n".join(log_lines())
    assert '"endpoint": "password.use_reset"' in told
    assert "GET /mot-de-passe/… refused" in told
    assert link.rpartition("/")[2] not in told
    assert "dupont" not in told.lower()


def test_the_owner_is_told_of_a_change(client, app, worker):
    ask(client)
    choose(client, link_from(app, worker))
    worker.run_all()
    assert any("votre mot de passe a changé" in mail and "To: jean.dupont@" in mail for mail in mails(app))


def test_a_new_password_ends_every_other_session(client, app):
    elsewhere = app.test_client()
    elsewhere.log_in_by_form("jean.dupont")
    client.log_in_by_form("jean.dupont")
    data = {"current": PASSWORD, "password": NEW, "confirmation": NEW}
    assert client.send_form("/mot-de-passe", data).location == "/"
    assert client.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 303


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("Court1a", "8 caractères minimum"),
        ("minuscules1", "au moins 1 majuscule"),
        ("MAJUSCULES1", "au moins 1 minuscule"),
        ("SansChiffre", "au moins 1 caractère numérique"),
        ("Password1", "pas un mot de passe trop connu"),
        ("Azerty123", "pas un mot de passe trop connu"),
        ("Jean.Dupont1", "pas votre identifiant"),
        (PASSWORD, "différent de l’actuel"),
    ],
)
def test_a_password_that_breaks_a_rule_is_refused_with_the_rule(jean, typed, sentence):
    answer = jean.send_form("/mot-de-passe", {"current": PASSWORD, "password": typed, "confirmation": typed})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert typed not in answer.text


def test_without_javascript_the_checklist_says_what_is_met(jean):
    answer = jean.send_form("/mot-de-passe", {"current": PASSWORD, "password": "court", "confirmation": "court"})
    rules = re.findall(r'<li[^>]*data-rule="(\w+)"[^>]*>(.*?)</li>', answer.text, re.DOTALL)
    assert [key for key, _ in rules] == ["length", "upper", "lower", "digit", "known", "identifiant"]
    told = {key: ("non" in inner.lower() and "non respect" in inner.lower()) for key, inner in rules}
    assert told == {
        "length": True,
        "upper": True,
        "lower": False,
        "digit": True,
        "known": False,
        "identifiant": False,
    }


def test_two_different_passwords_are_refused(jean):
    answer = jean.send_form("/mot-de-passe", {"current": PASSWORD, "password": NEW, "confirmation": NEW + "x"})
    assert "Les deux mots de passe ne sont pas les mêmes." in text_of(answer)


def test_a_wrong_current_password_is_refused_and_counted(jean, app):
    data = {"current": "Faux12345", "password": NEW, "confirmation": NEW}
    for _ in range(11):
        answer = jean.send_form("/mot-de-passe", data)
    assert "cette action est verrouillée pendant 15 minutes" in text_of(answer)
    assert app.test_client().log_in_by_form("jean.dupont").location == "/"  # a count of its own


def test_a_stranger_who_fails_at_the_door_does_not_hinder_who_is_in(jean, app):
    stranger = app.test_client()
    for _ in range(11):
        stranger.log_in_by_form("jean.dupont", "Faux12345")
    data = {"current": PASSWORD, "password": NEW, "confirmation": NEW}
    assert jean.send_form("/mot-de-passe", data).location == "/"


@pytest.mark.parametrize("typed", ["x" * 201, "x" * 40_000])
def test_too_long_a_password_is_refused_before_it_costs_anything(jean, typed):
    answer = jean.send_form("/mot-de-passe", {"current": typed, "password": NEW, "confirmation": NEW})
    assert answer.status_code == 422
    assert "200 caractères au plus" in text_of(answer)


def test_at_first_login_nothing_is_reached_before_the_change(client, app):
    with app.app_context(), db.transaction():
        Account.named("durand").must_change_password = True
    client.log_in_by_form("durand")
    assert client.get("/").location == "/mot-de-passe"
    assert client.get("/documents/1").location == "/mot-de-passe"
    page = client.get("/mot-de-passe")
    assert 'name="current"' not in page.text
    assert client.send_form("/mot-de-passe", {"password": NEW, "confirmation": NEW}).location == "/"
    assert client.get("/").status_code == 200


def test_asking_leaves_no_name_readable_in_the_job_table(client, app):
    ask(client)
    with app.app_context():
        assert "jean.dupont" not in db.session.scalar(text("SELECT payload FROM job"))
        assert db.session.query(Job).one().payload == {"identifiant": "jean.dupont"}


@pytest.mark.parametrize("typed", ["jean.dupont@wanadoo.fr", " Jean.Dupont@WANADOO.fr "])
def test_one_s_address_works_as_well_and_the_mail_recalls_the_identifiant(client, app, worker, typed):
    answer = ask(client, typed)
    assert text_of(answer) == text_of(ask(client, "personne@nulle-part.example"))
    worker.run_all()
    (mail,) = mails(app)
    assert "To: jean.dupont@wanadoo.fr" in mail
    assert "«\u00a0jean.dupont\u00a0»" in mail
    assert choose(client, link_from(app, worker)).status_code == 303


def test_an_address_that_two_share_reaches_both_accounts_and_no_closed_one(client, app, worker):
    with app.app_context(), db.transaction() as writing:
        shared = [Account.named(one) for one in ("jean.dupont", "durand", "guichet")]
        for account in shared:
            account.owner.email = "Famille@exemple.fr"
        shared[1].locked_at = clock.now()
        writing.flush()
    ask(client, "famille@exemple.fr")
    worker.run_all()
    told = " ".join(mails(app))
    assert "«\u00a0jean.dupont\u00a0»" in told
    assert "«\u00a0guichet\u00a0»" in told
    assert "«\u00a0durand\u00a0»" not in told
