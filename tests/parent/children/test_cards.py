"""Mes enfants: a card each, what waits, and the children whom the family asked to add."""

from app import clock, db
from app.models.families import Consent
from app.models.requests import LineState, RequestLine
from tests.agent.families.test_acting import act_for
from tests.builders import dupont
from tests.conftest import text_of
from tests.files import TOPICS, add_child, ask, lea, take_authority
from tests.filling import send

CARDS = "/enfants"


def test_a_card_tells_age_school_and_class_and_leads_to_the_file_and_the_planning(jean):
    page = jean.get(CARDS)
    told = text_of(page)
    assert "LEA 7 ans" in told
    assert "École : École Jean-Moulin" in told
    assert "Classe : CE1" in told
    number = lea().id
    assert f'href="/enfants/{number}"' in page.text
    assert f'href="/planning?enfant={number}"' in page.text
    assert 'href="/enfants/ajout"' in page.text


def test_a_card_says_what_waits(jean):
    assert "en attente" not in text_of(jean.get(CARDS))
    ask(jean, "assurance", insurer="MAIF")
    assert "1 demande en attente" in text_of(jean.get(CARDS))
    ask(jean, "assurance", insurance_number="X1")  # joins the one that waits
    assert "1 demande en attente" in text_of(jean.get(CARDS))
    ask(jean, "autorisations", outings="oui")
    assert "2 demandes en attente" in text_of(jean.get(CARDS))
    with db.transaction() as writing:
        for line in writing.query(RequestLine).filter_by(field="outings"):
            line.state = LineState.WITHDRAWN
    assert "1 demande en attente" in text_of(jean.get(CARDS))


def test_a_card_says_that_the_dossier_is_to_be_filled_in_then_to_be_sent(jean):
    address = f"/enfants/{lea().id}/dossier"
    assert "Dossier d’inscription à remplir" in text_of(jean.get(CARDS))
    assert f'href="{address}"' in jean.get(CARDS).text
    jean.send_form(f"{address}/autorisations", {"outings": "oui", "suite": "plus-tard"})
    assert "Dossier d’inscription à terminer" in text_of(jean.get(CARDS))
    jean.send_form(f"{address}/envoi", {})
    assert "Dossier d’inscription" not in text_of(jean.get(CARDS))
    with db.transaction() as writing:
        for line in writing.query(RequestLine):
            line.state = LineState.WITHDRAWN
    assert "Dossier d’inscription à remplir" in text_of(jean.get(CARDS))
    with db.transaction() as writing:  # brought on paper
        signed = {"signed_on": clock.today(), "signatory": "JEAN DUPONT"}
        writing.add(Consent(child_id=lea().id, kind="outings", granted=True, **signed))
    assert "Dossier d’inscription" not in text_of(jean.get(CARDS))


def test_a_card_does_not_call_unfinished_a_dossier_that_was_only_read_again(jean):
    address = f"/enfants/{lea().id}/dossier"
    send(jean, f"{address}/informations")
    assert "Dossier d’inscription à terminer" in text_of(jean.get(CARDS))  # none was ever filled in
    with db.transaction() as writing:
        signed = {"signed_on": clock.today(), "signatory": "JEAN DUPONT"}
        writing.add(Consent(child_id=lea().id, kind="outings", granted=True, **signed))
    assert "Dossier d’inscription" not in text_of(jean.get(CARDS))
    send(jean, f"{address}/assurance", insurer="MAIF")
    assert "Dossier d’inscription à terminer" in text_of(jean.get(CARDS))


def test_an_agent_who_acts_for_the_family_is_not_sent_to_its_dossier(client):
    client.log_in("guichet")
    act_for(client, dupont().family_id)
    assert "Dossier d’inscription" not in text_of(client.get(CARDS))


def test_a_child_that_waits_to_be_added_has_a_card(jean):
    jean.send_form("/enfants/ajout", {"last_name": "DUPONT", "first_name": "Hugo", "birth_date": "2012-09-02"})
    page = jean.get(CARDS)
    assert "Hugo en attente" in text_of(page)
    number = db.session.query(RequestLine).filter_by(field="child").one().request_id
    assert f'href="/demandes/{number}"' in page.text


def test_without_authority_the_card_is_a_name_and_a_planning_and_the_file_does_not_exist(jean):
    number = lea().id
    ask(jean, "assurance", insurer="MAIF")
    asked = db.session.query(RequestLine).filter_by(field="insurer").one().request_id
    take_authority("JEAN")
    page = jean.get(CARDS)
    told = text_of(page)
    assert "LEA" in told
    assert f'href="/planning?enfant={number}"' in page.text
    assert "Jean-Moulin" not in told
    assert "7 ans" not in told
    assert "en attente" not in told
    assert f'href="/enfants/{number}"' not in page.text
    for address in (
        f"/enfants/{number}",
        f"/enfants/{number}/inscription",
        f"/enfants/{number}/documents",
        f"/enfants/{number}/dossier",
        f"/enfants/{number}/dossier.pdf",
        *(f"/enfants/{number}/{topic}/modification" for topic in TOPICS),
    ):
        assert jean.get(address).status_code == 404, address
    assert jean.get(f"/planning/2015-05?enfant={number}").status_code == 200
    assert jean.get(f"/demandes/{asked}").status_code == 404  # what is asked of the file is of the file


def test_the_stranger_sees_none_of_it(client):
    client.log_in("durand")
    assert "Aucun enfant dans votre dossier" in text_of(client.get(CARDS))


def test_the_queries_do_not_grow_with_the_children(jean, count_queries):
    def sent() -> int:
        jean.get(CARDS)
        with count_queries() as statements:
            assert jean.get(CARDS).status_code == 200
        return len(statements)

    with_one = sent()
    for name in ("Hugo", "Zoé"):
        add_child(name)
    assert sent() == with_one
    assert "Zoé" in text_of(jean.get(CARDS))
