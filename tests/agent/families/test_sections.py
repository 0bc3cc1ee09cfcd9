"""Writing in a file at once, section by section: what an agent may write, what the journal keeps, what is lost."""

import threading

import pytest
from sqlalchemy import select

from app import db
from app.models.accounts import Account
from app.models.changes import change
from app.models.changes.three_way import Wish
from app.models.families.author import Author
from app.models.families.sections import editing
from app.models.families.sections.account import RESPONSABLE
from app.models.families.sections.values import Sheet
from app.models.jobs import Job
from tests.agent.families.writing import events, of_family
from tests.builders import clerk, dupont, durand
from tests.conftest import text_of
from tests.filling import send, send_on


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
        thread.join(timeout=120)
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
