"""Errors as sentences, to a page and to a fragment."""

import json
import re

import pytest

from app import create_app, db
from app.errors import SENTENCES
from tests.conftest import FRAGMENT, CheckingClient, settings, text_of

CODES = sorted(SENTENCES)


@pytest.fixture
def broken(place):
    """An app of its own with one more page, which fails as it is told."""
    from flask import abort  # noqa: PLC0415

    app = create_app(settings(*place))
    app.test_client_class = CheckingClient

    @app.get("/panne/<int:code>", endpoint="public.broken")
    def broken_page(code: int):
        if code == 500:
            raise ValueError("le mot de passe de Jean Dupont est Bonjour2026")
        abort(code)

    yield app
    db.disconnect()


@pytest.mark.parametrize("code", CODES)
def test_each_error_is_a_page_in_plain_french(broken, code):
    answer = broken.test_client().get(f"/panne/{code}")
    page = text_of(answer)
    assert answer.status_code == code
    title, sentence, advice = SENTENCES[code]
    for words in (title, sentence, advice):
        assert re.sub(r"\s", " ", words) in page
    assert "Traceback" not in answer.text
    assert "Error" not in page


@pytest.mark.parametrize("code", CODES)
def test_to_a_fragment_it_is_one_partial_for_the_flash_region(broken, code):
    answer = broken.test_client().get(f"/panne/{code}", headers=FRAGMENT)
    assert answer.status_code == code
    assert answer.text.strip().startswith('<hx-partial hx-target="#flash"')
    assert answer.text.count("<hx-partial") == 1
    assert re.sub(r"\s", " ", SENTENCES[code][1]) in text_of(answer)
    assert "HX-Request" in answer.headers["Vary"]


def test_a_500_bears_a_reference_that_the_log_has_too(broken, log_lines):
    page = text_of(broken.test_client().get("/panne/500"))
    reference = re.search(r"Référence : (\w{8})", page)[1]
    (line,) = [json.loads(line) for line in log_lines() if reference in line]
    assert line["error"] == "ValueError"
    assert any("broken_page" in frame for frame in line["frames"])


def test_a_500_keeps_the_parent_s_page_and_the_fragment_s_reference(broken):
    client = broken.test_client()
    client.log_in("jean.dupont")
    page = client.get("/panne/500")
    assert "<link" in page.text
    assert "Revenir à l’accueil" in text_of(page)
    fragment = client.get("/panne/500", headers=FRAGMENT)
    assert fragment.text.strip().startswith("<hx-partial")
    assert re.search(r"Référence : \w{8}", text_of(fragment))


def test_a_foreign_host_is_refused_in_a_sentence(make_app, log_lines):
    environment = {"PREAU_ENV": "production", "PREAU_TODAY": "", "PREAU_SMTP_URL": "smtp://localhost"}
    client = make_app(**environment, PREAU_BASE_URL="https://famille.saint-jean.example").test_client()
    answer = client.get("/connexion", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "Demande incomprise" in text_of(answer)
    assert not [line for line in log_lines() if '"level": "error"' in line]


def test_the_log_of_a_500_holds_no_personal_data(broken, log_lines):
    broken.test_client().get("/panne/500?nom=Dupont")
    told = "\n".join(log_lines())
    assert "Dupont" not in told
    assert "Bonjour2026" not in told


def test_an_unknown_page_keeps_the_parent_s_bar(jean):
    answer = jean.get("/nulle-part")
    assert answer.status_code == 404
    assert "JEAN DUPONT" in answer.text


def test_too_heavy_a_request_is_told_and_changes_nothing(client):
    answer = client.post("/connexion", data={"identifiant": "x" * 13_000_000})
    assert answer.status_code == 413
    assert "10 Mo" in text_of(answer)


def test_a_wrong_method_is_told(client):
    assert client.post("/aide").status_code in (400, 405)
    assert client.get("/deconnexion").status_code == 405


@pytest.mark.sqlite_only
def test_without_a_database_the_page_is_bare_but_a_sentence(make_app, place):
    app = make_app(PREAU_DATABASE_URL="sqlite:////nowhere/at/all.db")
    answer = app.test_client().get("/connexion")
    assert answer.status_code == 500
    assert "Une erreur est survenue" in text_of(answer)
    health = app.test_client().get("/sante")
    assert (health.status_code, health.json["database"]) == (503, "unreachable")


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
def test_a_number_that_no_row_could_bear_is_a_page_that_does_not_exist(jean, number):
    for address in ("/documents/{}", "/inscriptions/{}/2015-05-06", "/demandes/{}"):
        assert jean.get(address.format(number)).status_code == 404
