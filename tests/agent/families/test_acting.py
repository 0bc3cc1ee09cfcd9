"""Agir pour une famille: the parents' pages, the same rules, the agent's name."""

import re

import pytest

from app import db
from app.models.enrolments import Booking
from app.models.event import Event
from app.models.families import Family
from app.models.requests import Request
from app.models.town import Approval
from tests.builders import DAY, activity, dupont, durand, enrolment
from tests.conftest import text_of
from tests.files import ask, lea, line


@pytest.fixture
def acting(client, app):
    """Claire Vidal, who acts for the DUPONT family."""
    client.log_in("guichet")
    with app.app_context():
        number = dupont().family_id
    assert act_for(client, number).location == "/planning"
    return client


def act_for(client, family_id):
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/agent/profil").text)[1]
    return client.post(f"/agent/familles/{family_id}/agir", data={"csrf_token": token})


def test_the_family_s_pages_say_for_whom_the_agent_acts(acting):
    page = text_of(acting.get("/planning/2015-05"))
    assert "Claire Vidal, vous agissez pour la famille DUPONT" in page
    assert acting.get("/").status_code == 200


def test_a_request_follows_the_parents_rules_and_bears_the_agent_s_name(app, acting):
    with app.app_context(), db.transaction():
        number = enrolment(activity(approval=Approval.MANUAL), dupont().family).id
    address = f"/inscriptions/{number}/{DAY}/reservation"
    acting.send_form(address, {})
    with app.app_context():
        request = (
            db.session.query(Request).filter_by(family_id=dupont().family_id).order_by(Request.id.desc()).first()
        )
        assert request.acting_agent.name == "Claire Vidal"
        noted = db.session.query(Event).filter_by(kind="line_submitted").order_by(Event.id.desc()).first()
        assert noted.actor_id == request.acting_agent.account_id
        assert db.session.query(Booking).filter_by(enrolment_id=number).count() == 0


def test_only_this_family_is_reached(app, acting):
    with app.app_context(), db.transaction():
        theirs = enrolment(activity(), durand().family).id
    assert acting.get(f"/inscriptions/{theirs}/{DAY}").status_code == 404


def test_what_is_personal_stays_so(acting):
    assert acting.get("/planning/calendrier").status_code == 403


def test_the_child_s_menu_leads_to_no_page_that_is_closed(app, acting):
    with app.app_context():
        address = f"/enfants/{lea().id}"
    page = acting.get(address).text
    links = set(re.findall(rf'href="({address}/[^"#]+)"', page))
    assert f"{address}/assurance/modification" in links
    assert [link for link in links if acting.get(link).status_code != 200] == []
    assert "Données sanitaires" in page  # the section itself, that says where agents read it


@pytest.mark.parametrize(
    ("topic", "changes", "offered"),
    [("sante", {"doctor": "Dr MARTIN"}, False), ("assurance", {"insurer": "MAIF"}, True)],
)
def test_a_request_is_not_changed_where_its_form_is_closed(jean, app, topic, changes, offered):
    ask(jean, topic, **changes)
    address = f"/demandes/{line(next(iter(changes))).request_id}"
    acting = app.test_client()
    acting.log_in("guichet")
    act_for(acting, dupont().family_id)
    assert "Modifier ma demande" in text_of(jean.get(address))
    assert ("Modifier ma demande" in text_of(acting.get(address))) is offered


def test_when_it_ends_the_family_s_pages_are_closed_again(acting):
    acting.send_form("/agent/familles/fin", {}, page="/planning/2015-05")
    assert acting.get("/planning/2015-05").status_code == 403


def test_it_is_written_in_the_journal(app, acting):
    with app.app_context():
        noted = db.session.query(Event).filter_by(kind="acting_begun").one()
        assert noted.family_id == dupont().family_id


@pytest.mark.parametrize("identifiant", ["animation", "regie"])
def test_a_role_without_the_permission_does_not_act(app, client, identifiant):
    client.log_in(identifiant)
    with app.app_context():
        number = dupont().family_id
    assert act_for(client, number).status_code == 403
    assert client.get("/planning/2015-05").status_code == 403


def test_nobody_acts_for_a_file_that_was_joined_to_another(app, client):
    client.log_in("guichet")
    with app.app_context(), db.transaction():
        number = durand().family_id
        db.session.get(Family, number).merged_into = dupont().family_id
    assert act_for(client, number).status_code == 404
    assert act_for(client, 999_999).status_code == 404
