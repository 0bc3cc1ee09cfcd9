"""A browser that opened an account before is not locked out by what strangers type elsewhere."""

from datetime import timedelta

import pytest
import time_machine

from app import clock, db
from app.models.accounts import Account, UserSession, password

WRONG = "Faux12345"


def locked_by_a_stranger(app, identifiant: str) -> None:
    stranger = app.test_client()
    for _ in range(10):
        answer = stranger.log_in_by_form(identifiant, WRONG)
    assert answer.status_code == 429


@pytest.fixture
def known(client):
    """The window in which Jean and the guichet once logged in, and out again."""
    for identifiant, home in (("jean.dupont", "/"), ("guichet", "/agent/")):
        client.log_in_by_form(identifiant)
        client.log_out(page=home)
    return client


@pytest.mark.parametrize(("identifiant", "home"), [("jean.dupont", "/"), ("guichet", "/agent/")])
def test_a_stranger_who_locks_the_identifiant_does_not_lock_it_out(app, known, identifiant, home):
    locked_by_a_stranger(app, identifiant)
    assert app.test_client().log_in_by_form(identifiant).status_code == 429
    assert known.log_in_by_form(identifiant).location == home


def test_its_own_tries_are_as_few(known):
    for _ in range(10):
        answer = known.log_in_by_form("jean.dupont", WRONG)
    assert answer.status_code == 429
    assert known.log_in_by_form("jean.dupont").status_code == 429
    with time_machine.travel(clock.now() + timedelta(minutes=15, seconds=5), tick=True):
        assert known.log_in_by_form("jean.dupont").location == "/"


def test_a_new_password_lifts_its_lock(app, known):
    for _ in range(10):
        known.log_in_by_form("jean.dupont", WRONG)
    new = password.hash_password("Autre2026")
    with app.app_context(), db.transaction():
        Account.named("jean.dupont").change_password(new, address="")
    assert known.log_in_by_form("jean.dupont", "Autre2026").location == "/"


@pytest.mark.parametrize("identifiant", ["durand", "admin"])
def test_it_is_unknown_to_others(app, known, identifiant):
    locked_by_a_stranger(app, identifiant)
    assert known.log_in_by_form(identifiant).status_code == 429


@pytest.mark.parametrize("cookie", ["", "x", "eyJhIjoiYiJ9.AAAA", "W10.x"])
def test_a_cookie_that_we_did_not_sign_makes_no_browser_known(app, client, cookie):
    locked_by_a_stranger(app, "jean.dupont")
    client.set_cookie("preau-connu", cookie)
    assert client.log_in_by_form("jean.dupont").status_code == 429


def test_the_cookie_names_nobody(known):
    told = known.get_cookie("preau-connu")
    assert told.http_only
    assert "jean" not in told.value
    assert "guichet" not in told.value


@pytest.mark.parametrize("minutes", [61, 11 * 60])
def test_a_later_login_in_a_browser_ends_the_session_that_was_left_idle(app, client, minutes):
    client.log_in_by_form("jean.dupont")
    with time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=True):
        assert client.get("/planning").location == "/connexion?suite=/planning"
        client.log_in_by_form("durand")
    with app.app_context():
        assert db.session.query(UserSession).count() == 1
