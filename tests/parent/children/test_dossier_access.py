"""A dossier exists for those who have authority; two pages of one step."""

import json
from datetime import date

import pytest

from app import db
from app.models.changes.dossier import STEPS
from app.models.families import Authority, Child, HealthAlert
from tests.agent.families.test_acting import act_for
from tests.builders import dupont
from tests.conftest import text_of
from tests.files import accept_newest, ask, lea
from tests.filling import send, send_on
from tests.parent.children.filling_in import asked, fill, kept, page, save_by_itself


@pytest.mark.parametrize("address", ["", "/informations", "/documents", "/envoi", ".pdf"])
def test_it_exists_for_those_who_have_authority_alone(jean, app, address):
    url = f"/enfants/{lea().id}/dossier{address}"
    assert jean.get(url).status_code == 200
    stranger = app.test_client()
    stranger.log_in("durand")
    assert stranger.get(url).status_code == 404
    agent = app.test_client()
    agent.log_in("guichet")
    act_for(agent, dupont().family_id)
    assert agent.get(url).status_code == 403
    with db.transaction() as writing:
        writing.query(Authority).filter_by(adult_id=dupont().id).delete()
    assert jean.get(url).status_code == 404


def test_a_stranger_saves_and_sends_nothing(app):
    stranger = app.test_client()
    stranger.log_in("durand")
    token = stranger.get("/").text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    for step in ("informations", "documents", "envoi"):
        data = {"csrf_token": token, "submission": "x", "class_name": "CE2"}
        assert stranger.post(page(step), data=data).status_code == 404
    for verb in ("suppression", "confirmation"):
        assert stranger.post(f"{page()}/{verb}", data={"csrf_token": token}).status_code == 404
    assert kept() == {}


def test_the_overview_asks_the_database_no_more_when_all_is_filled_in(jean, count_queries):
    with count_queries() as empty:
        jean.get(page())
    fill(jean, "informations", birth_date=date(2008, 3, 13).isoformat())
    for step in STEPS[1:-1]:
        fill(jean, step)
    with count_queries() as full:
        jean.get(page())
    assert "7 étapes faites sur 7" in text_of(jean.get(page()))
    assert len(full) <= len(empty)


def test_what_another_page_of_the_step_saved_stays(jean):
    first, second = jean.get(page("informations")).text, jean.get(page("informations")).text
    send_on(jean, first, page("informations"), class_name="CE2")
    send_on(jean, second, page("informations"), birth_place="Toulouse")
    assert kept()["informations"]["wanted"] == {"class_name": "CE2", "birth_place": "Toulouse"}
    third = jean.get(page("informations")).text
    fill(jean, "informations", school="École Pasteur")
    save_by_itself(jean, third, "informations", level="CM1", birth_place="")
    assert kept()["informations"]["wanted"] == {"class_name": "CE2", "school": "École Pasteur", "level": "CM1"}


def test_what_a_page_put_back_is_not_asked_though_it_saved_it_before(jean):
    html = jean.get(page("sante")).text
    save_by_itself(jean, html, "sante", doctor="Dr MARTIN", care="Se fatigue")
    save_by_itself(jean, html, "sante", doctor="", care="Se fatigue vite")
    assert kept()["sante"]["wanted"] == {"care": "Se fatigue vite"}
    fill(jean, "sante", doctor="Dr MARTIN")
    html = jean.get(page("sante")).text
    for typed in ("", "Dr MARTIN"):
        save_by_itself(jean, html, "sante", doctor=typed)
    assert kept()["sante"]["wanted"]["doctor"] == "Dr MARTIN"


def rows_of(field: str, step: str = "sante") -> list[str]:
    return [row[1] for row in json.loads(kept()[step]["wanted"][field])]


def row(number: int, text: str) -> dict[str, str]:
    return {f"alerts-{number}-kind": "food", f"alerts-{number}-text": text}


def test_a_row_that_is_typed_while_the_page_saves_by_itself_is_one_row(jean):
    html = jean.get(page("sante")).text
    save_by_itself(jean, html, "sante", **row(0, "ara"))
    save_by_itself(jean, html, "sante", **row(0, "arachide"))
    send_on(jean, html, page("sante"), **row(0, "arachides"))
    assert rows_of("alerts") == ["arachides"]


def test_what_two_pages_of_a_step_add_to_a_list_is_all_kept(jean):
    first, second = jean.get(page("sante")).text, jean.get(page("sante")).text
    send_on(jean, first, page("sante"), **row(0, "arachide"))
    send_on(jean, second, page("sante"), **row(0, "kiwi"))
    assert rows_of("alerts") == ["arachide", "kiwi"]
    fill(jean, "sante", **{"alerts-0-kind": "", "alerts-0-text": ""})
    assert rows_of("alerts") == ["kiwi"]


def test_an_old_list_takes_nothing_from_what_the_file_gained_since(jean):
    fill(jean, "sante", **row(0, "arachide"))
    with db.transaction() as writing:
        writing.add(HealthAlert(child_id=lea_here(), kind="drug", text="pénicilline"))
    html = jean.get(page("sante")).text
    assert "pénicilline" in html
    assert "arachide" in html
    assert "Allergie à un médicament, pénicilline" in text_of(jean.get(page("envoi")))
    send(jean, page("envoi"))
    accept_newest()
    assert [one.text for one in db.session.query(HealthAlert).order_by(HealthAlert.id)] == ["pénicilline", "arachide"]


def test_an_old_field_that_the_town_hall_changed_since_is_shown_and_sent_knowingly(jean):
    fill(jean, "informations", class_name="CE2")
    review = jean.get(page("envoi")).text
    with db.transaction() as writing:
        writing.get_one(Child, lea_here()).class_name = "CM1"
    refused = send_on(jean, review, page("envoi"))
    assert refused.status_code == 422
    told = text_of(refused)
    assert "Ce dossier a changé depuis que cette page est ouverte" in told
    assert "Classe CM1 → devient CE2" in told
    assert "Ceci a changé depuis votre saisie : c’est maintenant « CM1 »." in told
    assert asked() == {}
    assert kept()["informations"]["wanted"] == {"class_name": "CE2"}
    send_on(jean, refused.text, page("envoi"))
    assert asked() == {"class_name": ("CM1", "CE2")}


def test_what_another_page_adds_to_the_draft_is_not_sent_unread(jean):
    fill(jean, "informations", class_name="CE2")
    review = jean.get(page("envoi")).text
    fill(jean, "autorisations", leaves_alone="oui")
    assert send_on(jean, review, page("envoi")).status_code == 422
    assert asked() == {}


def test_sent_twice_it_is_one_request_though_all_of_it_was_asked_already(jean):
    ask(jean, "lunettes", glasses="oui")
    fill(jean, "lunettes", glasses="non")
    form = jean.get(page("envoi")).text
    first, second = (send_on(jean, form, page("envoi")) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location


def lea_here() -> int:
    return db.session.query(Child.id).order_by(Child.id).first()[0]
