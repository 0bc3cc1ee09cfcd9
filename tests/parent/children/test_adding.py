"""« Ajouter un enfant »: asked, acknowledged, and made once an agent accepts."""

from datetime import date

import pytest

from app import db
from app.demo import planning
from app.models.families import Adult, Authority, Child, Family
from app.models.jobs import Job
from app.models.refusal import RefusedError
from app.models.requests import Request
from app.models.requests import listing as family_requests
from app.models.requests.reader import Whose
from tests.builders import dupont, durand
from tests.conftest import text_of
from tests.files import accept, accept_newest, line
from tests.filling import shown

URL = "/enfants/ajout"
HUGO = {
    "last_name": "DUPONT", "first_name": "Hugo", "sex": "garçon", "birth_date": "2012-09-02",
    "birth_place": "Toulouse", "school": "École Jean-Moulin", "level": "Maternelle", "class_name": "PS",
}  # fmt: skip


def hugo() -> Child | None:
    db.session.rollback()
    return db.session.query(Child).filter_by(first_name="Hugo").one_or_none()


def test_it_is_for_a_child_who_will_soon_go_to_school(jean):
    page = jean.get(URL)
    assert "qui sera prochainement scolarisé" in text_of(page)
    assert '<option value="École Jean-Moulin">' in page.text


def test_asked_it_waits_and_once_accepted_the_child_has_its_page_and_its_dossier(jean):
    answer = jean.send_form(URL, HUGO)
    assert answer.status_code == 303
    told = text_of(jean.get(answer.location))
    assert line("child").request.code in told
    assert "Hugo" in told
    assert hugo() is None
    (mail,) = db.session.query(Job).filter_by(kind="mail")
    assert mail.payload["template"] == "request_received"
    assert "Hugo" not in str(mail.payload)
    accept_newest()
    made = hugo()
    told = {name: str(getattr(made, name)) for name in HUGO}
    assert told == HUGO
    assert len(db.session.get(Family, dupont().family_id).adults) == 2
    holders = [one.adult_id for one in db.session.query(Authority).filter_by(child_id=made.id)]
    assert holders == [dupont().id]  # who asked, and nobody else without a paper
    cards = jean.get("/enfants")
    assert "Hugo 2 ans" in text_of(cards)
    assert "Hugo en attente" not in text_of(cards)
    page = jean.get(f"/enfants/{made.id}")
    assert f'href="/enfants/{made.id}/dossier"' in page.text
    assert jean.get(f"/enfants/{made.id}/dossier").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"first_name": ""}, "Écrivez le prénom."),
        ({"last_name": " "}, "Écrivez le nom."),
        ({"birth_date": ""}, "Écrivez la date de naissance."),
        ({"birth_date": "2015-06-01"}, "Cette date est dans l’avenir."),
        ({"birth_date": "1985-06-01"}, "Vérifiez l’année"),
        ({"birth_date": "02/30/2012"}, "Écrivez une date qui existe."),
    ],
)
def test_what_cannot_be_comes_back_with_the_form(jean, wrong, sentence):
    answer = jean.send_form(URL, {**HUGO, **wrong})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert shown(answer.text, URL)["school"] == ["École Jean-Moulin"]
    assert db.session.query(Request).count() == 0


def test_a_child_of_the_household_is_not_asked_again(jean):
    answer = jean.send_form(URL, {"last_name": "Dupont", "first_name": "Léa", "birth_date": "2008-03-12"})
    assert answer.status_code == 422
    assert "Léa est déjà dans votre dossier." in text_of(answer)


def test_a_child_of_another_family_is_not_told_of_and_the_agent_looks_first(jean):
    with db.transaction():
        planning.child("Hugo", "DUPONT", date(2012, 9, 2), durand().family)
    answer = jean.send_form(URL, HUGO)
    assert answer.status_code == 303
    assert "DURAND" not in text_of(jean.get(answer.location))
    number = line("child").request_id
    with pytest.raises(RefusedError, match="autre famille"):
        accept(number)


def test_who_asked_reads_it_still_when_an_agent_attached_the_child_without_authority(jean):
    jean.send_form(URL, HUGO)
    with db.transaction():
        planning.child("Hugo", "DUPONT", date(2012, 9, 2), dupont().family)
        db.session.query(Authority).filter(
            Authority.child_id == db.session.query(Child.id).filter_by(first_name="Hugo").scalar()
        ).delete()
    accept_newest()
    asked = line("child").request
    assert asked.child_id == hugo().id
    page = jean.get(f"/demandes/{asked.id}")
    assert page.status_code == 200
    assert "Hugo" in text_of(page)
    assert "remplir le dossier unique" not in text_of(page)
    assert "sans autorité parentale" in text_of(page)
    assert asked.code in jean.get("/demandes?onglet=enfants").text
    assert jean.get(f"/enfants/{hugo().id}").status_code == 404  # the file itself is not theirs to read
    jeanne = db.session.query(Adult).filter_by(first_name="JEANNE").one()
    assert family_requests.find(jeanne, asked.id) is None
    assert asked.id in db.session.scalars(Whose(dupont()).requests).all()


def test_two_children_wait_side_by_side_and_the_same_is_asked_once(jean):
    jean.send_form(URL, HUGO)
    jean.send_form(URL, {**HUGO, "first_name": "Zoé"})
    again = jean.send_form(URL, HUGO)
    assert again.status_code == 422
    assert "attend déjà sa réponse" in text_of(again)
    told = text_of(jean.get("/enfants"))
    assert "Hugo en attente" in told
    assert "Zoé en attente" in told


def test_sent_twice_it_is_one_request(jean):
    form = {**shown(jean.get(URL).text, URL), **HUGO}
    first, second = (jean.post(URL, data=form) for _ in range(2))
    assert first.location == second.location
    assert db.session.query(Request).count() == 1


def test_a_stale_token_keeps_what_was_typed(jean):
    answer = jean.post(URL, data={**HUGO, "csrf_token": "old"})
    assert answer.status_code == 422
    assert "ouverte depuis longtemps" in text_of(answer)
    assert shown(answer.text, URL)["first_name"] == ["Hugo"]
    assert db.session.query(Request).count() == 0
