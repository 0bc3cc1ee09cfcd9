"""A child on one page, and its health apart: who reads what, and what each reading leaves in the journal."""

from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.models.accounts import Account
from app.models.changes import change
from app.models.changes.three_way import Wish
from app.models.enrolments import Enrolment
from app.models.event import Event
from app.models.families import (
    AlertKind,
    Authority,
    Child,
    Consent,
    Contact,
    ContactRole,
    Custody,
    HealthAlert,
    HealthSheet,
    Pai,
)
from app.models.families.author import Author
from app.models.families.sections.child import INSURANCE
from app.models.families.sections.values import Sheet
from app.models.town import Structure
from tests.agent.families.test_search import works_at
from tests.builders import activity, dupont, durand, enrolment
from tests.conftest import text_of


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client


@pytest.fixture
def lea(app) -> int:
    """The guide's child: two households, contacts, authorisations, health."""
    with app.app_context(), db.transaction() as writing:
        child = Child.of_family(dupont().family_id)[0]
        child.birth_place, child.diet, child.insurer = "Toulouse", "sans arachide", "MAIF"
        child.insured_until = date(2015, 4, 30)
        writing.add(Custody(child_id=child.id, family_id=durand().family_id, note="Jugement du 2 mars"))
        writing.add(Authority(adult_id=durand().id, child_id=child.id))
        contact = {"child_id": child.id, "link": "oncle", "phone": "06 39 98 00 11"}
        writing.add(Contact(role=ContactRole.COLLECTS, name="Rose Petit", **contact))
        writing.add(Contact(role=ContactRole.FORBIDDEN, name="Marc Petit", **contact))
        for kind, granted in (("leaves_alone", False), ("swimming", True)):
            signed = {"signed_on": date(2015, 4, 1), "signatory": "JEANNE DUPONT"}
            writing.add(Consent(child_id=child.id, kind=kind, granted=granted, **signed))
        writing.add(HealthSheet(child_id=child.id, doctor="Dr Petit", glasses="oui"))
        writing.add(HealthAlert(child_id=child.id, kind=AlertKind.FOOD, text="Noisette"))
        writing.add(Pai(child_id=child.id, ends_on=date(2015, 7, 1), instruction="Stylo dans le sac"))
        return child.id


def readings(app) -> list[Event]:
    with app.app_context():
        return list(db.session.scalars(select(Event).where(Event.kind == "health_read")))


def test_the_page_shows_all_but_health(guichet, app, lea):
    page = text_of(guichet.get(f"/agent/enfants/{lea}"))
    for words in (
        "LEA DUPONT",
        "7 ans",
        "Date de naissance : 12/03/2008",
        "Lieu de naissance : Toulouse",
        "Régime alimentaire : sans arachide",
        "JEAN DUPONT et JEANNE DUPONT N° Famille : 1001001818331 Autorité parentale : JEAN DUPONT, JEANNE DUPONT",
        "Autorité parentale : SOPHIE DURAND Jugement : Jugement du 2 mars",
        "ne doit pas venir Marc Petit, oncle 06 39 98 00 11",
        "peut venir Rose Petit",
        "Peut partir seul non JEANNE DUPONT, le 01/04/2015",
        "Baignade et piscine oui",
        "Sorties pas de réponse",
        "Compagnie d’assurance : MAIF",
        "assurance périmée",
        "Attestation d’assurance",
        "Données de santé",
    ):
        assert words in page, words
    assert page.index("Marc Petit") < page.index("Rose Petit")
    for words in ("Noisette", "Dr Petit", "Stylo"):
        assert words not in page
    assert readings(app) == []


def test_health_is_on_a_page_of_its_own_and_each_view_is_noted(guichet, app, lea):
    with app.app_context():
        home = durand().family_id
    page = text_of(guichet.get(f"/agent/enfants/{lea}/sante?famille={home}"))
    assert "Le journal note que vous avez lu cette page." in page
    for words in (
        "Allergie alimentaire, Noisette",
        "Médecin traitant : Dr Petit",
        "01/07/2015, Stylo dans le sac",
        "Oui",
    ):
        assert words in page, words
    (read,) = readings(app)
    assert (read.subject_kind, read.subject_id, read.family_id) == ("child", lea, home)
    assert (read.before, read.after) == (None, None)
    with app.app_context():
        assert read.actor_id == Account.named("guichet").id
    guichet.get(f"/agent/enfants/{lea}/sante")
    assert len(readings(app)) == 2


def test_the_animation_reads_the_children_of_its_structures_and_no_request(client, app, lea):
    with app.app_context():
        with db.transaction():
            ours = activity("Le nôtre")
            works_at(ours.structure)
            other = Structure(name="Ailleurs")
            db.session.add(other)
            db.session.flush()
            theirs = enrolment(activity("Là-bas", structure=other), durand().family, db.session.get_one(Child, lea))
            theirs_too = Child(last_name="X", first_name="Y", birth_date=date(2009, 1, 1))
            db.session.add(theirs_too)
            db.session.flush()
            db.session.add(Custody(child_id=theirs_too.id, family_id=durand().family_id))
            stranger, elsewhere = theirs_too.id, theirs.id
        with db.transaction():
            sheet = Sheet(INSURANCE, dupont().family_id, lea)
            code = change.ask(
                INSURANCE.kind,
                [Wish(sheet, {"insurer": "MAE"}, sheet.texts())],
                by=Author(dupont()),
                submission="one",
            ).code
    client.log_in("animation")
    page = client.get(f"/agent/enfants/{lea}")
    assert page.status_code == 200
    assert "Marc Petit" in page.text
    with app.app_context():
        ours_only, hidden = dupont().family_id, durand().family_id
    assert f'href="/agent/familles/{ours_only}"' in page.text
    assert f"/agent/familles/{hidden}" not in client.get(f"/agent/enfants/{lea}?famille={hidden}").text
    assert code not in page.text
    assert f"/agent/inscriptions/{elsewhere}" not in page.text
    for words in ("Modifier", "Garde et autorité", "Jugement du 2 mars", "Inscrire"):
        assert words not in text_of(page), words
    assert client.get(f"/agent/enfants/{lea}/sante").status_code == 200
    assert len(readings(app)) == 1
    assert client.get(f"/agent/enfants/{stranger}").status_code == 404
    assert client.get(f"/agent/enfants/{stranger}/sante").status_code == 404
    assert len(readings(app)) == 1


def test_of_a_household_beyond_its_structures_the_animation_reads_the_name_alone(client, app, lea):
    with app.app_context(), db.transaction() as writing:
        works_at(enrolment(activity("Le nôtre"), dupont().family, writing.get_one(Child, lea)).activity.structure)
        dupont().phone_mobile, durand().phone_mobile, durand().phone_home = "06 39 98 11 22", "06 39 98 77 66", ""
        ours, theirs = dupont().family.number, durand().family.number
        assert not writing.query(Enrolment).filter_by(family_id=durand().family_id).count()
    for identifiant, reads in (("animation", False), ("guichet", True)):
        client.log_in(identifiant)
        page = text_of(client.get(f"/agent/enfants/{lea}"))
        for words in ("SOPHIE DURAND", ours, "06 39 98 11 22"):
            assert words in page, (identifiant, words)
        for words in (theirs, "06 39 98 77 66"):
            assert (words in page) is reads, (identifiant, words)
        client.log_out("/agent/")


def test_the_animation_opens_the_file_of_no_brother_or_sister_who_goes_elsewhere(client, app, lea):
    with app.app_context(), db.transaction() as writing:
        works_at(enrolment(activity("Le nôtre"), dupont().family, writing.get_one(Child, lea)).activity.structure)
        elsewhere = activity("Là-bas", structure=Structure(name="Ailleurs"))
        brother = enrolment(elsewhere, dupont().family)
        brother.child.first_name = "Noé"
        writing.add(HealthAlert(child_id=brother.child_id, kind=AlertKind.FOOD, text="Kiwi"))
        number, family = brother.child_id, dupont().family_id
    client.log_in("animation")
    page = client.get(f"/agent/familles/{family}")
    assert "Noé DUPONT" in text_of(page)
    assert f'href="/agent/enfants/{lea}?' in page.text
    assert f"/agent/enfants/{number}" not in page.text
    for address in (f"/agent/enfants/{number}", f"/agent/enfants/{number}/sante"):
        assert client.get(address).status_code == 404
    client.log_out("/agent/")
    client.log_in("guichet")
    assert "Kiwi" in text_of(client.get(f"/agent/enfants/{number}/sante"))


def test_the_regie_reads_neither_health_nor_diet(client, app, lea):
    client.log_in("regie")
    page = text_of(client.get(f"/agent/enfants/{lea}"))
    assert "LEA DUPONT" in page
    for words in ("arachide", "Régime", "Données de santé", "Jugement du 2 mars"):
        assert words not in page, words
    assert client.get(f"/agent/enfants/{lea}/sante").status_code == 403
    assert readings(app) == []


def test_what_was_asked_about_the_child_by_either_household_is_listed(guichet, app, lea):
    codes = []
    with app.app_context():
        for who in (dupont, durand):
            with db.transaction():
                sheet = Sheet(INSURANCE, who().family_id, lea)
                wish = Wish(sheet, {"insurer": who().last_name}, sheet.texts())
                codes.append(change.ask(INSURANCE.kind, [wish], by=Author(who()), submission=who().last_name).code)
    page = text_of(guichet.get(f"/agent/enfants/{lea}"))
    assert f"Assurance {codes[0]} en attente JEAN DUPONT" in page
    assert f"Assurance {codes[1]} en attente SOPHIE DURAND" in page


def test_a_child_that_does_not_exist_is_404(guichet):
    assert guichet.get("/agent/enfants/999999").status_code == 404
    assert guichet.get("/agent/enfants/999999/sante").status_code == 404


def test_the_family_the_register_and_the_enrolment_lead_there(guichet, app, lea):
    with app.app_context():
        home = dupont().family_id
    there = f'href="/agent/enfants/{lea}?famille={home}"'
    assert there in guichet.get(f"/agent/familles/{home}").text
    assert there in guichet.get("/agent/inscriptions").text
    assert there in guichet.get("/agent/inscriptions/1").text
    back = guichet.get(f"/agent/enfants/{lea}?famille={home}").text
    assert f'href="/agent/familles/{home}"' in back


def test_as_many_queries_for_a_full_record_as_for_a_blank_one(guichet, app, lea, count_queries):
    with app.app_context(), db.transaction() as writing:
        blank = Child(last_name="DUPONT", first_name="Nino", birth_date=date(2012, 1, 1))
        writing.add(blank)
        writing.flush()
        writing.add(Custody(child_id=blank.id, family_id=dupont().family_id))
        number = blank.id
    guichet.get(f"/agent/enfants/{lea}")
    sent = []
    for child_id in (number, lea):
        with count_queries() as queries:
            guichet.get(f"/agent/enfants/{child_id}")
        sent.append(len(queries))
    assert max(sent) <= 22, "\n\n".join(queries)
    assert sent[1] - sent[0] <= 2  # the adults of its enrolments' payers
