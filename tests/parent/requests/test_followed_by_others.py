"""Who else reads the requests of a family: the other parent, an agent who acts for it, nobody."""

import pytest

from app import db
from app.demo import people
from app.models.accounts import Account
from app.models.event import Event
from app.models.families import Adult, Authority
from app.models.families.sections.child import HEALTH
from app.models.requests import LineState
from tests.builders import dupont, durand
from tests.conftest import text_of
from tests.parent.requests.following import ALLERGY, CHILDREN, asked, booked, lea, lines, refuse, rows, token

pytestmark = pytest.mark.usefixtures("app")


def test_another_family_s_requests_do_not_exist(jean, app):
    number = asked(city="TOULOUSE")
    line = lines(number)[0].id
    stranger = app.test_client()
    stranger.log_in("durand")
    assert rows(stranger, "/demandes", "Demandes en attente") == []
    for address in (f"/demandes/{number}", f"/demandes/{number}.pdf", f"/demandes/{number}/justificatif"):
        assert stranger.get(address).status_code == 404
    other = booked(adult=durand)
    answer = stranger.send_form(f"/demandes/{other}/retrait", {}, page=f"/demandes/{other}")
    assert answer.status_code == 303
    for sent in ({}, {"ligne": line}):
        answer = stranger.post(f"/demandes/{number}/retrait", data={**token(stranger), **sent})
        assert answer.status_code == 404
    assert lines(number)[0].state is LineState.SUBMITTED


def test_without_authority_the_child_s_file_does_not_exist_and_its_days_do(jean):
    health, day = asked(HEALTH, child=lea(), alerts=ALLERGY), booked()
    with db.transaction() as writing:
        writing.delete(writing.get(Authority, (dupont().id, lea())))
    assert {row["Demande"] for row in rows(jean, CHILDREN, "Demandes en attente")} == {"Demande de Réservation"}
    assert jean.get(f"/demandes/{day}").status_code == 200
    assert jean.get(f"/demandes/{health}").status_code == 404
    assert jean.get(f"/demandes/{health}.pdf").status_code == 404
    assert jean.post(f"/demandes/{health}/retrait", data=token(jean)).status_code == 404


def test_the_other_parent_reads_and_withdraws_what_the_first_asked(app):
    with db.transaction() as writing:
        jeanne = writing.query(Adult).filter_by(first_name="JEANNE").one()
        jeanne.account = people.account("jeanne.dupont")
    number, client = asked(city="TOULOUSE"), app.test_client()
    client.log_in("jeanne.dupont")
    assert "JEAN DUPONT (Père)" in text_of(client.get("/demandes"))
    client.send_form(f"/demandes/{number}/retrait", {}, page=f"/demandes/{number}")
    assert "par JEANNE DUPONT" in text_of(client.get(f"/demandes/{number}"))


def test_an_agent_does_not_open_the_family_s_list(client):
    client.log_in("guichet")
    assert client.get("/demandes").status_code == 403


@pytest.fixture
def acting(client):
    client.log_in("guichet")
    number = dupont().family_id
    client.post(f"/agent/familles/{number}/agir", data=token(client, "/agent/profil"))
    return client


def test_an_agent_who_acts_for_the_family_reads_no_health_there_and_may_withdraw(acting):
    health = asked(HEALTH, child=lea(), alerts=ALLERGY)
    page = acting.get(f"/demandes/{health}")
    assert "Allergies" in text_of(page)
    assert "Arachide" not in page.text
    acting.send_form(f"/demandes/{health}/retrait", {}, page=f"/demandes/{health}")
    assert lines(health)[0].state is LineState.WITHDRAWN
    noted = db.session.query(Event).filter_by(kind="line_withdrawn").one()
    assert noted.actor_id == Account.named("guichet").id
    assert "le service, pour la famille" in text_of(acting.get(f"/demandes/{health}"))


def test_of_a_refusal_about_health_the_agent_who_acts_reads_only_that_it_is_one(acting):
    health, town = asked(HEALTH, child=lea(), alerts=ALLERGY), asked(city="TOULOUSE")
    refuse(health, reason="La Ventoline demande un PAI")
    refuse(town, reason="Hors de la commune")
    for address in (CHILDREN, f"/demandes/{health}"):
        page = acting.get(address)
        assert "refusée" in text_of(page)
        assert "Ventoline" not in page.text
    assert "Hors de la commune" in text_of(acting.get("/demandes"))
