"""Dossier unique d'inscription online: its steps, the draft between two visits, what sending asks."""

import re

import pytest

from app import db
from app.models.changes import DuiDraft
from app.models.changes.dossier import STEPS
from app.models.event import Event
from app.models.families import Child
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from tests.agent.families.test_acting import act_for
from tests.builders import dupont
from tests.conftest import text_of
from tests.files import accept_newest, ask, lea, texts
from tests.filling import send, send_on
from tests.parent.children.filling_in import asked, fill, kept, page
from tests.parent.children.test_documents import share_lea_with_durand


def test_every_step_opens_filled_in_with_what_the_file_says(jean):
    overview = text_of(jean.get(page()))
    assert "0 étape faite sur 7, puis l’envoi" in overview
    for number, step in enumerate(STEPS, start=1):
        assert f"Étape {number} sur 8" in text_of(jean.get(page(step)))
    assert 'value="École Jean-Moulin"' in jean.get(page("informations")).text


def test_the_overview_has_the_household_read_again_too(jean):
    overview = jean.get(page())
    told = text_of(overview)
    assert re.search(r"Relire Mon compte .* JEAN DUPONT, 12 RUE DES BONBONS, 31400 SAINT - JEAN", told)
    assert re.search(r"JEANNE DUPONT, Lotissement les bons bonbons", told)
    for section in ("responsable", "conjoint", "caf"):
        assert f'href="/mon-compte/{section}/modification"' in overview.text
    assert "modification en attente" not in told
    send(jean, "/mon-compte/caf/modification", quotient="742")
    assert "modification en attente" in text_of(jean.get(page()))


def test_a_step_is_kept_and_the_next_one_opens(jean):
    answer = fill(jean, "informations", class_name="CE2", suite="continuer")
    assert answer.location == page("personnes-autorisees")
    assert kept()["informations"]["wanted"] == {"class_name": "CE2"}
    assert texts("informations")["class_name"] == "CE1"
    assert asked() == {}
    overview = text_of(jean.get(page()))
    assert "1 étape faite sur 7" in overview
    assert "Informations de l’enfant faite" in overview
    assert "Reprendre : Personnes autorisées" in overview


def test_days_later_on_another_device_it_is_all_there(jean, app):
    answer = fill(jean, "sante", doctor="Dr MARTIN", **{"alerts-0-kind": "food", "alerts-0-text": "arachide"},
                  suite="plus-tard")  # fmt: skip
    assert answer.location == page()
    assert "vous pourrez reprendre plus tard" in text_of(jean.get(page()))
    phone = app.test_client()
    phone.log_in("jean.dupont")
    html = phone.get(page("sante")).text
    assert 'value="Dr MARTIN"' in html
    assert "arachide" in html


def test_what_is_kept_is_unreadable_in_the_database_file(jean):
    fill(jean, "sante", treatments="Ventoline-introuvable")
    raw = db.session.connection().exec_driver_sql("SELECT answers FROM dui_draft").scalar_one()
    assert "introuvable" not in raw


def test_half_a_character_that_a_page_says_it_showed_is_not_kept(jean):
    answer = fill(jean, "assurance", insurer="MAIF", seen='{"insurer": "\\ud800"}')
    assert answer.status_code == 303
    assert kept()["assurance"]["wanted"] == {"insurer": "MAIF"}
    assert 'value="MAIF"' in jean.get(page("assurance")).text


def test_wrong_input_comes_back_with_its_content_and_keeps_the_draft_as_it_was(jean):
    fill(jean, "informations", class_name="CE2")
    answer = fill(jean, "informations", first_name="", class_name="CM1", suite="plus-tard")
    assert answer.status_code == 422
    assert "Écrivez le prénom." in text_of(answer)
    assert 'value="CM1"' in answer.text
    assert kept()["informations"]["wanted"] == {"class_name": "CE2"}


def test_put_back_to_what_the_file_says_it_asks_nothing(jean):
    fill(jean, "informations", class_name="CE2")
    fill(jean, "informations", class_name="CE1")
    assert (kept()["informations"]["wanted"], kept()["informations"]["seen"]) == ({}, {})
    assert kept()["informations"]["done"]
    shown = text_of(jean.get(page("envoi")))
    assert "Rien n’est changé : il n’y a rien à envoyer." in shown
    assert "Envoyer le dossier" not in shown


def test_what_the_town_hall_changes_meanwhile_is_shown_and_not_undone(jean):
    fill(jean, "informations", class_name="CE2")
    with db.transaction():
        db.session.get(Child, lea().id).school = "École des Tilleuls"
    assert 'value="École des Tilleuls"' in jean.get(page("informations")).text
    send(jean, page("envoi"))
    assert asked() == {"class_name": ("CE1", "CE2")}


def test_reviewed_then_sent_it_is_one_request_and_the_draft_is_gone(jean):
    fill(jean, "informations", class_name="CE2", diet="sans porc")
    fill(jean, "autorisations", leaves_alone="oui", image_web="non")
    review = text_of(jean.get(page("envoi")))
    assert "Classe CE1 → devient CE2" in review
    assert "Peut partir seul non renseigné → devient Oui" in review
    assert "Documents qui manquent encore" in review
    assert "Cela ne vous empêche pas d’envoyer le dossier." in review
    assert "Personnes autorisées" in review  # a step that was not done
    answer = send(jean, page("envoi"))
    (made,) = db.session.query(Request).filter_by(kind=RequestKind.DUI)
    assert answer.location.startswith(f"/demandes/{made.id}")
    assert "Dossier unique d’inscription" in text_of(jean.get(answer.location))
    assert asked() == {
        "class_name": ("CE1", "CE2"),
        "diet": ("", "sans porc"),
        "image_web": ("", "non"),
        "leaves_alone": ("", "oui"),
    }
    assert kept() == {}
    assert made.child_id == lea().id
    accept_newest()
    assert texts("informations")["class_name"] == "CE2"
    assert texts("autorisations")["leaves_alone"] == "oui"


def test_once_sent_the_dossier_says_so_until_it_is_withdrawn(jean):
    assert "Envoyé" not in text_of(jean.get(page()))
    fill(jean, "informations", class_name="CE2")
    send(jean, page("envoi"))
    (made,) = db.session.query(Request).filter_by(kind=RequestKind.DUI)
    overview = jean.get(page())
    assert "le service ne vous a pas encore répondu sur tout. Voir ma demande " + made.code in text_of(overview)
    assert f'href="/demandes/{made.id}"' in overview.text
    assert "étape faite" not in text_of(overview)
    accept_newest()
    assert "le service a répondu. Voir ma demande " in text_of(jean.get(page()))
    fill(jean, "informations", class_name="CM1")
    send(jean, page("envoi"))
    newest = db.session.query(Request).order_by(Request.id.desc()).first()
    assert newest.code in text_of(jean.get(page()))
    jean.send_form(f"/demandes/{newest.id}/retrait", {}, page=f"/demandes/{newest.id}")
    assert "Voir ma demande " + made.code in text_of(jean.get(page()))


def test_sent_twice_it_is_one_request(jean):
    fill(jean, "informations", class_name="CE2")
    form = jean.get(page("envoi")).text
    first = send_on(jean, form, page("envoi"))
    again = send_on(jean, form, page("envoi"))
    assert first.location == again.location
    assert db.session.query(Request).filter_by(kind=RequestKind.DUI).count() == 1
    other = send(jean, page("documents"))  # a new draft begins
    assert other.status_code == 303


def test_of_two_pages_the_second_has_nothing_left_to_send(jean):
    fill(jean, "informations", class_name="CE2")
    first, second = jean.get(page("envoi")).text, jean.get(page("envoi")).text
    sent = send_on(jean, first, page("envoi"))
    assert send_on(jean, second, page("envoi")).location == sent.location  # what was asked waits there
    assert db.session.query(Request).filter_by(kind=RequestKind.DUI).count() == 1


@pytest.mark.parametrize(("ends", "is_due"), [("", True), ("2015-07-03", True), ("2015-04-30", False)])
def test_a_pai_that_is_typed_asks_for_its_protocol(jean, ends, is_due):
    protocol = "Protocole du PAI"
    assert protocol not in missing(jean)
    pai = {"pais-0-instruction": "Stylo dans la classe", "pais-0-ends_on": ends}
    assert fill(jean, "sante", **pai, suite="continuer").status_code == 303
    assert (protocol in missing(jean)) is is_due
    assert ("Obligatoire, car LEA a un PAI" in text_of(jean.get(page("documents")))) is is_due


def missing(client) -> str:
    """What the last step says to be lacking."""
    told = text_of(client.get(page("envoi")))
    return told[told.index("manque") :]


def test_a_field_that_waits_already_shows_what_was_asked_and_is_amended(jean):
    ask(jean, "informations", class_name="CE2")
    html = jean.get(page("informations")).text
    assert 'value="CE2"' in html
    assert "En attente de réponse" in html
    fill(jean, "informations", class_name="CM1")
    assert "Remplace une demande qui attend sa réponse." in text_of(jean.get(page("envoi")))
    send(jean, page("envoi"))
    (line,) = db.session.query(RequestLine).filter_by(field="class_name")
    assert (line.after, line.version, line.state) == ("CM1", 2, LineState.SUBMITTED)
    assert db.session.query(Request).filter_by(kind=RequestKind.DUI).count() == 0


def test_with_nothing_to_ask_it_is_said(jean):
    fill(jean, "informations", class_name="CE2")
    form = jean.get(page("envoi")).text
    fill(jean, "informations", class_name="CE1")
    answer = send_on(jean, form, page("envoi"))
    assert answer.status_code == 422
    assert "Rien n’est changé" in text_of(answer)
    assert "Vous pouvez envoyer quand même" not in text_of(answer)


def test_read_again_with_nothing_to_change_it_is_said_right_once_for_all(jean):
    for step in STEPS[:-1]:
        fill(jean, step)
    html = jean.get(page("envoi")).text
    assert "J’ai relu, tout est juste" in html
    for _ in range(2):
        answer = send_on(jean, html, f"{page()}/confirmation")
        assert answer.location == page()
        assert "C’est noté : le dossier de LEA est à jour." in text_of(jean.get(page()))
    assert kept() == {}
    (noted,) = db.session.query(Event).filter_by(kind="dui_confirmed")
    assert (noted.actor_id, noted.subject_id, noted.family_id) == (dupont().account_id, lea().id, dupont().family_id)
    assert "J’ai relu, tout est juste" not in jean.get(page("envoi")).text


def test_what_another_page_changed_meanwhile_is_not_lost_by_saying_that_all_is_right(jean):
    fill(jean, "informations")
    html = jean.get(page("envoi")).text
    fill(jean, "informations", class_name="CE2")
    answer = send_on(jean, html, f"{page()}/confirmation")
    assert answer.status_code == 422
    assert "Ce dossier a changé" in text_of(answer)
    assert kept()["informations"]["wanted"] == {"class_name": "CE2"}
    assert db.session.query(Event).filter_by(kind="dui_confirmed").count() == 0


def test_an_agent_who_acts_for_the_family_does_not_say_it_in_its_place(jean, app):
    fill(jean, "informations")
    agent = app.test_client()
    agent.log_in("guichet")
    act_for(agent, dupont().family_id)
    token = agent.get("/enfants").text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    assert agent.post(f"{page()}/confirmation", data={"csrf_token": token}).status_code == 403
    assert kept() != {}


def test_each_household_has_its_own_draft(jean, app):
    share_lea_with_durand()
    fill(jean, "informations", class_name="CE2")
    other = app.test_client()
    other.log_in("durand")
    assert "0 étape faite" in text_of(other.get(page()))
    assert 'value="CE1"' in other.get(page("informations")).text
    send(other, page("informations"), class_name="CM2")
    db.session.rollback()
    assert {one.answers["informations"]["wanted"]["class_name"] for one in db.session.query(DuiDraft)} == {
        "CE2",
        "CM2",
    }
