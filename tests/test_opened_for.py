"""A page of one account, or of one family, sends nothing in the name of another (faults of two tabs)."""

import re
from html import unescape

import pytest
from flask import url_for

from app import db
from app.models.event import Event
from app.models.families import Adult
from app.models.requests import Request
from tests.conftest import text_of
from tests.test_conventions import VALUES

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
OTHER_ACCOUNT = "Cette page a été ouverte avec un autre compte que celui qui est connecté maintenant."
OTHER_FAMILY = "Cette page a été ouverte pour une autre famille que celle pour qui vous agissez maintenant."


def token_of(client, page: str) -> str:
    return TOKEN.search(client.get(page).text)[1]


def act_for(client, last_name: str) -> None:
    with client.application.app_context():
        family_id = db.session.query(Adult.family_id).filter_by(last_name=last_name, rank=1).scalar()
    client.send_form(f"/agent/familles/{family_id}/agir", {}, page=f"/agent/familles/{family_id}")


def mutations(app, blueprint: str = "") -> list[str]:
    """The addresses of all forms of a side, or of the whole portal."""
    with app.test_request_context():
        return [
            url_for(rule.endpoint, **{name: VALUES[name] for name in rule.arguments})
            for rule in app.url_map.iter_rules()
            if "POST" in rule.methods and rule.endpoint.startswith(blueprint)
        ]


def written(app) -> tuple[int, int]:
    with app.app_context():
        return db.session.query(Event).count(), db.session.query(Request).count()


@pytest.mark.both_engines
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Request-Type": "partial"}])
def test_no_form_of_another_account_s_page_does_anything(app, client, headers):
    client.log_in("durand")
    page = {"csrf_token": token_of(client, "/")}
    client.log_in("jean.dupont")
    before = written(app)
    for address in mutations(app):
        answer = client.post(address, data=page, headers=headers)
        assert answer.status_code == 409, address
        assert OTHER_ACCOUNT in text_of(answer), address
    assert written(app) == before
    assert "JEAN DUPONT" in client.get("/").text


@pytest.mark.both_engines
def test_no_form_of_another_family_s_page_does_anything(app, client):
    client.log_in("guichet")
    act_for(client, "DURAND")
    page = {"csrf_token": token_of(client, "/mon-compte")}
    act_for(client, "DUPONT")
    before = written(app)
    for address in mutations(app, "parent."):
        answer = client.post(address, data=page)
        assert answer.status_code == 409, address
        assert OTHER_FAMILY in text_of(answer), address
    assert written(app) == before


def test_nor_once_one_acts_for_nobody(app, client):
    client.log_in("guichet")
    act_for(client, "DURAND")
    page = {"csrf_token": token_of(client, "/mon-compte")}
    client.send_form("/agent/familles/fin", {}, page="/planning/2015-05")
    assert client.post("/demandes/nouvelle", data=page).status_code == 409


def test_a_page_of_the_agents_side_does_not_depend_on_the_family(app, client):
    client.log_in("guichet")
    page = {"csrf_token": token_of(client, "/agent/profil")}
    act_for(client, "DURAND")
    assert client.post("/agent/familles/fin", data=page).status_code == 303


@pytest.mark.parametrize("address", ["/enfants", "/mon-compte/responsable/modification"])
def test_a_page_fetches_no_piece_of_another_family(client, address):
    client.log_in("guichet")
    act_for(client, "DURAND")
    page = {"X-CSRFToken": token_of(client, "/mon-compte"), "HX-Request": "true", "HX-Request-Type": "partial"}
    act_for(client, "DUPONT")
    answer = client.get(address, headers=page)
    assert answer.status_code == 409
    assert 'hx-target="#flash"' in answer.text
    assert client.get(address).status_code == 200


def test_what_was_typed_is_kept_and_goes_once_the_family_is_the_right_one(app, client):
    client.log_in("guichet")
    act_for(client, "DURAND")
    address = "/mon-compte/responsable/modification"
    page = client.get(address).text
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'action="{address}"' in one)
    fields = re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form)
    sent = {name: unescape(value) for name, value in fields} | {"job": "« Luthière »"}
    act_for(client, "DUPONT")
    refused = client.post(address, data=sent)
    assert refused.status_code == 409
    again = next(
        one for one in re.findall(r"<form.*?</form>", refused.text, re.DOTALL) if f'action="{address}"' in one
    )
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', again)
    kept = {name: unescape(value) for name, value in fields}
    assert kept == sent
    assert client.post(address, data=kept).status_code == 409  # however often it is pressed
    act_for(client, "DURAND")
    assert client.post(address, data=kept).status_code != 409


def test_a_password_is_in_no_page_that_comes_back(client):
    client.log_in("durand")
    page = {"csrf_token": token_of(client, "/mot-de-passe"), "password": "Soleil-2031", "confirmation": "Soleil-2031"}
    client.log_in("jean.dupont")
    answer = client.post("/mot-de-passe", data={**page, "current": "Bonjour2026"})
    assert answer.status_code == 409
    assert "Soleil-2031" not in answer.text
    assert "Bonjour2026" not in answer.text


def test_what_was_typed_is_read_and_goes_back_to_the_same_address(client):
    """Of an agents' form, whose address names the household after a « ? »."""
    client.log_in("guichet")
    address = "/agent/enfants/1/informations/modification?famille=1"
    sent = {"csrf_token": token_of(client, address), "class_name": "CE2 de « Mme Roy »", "submission": "hidden-1"}
    client.log_in("admin")
    answer = client.post(address, data=sent)
    assert f'action="{address}"' in answer.text
    assert "Ce que vous avez écrit CE2 de « Mme Roy »" in text_of(answer)
    assert "hidden-1" not in text_of(answer)


def test_a_form_whose_page_comes_back_in_place_stays_as_it_is(client):
    """htmx asks for the whole page there, of which it would keep a part."""
    client.log_in("durand")
    address = "/mon-compte/responsable/modification"
    sent = {"csrf_token": token_of(client, address), "job": "Luthière"}
    client.log_in("jean.dupont")
    answer = client.post(address, data=sent, headers={"HX-Request": "true", "HX-Request-Type": "full"})
    assert answer.status_code == 409
    assert answer.text.startswith('<hx-partial hx-target="#flash"')
