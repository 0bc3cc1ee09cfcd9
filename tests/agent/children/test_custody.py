"""The children of a dossier famille: added, attached, corrected; garde and autorité parentale."""

import pytest
from sqlalchemy import select

from app import db
from app.models.event import Event
from app.models.families import Authority, Child, Custody
from tests.builders import activity, dupont, durand, enrolment
from tests.conftest import text_of
from tests.filling import send, send_on

TOM = {"last_name": "DUPONT", "first_name": "Tom", "birth_date": "2012-02-29", "school": "École Jean-Moulin"}


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client


@pytest.fixture
def lea(app) -> int:
    """The guide's child, at the DUPONTs'."""
    with app.app_context():
        return Child.of_family(dupont().family_id)[0].id


@pytest.fixture
def shared(app, lea) -> int:
    """The guide's child, who lives at the DURANDs' too; all have authority."""
    with app.app_context(), db.transaction():
        db.session.add(Custody(child_id=lea, family_id=durand().family_id))
        db.session.add(Authority(adult_id=durand().id, child_id=lea))
    return lea


def of(app, adult=dupont) -> str:
    with app.app_context():
        return f"/agent/familles/{adult().family_id}"


def custody_page(app, child_id: int, adult=dupont) -> str:
    with app.app_context():
        return f"/agent/enfants/{child_id}/garde?famille={adult().family_id}"


def holders(app, child_id: int) -> set[str]:
    with app.app_context():
        return {adult.first_name for adult in (dupont(), dupont().family.adults[1], durand())
                if db.session.get(Authority, (adult.id, child_id))}  # fmt: skip


def homes(app, child_id: int) -> int:
    with app.app_context():
        return len(Child.homes(child_id))


def kinds(app) -> list[str]:
    """What the journal tells of children."""
    with app.app_context():
        told = select(Event.kind).where(Event.subject_kind == "child").order_by(Event.id)
        return list(db.session.scalars(told))


# Added


def test_a_child_is_added_and_its_adults_have_authority(guichet, app):
    answer = send(guichet, f"{of(app)}/enfants/nouveau", **TOM)
    assert answer.location == of(app)
    page = text_of(guichet.get(of(app)))
    assert "Tom est dans le dossier." in page
    assert "Tom DUPONT" in page
    assert "Date de naissance : 29/02/2012, 3 ans" in page
    assert page.count("Autorité parentale : JEAN DUPONT, JEANNE DUPONT") == 2
    assert kinds(app) == ["child_added"]
    assert "DUPONT JEAN" in text_of(guichet.get("/agent/familles?q=tom"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"first_name": ""}, "Écrivez le prénom."),
        ({"birth_date": ""}, "Écrivez la date de naissance."),
        ({"birth_date": "demain"}, "Écrivez la date de naissance comme 31/12/2015."),
        ({"birth_date": "2015-05-05"}, "Cette date de naissance est dans l’avenir."),
        ({"birth_date": "1995-05-04"}, "Cette date de naissance donne 20 ans ou plus"),
    ],
)
def test_what_is_wrong_is_said_and_no_child_is_added(guichet, app, changes, sentence):
    answer = send(guichet, f"{of(app)}/enfants/nouveau", **TOM | changes)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert 'value="École Jean-Moulin"' in answer.text
    assert kinds(app) == []


def test_a_day_may_be_typed_the_french_way(guichet, app):
    assert send(guichet, f"{of(app)}/enfants/nouveau", **TOM | {"birth_date": "29/02/2012"}).status_code == 303


def test_sent_twice_one_child_is_added(guichet, app):
    url = f"{of(app)}/enfants/nouveau"
    page = guichet.get(url).text
    assert send_on(guichet, page, url, **TOM).status_code == 303
    again = send_on(guichet, page, url, **TOM)
    assert again.status_code == 422
    assert "Tom est déjà dans ce dossier." in text_of(again)
    assert kinds(app) == ["child_added"]


def test_a_child_known_elsewhere_is_proposed_and_added_only_when_the_agent_insists(guichet, app):
    url = f"{of(app, durand)}/enfants/nouveau"
    answer = send(guichet, url, last_name="Dupont", first_name="Léa", birth_date="2008-03-12")
    assert answer.status_code == 422
    assert "LEA DUPONT, chez JEAN DUPONT et JEANNE DUPONT." in text_of(answer)
    assert f"{of(app, durand)}/enfants/rattachement?q=LEA+DUPONT" in answer.text
    assert kinds(app) == []
    with app.app_context():
        known = Child.of_family(dupont().family_id)[0].id
    assert f'name="others" value="{known}"' in answer.text
    assert send_on(guichet, answer.text, url, others=str(known)).status_code == 303
    assert kinds(app) == ["child_added"]


# Attached


def test_a_child_of_another_family_is_found_attached_and_its_authority_asked(guichet, app, lea):
    url = f"{of(app, durand)}/enfants/rattachement"
    assert "Rattacher" not in [text_of(guichet.get(f"{url}?q="))]
    page = guichet.get(f"{url}?q=lea")
    assert "LEA DUPONT" in text_of(page)
    answer = send_on(guichet, page.text, f"{url}?q=lea")
    assert answer.location == custody_page(app, lea, durand)
    page = text_of(guichet.get(answer.location))
    assert "Foyer de JEAN DUPONT et JEANNE DUPONT" in page
    assert "Foyer de SOPHIE DURAND" in page
    assert homes(app, lea) == 2
    assert holders(app, lea) == {"JEAN", "JEANNE"}
    assert kinds(app) == ["custody_added"]
    assert "DURAND SOPHIE" in text_of(guichet.get("/agent/familles?q=lea+durand"))


def test_one_s_own_children_are_not_proposed(guichet, app):
    assert "Aucun enfant d’un autre dossier" in text_of(guichet.get(f"{of(app)}/enfants/rattachement?q=lea"))


def test_attached_twice_the_second_is_told(guichet, app, lea):
    url = f"{of(app, durand)}/enfants/rattachement?q=lea"
    page = guichet.get(url).text
    assert send_on(guichet, page, url).status_code == 303
    again = send_on(guichet, page, url)
    assert again.status_code == 422
    assert "LEA est déjà dans ce dossier." in text_of(again)
    assert homes(app, lea) == 2


def test_a_child_that_does_not_exist_is_404(guichet, app):
    url = f"{of(app, durand)}/enfants/rattachement?q=lea"
    page = guichet.get(url).text
    assert send_on(guichet, page, url, child_id="999999").status_code == 404
    assert send_on(guichet, page, url, child_id="x").status_code == 422
    assert guichet.get("/agent/enfants/999999/garde").status_code == 404


# Garde et autorité


def test_authority_is_given_and_taken_box_by_box(guichet, app, shared):
    url = custody_page(app, shared)
    with app.app_context():
        only = [str(dupont().id)]
    assert send(guichet, url, autorite=only).location == of(app)
    assert holders(app, shared) == {"JEAN"}
    assert kinds(app) == ["authority_removed"] * 2
    with app.app_context():
        both = [str(dupont().id), str(durand().id)]
    send(guichet, url, autorite=both)
    assert holders(app, shared) == {"JEAN", "SOPHIE"}
    assert kinds(app)[2:] == ["authority_given"]


def test_a_household_that_pays_nothing_is_removed_with_its_authority(guichet, app, shared):
    with app.app_context():
        staying = str(dupont().family_id)
    assert send(guichet, custody_page(app, shared, durand), foyer=[staying]).location == of(app)
    assert homes(app, shared) == 1
    assert holders(app, shared) == {"JEAN", "JEANNE"}
    assert sorted(kinds(app)) == ["authority_removed", "custody_removed"]
    assert "Aucun enfant dans ce dossier." in text_of(guichet.get(of(app, durand)))
    assert "durand" not in text_of(guichet.get("/agent/familles?q=lea")).lower()


def test_a_household_that_pays_an_enrolment_stays_with_the_reason(guichet, app, shared):
    with app.app_context(), db.transaction():
        enrolment(activity("Étude"), durand().family, db.session.get_one(Child, shared))
        staying = str(dupont().family_id)
    answer = send(guichet, custody_page(app, shared), foyer=[staying])
    assert answer.status_code == 422
    assert "Le foyer de SOPHIE DURAND ne peut pas être retiré" in text_of(answer)
    assert "des inscriptions de LEA (Étude)" in text_of(answer)
    assert homes(app, shared) == 2
    assert kinds(app) == []


def test_a_child_always_keeps_a_household(guichet, app, shared):
    answer = send(guichet, custody_page(app, shared), foyer=[])
    assert answer.status_code == 422
    assert "Un enfant a toujours un foyer" in text_of(answer)
    assert homes(app, shared) == 2


def test_ids_that_are_not_the_child_s_are_left_out(guichet, app, lea):
    """A forged form gives no authority to a stranger, and no household."""
    with app.app_context():
        forged = {
            "foyer": [str(dupont().family_id), str(durand().family_id)],
            "autorite": [str(dupont().id), str(durand().id), "x"],
        }
    assert send(guichet, custody_page(app, lea), **forged).status_code == 303
    assert homes(app, lea) == 1
    assert holders(app, lea) == {"JEAN"}


def test_a_custody_changed_meanwhile_is_refused_with_what_changed(guichet, app, lea):
    url = custody_page(app, lea)
    page = guichet.get(url).text
    with app.app_context(), db.transaction():
        jeanne = dupont().family.adults[1]
        db.session.delete(db.session.get_one(Authority, (jeanne.id, lea)))
        db.session.add(Custody(child_id=lea, family_id=durand().family_id))
        db.session.add(Authority(adult_id=durand().id, child_id=lea))
    answer = send_on(guichet, page, url)
    assert answer.status_code == 422
    told = text_of(answer)
    assert "Quelqu’un d’autre a modifié la garde entre-temps." in told
    assert "Le foyer de SOPHIE DURAND a été ajouté." in told
    assert "JEANNE DUPONT n’a pas l’autorité parentale." in told
    assert "SOPHIE DURAND a maintenant l’autorité parentale." in told
    assert homes(app, lea) == 2
    assert send_on(guichet, answer.text, url).status_code == 303  # nothing of the other agent's is undone
    assert homes(app, lea) == 2
    assert holders(app, lea) == {"JEAN", "SOPHIE"}


def test_who_only_consults_may_change_nothing(client, app, lea):
    urls = [f"{of(app)}/enfants/nouveau", f"{of(app)}/enfants/rattachement"]
    urls += [f"/agent/enfants/{lea}/garde"]
    for identifiant in ("animation", "regie"):
        client.log_in(identifiant)
        for url in urls:
            assert client.get(url).status_code == 403
        client.log_out("/agent/profil")
