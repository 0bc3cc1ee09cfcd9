"""Writing a child's file at once: in the history of both households, and of health nothing."""

from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.models.families import (
    Authority,
    Child,
    Consent,
    Contact,
    ContactRole,
    Custody,
    Family,
    HealthAlert,
    HealthSheet,
)
from app.models.families.sections import editing
from app.models.families.sections.values import Sheet
from tests.agent.families.writing import events, of_child, of_family
from tests.builders import clerk, dupont, durand
from tests.conftest import text_of
from tests.filling import send, send_on


@pytest.fixture
def shared(app, lea) -> int:
    """The guide's child, who lives at the DURANDs' too; all have authority."""
    with app.app_context(), db.transaction():
        db.session.add(Custody(child_id=lea, family_id=durand().family_id))
        db.session.add(Authority(adult_id=durand().id, child_id=lea))
    return lea


def test_a_child_is_corrected_in_the_history_of_both_households(guichet, app, shared):
    answer = send(
        guichet,
        of_child(app, shared, "informations", durand),
        class_name="CE2 de Mme Roy",
        birth_date="2008-03-13",
        diet="sans porc",
    )
    with app.app_context():
        assert answer.location == f"/agent/enfants/{shared}?famille={durand().family_id}"
    assert "Classe : CE2 de Mme Roy" in text_of(guichet.get(answer.location))
    told = events(app, "child_changed")
    with app.app_context():
        assert sorted(one.family_id for one in told) == sorted([dupont().family_id, durand().family_id])
    assert told[0].before == {"birth_date": "12/03/2008", "class_name": "CE1"}
    assert told[0].after == {
        "birth_date": "13/03/2008",
        "class_name": "CE2 de Mme Roy",
        "fields": ["Régime alimentaire"],
    }


def test_a_child_changed_meanwhile_is_refused_with_what_changed(guichet, app, lea):
    url = of_child(app, lea, "informations")
    page = guichet.get(url).text
    with app.app_context(), db.transaction():
        child = db.session.get_one(Child, lea)
        child.birth_date, child.school = date(2008, 3, 14), "École des Tilleuls"
    answer = send_on(guichet, page, url, school="École Pasteur")
    assert answer.status_code == 422
    assert "Date de naissance est maintenant « 14/03/2008 »." in text_of(answer)
    assert "École est maintenant « École des Tilleuls », vous aviez écrit « École Pasteur »." in text_of(answer)
    assert 'value="2008-03-14"' in answer.text
    assert send_on(guichet, answer.text, url).status_code == 303
    with app.app_context():
        child = db.session.get_one(Child, lea)
        assert (child.birth_date, child.school) == (date(2008, 3, 14), "École Pasteur")


def test_who_must_not_come_is_noted_by_the_town_hall_and_left_alone_by_other_lists(guichet, app, shared):
    lea = shared
    row = {"forbidden-0-name": "Marc Petit", "forbidden-0-link": "oncle", "forbidden-0-phone": ""}
    assert send(guichet, of_child(app, lea, "personnes-interdites"), **row).status_code == 303
    role = {"contacts-0-role": "collects", "contacts-0-name": "Rose Petit"}
    assert send(guichet, of_child(app, lea, "personnes-autorisees"), **role).status_code == 303
    with app.app_context():
        assert [(one.name, one.role) for one in Contact.of_child(lea)] == [
            ("Marc Petit", ContactRole.FORBIDDEN),
            ("Rose Petit", ContactRole.COLLECTS),
        ]
    noted = events(app, "child_changed")[:2]  # each household may read its journal: nobody is named
    assert [one.before for one in noted] == [None, None]
    assert [one.after for one in noted] == [{"fields": ["Ne doit pas venir chercher l’enfant"]}] * 2
    page = guichet.get(of_child(app, lea, "personnes-interdites")).text
    send_on(
        guichet, page, of_child(app, lea, "personnes-interdites"), **{"forbidden-0-name": "", "forbidden-0-link": ""}
    )
    with app.app_context():
        assert [one.name for one in Contact.of_child(lea)] == ["Rose Petit"]


def test_an_authorisation_bears_who_signed_the_paper_and_when(guichet, app, lea):
    url = of_child(app, lea, "autorisations")
    page = guichet.get(url).text
    assert 'value="JEAN DUPONT"' in page
    assert "SOPHIE DURAND" not in page
    unsigned = send_on(guichet, page, url, leaves_alone="non", signatory="")
    assert unsigned.status_code == 422
    assert "Dites qui a signé le papier." in text_of(unsigned)
    forged = send_on(guichet, page, url, leaves_alone="non", signatory="SOPHIE DURAND")
    assert forged.status_code == 422
    signed = {"leaves_alone": "non", "signatory": "JEANNE DUPONT", "signed_on": "2015-04-30"}
    assert send_on(guichet, page, url, **signed).status_code == 303
    with app.app_context():
        consent = db.session.get_one(Consent, (lea, "leaves_alone"))
        assert (consent.granted, consent.signatory, consent.signed_on) == (False, "JEANNE DUPONT", date(2015, 4, 30))
    send(guichet, url, swimming="oui", signatory="JEAN DUPONT")
    with app.app_context():
        consent = db.session.get_one(Consent, (lea, "leaves_alone"))
        assert consent.signatory == "JEANNE DUPONT"  # what was not touched keeps who signed it


def test_health_is_written_and_the_journal_says_neither_what_nor_what_it_was(guichet, app, lea):
    url = of_child(app, lea, "sante")
    row = {"alerts-0-kind": "food", "alerts-0-text": "Arachide : stylo"}
    answer = send(guichet, url, doctor="Dr Petit", **row)
    assert answer.location.startswith(f"/agent/enfants/{lea}/sante")
    with app.app_context():
        assert db.session.get_one(HealthSheet, lea).doctor == "Dr Petit"
        assert (
            db.session.scalars(select(HealthAlert.text).where(HealthAlert.child_id == lea)).one()
            == "Arachide : stylo"
        )
    (written,) = events(app, "child_changed")
    assert written.before is None
    assert written.after == {"fields": ["Médecin traitant", "Allergies"]}
    (read,) = events(app, "health_read")
    assert (read.subject_kind, read.subject_id, read.address) == ("child", lea, "127.0.0.1")
    assert read.before is None
    assert read.after is None


def test_a_refusal_that_tells_what_the_file_says_of_health_is_a_reading(guichet, app, lea):
    url = of_child(app, lea, "sante")
    page = guichet.get(url).text
    with app.app_context(), db.transaction() as writing:
        writing.add(HealthSheet(child_id=lea, doctor="Dr Durand"))
    answer = send_on(guichet, page, url, doctor="Dr Petit")
    assert "Médecin traitant est maintenant « Dr Durand »" in text_of(answer)
    assert len(events(app, "health_read")) == 2


def test_a_record_that_was_joined_to_another_meanwhile_takes_nothing(app, lea):
    with app.app_context(), db.transaction() as writing:
        lost = Child(last_name="DUPONT", first_name="LEA", birth_date=date(2008, 3, 12))
        writing.add(lost)
        writing.flush()
        sheet = Sheet(editing.CHILD, dupont().family_id, lost.id)
        with pytest.raises(editing.RefusedError, match="réunie à une autre"):
            editing.write(sheet, {"school": "Jean-Moulin"}, seen={"school": ""}, by=clerk())


def test_who_only_consults_may_change_nothing(client, app, lea):
    urls = [of_family(app, "responsable"), of_family(app, "banque"), of_child(app, lea, "informations")]
    for identifiant in ("animation", "regie"):
        client.log_in(identifiant)
        for url in urls:
            assert client.get(url).status_code == 403
        client.log_out("/agent/profil")


def test_a_merged_file_an_unknown_child_and_an_unknown_section_are_404(guichet, app, lea):
    with app.app_context(), db.transaction():
        old = Family(number="2000000000001", merged_into=dupont().family_id)
        db.session.add(old)
        db.session.flush()
        merged = old.id
    assert guichet.get(f"/agent/familles/{merged}/banque/modification").status_code == 404
    assert guichet.get("/agent/enfants/999999/informations/modification").status_code == 404
    assert guichet.get(f"/agent/enfants/{lea}/ajout/modification").status_code == 404


def test_a_stale_token_gives_back_what_was_typed(guichet, app):
    url = of_family(app, "responsable")
    answer = send(guichet, url, employer="Mairie", csrf_token="stale")
    assert answer.status_code == 422
    assert "ouverte depuis longtemps" in text_of(answer)
    assert 'value="Mairie"' in answer.text
    assert send_on(guichet, answer.text, url).status_code == 303


@pytest.mark.parametrize(
    ("role", "topic", "field", "told"),
    [
        (ContactRole.FORBIDDEN, "personnes-autorisees", "contacts", "Éric Petit ne doit pas venir chercher l’enfant"),
        (ContactRole.COLLECTS, "personnes-interdites", "forbidden", "Éric Petit est aujourd’hui autorisé à venir"),
    ],
)
def test_who_must_not_come_is_told_at_the_desk_and_blocked_by_nothing(guichet, app, lea, role, topic, field, told):
    with app.app_context(), db.transaction() as writing:
        writing.add(Contact(child_id=lea, role=role, name="Éric Petit"))
    url, typed = of_child(app, lea, topic), {f"{field}-0-name": "Mr PETIT-Eric"}
    if field == "contacts":
        typed["contacts-0-role"] = "collects"
    warned = send(guichet, url, **typed)
    assert warned.status_code == 422
    assert told in text_of(warned)
    assert send_on(guichet, warned.text, url).status_code == 303
    again = send_on(guichet, guichet.get(url).text, url)  # what the file says already is not told again
    assert again.status_code == 303
