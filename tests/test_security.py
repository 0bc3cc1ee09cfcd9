"""Headers, cookies, caches, compression."""

import errno
import gzip
import json
import logging
import sqlite3
from datetime import timedelta

import psycopg
import pytest
import time_machine
from sqlalchemy.exc import OperationalError

from app import clock, db
from app.models.jobs import WorkerBeat
from app.models.town import Town
from tests.conftest import text_of

pytestmark = pytest.mark.sqlite_only

PAGES = ("/connexion", "/aide", "/accessibilite", "/mentions-legales", "/donnees-personnelles", "/mot-de-passe/oubli")


@pytest.mark.parametrize("page", [*PAGES, "/nulle-part", "/sante", "/static/css/base.css"])
def test_every_answer_carries_the_usual_headers(client, page):
    headers = client.get(page).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe-eval" not in headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_the_policy_of_pages_allows_only_our_own_files(client):
    policy = client.get("/connexion").headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_over_https_cookies_are_secure_and_hsts_is_sent(make_app):
    client = make_app(PREAU_BASE_URL="https://famille.saint-jean.example").test_client()
    assert "max-age" in client.get("/static/css/base.css").headers["Strict-Transport-Security"]
    answer = client.get("/connexion", base_url="https://localhost")
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-preau=")
    for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert word in cookie


def test_over_http_the_cookie_is_still_out_of_scripts_reach(client):
    cookie = client.get("/connexion").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_no_page_with_personal_data_or_a_token_is_cached(jean):
    for page in ("/", "/mot-de-passe", "/aide", "/documents/1"):
        assert jean.get(page).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("page", ["/connexion", "/static/css/base.css", "/static/vendor/htmx.min.js"])
def test_texts_are_compressed(client, page):
    plain = client.get(page)
    packed = client.get(page, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) * 0.55
    assert len(gzip.decompress(packed.data)) > 0.9 * len(plain.data)


def test_health_tells_the_state_of_each_part(client, app):
    assert client.get("/sante").json == {"database": "ok", "disk": "ok", "keys": "ok", "worker": "silent"}
    with app.app_context(), db.transaction():
        WorkerBeat.beat("someone")
    assert client.get("/sante").json["worker"] == "ok"


@pytest.mark.parametrize("page", PAGES)
def test_public_pages_are_filled_with_the_town_s_data(client, page):
    text = client.get(page).text
    assert "Saint-Jean" in text
    assert "Accessibilité : non conforme" in text.replace("\u00a0", " ")


def test_the_legal_pages_name_who_answers(client):
    assert "Le maire de Saint-Jean" in client.get("/mentions-legales").text
    assert "dpo@saint-jean.example" in client.get("/donnees-personnelles").text


def test_a_town_with_nothing_filled_in_has_pages_all_the_same(client, app):
    with app.app_context(), db.transaction() as writing:
        writing.delete(writing.get(Town, 1))
    for page in PAGES:
        assert client.get(page).status_code == 200


def test_a_file_kept_outside_is_never_reached_by_a_path(client):
    for address in ("/static/../config.py", "/static/%2e%2e/config.py", "/documents/../../preau.db"):
        assert client.get(address).status_code in (404, 303)


def test_a_cookie_signed_by_a_server_whose_clock_is_ahead_is_read(client):
    with time_machine.travel(clock.now() + timedelta(seconds=40)):
        client.log_in("jean.dupont")
    assert "Bienvenue JEAN DUPONT" in text_of(client.get("/"))


def test_a_full_disk_is_told_to_the_supervisor(client, monkeypatch):
    for free, told in ((100_000_000, ("low", 200)), (1_000_000, ("full", 503))):
        monkeypatch.setattr("app.blueprints.public._free_bytes", lambda free=free: free)
        answer = client.get("/sante")
        assert (answer.json["disk"], answer.status_code) == told


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (OSError(errno.ENOSPC, "full"), "ENOSPC"),
        (OperationalError("x", {}, psycopg.errors.AdminShutdown()), "57P01"),
        (ValueError("jean.dupont@exemple.fr"), None),
    ],
)
def test_the_log_names_what_the_system_refused(log_lines, error, cause):
    logging.getLogger("preau.errors").error("unexpected error", exc_info=error)
    assert json.loads(log_lines()[-1]).get("cause") == cause


def test_the_log_names_what_sqlite_refused(log_lines, tmp_path):
    connection = sqlite3.connect(tmp_path / "full.db")
    connection.execute("PRAGMA max_page_count = 1")
    try:
        connection.execute("CREATE TABLE t (x)")
    except sqlite3.OperationalError as full:
        logging.getLogger("preau.errors").error("unexpected error", exc_info=OperationalError("x", {}, full))
    assert json.loads(log_lines()[-1])["cause"] == "SQLITE_FULL"
