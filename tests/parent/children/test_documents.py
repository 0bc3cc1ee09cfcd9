"""Documents of a child's file: each with its state, given by a parent, opened by the household that gave it."""

import io
import threading
import uuid
from contextlib import suppress
from datetime import date, timedelta

import pytest

from app import clock, db
from app.models.accounts import Account
from app.models.documents import Document, DocumentKind, DocumentState
from app.models.documents import document as document_module
from app.models.documents.checklist import Standing, expected, require_for_enrolment
from app.models.event import Event
from app.models.families import Adult, Authority, Child, Custody, Pai
from app.models.families.author import Author
from app.models.jobs import Job
from app.models.refusal import RefusedError
from app.models.upload import Paper
from tests.agent.families.test_acting import act_for
from tests.builders import clerk, dupont, durand
from tests.conftest import text_of
from tests.files import lea

PDF = b"%PDF-1.7 attestation"
PHOTO = b"\xff\xd8\xff photo"
INSURANCE, HOME, PAI = "Attestation d’assurance", "Justificatif de domicile", "Protocole du PAI"


def kind(name: str) -> int:
    return db.session.query(DocumentKind).filter(DocumentKind.name.startswith(name)).one().id


def page(child_id: int | None = None) -> str:
    return f"/enfants/{child_id or lea().id}/documents"


def give(client, name: str, content: bytes = PDF, **fields: str):
    url = f"{page()}/{kind(name)}"
    return client.send_form(
        url, {"fichier": (io.BytesIO(content), "doc.pdf"), **fields}, page=page(), content_type="multipart/form-data"
    )


def newest() -> Document:
    db.session.rollback()
    return db.session.query(Document).order_by(Document.id.desc()).first()


def check(*, until: date | None = None, reason: str = "") -> None:
    """The newest, by an agent."""
    number = newest().id
    with db.transaction():
        document = Document.locked(number)
        if reason:
            document.refuse(by=clerk(), reason=reason)
        else:
            document.validate(by=clerk(), valid_until=until)


def standing(name: str, family_id: int | None = None) -> Standing:
    db.session.rollback()
    found = expected(lea(), family_id or dupont().family_id)
    return next(one.standing for one in found if one.kind.name.startswith(name))


def share_lea_with_durand() -> None:
    """LEA lives with Sophie Durand too, who has authority."""
    with db.transaction() as writing:
        child, other = lea().id, durand()
        writing.add(Custody(child_id=child, family_id=other.family_id))
        writing.flush()
        writing.add(Authority(adult_id=other.id, child_id=child))


def files(app) -> list[bytes]:
    return [path.read_bytes() for path in app.config["PREAU"].uploads_dir.rglob("*") if path.is_file()]


def test_the_page_says_where_each_document_stands(jean):
    shown = text_of(jean.get(page()))
    assert "Attestation d’assurance reçue, en cours de vérification Obligatoire." in shown
    assert "Page des vaccinations du carnet de santé attendue" in shown
    assert "Protocole du PAI (projet d’accueil individualisé) rien reçu Seulement si cela vous concerne." in shown
    assert "Pour votre foyer Justificatif de domicile attendue" in shown


def test_a_document_is_received_kept_encrypted_and_given_back_to_its_owner(jean, app):
    answer = give(jean, HOME)
    assert answer.location == page()
    assert "Le document est reçu" in text_of(jean.get(answer.location))
    assert standing(HOME) is Standing.RECEIVED
    given = newest()
    assert (given.child_id, given.size, given.giver.first_name) == (None, len(PDF), "JEAN")
    assert not any(PDF in kept for kept in files(app))
    back = jean.get(f"/documents-du-dossier/{given.id}")
    assert back.data == PDF
    assert back.headers["Content-Disposition"] == f"attachment; filename=document-{given.id}.pdf"
    assert back.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choisissez un fichier"),
        (b"<html><script>alert(1)</script>", "ni un PDF, ni une photo"),
        (b"%PDF-" + b"x" * 10_000_001, "dépasse 10 Mo"),
    ],
)
def test_what_is_no_paper_is_refused_and_nothing_is_kept(jean, app, content, sentence):
    before = len(files(app))
    url = f"{page()}/{kind(HOME)}"
    sent = (io.BytesIO(content), "doc.pdf" if content else "")
    answer = jean.send_form(url, {"fichier": sent}, page=page(), content_type="multipart/form-data")
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert len(files(app)) == before
    assert standing(HOME) is Standing.EXPECTED


def test_sent_twice_it_is_one_document_and_one_file(jean, app):
    number = str(uuid.uuid4())
    give(jean, HOME, submission=number)
    before = len(files(app))
    give(jean, HOME, submission=number)
    assert db.session.query(Document).filter_by(submission=number).count() == 1
    assert len(files(app)) == before
    assert db.session.query(Event).filter_by(kind="piece_given", subject_id=newest().id).count() == 1


def test_the_number_of_another_family_s_form_serves_once(jean, app):
    with db.transaction() as writing:
        writing.add_all(
            [
                Custody(child_id=lea().id, family_id=durand().family_id),
                Authority(adult_id=durand().id, child_id=lea().id),
            ]
        )
    give(jean, INSURANCE, submission="the-same")
    before, theirs = len(files(app)), app.test_client()
    theirs.log_in("durand")
    answer = give(theirs, INSURANCE, submission="the-same")
    assert answer.status_code == 422
    assert "Ce formulaire a déjà servi" in text_of(answer)
    assert len(files(app)) == before


def test_another_one_replaces_what_was_not_checked_and_its_file_is_forgotten(jean, app, worker):
    give(jean, INSURANCE)  # the guide's town has one already
    worker.run_all()
    first = newest()
    before = len(files(app))
    give(jean, INSURANCE, PHOTO)
    worker.run_all()
    assert len(files(app)) == before
    db.session.rollback()
    assert db.session.get(Document, first.id).state is DocumentState.REPLACED
    assert jean.get(f"/documents-du-dossier/{first.id}").status_code == 404
    assert jean.get(f"/documents-du-dossier/{newest().id}").data == PHOTO


@pytest.mark.both_engines
def test_of_two_sent_at_once_one_replaces_the_other(app, monkeypatch):
    together, lock = threading.Barrier(2), document_module._lock_household

    def wait_for_the_other(family_id: int) -> None:
        with suppress(threading.BrokenBarrierError):  # on SQLite the other waits for the file
            together.wait(timeout=1)
        lock(family_id)

    def send(number: int) -> None:
        with app.app_context(), db.transaction() as writing:
            paper = Paper(f"{number:032x}", "application/pdf", len(PDF))
            asked_for = writing.get(DocumentKind, kind(HOME))
            Document.give(asked_for, lea_in(writing), paper, by=Author(dupont()), submission=f"s{number}")

    def lea_in(writing):
        return writing.query(Child).order_by(Child.id).first()

    monkeypatch.setattr(document_module, "_lock_household", wait_for_the_other)
    threads = [threading.Thread(target=send, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        states = [one.state for one in db.session.query(Document).filter_by(kind_id=kind(HOME)).order_by(Document.id)]
    assert states == [DocumentState.REPLACED, DocumentState.RECEIVED]


def test_what_an_agent_said_is_shown_with_its_reason_or_its_date(jean):
    give(jean, INSURANCE)
    check(reason="On ne lit pas les dates.")
    assert "Attestation d’assurance refusée Obligatoire. Motif du refus : On ne lit pas les dates." in text_of(
        jean.get(page())
    )
    give(jean, INSURANCE)
    check(until=date(2016, 5, 4))
    shown = text_of(jean.get(page()))
    assert "Attestation d’assurance validée Obligatoire. Valable jusqu’au 04/05/2016." in shown
    assert "On ne lit pas les dates" not in shown
    assert f"/documents-du-dossier/{newest().id}" not in jean.get(page()).text  # once checked it is not kept


@pytest.mark.parametrize(
    ("days", "state", "words"),
    [
        (31, Standing.VALID, "validée"),
        (30, Standing.EXPIRING, "validée, expire bientôt"),
        (0, Standing.EXPIRING, "validée, expire bientôt"),
        (-1, Standing.EXPIRED, "périmée"),
    ],
)
def test_it_expires(jean, days, state, words):
    give(jean, INSURANCE)
    check(until=clock.today())
    with db.transaction():
        newest().valid_until = clock.today() + timedelta(days=days)
    assert standing(INSURANCE) is state
    assert f"Attestation d’assurance {words} " in text_of(jean.get(page()))


def test_a_new_one_given_ahead_leaves_the_former_valid_meanwhile(jean):
    give(jean, INSURANCE)
    check(until=date(2015, 5, 20))
    give(jean, INSURANCE)
    (one,) = (one for one in expected(lea(), dupont().family_id) if one.kind.name == INSURANCE)
    assert (one.standing, one.is_valid) == (Standing.RECEIVED, True)
    assert "Le précédent reste valable jusqu’au 20/05/2015." in text_of(jean.get(page()))


def test_the_other_household_sees_the_state_of_a_childs_document_and_never_the_file(jean, app):
    share_lea_with_durand()
    give(jean, PAI)
    check(until=date(2016, 5, 4))
    give(jean, HOME)
    ours = newest()
    pai = db.session.query(Document).filter_by(kind_id=kind(PAI)).one().id
    other = app.test_client()
    other.log_in("durand")
    shown = text_of(other.get(page()))
    assert (
        "validée Seulement si cela vous concerne. Donné par l’autre foyer de LEA : valable jusqu’au 04/05/2016"
        in (shown)
    )
    assert "Justificatif de domicile attendue" in shown
    assert "JEAN" not in shown
    for number in (pai, ours.id):
        assert other.get(f"/documents-du-dossier/{number}").status_code == 404
    assert jean.get(f"/documents-du-dossier/{pai}").data == PDF


def test_the_reason_of_a_refusal_is_not_the_other_households(jean, app):
    share_lea_with_durand()
    give(jean, INSURANCE)
    check(reason="Ce n’est pas la bonne adresse.")
    other = app.test_client()
    other.log_in("durand")
    shown = text_of(other.get(page()))
    assert "Attestation d’assurance refusée" in shown
    assert "bonne adresse" not in shown


def test_a_stranger_gets_404_everywhere(app, client):
    child, number = lea().id, kind(HOME)
    client.log_in("durand")
    assert client.get(page(child)).status_code == 404
    assert client.get("/documents-du-dossier/1").status_code == 404
    token = client.get("/").text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    data = {"csrf_token": token, "submission": "x", "fichier": (io.BytesIO(PDF), "a.pdf")}
    assert client.post(f"{page(child)}/{number}", data=data).status_code == 404
    assert db.session.query(Document).count() == 1


def test_without_authority_the_documents_do_not_exist(jean):
    give(jean, INSURANCE)
    number = newest().id
    with db.transaction() as writing:
        writing.query(Authority).filter_by(adult_id=dupont().id).delete()
    assert jean.get(page()).status_code == 404
    assert jean.get(f"/documents-du-dossier/{number}").status_code == 404


def test_a_kind_that_is_not_asked_for_any_more_is_not_there(jean):
    number = kind(HOME)
    with db.transaction():
        db.session.get(DocumentKind, number).retire()
    assert HOME not in text_of(jean.get(page()))
    assert jean.post(f"{page()}/{number}", data={}).status_code in (404, 422)
    assert standing(INSURANCE) is Standing.RECEIVED


def test_the_reason_of_a_refusal_is_unreadable_in_the_database_file(jean):
    give(jean, PAI)
    check(reason="Arachide-introuvable : il manque la signature.")
    for table in ("document", "event", "job"):
        for row in db.session.connection().exec_driver_sql(f"SELECT * FROM {table}"):
            assert "introuvable" not in str(tuple(row))


def test_the_journal_says_who_gave_what_but_nothing_of_health(jean):
    give(jean, HOME)
    give(jean, PAI)
    told = [one.after for one in db.session.query(Event).filter_by(kind="piece_given").order_by(Event.id)]
    assert told == [{"piece": HOME}, {"piece": "Document de santé", "child": "LEA"}]


def test_an_agent_who_acts_gives_papers_for_the_family_but_sees_none_of_health(app, jean):
    give(jean, HOME)
    number = newest().id
    agent = app.test_client()
    agent.log_in("guichet")
    act_for(agent, dupont().family_id)
    shown = text_of(agent.get(page()))
    assert INSURANCE in shown
    assert "PAI" not in shown
    assert "vaccinations" not in shown
    assert agent.get(f"/documents-du-dossier/{number}").status_code == 403
    give(agent, INSURANCE, PHOTO)
    event = db.session.query(Event).filter_by(kind="piece_given").order_by(Event.id.desc()).first()
    assert event.actor_id == Account.named("guichet").id
    assert newest().giver.first_name == "JEAN"


def test_the_mail_to_the_giver_says_nothing_of_the_document(jean):
    give(jean, PAI)
    check(reason="Il manque la signature du médecin.")
    job = db.session.query(Job).filter_by(kind="mail").order_by(Job.id.desc()).first()
    assert job.payload["template"] == "piece_checked"
    assert job.payload["to"] == db.session.query(Adult).filter_by(first_name="JEAN").one().email
    assert job.payload["context"] == {"child": lea().id}


def test_the_page_asks_the_database_no_more_for_ten_documents_than_for_one(jean, count_queries):
    with count_queries() as few:
        jean.get(page())
    for _ in range(3):
        for name in (INSURANCE, HOME, PAI):
            give(jean, name)
    with count_queries() as many:
        jean.get(page())
    assert len(many) <= len(few)


@pytest.mark.parametrize(("ends_on", "due"), [(None, True), (date(2015, 5, 4), True), (date(2015, 5, 3), False)])
def test_the_protocol_of_a_pai_is_due_for_a_child_who_has_one(jean, client, ends_on, due):
    with db.transaction() as writing:
        writing.add(Pai(child_id=lea().id, ends_on=ends_on, instruction="Appeler le 15."))
        writing.query(DocumentKind).filter_by(with_pai=True).one().blocking = True
    told = "Protocole du PAI (projet d’accueil individualisé) "
    ours = "attendue Obligatoire, car LEA a un PAI : sans lui, aucune inscription n’est acceptée."
    assert ((told + ours) in text_of(jean.get(page()))) == due
    assert ((told + "rien reçu Seulement si cela vous concerne.") in text_of(jean.get(page()))) != due
    if due:
        with pytest.raises(RefusedError, match="Protocole du PAI"):
            require_for_enrolment(lea(), dupont().family_id)
    jean.log_out()
    for identifiant, shown in (("guichet", True), ("regie", False)):  # that it is due says that there is one
        client.log_in(identifiant)
        answer = client.get(f"/agent/enfants/{lea().id}")
        found = text_of(answer)
        assert ("badge-neutral" in answer.text.split("Protocole")[-1].split("</li>")[0]) == (shown and not due)
        assert ((told + ("attendue" if due else "(facultatif) rien reçu")) in found) == shown
        assert ("Protocole" in found) == shown
        client.log_out("/agent/profil")
