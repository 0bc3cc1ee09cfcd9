"""Writing in a file at once, section by section: what an agent may write, what the journal keeps, what is lost."""

import threading
from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.models.accounts import Account, Permission, Role
from app.models.accounts import permission as permissions
from app.models.changes import change
from app.models.changes.three_way import Wish
from app.models.event import Event
from app.models.families import (
    Authority,
    Child,
    Consent,
    Contact,
    ContactRole,
    Custody,
    Family,
    Finances,
    HealthAlert,
    HealthSheet,
)
from app.models.families.author import Author
from app.models.families.sections import editing
from app.models.families.sections.account import RESPONSABLE
from app.models.families.sections.values import Sheet
from app.models.jobs import Job
from tests.builders import clerk, dupont, durand
from tests.conftest import text_of
from tests.filling import send, send_on

IBAN = "FR1420041010050500013M02606"
OTHER_IBAN = "FR7630006000011234567890189"


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


def of_family(app, section: str, adult=dupont) -> str:
    with app.app_context():
        return f"/agent/familles/{adult().family_id}/{section}/modification"


def of_child(app, child_id: int, topic: str, adult=dupont) -> str:
    with app.app_context():
        return f"/agent/enfants/{child_id}/{topic}/modification?famille={adult().family_id}"


def events(app, kind: str) -> list[Event]:
    with app.app_context():
        return list(db.session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id)))


def finances(app) -> Finances:
    with app.app_context():
        return db.session.get_one(Finances, dupont().family_id)


# An adult


def test_an_adult_is_corrected_and_the_journal_keeps_before_and_after(guichet, app):
    answer = send(guichet, of_family(app, "responsable"), employer="Mairie", phone_work="05 61 00 00 00")
    page = text_of(guichet.get(answer.location))
    assert "C’est enregistré." in page
    assert "Employeur : Mairie" in page
    (event,) = events(app, "adult_changed")
    assert event.before == {"phone_work": "", "employer": ""}
    assert event.after == {"phone_work": "05 61 00 00 00", "employer": "Mairie"}
    with app.app_context():
        assert (event.family_id, event.subject_id) == (dupont().family_id, dupont().id)
        assert event.actor_id == Account.named("guichet").id


def test_each_field_of_mon_compte_can_be_written_of_both_adults(guichet, app):
    wanted = {"quality": "Mère", "csp": "Employée", "profession": "Infirmière", "allows_sms": "oui"}
    send(guichet, of_family(app, "conjoint"), **wanted)
    send(guichet, of_family(app, "responsable"), situation="Marié")
    with app.app_context():
        jeanne = dupont().family.adults[1]
        assert (jeanne.quality, jeanne.csp, jeanne.profession) == ("Mère", "Employée", "Infirmière")
        assert jeanne.allows_sms is True
        assert dupont().family.situation == "Marié"


def test_a_situation_that_another_program_wrote_is_kept(guichet, app):
    with app.app_context(), db.transaction():
        dupont().family.situation = "En instance"
    send(guichet, of_family(app, "responsable"), employer="Mairie")
    with app.app_context():
        assert dupont().family.situation == "En instance"


def test_whoever_read_the_former_address_learns_of_a_new_one(guichet, app):
    with app.app_context():
        former = dupont().email
    send(guichet, of_family(app, "responsable"), email="jean@ailleurs.example")
    with app.app_context():
        (mail,) = db.session.scalars(select(Job).where(Job.kind == "mail"))
        assert (mail.payload["template"], mail.payload["to"]) == ("email_changed", former)
        assert dupont().email == "jean@ailleurs.example"


def test_a_wrong_detail_changes_nothing_and_keeps_what_was_typed(guichet, app):
    answer = send(guichet, of_family(app, "responsable"), employer="Mairie", phone_work="05 61")
    assert answer.status_code == 422
    assert "ne semble pas juste" in text_of(answer)
    assert 'value="Mairie"' in answer.text
    with app.app_context():
        assert dupont().employer == ""


def test_a_file_changed_meanwhile_is_refused_with_what_changed_and_nothing_typed_is_lost(guichet, app):
    url = of_family(app, "responsable")
    page = guichet.get(url).text
    with app.app_context(), db.transaction():
        jean = dupont()
        jean.profession, jean.employer = "Boulanger", "Le Fournil"
    answer = send_on(guichet, page, url, employer="Mairie", csp="Employé")
    assert answer.status_code == 422
    told = text_of(answer)
    assert "Quelqu’un d’autre a modifié ce dossier entre-temps." in told
    assert "Employeur est maintenant « Le Fournil », vous aviez écrit « Mairie »." in told
    assert "Profession est maintenant « Boulanger »." in told
    for kept in ('value="Mairie"', 'value="Employé"', 'value="Boulanger"'):
        assert kept in answer.text
    with app.app_context():
        assert (dupont().employer, dupont().csp) == ("Le Fournil", "")
    assert send_on(guichet, answer.text, url).status_code == 303  # having read it, the agent insists
    with app.app_context():
        jean = dupont()
        assert (jean.employer, jean.csp, jean.profession) == ("Mairie", "Employé", "Boulanger")


def test_sent_twice_it_is_written_once(guichet, app):
    url = of_family(app, "responsable")
    page = guichet.get(url).text
    for _ in range(2):
        assert send_on(guichet, page, url, employer="Mairie").status_code == 303
    assert len(events(app, "adult_changed")) == 1


@pytest.mark.sqlite_only
def test_a_form_without_its_memory_overwrites_nothing(guichet, app):
    with app.app_context(), db.transaction():
        durand().employer = "Le Fournil"
    for seen in ("", "[]", "no json", "{}"):
        answer = send(guichet, of_family(app, "responsable", durand), employer="Mairie", seen=seen)
        assert answer.status_code == 422
        assert "Quelqu’un d’autre a modifié" in text_of(answer)


@pytest.mark.both_engines
def test_of_two_agents_who_correct_an_adult_at_once_the_second_is_told(app):
    with app.app_context():
        family_id = dupont().family_id
        seen = Sheet(RESPONSABLE, family_id).texts()
    got, ready = [], threading.Barrier(2)

    def act() -> None:
        with app.app_context():
            ready.wait()
            try:
                with db.transaction():
                    wanted = {"city": f"ville {threading.get_ident()}"}
                    got.append(editing.write(Sheet(RESPONSABLE, family_id), wanted, seen=seen, by=clerk()))
            except Exception as refusal:
                got.append(refusal)

    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(type(one).__name__ for one in got) == ["ChangedMeanwhileError", "NoneType"]
    assert len(events(app, "adult_changed")) == 1


def test_a_file_without_conjoint_leads_to_adding_one(guichet, app):
    with app.app_context():
        number = durand().family_id
    assert (
        guichet.get(of_family(app, "conjoint", durand)).location == f"/agent/familles/{number}/responsables/nouveau"
    )


def test_what_the_family_asks_already_is_said_with_its_code(guichet, app):
    with app.app_context(), db.transaction():
        adult = dupont()
        wish = Wish(Sheet(RESPONSABLE, adult.family_id), {"employer": "Mairie"}, {"employer": ""})
        code = change.ask(RESPONSABLE.kind, [wish], by=Author(adult), submission="one").code
    page = text_of(guichet.get(of_family(app, "responsable")))
    assert "La famille demande déjà à changer cette rubrique." in page
    assert f"Employeur, {code} (en attente)" in page
    assert "demande déjà" not in text_of(guichet.get(of_family(app, "caf")))


# Money


def test_the_bank_is_written_from_a_paper_and_the_journal_names_the_fields_only(guichet, app):
    url = of_family(app, "banque")
    assert send(guichet, url, iban=IBAN, bic="PSSTFRPPTOU", direct_debit="oui").status_code == 303
    assert (finances(app).iban, finances(app).direct_debit) == (IBAN, "oui")
    (event,) = events(app, "family_changed")
    assert event.before is None
    assert event.after == {"fields": ["IBAN", "BIC", "Mise en prélèvement automatique"]}
    page = guichet.get(url)
    assert IBAN not in page.text
    assert "Aujourd’hui : •••• 2606. Laissez vide pour ne pas le changer." in text_of(page)
    send_on(guichet, page.text, url, bank_holder="JEANNE DUPONT")
    assert (finances(app).iban, finances(app).bank_holder) == (IBAN, "JEANNE DUPONT")


def test_the_bank_account_is_taken_off_and_the_journal_names_the_fields_only(guichet, app):
    url = of_family(app, "banque")
    assert "Retirer ce compte bancaire" not in text_of(guichet.get(url))
    send(guichet, url, iban=IBAN, bic="PSSTFRPPTOU", direct_debit="oui")
    page = guichet.get(url).text
    answer = send_on(guichet, page, url, no_account="y")
    assert answer.status_code == 422
    assert "Le prélèvement automatique demande un compte" in text_of(answer)
    assert send_on(guichet, page, url, no_account="y", direct_debit="non").status_code == 303
    assert (finances(app).iban, finances(app).bic, finances(app).direct_debit) == (None, None, "non")
    event = events(app, "family_changed")[-1]
    assert (event.before, event.after) == (None, {"fields": ["IBAN", "BIC", "Mise en prélèvement automatique"]})


def test_an_account_number_changed_meanwhile_is_not_overwritten(guichet, app):
    url = of_family(app, "banque")
    page = guichet.get(url).text
    with app.app_context(), db.transaction():
        db.session.get_one(Finances, dupont().family_id).iban = OTHER_IBAN
    answer = send_on(guichet, page, url, iban=IBAN)
    assert answer.status_code == 422
    assert "IBAN est maintenant « •••• 0189 »" in text_of(answer)
    assert OTHER_IBAN not in answer.text
    assert finances(app).iban == OTHER_IBAN
    assert send_on(guichet, answer.text, url, iban=IBAN).status_code == 303
    assert finances(app).iban == IBAN


def test_a_wrong_account_number_is_refused(guichet, app):
    answer = send(guichet, of_family(app, "banque"), iban="FR1420041010050500013M02607")
    assert answer.status_code == 422
    assert "Cet IBAN est faux" in text_of(answer)
    assert finances(app).iban is None


def without(monkeypatch, permission: Permission) -> None:
    """The counter loses a permission."""
    table = permissions.TABLE | {Role.GUICHET: permissions.TABLE[Role.GUICHET] - {permission}}
    monkeypatch.setattr(permissions, "TABLE", table)
    monkeypatch.setattr("app.models.accounts.agent.TABLE", table)


@pytest.mark.sqlite_only
def test_who_does_not_read_money_or_health_does_not_write_it_either(guichet, app, lea, monkeypatch):
    without(monkeypatch, Permission.FINANCES)
    for section in ("fiscales", "caf", "banque"):
        assert guichet.get(of_family(app, section)).status_code == 403
    assert guichet.get(of_family(app, "responsable")).status_code == 200
    without(monkeypatch, Permission.HEALTH)
    for topic in ("sante", "lunettes"):
        assert guichet.get(of_child(app, lea, topic)).status_code == 403
        assert guichet.post(of_child(app, lea, topic)).status_code in (403, 422)
    assert guichet.get(of_child(app, lea, "informations")).status_code == 200
    assert events(app, "health_read") == []


# A child


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


# Who may, and where


@pytest.mark.sqlite_only
def test_who_only_consults_may_change_nothing(client, app, lea):
    urls = [of_family(app, "responsable"), of_family(app, "banque"), of_child(app, lea, "informations")]
    for identifiant in ("animation", "regie"):
        client.log_in(identifiant)
        for url in urls:
            assert client.get(url).status_code == 403
        client.log_out("/agent/profil")


@pytest.mark.sqlite_only
def test_a_merged_file_an_unknown_child_and_an_unknown_section_are_404(guichet, app, lea):
    with app.app_context(), db.transaction():
        old = Family(number="2000000000001", merged_into=dupont().family_id)
        db.session.add(old)
        db.session.flush()
        merged = old.id
    assert guichet.get(f"/agent/familles/{merged}/banque/modification").status_code == 404
    assert guichet.get("/agent/enfants/999999/informations/modification").status_code == 404
    assert guichet.get(f"/agent/enfants/{lea}/ajout/modification").status_code == 404


@pytest.mark.sqlite_only
def test_a_stale_token_gives_back_what_was_typed(guichet, app):
    url = of_family(app, "responsable")
    answer = send(guichet, url, employer="Mairie", csrf_token="stale")
    assert answer.status_code == 422
    assert "ouverte depuis longtemps" in text_of(answer)
    assert 'value="Mairie"' in answer.text
    assert send_on(guichet, answer.text, url).status_code == 303
