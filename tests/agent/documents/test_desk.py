"""Pièces: an agent checks the documents that families gave, and says which ones the town asks for."""

import json
from datetime import date

import pytest

from app import db
from app.models.accounts import Account, Permission, Role, permission
from app.models.changes.create_asked import make
from app.models.documents import Document, DocumentKind, DocumentState, DocumentSubject
from app.models.event import Event
from app.models.families import Child
from app.models.jobs import Job
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import Request, RequestLine
from app.models.reviews import ReasonTopic, StandardReason
from app.models.town import Structure
from tests.agent.families.test_search import works_at
from tests.builders import activity, clerk, dupont, durand, enrolment
from tests.conftest import FRAGMENT, text_of
from tests.files import lea
from tests.filling import send
from tests.parent.children.test_documents import HOME, INSURANCE, PAI, PDF, check, files, give, kind, newest

JUDGMENT = "Jugement sur la garde de l’enfant"


@pytest.fixture
def guichet(app):
    agent = app.test_client()
    agent.log_in("guichet")
    return agent


def desk(document: Document | int) -> str:
    return f"/agent/pieces/{document if isinstance(document, int) else document.id}"


def validate(agent, number: int, **changes: str):
    url = f"{desk(number)}/validation"
    return agent.send_form(url, {"valid_until": "2016-05-04", **changes}, page=desk(number))


def refuse(agent, number: int, **reason: str):
    return agent.send_form(f"{desk(number)}/refus", reason, page=desk(number))


@pytest.mark.both_engines
def test_what_waits_is_listed_oldest_first_and_counted_on_the_dashboard(jean, guichet):
    give(jean, HOME)
    shown = text_of(guichet.get("/agent/pieces"))
    assert "2 pièces, la plus ancienne d’abord" in shown
    assert shown.index("Attestation d’assurance, famille DUPONT LEA DUPONT") < shown.index(
        "Justificatif de domicile, famille DUPONT le foyer"
    )
    assert "Pièces à vérifier 2" in text_of(guichet.get("/agent/"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=dupont", True),
        ("q=durand", False),
        ("q=lea", True),
        ("type={insurance}", True),
        ("type={home}", False),
        ("etat=validees", False),
        ("etat=refusees", False),
        ("etat=nimporte&type=abc&page=-2", True),
    ],
)
@pytest.mark.both_engines
def test_filters(guichet, query, found):
    address = f"/agent/pieces?{query.format(insurance=kind(INSURANCE), home=kind(HOME))}"
    assert ("famille DUPONT" in text_of(guichet.get(address))) == found
    part = guichet.get(address, headers=FRAGMENT).text
    assert part in guichet.get(address).text


def test_the_list_asks_the_database_no_more_for_three_than_for_one(jean, guichet, count_queries):
    with count_queries() as one:
        guichet.get("/agent/pieces")
    give(jean, HOME)
    give(jean, PAI)
    with count_queries() as three:
        guichet.get("/agent/pieces")
    assert len(three) == len(one)


@pytest.mark.parametrize(("sex", "said"), [("fille", "Née le"), ("garçon", "Né le"), ("", "Né(e) le")])
def test_the_child_s_birth_agrees_with_what_the_file_says(jean, guichet, sex, said):
    with db.transaction():
        lea().sex = sex
    give(jean, PAI)
    assert f"{said} : " in text_of(guichet.get(desk(newest().id)))


def test_the_file_is_opened_as_an_attachment_and_each_reading_is_noted(jean, guichet):
    give(jean, PAI)
    number = newest().id
    back = guichet.get(f"{desk(number)}/fichier")
    assert back.data == PDF
    assert back.headers["Content-Disposition"].startswith("attachment")
    (event,) = db.session.query(Event).filter_by(kind="piece_read", subject_id=number)
    assert event.actor_id == Account.named("guichet").id
    assert event.after == {"piece": "Document de santé", "child": "LEA"}


def test_the_protocol_that_is_kept_is_opened_by_those_who_look_after_the_child(jean, app):
    give(jean, PAI)
    team, number, child = app.test_client(), newest().id, f"/agent/enfants/{lea().id}"
    with db.transaction() as writing:
        looked_after = writing.query(Child).order_by(Child.id).first()
        works_at(enrolment(activity("Le nôtre"), dupont().family, looked_after).activity.structure)
    team.log_in("animation")
    address = f"{child}/pieces/{number}/fichier"
    assert team.get(address).status_code == 404  # nobody checked it yet
    assert address not in team.get(child).text
    check(until=date(2016, 5, 4))
    assert f'href="{address}"' in team.get(child).text
    back = team.get(address)
    assert (back.data, back.headers["Content-Disposition"].split(";")[0]) == (PDF, "attachment")
    db.session.rollback()
    (event,) = db.session.query(Event).filter_by(kind="piece_read", subject_id=number)
    assert event.actor_id == Account.named("animation").id
    assert event.after == {"piece": "Document de santé", "child": "LEA"}
    assert team.get(f"{desk(number)}/fichier").status_code == 403
    give(jean, PAI)
    check(reason="Illisible")
    assert team.get(f"{child}/pieces/{newest().id}/fichier").status_code == 404


def test_no_other_document_nor_child_is_opened_so(jean, app):
    give(jean, PAI)
    check(until=date(2016, 5, 4))
    kept = newest().id
    with db.transaction() as writing:
        elsewhere = enrolment(activity("Là-bas", structure=Structure(name="Ailleurs")), durand().family)
        writing.flush()
        works_at(elsewhere.activity.structure)
        theirs = elsewhere.child_id
    agent = app.test_client()
    agent.log_in("animation")
    assert agent.get(f"/agent/enfants/{theirs}").status_code == 200
    for child in (lea().id, theirs):  # not of their structures; not this child's
        assert agent.get(f"/agent/enfants/{child}/pieces/{kept}/fichier").status_code == 404
    give(jean, JUDGMENT)
    check()
    agent.log_out("/agent/")
    agent.log_in("guichet")
    assert agent.get(f"/agent/enfants/{lea().id}/pieces/{kept}/fichier").status_code == 200
    assert agent.get(f"/agent/enfants/{lea().id}/pieces/{newest().id}/fichier").status_code == 404  # not of health
    agent.log_out("/agent/")
    agent.log_in("regie")
    assert agent.get(f"/agent/enfants/{lea().id}/pieces/{kept}/fichier").status_code == 403


def test_validated_it_has_a_date_and_its_file_is_forgotten(jean, guichet, app, worker):
    give(jean, INSURANCE)
    number, before = newest().id, len(files(app))
    assert 'value="2016-05-04"' in guichet.get(desk(number)).text  # a year from today is proposed
    answer = validate(guichet, number, valid_until="2016-02-28")
    assert answer.location == "/agent/pieces"
    worker.run_all()
    document = newest()
    assert (document.state, document.valid_until, document.storage_key) == (
        DocumentState.VALID,
        date(2016, 2, 28),
        None,
    )
    assert document.checker.name == "Claire Vidal"
    assert len(files(app)) == before - 2  # its own, and the one of the guide's town that it had replaced
    assert guichet.get(f"{desk(number)}/fichier").status_code == 404
    assert "Validée : lundi 4 mai 2015" in text_of(guichet.get(desk(number)))
    event = db.session.query(Event).filter_by(kind="piece_validated").one()
    assert event.after == {"piece": INSURANCE, "child": "LEA", "valid_until": "2016-02-28"}


def test_what_the_team_needs_is_kept_and_only_its_newest(jean, guichet, worker):
    give(jean, PAI)
    first = newest().id
    validate(guichet, first)
    worker.run_all()
    assert guichet.get(f"{desk(first)}/fichier").data == PDF
    give(jean, PAI, b"%PDF-1.7 nouveau protocole")
    second = newest().id
    validate(guichet, second)
    worker.run_all()
    assert guichet.get(f"{desk(first)}/fichier").status_code == 404
    assert guichet.get(f"{desk(second)}/fichier").data == b"%PDF-1.7 nouveau protocole"


def test_refused_the_family_reads_why_and_the_file_is_forgotten(jean, guichet, worker, app):
    with db.transaction():
        StandardReason.add("Le document est illisible.", ReasonTopic.PAPERS)
        StandardReason.add("Ce jour est complet.", ReasonTopic.DAYS)
    give(jean, HOME)
    number, before = newest().id, len(files(app))
    assert "Le document est illisible." in text_of(guichet.get(desk(number)))
    assert "Ce jour est complet." not in text_of(guichet.get(desk(number)))
    refuse(guichet, number, standard="Le document est illisible.", motif="Prenez la photo au jour.")
    worker.run_all()
    assert len(files(app)) == before - 1
    assert newest().reason == "Le document est illisible. Prenez la photo au jour."
    page = text_of(jean.get(f"/enfants/{lea().id}/documents"))
    assert "Motif du refus : Le document est illisible. Prenez la photo au jour." in page


def test_a_refusal_must_say_why(jean, guichet):
    answer = refuse(guichet, 1, motif="  ")
    assert answer.status_code == 422
    assert "Un refus doit dire pourquoi." in text_of(answer)
    assert newest().state is DocumentState.RECEIVED


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2015-05-03", "Cette date est passée"),
        ("", "Écrivez jusqu’à quand"),
        ("2015-02-30", "Écrivez une date qui existe"),
    ],
)
def test_a_date_that_cannot_be_is_refused(guichet, day, sentence):
    answer = validate(guichet, 1, valid_until=day)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert newest().state is DocumentState.RECEIVED


def test_of_two_agents_the_second_reads_what_the_first_did(guichet, app):
    other = app.test_client()
    other.log_in("admin")
    page = other.get(desk(1)).text
    validate(guichet, 1)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    answer = other.post(f"{desk(1)}/refus", data={"csrf_token": token, "motif": "Non"})
    assert answer.status_code == 422
    assert "déjà validé par Claire Vidal" in text_of(answer)


def test_what_the_family_replaced_meanwhile_is_not_decided_unseen(jean, guichet):
    page = guichet.get(desk(1)).text
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    give(jean, INSURANCE)
    answer = guichet.post(f"{desk(1)}/validation", data={"csrf_token": token, "valid_until": "2016-05-04"})
    assert answer.status_code == 422
    assert "a remplacé ce document entre-temps" in text_of(answer)
    assert newest().state is DocumentState.RECEIVED


def test_no_mail_goes_to_who_left_the_family(jean):
    give(jean, HOME)
    with db.transaction():
        newest().given_by = durand().id
    check(until=date(2016, 5, 4))
    job = db.session.query(Job).filter_by(kind="mail").order_by(Job.id.desc()).first()
    assert job.payload["to"] == dupont().email


def test_documents_of_health_do_not_exist_for_who_may_not_read_health(jean, guichet, monkeypatch):
    give(jean, PAI)
    number = newest().id
    lesser = permission.TABLE[Role.GUICHET] - {Permission.HEALTH}
    monkeypatch.setitem(permission.TABLE, Role.GUICHET, lesser)
    page = text_of(guichet.get("/agent/pieces"))
    assert "1 pièce" in page
    assert "PAI" not in page
    assert guichet.get(desk(number)).status_code == 404
    assert guichet.get(f"{desk(number)}/fichier").status_code == 404


@pytest.mark.parametrize("role", ["animation", "regie"])
def test_other_roles_have_no_business_there(app, client, role):
    client.log_in(role)
    for address in ("/agent/pieces", desk(1), f"{desk(1)}/fichier", "/agent/pieces/types"):
        assert client.get(address).status_code == 403
    assert "Pièces" not in text_of(client.get("/agent/"))


# Which documents the town asks for.

KINDS = "/agent/pieces/types"
PHOTO_KIND = {"name": "Photo d’identité", "subject": "child", "months_valid": "36", "mandatory": "y"}


def test_an_agent_asks_for_another_document_and_families_see_it(jean, guichet):
    answer = guichet.send_form(f"{KINDS}/nouveau", PHOTO_KIND)
    assert answer.location == KINDS
    made = db.session.query(DocumentKind).filter_by(name="Photo d’identité").one()
    assert (made.subject, made.months_valid, made.mandatory, made.blocking) == (
        DocumentSubject.CHILD,
        36,
        True,
        False,
    )
    assert "Photo d’identité attendue" in text_of(jean.get(f"/enfants/{lea().id}/documents"))
    event = db.session.query(Event).filter_by(kind="piece_kind_added").one()
    assert event.after["name"] == "Photo d’identité"


def test_what_is_asked_for_a_pai_is_of_health_were_it_not_said(guichet, app):
    guichet.send_form(f"{KINDS}/nouveau", {**PHOTO_KIND, "name": "Trousse de secours", "with_pai": "y"})
    regie = app.test_client()
    regie.log_in("regie")
    page = f"/agent/enfants/{lea().id}"
    assert "Trousse de secours" in text_of(guichet.get(page))
    assert "Trousse de secours" not in text_of(regie.get(page))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": " "}, "Écrivez le nom du document"),
        ({"name": INSURANCE}, "porte déjà ce nom"),
        ({"months_valid": "0"}, "De 1 à 120 mois."),
        ({"subject": "chien"}, ""),
    ],
)
def test_a_kind_that_cannot_be_is_refused(guichet, wrong, sentence):
    count = db.session.query(DocumentKind).count()
    answer = guichet.send_form(f"{KINDS}/nouveau", {**PHOTO_KIND, **wrong})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert db.session.query(DocumentKind).count() == count


def test_a_kind_is_changed_but_not_its_subject(guichet):
    url = f"{KINDS}/{kind(HOME)}"
    assert send(guichet, url, name="Facture de moins de 3 mois", months_valid="3", subject="child").status_code == 303
    db.session.rollback()
    changed = db.session.query(DocumentKind).filter_by(name="Facture de moins de 3 mois").one()
    assert (changed.subject, changed.months_valid, changed.mandatory) == (DocumentSubject.FAMILY, 3, True)
    event = db.session.query(Event).filter_by(kind="piece_kind_changed").one()
    assert (event.before["months_valid"], event.after["months_valid"]) == (12, 3)


def test_a_kind_is_withdrawn_then_asked_for_again_and_what_was_given_stays(jean, guichet):
    url = f"{KINDS}/{kind(INSURANCE)}"
    guichet.send_form(f"{url}/retrait", {}, page=url)
    assert INSURANCE not in text_of(jean.get(f"/enfants/{lea().id}/documents"))
    assert "Plus demandées Attestation d’assurance" in text_of(guichet.get(KINDS))
    assert INSURANCE in text_of(guichet.get("/agent/pieces"))
    guichet.send_form(f"{url}/retablissement", {}, page=KINDS)
    assert f"{INSURANCE} reçue, en cours de vérification" in text_of(jean.get(f"/enfants/{lea().id}/documents"))


def test_a_town_is_seeded_once(app):
    with app.app_context(), db.transaction():
        before = db.session.query(DocumentKind).count()
        DocumentKind.seed()
        db.session.flush()
        assert db.session.query(DocumentKind).count() == before == 5


def asked_enrolment() -> RequestLine:
    adult, child = dupont(), lea()
    field = {"activity_id": activity().id, "first_day": "2015-09-01", "even_weeks": 1, "odd_weeks": 1}
    record = RequestLine(kind=RequestKind.ENROLMENT, field="enrolment", before="", after=json.dumps(field))
    asked = Request(
        code="ABC-DEF",
        kind=RequestKind.ENROLMENT,
        family_id=adult.family_id,
        child_id=child.id,
        submitted_by=adult.id,
        submission="essai",
        lines=[record],
    )
    db.session.add(asked)
    db.session.flush()
    return record


@pytest.mark.parametrize(
    ("blocking", "mandatory", "valid", "refused"),
    [(True, True, False, True), (True, True, True, False), (False, True, False, False), (True, False, False, False)],
)
def test_no_enrolment_is_accepted_without_a_document_that_blocks(jean, blocking, mandatory, valid, refused):
    give(jean, INSURANCE)
    if valid:
        check(until=date(2015, 5, 4))
    with db.transaction():
        asked_for = db.session.get(DocumentKind, kind(INSURANCE))
        asked_for.blocking, asked_for.mandatory = blocking, mandatory
    if not refused:
        with db.transaction():
            make(asked_enrolment(), by=clerk())
        return
    with pytest.raises(RefusedError, match="Attestation d’assurance"), db.transaction():
        make(asked_enrolment(), by=clerk())
