"""A session that ends while somebody writes: nothing of what was written is lost, with htmx and without."""

import io
import re
import time

import pytest
import time_machine

from app import db
from app.models.accounts import UserSession
from app.models.requests import RequestLine
from tests.conftest import PASSWORD, text_of
from tests.filling import shown

HTMX = {"HX-Request": "true", "HX-Request-Type": "full"}
ADDRESS = "/mon-compte/responsable/modification"
LATER = 65 * 60
OURS = {"Origin": "http://localhost"}
"""What a browser says of a form of a page of ours."""
TYPED = "3 rue des « Lilas »"


def typed(client) -> dict[str, list[str]]:
    return shown(client.get(ADDRESS).text, ADDRESS) | {"address": [TYPED]}


def asked_address(app) -> str | None:
    with app.app_context():
        line = db.session.query(RequestLine).filter_by(field="address").first()
        return line.after if line else None


@pytest.mark.parametrize("how", ["idle", "row gone", "cookie gone"])
def test_without_htmx_the_form_waits_for_the_login_and_goes(app, jean, how):
    sent = typed(jean)
    if how == "row gone":
        with app.app_context(), db.transaction() as writing:
            writing.query(UserSession).delete()
    if how == "cookie gone":
        jean.delete_cookie("preau")
    with time_machine.travel(time.time() + (LATER if how == "idle" else 0), tick=True):
        asked = jean.post(ADDRESS, data=sent, headers=OURS)
        assert asked.status_code == 401
        assert "Ce que vous avez écrit est gardé" in text_of(asked)
        assert "Lilas" not in asked.text  # sealed: no page of a stranger shows it
        login = shown(asked.text, "/connexion") | {"identifiant": "jean.dupont", "password": PASSWORD}
        waiting = jean.post("/connexion", data=login)
        assert waiting.status_code == 200
        assert "pas encore parti" in text_of(waiting)
        kept = shown(waiting.text, ADDRESS)
        assert jean.post(ADDRESS, data=kept).status_code == 303
    assert asked_address(app) == TYPED


def test_a_wrong_password_meanwhile_loses_nothing(app, jean):
    sent = typed(jean)
    with time_machine.travel(time.time() + LATER, tick=True):
        login = shown(jean.post(ADDRESS, data=sent, headers=OURS).text, "/connexion") | {"identifiant": "jean.dupont"}
        again = jean.post("/connexion", data=login | {"password": "Faux12345"})
        assert again.status_code == 422
        login = shown(again.text, "/connexion") | {"password": PASSWORD}
        kept = shown(jean.post("/connexion", data=login).text, ADDRESS)
        assert jean.post(ADDRESS, data=kept).status_code == 303
    assert asked_address(app) == TYPED


def test_another_account_does_not_send_it(app, jean):
    sent = typed(jean)
    with time_machine.travel(time.time() + LATER, tick=True):
        login = shown(jean.post(ADDRESS, data=sent, headers=OURS).text, "/connexion")
        waiting = jean.post("/connexion", data=login | {"identifiant": "durand", "password": PASSWORD})
        refused = jean.post(ADDRESS, data=shown(waiting.text, ADDRESS))
        assert refused.status_code == 409
        assert shown(refused.text, ADDRESS)["address"] == [TYPED]
    assert asked_address(app) is None


@pytest.mark.parametrize("sealed", ["x", "gAAAAABl", ""])
def test_what_we_did_not_seal_is_not_sent(client, sealed):
    login = shown(client.get("/connexion").text, "/connexion") | {"attente": sealed}
    assert client.post("/connexion", data=login | {"identifiant": "durand", "password": PASSWORD}).location == "/"


def test_a_password_does_not_wait(client):
    client.log_in_by_form("jean.dupont")
    sent = shown(client.get("/mot-de-passe").text, "/mot-de-passe") | {
        "current": PASSWORD,
        "password": "Soleil-9",
    }
    with time_machine.travel(time.time() + LATER, tick=True):
        asked = client.post("/mot-de-passe", data=sent, headers=OURS)
        login = shown(asked.text, "/connexion") | {"identifiant": "jean.dupont", "password": PASSWORD}
        waiting = client.post("/connexion", data=login)
    assert "Soleil-9" not in waiting.text
    assert PASSWORD not in waiting.text


@pytest.mark.parametrize("identifiant", ["jean.dupont", "guichet"])
def test_with_htmx_one_logs_in_beside_the_page_which_stays_as_it_is(app, client, identifiant):
    client.log_in_by_form(identifiant)
    page = "/mot-de-passe"
    (token,) = shown(client.get(page).text, page)["csrf_token"]
    with time_machine.travel(time.time() + LATER, tick=True):
        asked = client.post(page, data={"csrf_token": token}, headers=HTMX)
        assert asked.status_code == 401
        assert "HX-Redirect" not in asked.headers
        login = shown(asked.text, "/connexion")
        other = client.post("/connexion", data=login | {"identifiant": "durand", "password": PASSWORD}, headers=HTMX)
        assert other.status_code == 422
        assert "ouverte avec un autre compte" in text_of(other)
        login |= {"identifiant": identifiant, "password": PASSWORD}
        back = client.post("/connexion", data=login, headers=HTMX)
        assert back.status_code == 200
        renewed = re.search(r'data-renewed-token="([^"]+)"', back.text)[1] + token[token.index("~") :]
        assert client.post(page, data={"csrf_token": renewed}, headers=HTMX).status_code == 422  # the form answers


def test_an_agent_goes_on_for_the_same_family(app, client):
    client.log_in_by_form("guichet")
    with app.app_context():
        family = db.session.query(db.Base.metadata.tables["adult"].c.family_id).filter_by(last_name="DURAND").scalar()
    client.send_form(f"/agent/familles/{family}/agir", {}, page=f"/agent/familles/{family}")
    sent = typed(client)
    with time_machine.travel(time.time() + 35 * 60, tick=True):
        login = shown(client.post(ADDRESS, data=sent, headers=OURS).text, "/connexion")
        waiting = client.post("/connexion", data=login | {"identifiant": "guichet", "password": PASSWORD})
        assert client.post(ADDRESS, data=shown(waiting.text, ADDRESS)).status_code == 303
    assert asked_address(app) == TYPED


def test_staying_prolongs_the_session(client):
    client.log_in_by_form("jean.dupont")
    assert 'data-idle-seconds="3600"' in client.get("/").text
    with time_machine.travel(time.time() + 58 * 60, tick=True):
        assert client.get("/connexion/prolongation", headers=HTMX).status_code == 204
    with time_machine.travel(time.time() + 100 * 60, tick=True):
        assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://ailleurs.example"},
        {"Origin": "null"},
        {"Referer": "https://ailleurs.example/localhost"},
    ],
)
def test_what_another_site_sends_does_not_wait(app, client, headers):
    asked = client.post(ADDRESS, data={"address": TYPED}, headers=headers)
    assert asked.status_code == 401
    assert "rien n’a été envoyé" in text_of(asked)
    login = shown(asked.text, "/connexion") | {"identifiant": "jean.dupont", "password": PASSWORD}
    assert login["attente"] == [""]
    assert client.post("/connexion", data=login).location == "/"


def test_what_waits_in_a_browser_is_offered_in_no_other(app, jean):
    """Whoever has a form sealed in their own browser could have it sent by another person's login."""
    stranger = app.test_client()
    sealed = shown(stranger.post(ADDRESS, data={"address": TYPED}, headers=OURS).text, "/connexion")["attente"]
    jean.log_out()
    login = shown(jean.get("/connexion").text, "/connexion") | {"identifiant": "jean.dupont", "password": PASSWORD}
    assert sealed != [""]
    assert jean.post("/connexion", data=login | {"attente": sealed}).location == "/"
    stale = jean.post("/connexion", data=login | {"attente": sealed, "csrf_token": "stale"})
    assert "pas encore parti" not in text_of(stale)


def test_a_form_with_a_file_that_is_sent_again_after_later_is_asked_to_log_in_again(jean):
    given = {"csrf_token": shown(jean.get("/mot-de-passe").text, "/mot-de-passe")["csrf_token"]}
    section = "/mon-compte/caf/modification"
    with time_machine.travel(time.time() + LATER, tick=True):
        for _ in range(2):
            paper = (io.BytesIO(b"%PDF-1.4" + b"0" * 300_000), "caf.pdf")
            sent = jean.post(section, data={**given, "fichier": paper}, headers={**HTMX, **OURS})
            assert sent.status_code == 401
