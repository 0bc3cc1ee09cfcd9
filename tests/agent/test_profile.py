"""Mon profil: the agent's address and one-time codes."""

import re
import time

import pyotp
import pytest
import time_machine

from app import db
from app.models.accounts import Account
from tests.auth.test_password import ask, choose, link_from, mails
from tests.conftest import PASSWORD, text_of

pytestmark = pytest.mark.usefixtures("no_time_passes")

SETUP = "/agent/profil/double-authentification"


@pytest.fixture
def agent(client):
    client.log_in("guichet")
    return client


def protect(agent) -> tuple[pyotp.TOTP, list[str]]:
    """Protect the account as an agent would: what the phone then knows, and the recovery codes shown."""
    page = agent.get(SETUP)
    secret = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", text_of(page))[0].replace(" ", "")
    hidden = dict(re.findall(r'type="hidden" (?:id="\w+" )?name="(\w+)"[^>]*value="([^"]+)"', page.text))
    hidden |= dict(re.findall(r'name="(secret)"[^>]*value="([^"]+)"', page.text))
    totp = pyotp.TOTP(secret)
    answer = agent.post(SETUP, data={**hidden, "password": PASSWORD, "code": totp.now()})
    assert answer.status_code == 200
    return totp, re.findall(r"\b[a-z2-9]{4}(?:-[a-z2-9]{4}){3}\b", answer.text)


def later(seconds=31):
    return time_machine.travel(time.time() + seconds, tick=True)


def test_the_page_shows_the_agent(agent):
    page = text_of(agent.get("/agent/profil"))
    for words in ("Claire Vidal", "guichet", "Désactivée"):
        assert words in page


def test_the_second_step_asks_for_the_phone_s_code(agent, app):
    totp, codes = protect(agent)
    assert len(set(codes)) == 10
    elsewhere = app.test_client()
    assert elsewhere.log_in_by_form("guichet").location == "/connexion/code"
    assert elsewhere.get("/agent/").status_code == 303  # the password alone opens nothing
    with later():
        answer = elsewhere.send_form("/connexion/code", {"code": totp.now()})
        assert answer.location == "/agent/"
        assert elsewhere.get("/agent/").status_code == 200


def test_a_code_serves_once(agent, app):
    totp, _ = protect(agent)
    with later():
        code = totp.now()
        for expected in (303, 422):
            elsewhere = app.test_client()
            elsewhere.log_in_by_form("guichet")
            assert elsewhere.send_form("/connexion/code", {"code": code}).status_code == expected


def test_a_recovery_code_serves_once(agent, app):
    _, codes = protect(agent)
    for expected in (303, 422):
        elsewhere = app.test_client()
        elsewhere.log_in_by_form("guichet")
        assert elsewhere.send_form("/connexion/code", {"code": codes[0].upper()}).status_code == expected


def test_ten_wrong_codes_lock(agent, app):
    protect(agent)
    elsewhere = app.test_client()
    for number in range(11):
        with time_machine.travel(time.time() + number * 31, tick=False):
            elsewhere.log_in_by_form("guichet")
            answer = elsewhere.send_form("/connexion/code", {"code": "000000"})
            assert answer.status_code == (422 if number < 9 else 429)
    assert "les codes sont refusés pendant 15 minutes" in text_of(answer)


def test_a_wrong_code_at_set_up_changes_nothing(agent):
    answer = agent.send_form(SETUP, {"password": PASSWORD, "code": "000000"})
    assert answer.status_code == 422
    assert "Ce code n’est pas le bon" in text_of(answer)
    assert "Désactivée" in text_of(agent.get("/agent/profil"))


def test_a_password_reset_does_not_skip_the_code(agent, app, worker):
    protect(agent)
    elsewhere = app.test_client()
    ask(elsewhere, "guichet")
    choose(elsewhere, link_from(app, worker))
    assert elsewhere.log_in_by_form("guichet", "Soleil-2031").location == "/connexion/code"
    assert elsewhere.get("/agent/").status_code == 303


def test_the_code_must_come_within_five_minutes_of_the_password(agent, app):
    protect(agent)
    elsewhere = app.test_client()
    elsewhere.log_in_by_form("guichet")
    with later(6 * 60):
        assert elsewhere.get("/connexion/code").location == "/connexion"


def test_when_required_nothing_is_reached_before_it_is_set_up(make_app):
    client = make_app(PREAU_AGENT_TOTP="required").test_client()
    client.log_in("guichet")
    assert client.get("/agent/").location == SETUP
    assert client.get("/agent/profil").location == SETUP
    protect(client)
    assert client.get("/agent/").status_code == 200


def test_parents_are_not_asked_for_a_code(make_app):
    client = make_app(PREAU_AGENT_TOTP="required").test_client()
    client.log_in("jean.dupont")
    assert client.get("/").status_code == 200


def test_switching_it_off_needs_password_and_code(agent, app):
    _, codes = protect(agent)
    off = f"{SETUP}/desactivation"
    wrong = agent.send_form(off, {"off-password": "Faux12345", "off-code": codes[0]}, page="/agent/profil")
    assert wrong.status_code == 422
    assert "Ce n’est pas votre mot de passe actuel." in text_of(wrong)
    right = agent.send_form(off, {"off-password": PASSWORD, "off-code": codes[0]}, page="/agent/profil")
    assert right.location == "/agent/profil"
    assert app.test_client().log_in_by_form("guichet").location == "/agent/"


def test_new_recovery_codes_kill_the_old_ones(agent, app):
    _, old = protect(agent)
    answer = agent.send_form("/agent/profil/codes-de-secours", {"codes-code": old[0]}, page="/agent/profil")
    assert answer.status_code == 200
    elsewhere = app.test_client()
    elsewhere.log_in_by_form("guichet")
    assert elsewhere.send_form("/connexion/code", {"code": old[1]}).status_code == 422


def test_the_secret_is_not_readable_in_the_database(agent, app):
    totp, _ = protect(agent)
    with app.app_context():
        raw = db.session.execute(db.text("SELECT totp_secret FROM account WHERE identifiant = 'guichet'")).scalar()
        assert totp.secret not in raw
        assert Account.named("guichet").totp_secret == totp.secret


def test_protecting_an_account_left_open_needs_its_password(agent):
    answer = agent.send_form(SETUP, {"password": "Faux12345", "code": "000000"})
    assert "Ce n’est pas votre mot de passe actuel." in text_of(answer)


@pytest.mark.parametrize("typed", ["é", "12345é", "١٢٣٤٥٦", "0" * 300])
@pytest.mark.both_engines
def test_a_code_that_is_no_code_is_refused_in_a_sentence(agent, app, typed):
    protect(agent)
    elsewhere = app.test_client()
    elsewhere.log_in_by_form("guichet")
    assert elsewhere.send_form("/connexion/code", {"code": typed}).status_code == 422


def test_a_password_changed_meanwhile_ends_the_second_step(agent, app):
    _, codes = protect(agent)
    elsewhere = app.test_client()
    elsewhere.log_in_by_form("guichet")
    data = {"current": PASSWORD, "password": "Soleil-2031", "confirmation": "Soleil-2031"}
    assert agent.send_form("/mot-de-passe", data).status_code == 303
    answer = elsewhere.send_form("/connexion/code", {"code": codes[0]})
    assert answer.status_code == 422
    assert "Le mot de passe vient de changer" in text_of(answer)
    assert elsewhere.get("/agent/").status_code == 303


def test_a_change_of_address_warns_the_old_one(agent, app, worker):
    data = {"email-email": " claire@exemple.fr ", "email-password": PASSWORD}
    assert agent.send_form("/agent/profil/courriel", data, page="/agent/profil").location == "/agent/profil"
    worker.run_all()
    (mail,) = mails(app)
    assert mail.startswith("To: guichet@saint-jean.example")
    assert "adresse de courriel a changé" in mail
    assert "claire@exemple.fr" in agent.get("/agent/profil").text


@pytest.mark.parametrize("typed", ["", "pas-une-adresse", "a@b", "deux@arobases@exemple.fr", "élodie@exemple.fr"])
def test_a_wrong_address_is_refused_and_stays_on_screen(agent, typed):
    data = {"email-email": typed, "email-password": PASSWORD}
    answer = agent.send_form("/agent/profil/courriel", data, page="/agent/profil")
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text or not typed
