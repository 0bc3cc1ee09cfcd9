"""/connexion and /deconnexion."""

import re
import time
from datetime import timedelta

import pytest
import time_machine

from app import clock, db
from app.models.accounts import Account, UserSession
from app.models.jobs import Job
from app.models.town import Town
from tests.conftest import FRAGMENT, PASSWORD, text_of


def try_to_log_in(client, identifiant, password="Faux12345"):
    return client.log_in_by_form(identifiant, password)


def test_the_page_says_what_the_guide_says(client):
    page = text_of(client.get("/connexion"))
    for words in (
        "COMPTE FAMILLE",
        "Afin d'accéder à notre service, veuillez vous identifier.",
        "Identifiant",
        "Mot de passe",
        "Mot de passe oublié ?",
        "05 61 00 00 00",
        "guichetunique@saint-jean.example",
    ):
        assert words in page


@pytest.mark.parametrize("typed", ["jean.dupont", "  Jean.Dupont ", "JEAN.DUPONT"])
@pytest.mark.both_engines
def test_an_identifiant_is_known_whatever_its_case_and_blanks(client, typed):
    answer = client.log_in_by_form(typed)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "JEAN DUPONT" in client.get("/").text


def test_an_agent_lands_on_the_agents_side(client):
    assert client.log_in_by_form("guichet").location == "/agent/"
    assert "Claire Vidal" in client.get("/agent/").text


def test_a_wrong_password_keeps_the_identifiant_typed(client):
    answer = try_to_log_in(client, "jean.dupont")
    assert answer.status_code == 422
    assert "Identifiant ou mot de passe incorrect." in text_of(answer)
    assert 'value="jean.dupont"' in answer.text
    assert "Faux12345" not in answer.text


def test_empty_fields_get_their_sentences(client):
    answer = client.log_in_by_form(" ", "")
    assert answer.status_code == 422
    assert "Écrivez votre mot de passe." in text_of(answer)


def test_an_unknown_identifiant_gets_the_same_answer_as_a_known_one(client):
    known, unknown = (text_of(try_to_log_in(client, name)) for name in ("jean.dupont", "personne"))
    assert known == unknown


def test_ten_wrong_passwords_lock_and_the_right_one_is_then_refused(client):
    for _ in range(10):
        answer = try_to_log_in(client, "jean.dupont")
    assert "verrouillé" in text_of(answer)
    answer = client.log_in_by_form("JEAN.dupont ")
    assert answer.status_code == 429
    assert "cet identifiant est verrouillé pendant 15 minutes, jusqu’à" in text_of(answer)
    assert int(answer.headers["Retry-After"]) > 800
    assert client.get("/").status_code == 303


def test_an_identifiant_that_does_not_exist_locks_just_the_same(client):
    answers = [text_of(try_to_log_in(client, "personne")) for _ in range(11)]
    assert "verrouillé pendant 15 minutes" in answers[-1]


def test_the_lock_ends_when_it_said_it_would(client):
    for _ in range(11):
        try_to_log_in(client, "jean.dupont")
    with time_machine.travel(clock.now() + timedelta(minutes=14), tick=True):
        assert client.log_in_by_form("jean.dupont").status_code == 429
    with time_machine.travel(clock.now() + timedelta(minutes=15, seconds=5), tick=True):
        assert client.log_in_by_form("jean.dupont").location == "/"


def test_after_five_failures_even_the_right_password_waits_and_says_how_long(client):
    for _ in range(5):
        answer = try_to_log_in(client, "jean.dupont")
    assert "Attendez 2 secondes avant de réessayer ; encore 5 essais avant un verrouillage de 15 minutes." in text_of(
        answer
    )
    answer = client.log_in_by_form("jean.dupont")
    assert answer.status_code == 429
    assert "cet essai n’a pas été vérifié. Attendez 4 secondes avant de réessayer" in text_of(answer)
    with time_machine.travel(clock.now() + timedelta(seconds=5), tick=True):
        assert client.log_in_by_form("jean.dupont").location == "/"


def test_during_the_pause_and_the_lock_right_and_wrong_get_the_same_answer(client, app):
    for name in ("jean.dupont", "durand"):
        for _ in range(5):
            try_to_log_in(client, name)
    for _ in range(6):
        right, wrong = client.log_in_by_form("jean.dupont"), try_to_log_in(client, "durand")
        assert right.status_code == wrong.status_code == 429
        assert text_of(right) == text_of(wrong)


def test_another_identifiant_is_not_slowed_down(client):
    for _ in range(10):
        try_to_log_in(client, "jean.dupont")
    assert client.log_in_by_form("durand").location == "/"


def test_an_address_that_tries_a_hundred_identifiants_is_stopped(client, monkeypatch):
    monkeypatch.setattr(
        "app.models.accounts.password.verify", lambda stored, typed: False
    )  # a hundred hashes take too long
    for number in range(100):
        answer = try_to_log_in(client, f"personne{number}")
    answer = try_to_log_in(client, "encore-un")
    assert answer.status_code == 429
    assert "depuis cette connexion internet" in text_of(answer)
    with time_machine.travel(clock.now() + timedelta(minutes=16), tick=True):
        for number in range(3):  # its lock over, an address starts afresh
            assert try_to_log_in(client, f"autre{number}").status_code == 422


@pytest.mark.both_engines
def test_parallel_tries_do_not_outrun_the_count(app):
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    from app.models.accounts.login import authenticate  # noqa: PLC0415

    def one(_: int) -> str:
        with app.app_context():
            outcome = authenticate("jean.dupont", "Faux12345", address="192.0.2.1")
            return outcome.sentence

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(one, range(24)))
    assert len(told) == 24
    assert sum("incorrect" in sentence for sentence in told) <= 9
    assert sum("jusqu’à" in sentence for sentence in told) >= 15


def test_success_forgets_the_failures(client):
    for _ in range(4):
        try_to_log_in(client, "jean.dupont")
    client.log_in_by_form("jean.dupont")
    client.log_out()
    assert "essais" not in text_of(try_to_log_in(client, "jean.dupont"))


def test_logging_out_leads_to_the_town_s_website(client, app):
    with app.app_context(), db.transaction() as writing:
        writing.get(Town, 1).website_url = "https://www.saint-jean.example/accueil"
    client.log_in_by_form("jean.dupont")
    page = client.get("/")
    allowed = page.headers["Content-Security-Policy"].partition("form-action 'self'")[2].split()
    assert {"https://www.saint-jean.example", "http://saint-jean.example"} <= set(allowed)
    answer = client.log_out()
    assert (answer.status_code, answer.location) == (303, "https://www.saint-jean.example/accueil")
    assert client.get("/").location == "/connexion"


def test_without_a_website_it_leads_to_the_login_page(jean):
    assert jean.log_out().location == "/connexion"


def test_logging_out_ends_the_session_everywhere_its_cookie_went(jean, app):
    stolen = app.test_client()
    stolen.set_cookie("preau", jean.get_cookie("preau").value)
    assert stolen.get("/").status_code == 200
    jean.log_out()
    assert stolen.get("/").status_code == 303


def test_one_comes_back_where_one_was(client):
    asked = client.get("/documents/1?x=é")
    assert asked.location.startswith("/connexion?suite=/documents/1")
    answer = client.log_in_by_form("jean.dupont", page=asked.location)
    assert answer.location.startswith("/documents/1")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://exemple.fr/",
        "//exemple.fr",
        "/\\exemple.fr",
        "javascript:alert(1)",
        "/\r\nX: y",
        "/deconnexion",
        "/nulle-part",
        "/agent/",
    ],
)
def test_one_is_never_led_to_another_site(client, elsewhere):
    answer = client.send_form("/connexion", {"identifiant": "jean.dupont", "password": PASSWORD, "suite": elsewhere})
    assert answer.location == "/"


def test_leaving_twice_in_two_tabs_is_no_error(client):
    client.log_in_by_form("jean.dupont")
    page = client.get("/").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    for _ in range(2):
        answer = client.post("/deconnexion", data={"csrf_token": token})
        assert (answer.status_code, answer.location) == (303, "/connexion")


def test_no_one_is_logged_out_by_another_site(jean):
    assert jean.post("/deconnexion").status_code == 400
    assert jean.get("/").status_code == 200


def test_a_second_login_tab_leads_home_when_one_is_in_already(client):
    page = client.get("/connexion").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    client.log_in_by_form("jean.dupont")
    data = {"csrf_token": token, "identifiant": "jean.dupont", "password": PASSWORD}
    assert client.post("/connexion", data=data).location == "/"


@pytest.mark.both_engines
def test_a_nul_byte_is_refused_without_a_trace(client, app):
    for address in ("/connexion", "/mot-de-passe/oubli"):
        answer = client.send_form(address, {"identifiant": "a\0b", "password": "x"})
        assert answer.status_code == 400
    with app.app_context():
        assert db.session.query(Job).count() == 0


def test_the_stale_sentence_is_in_french_only(client):
    client.get("/connexion")
    answer = client.post("/connexion", data={"csrf_token": "stale", "identifiant": "x", "password": "y"})
    assert "CSRF" not in text_of(answer)


def test_a_parent_is_not_led_to_the_agents_side(client):
    asked = client.get("/agent/profil")
    assert client.log_in_by_form("jean.dupont", page=asked.location).location == "/"


@pytest.mark.parametrize(("identifiant", "minutes", "page"), [("jean.dupont", 60, "/"), ("guichet", 30, "/agent/")])
def test_an_idle_session_ends(client, identifiant, minutes, page):
    client.log_in_by_form(identifiant)
    with time_machine.travel(time.time() + minutes * 60 - 30, tick=True):
        assert client.get(page).status_code == 200
    with time_machine.travel(time.time() + minutes * 60 * 2, tick=True):
        answer = client.get(page)
        assert answer.status_code == 303
        assert "Votre session a pris fin" in text_of(client.get(answer.location))


def test_use_prolongs_the_session(client):
    client.log_in_by_form("jean.dupont")
    for minutes in (40, 80, 120):
        with time_machine.travel(time.time() + minutes * 60, tick=True):
            assert client.get("/").status_code == 200


def test_a_poll_neither_prolongs_the_session_nor_redirects(client):
    client.log_in_by_form("jean.dupont")
    poll = {**FRAGMENT, "HX-Poll": "1"}
    with time_machine.travel(time.time() + 40 * 60, tick=True):
        assert client.get("/mes-donnees", headers=poll).status_code == 200
    with time_machine.travel(time.time() + 65 * 60, tick=True):
        answer = client.get("/mes-donnees", headers=poll)
        assert answer.status_code == 200
        assert "HX-Redirect" not in answer.headers
        assert "Votre session a pris fin" in text_of(answer)


def test_a_session_never_lasts_more_than_twelve_hours(client):
    client.log_in_by_form("jean.dupont")
    for hours in range(1, 12):
        with time_machine.travel(time.time() + hours * 3500, tick=True):
            assert client.get("/").status_code == 200
    with time_machine.travel(time.time() + 12 * 3600 + 60, tick=True):
        assert client.get("/").status_code == 303


def test_a_login_page_left_open_shows_the_form_again_with_its_content(client):
    client.get("/connexion")
    answer = client.post(
        "/connexion", data={"csrf_token": "stale", "identifiant": "jean.dupont", "password": PASSWORD}
    )
    assert answer.status_code == 422
    assert "Cette page était ouverte depuis longtemps" in text_of(answer)
    assert 'value="jean.dupont"' in answer.text
    assert client.get("/").status_code == 303


def test_who_is_logged_in_is_led_home_from_the_login_page(jean):
    assert jean.get("/connexion").location == "/"


def test_sessions_are_rows_and_hold_no_usable_token(jean, app):
    with app.app_context():
        rows = db.session.query(UserSession).all()
        assert len(rows) == 1
        assert rows[0].token_digest not in jean.get_cookie("preau").value


def test_logging_in_does_not_keep_what_was_planted_in_the_cookie(client):
    with client.session_transaction() as planted:
        planted["awaiting_code"] = {"account": 1, "since": time.time(), "suite": ""}
    client.log_in_by_form("durand")
    with client.session_transaction() as kept:
        assert "awaiting_code" not in kept


def test_a_one_time_password_must_be_changed_and_expires_after_60_days(client, app):
    with app.app_context(), db.transaction():
        account = Account.named("durand")
        account.must_change_password = True
        account.one_time_until = clock.now() + timedelta(days=60)
    assert client.log_in_by_form("durand").location == "/"
    assert client.get("/").location == "/mot-de-passe"
    client.log_out(page="/mot-de-passe")
    with time_machine.travel(clock.now() + timedelta(days=61), tick=True):
        answer = client.log_in_by_form("durand")
        assert answer.status_code == 422
        assert "Ce mot de passe provisoire n’est plus valable depuis le" in text_of(answer)
        assert "05 61 00 00 00" in text_of(answer)
