"""Mes données: what is known, a copy of it all, what will be erased; and nothing of another household."""

import io
import json
import re
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from app import clock, crypto, db
from app.integrations import proofs, sealed, storage
from app.models.accounts import Account
from app.models.billing import Invoice
from app.models.changes import DuiDraft, change
from app.models.changes.three_way import Wish
from app.models.documents import Document, DocumentKind, DocumentSubject
from app.models.durations import PUBLISHED
from app.models.enrolments import Booking
from app.models.event import Event
from app.models.exports import DataExport
from app.models.families import (
    Adult,
    AlertKind,
    Authority,
    Child,
    Civility,
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
from app.models.families.sections.account import CONJOINT
from app.models.families.sections.child import HEALTH
from app.models.families.sections.values import Sheet
from app.models.households.merge_children import move_custody
from app.models.households.split import Split
from app.models.jobs import Job
from app.models.messages import Message, Sender, Thread
from app.models.privacy import my_data
from app.models.privacy.packages import PACKAGES
from app.models.privacy.words import label_of
from app.models.requests import LineState, RequestLine
from app.models.town import Structure
from tests.builders import DAY, activity, clerk, dupont, enrolment
from tests.conftest import FRAGMENT, text_of
from tests.files import accept, add_child
from tests.filling import send

pytestmark = pytest.mark.both_engines

PAGE = "/mes-donnees"
MODELS = Path(my_data.__file__).parents[1]
PDF = b"%PDF-1.7 the paper of the family"


def lea() -> Child:
    return db.session.query(Child).filter_by(first_name="LEA").one()


@pytest.fixture
def known(app):
    """Jean has authority over Léa, whose file says much; and he gave a paper that is kept."""
    with app.app_context():
        paper = proofs.keep(PDF)
        with db.transaction() as writing:
            jean, child = dupont(), lea()
            writing.merge(Finances(family_id=jean.family_id, iban="FR7630001007941234567890185", quotient="650"))
            writing.merge(HealthSheet(child_id=child.id, doctor="Dr Lenoir", glasses="oui"))
            writing.add(HealthAlert(child_id=child.id, kind=AlertKind.FOOD, text="arachide"))
            writing.add(Contact(child_id=child.id, role=ContactRole.COLLECTS, name="Mamie Odette"))
            writing.add(Contact(child_id=child.id, role=ContactRole.FORBIDDEN, name="Le voisin interdit"))
            writing.merge(
                Consent(child_id=child.id, kind="outings", granted=True, signed_on=DAY, signatory="JEAN DUPONT")
            )
            writing.get_one(Custody, (child.id, jean.family_id)).note = "jugement du tribunal"
            answers = {"sante": {"done": True, "page": "1", "wanted": {"doctor": "Dr Aubert"}}}
            writing.merge(DuiDraft(child_id=child.id, family_id=jean.family_id, answers=answers))
            kind = DocumentKind(name="Attestation d’essai", subject=DocumentSubject.CHILD)
            writing.add(kind)
            writing.flush()
            Document.give(kind, child, paper, by=Author(jean), submission="a-submission")
            sheet = Sheet(HEALTH, jean.family_id, child.id)
            change.ask(
                HEALTH.kind,
                [Wish(sheet, {"treatments": "ventoline"}, {"treatments": ""})],
                by=Author(jean),
                submission="another-submission",
            )


def ask(client):
    """By the button, or by a page that still shows it while a copy is being made."""
    form = {"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', client.get(PAGE).text)[1]}
    return client.post(f"{PAGE}/copie", data=form)


def exports() -> list[DataExport]:
    db.session.rollback()
    return list(db.session.scalars(select(DataExport).order_by(DataExport.id)))


def fetch(client, worker) -> zipfile.ZipFile:
    ask(client)
    worker.run_all()
    address = re.search(r"/mes-donnees/\d+\.zip", client.get(PAGE).text)[0]
    answer = client.get(address)
    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    return zipfile.ZipFile(io.BytesIO(answer.data))


def data_of(client, worker) -> dict:
    return json.loads(fetch(client, worker).read("donnees.json"))


# The copy


def test_it_is_asked_for_made_by_the_worker_announced_and_fetched(jean, app, worker, known):
    answer = ask(jean)
    assert answer.status_code == 303
    page = jean.get(PAGE)
    assert "en préparation" in text_of(page)
    assert 'data-hx-trigger="every 4s"' in page.text
    worker.run_all()
    page = jean.get(PAGE)
    assert "Votre copie est prête" in text_of(page)
    assert "data-hx-trigger" not in page.text
    (made,) = exports()
    answer = jean.get(f"{PAGE}/{made.id}.zip")
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    with app.app_context():
        given = db.session.query(Document).filter_by(submission="a-submission").one()
    assert archive.namelist()[:2] == ["LISEZ-MOI.txt", "donnees.json"]
    assert archive.read(f"fichiers/{given.filename}") == PDF
    assert "JEAN DUPONT" in archive.read("LISEZ-MOI.txt").decode()
    mails = app.config["PREAU"].mails_dir.glob("*.eml")
    (mail,) = (text for one in mails if "copie" in (text := one.read_text()))
    assert "http://localhost/mes-donnees" in mail
    assert "DUPONT" not in mail.partition("\n\n")[2]  # nothing of what the file says


def test_it_says_all_that_the_portal_knows_in_french(jean, worker, known):
    told = data_of(jean, worker)
    assert told["Famille"][0]["Numéro"] == "1001001818331"
    assert {one["Prénom"] for one in told["Responsable et conjoint"]} == {"JEAN", "JEANNE"}
    assert told["Votre compte"][0]["Identifiant"] == "jean.dupont"
    assert told["Ressources et coordonnées bancaires"][0]["IBAN"] == "FR7630001007941234567890185"
    assert {"Enfant": "LEA DUPONT", "Type": "Allergie alimentaire", "Texte": "arachide"} in told["Allergies"]
    (draft,) = told["Dossiers d’inscription commencés"]
    assert draft["Réponses"] == {"Données sanitaires": {"Médecin traitant": ["Dr Aubert"]}}
    assert told["Données sanitaires"][0]["Médecin traitant"] == "Dr Lenoir"
    assert "Sorties" in {one["Type"] for one in told["Autorisations"]}
    assert told["Factures"][0]["Montant en euros"] == 120.6
    assert told["Compte de la famille"][0]["Facture"] == "AL-36"
    assert told["Messages"][0]["De"] == "La structure"
    assert {one["Prestation"] for one in told["Inscriptions"]} >= {"Garderie matin", "Restauration scolaire"}
    assert {"Inscription": "LEA, Restauration scolaire", "Jour": "2015-04-09", "État": "Réservé"} in told[
        "Réservations et absences"
    ]
    assert told["Pointage"][0]["Présent"] is True
    (line,) = told["Lignes de demandes"]
    assert (line["Sur"], line["Valeur demandée"]) == ("LEA, Traitements en cours", ["ventoline"])
    assert {"JEAN DUPONT"} == {one["Donné par"] for one in told["Pièces"]}
    assert "Connexion" in {one["Quoi"] for one in told["Journal"]}


def test_no_secret_no_note_of_a_judgment_and_no_agent_is_in_it(jean, app, worker, known):
    with app.app_context():
        agent = Account.named("guichet").agent
        with db.transaction() as writing:
            writing.add(Event(kind="family_changed", actor_id=agent.account_id, family_id=1, address="10.9.8.7"))
        account = Account.named("jean.dupont")
        hashed = account.password_hash
    whole = fetch(jean, worker).read("donnees.json").decode()
    for secret in (hashed, "argon2", "jugement du tribunal", "Le voisin interdit", "10.9.8.7", agent.name):
        assert secret not in whole
    told = json.loads(whole)["Journal"]
    assert next(one for one in told if one["Quoi"] == "Dossier modifié")["Par"] == "la mairie"
    assert next(one for one in told if one["Quoi"] == "Connexion")["Depuis l’adresse"] == "127.0.0.1"


def test_who_must_not_come_is_told_to_neither_household_not_even_by_an_older_journal(
    jean, app, worker, other_household
):
    agent = app.test_client()
    agent.log_in("guichet")
    barred = {"forbidden-1-name": "Camille Secretnom", "forbidden-1-link": "père", "forbidden-1-phone": "0639985538"}
    with app.app_context():
        url = f"/agent/enfants/{lea().id}/personnes-interdites/modification?famille={dupont().family_id}"
    assert send(agent, url, **barred).status_code == 303
    with app.app_context(), db.transaction():
        for family_id in Child.homes(lea().id):
            written = {"before": {"forbidden": ""}, "after": {"forbidden": "Dominique Ancien, oncle"}}
            Event.record("child_changed", subject=lea(), family_id=family_id, **written)
    jeanne = app.test_client()
    jeanne.log_in("jeanne")
    for parent in (jean, jeanne):
        told = data_of(parent, worker)
        assert [one["Quoi"] for one in told["Journal"]].count("Enfant modifié") == 2
        for hidden in ("Secretnom", "0639985538", "Dominique Ancien", "Le voisin interdit"):
            assert hidden not in json.dumps(told, ensure_ascii=False)


@pytest.fixture
def other_household(app, known):
    """Jeanne has left: Léa also lives in her household, which has secrets of its own."""
    with app.app_context():
        hashed = Account.named("jean.dupont").password_hash
        with db.transaction() as writing:
            family = Family(number="2000000000001")
            writing.add(family)
            writing.flush()
            account = Account.create("jeanne", hashed)
            jeanne = Adult(
                family_id=family.id,
                account=account,
                rank=1,
                civility=Civility.MADAME,
                last_name="PARTIE",
                first_name="Jeanne",
                address="9 rue Cachée",
                phone_mobile="06 99 99 99 99",
                email="jeanne@secret.example",
            )
            writing.add(jeanne)
            writing.flush()
            child = lea()
            theirs = enrolment(activity("Étude"), family, child, even_weeks=1)
            writing.add(Authority(adult_id=jeanne.id, child_id=child.id))
            writing.get_one(Custody, (child.id, family.id)).note = "elle demande le secret"
            booked = {"child_id": child.id, "activity_id": theirs.activity_id}
            writing.add(Booking(enrolment_id=theirs.id, day=DAY, **booked))
            writing.add(Finances(family_id=family.id, iban="FR1420041010050500013M02606", quotient="1234"))
            Invoice.issue(family, series="AL", issued_on=DAY, due_on=DAY, total_cents=98765)
            thread = Thread(family_id=family.id, structure=db.session.query(Structure).first(), subject="Confidence")
            thread.messages.append(Message(sender=Sender.FAMILY, body="entre nous"))
            writing.add(thread)
            sheet = Sheet(HEALTH, family.id, child.id)
            wish = Wish(sheet, {"care": "un mot pour vous seuls"}, {"care": ""})
            change.ask(HEALTH.kind, [wish], by=Author(jeanne), submission="hers")
            Event.record("family_split", family_id=dupont().family_id, after={"new_number": family.number})


@pytest.fixture
def parted(app, known) -> tuple[int, int]:
    """Jeanne's address was asked for, accepted and corrected at the desk before she left: request and paper."""
    with app.app_context():
        paper = proofs.keep(PDF)
        hashed = Account.named("jean.dupont").password_hash
        with db.transaction() as writing:
            jeanne = writing.query(Adult).filter_by(first_name="JEANNE").one()
            jeanne.account = Account.create("jeanne", hashed)
            wish = Wish(Sheet(CONJOINT, jeanne.family_id), {"address": "9 rue Cachée"}, {"address": jeanne.address})
            asked = change.ask(CONJOINT.kind, [wish], by=Author(jeanne), submission="moving").id
            kind = DocumentKind(name="Bail", subject=DocumentSubject.FAMILY)
            writing.add(kind)
            writing.flush()
            lease = Document.give(kind, lea(), paper, by=Author(jeanne), submission="lease").id
        accept(asked)
        for line in db.session.scalars(select(RequestLine).where(RequestLine.state == LineState.SUBMITTED)).all():
            accept(line.request_id)
        with db.transaction():
            jeanne = db.session.query(Adult).filter_by(first_name="JEANNE").one()
            moved = {"before": {"address": "9 rue Cachée"}, "after": {"address": "8 rue Discrète"}}
            Event.record("adult_changed", subject=jeanne, family_id=jeanne.family_id, **moved)
            (family,) = Family.lock(jeanne.family_id)
            Split(family, jeanne.id, {lea().id: None}).carry_out(by=clerk())
        return asked, lease


def test_the_one_who_stays_reads_no_detail_of_the_one_who_left(jean, app, worker, parted):
    asked, lease = parted
    secrets = ("9 rue Cachée", "8 rue Discrète")
    jeanne = app.test_client()
    jeanne.log_in("jeanne")
    pages = (f"/demandes/{asked}", f"/demandes/{asked}.pdf", f"/documents-du-dossier/{lease}")
    assert [jean.get(page).status_code for page in pages] == [404] * 3
    assert [jeanne.get(page).status_code for page in pages] == [200] * 3
    assert "9 rue Cachée" in jeanne.get("/demandes?rubrique=responsable").text
    for page in ("/", "/mon-compte", *(f"/demandes?rubrique={tab}" for tab in ("responsable", "conjoint"))):
        assert not [one for one in secrets if one in jean.get(page, follow_redirects=True).text], page
    archive = fetch(jean, worker)
    whole = archive.read("donnees.json").decode()
    assert not [one for one in (*secrets, f"document-{lease}") if one in whole + str(archive.namelist())]
    journal = {one["Quoi"]: one["Détail"] for one in json.loads(whole)["Journal"]}
    assert journal["Responsable modifié"] == {}
    assert "9 rue Cachée" in fetch(jeanne, worker).read("donnees.json").decode()


def test_of_the_other_household_it_says_what_the_planning_shows(jean, worker, other_household):
    whole = fetch(jean, worker).read("donnees.json").decode()
    for secret in (
        "9 rue Cachée",
        "06 99 99 99 99",
        "jeanne@secret.example",
        "elle demande le secret",
        "FR1420041010050500013M02606",
        "987.65",
        "Confidence",
        "entre nous",
        "un mot pour vous seuls",
        "2000000000001",
    ):
        assert secret not in whole
    assert json.loads(whole)[my_data.OTHER_HOUSEHOLD] == [
        {
            "Enfant": "LEA",
            "Prestation": "Étude",
            "Responsable": "PARTIE JEANNE",
            "Jours": {"2015-05-06": "Réservé"},
        }
    ]


def test_the_other_parent_gets_the_childs_file_and_nothing_of_jeans(app, worker, other_household):
    jeanne = app.test_client()
    jeanne.log_in("jeanne")
    archive = fetch(jeanne, worker)
    whole = archive.read("donnees.json").decode()
    assert "arachide" in whole
    assert "9 rue Cachée" in whole
    for secret in ("AL-36", "FR7630001007941234567890185", "1001001818331", "jugement du tribunal", "ventoline"):
        assert secret not in whole
    assert archive.namelist() == ["LISEZ-MOI.txt", "donnees.json"]  # the paper is Jean's


def test_without_authority_there_is_the_planning_and_no_file(jean, app, worker, known):
    with app.app_context(), db.transaction() as writing:
        writing.delete(writing.get_one(Authority, (dupont().id, lea().id)))
    archive = fetch(jean, worker)
    told = json.loads(archive.read("donnees.json"))
    for hidden in ("arachide", "Lenoir", "Mamie Odette", "ventoline", "2008-03-12"):
        assert hidden not in archive.read("donnees.json").decode()
    assert told["Enfants du foyer"][0]["Enfant"] == "LEA DUPONT"
    assert told["Réservations et absences"]
    assert archive.namelist() == ["LISEZ-MOI.txt", "donnees.json"]
    assert "le planning seulement" in text_of(jean.get(PAGE))


def test_asked_twice_while_it_is_made_it_is_one(jean, known):
    ask(jean)
    ask(jean)
    assert len(exports()) == 1
    assert db.session.query(Job).filter_by(kind="data_export").count() == 1


def test_a_few_a_day_and_no_more(jean, worker):
    for _ in range(3):
        assert ask(jean).status_code == 303
        worker.run_all()
    answer = ask(jean)
    assert answer.status_code == 422
    assert "recommencez demain" in text_of(answer)
    assert len(exports()) == 3


def test_it_is_for_the_one_who_asked(jean, app, worker, other_household):
    ask(jean)
    worker.run_all()
    (made,) = exports()
    for identifiant in ("durand", "jeanne"):
        stranger = app.test_client()
        stranger.log_in(identifiant)
        assert stranger.get(f"{PAGE}/{made.id}.zip").status_code == 404
    agent = app.test_client()
    agent.log_in("guichet")
    assert agent.get(f"{PAGE}/{made.id}.zip").status_code == 403
    agent.send_form("/agent/familles/1/agir", {"adulte": "1"}, page="/agent/familles/1")
    assert agent.get(PAGE).status_code == 403  # not even one who acts for the family
    assert app.test_client().get(PAGE).location.startswith("/connexion")


def test_before_it_is_ready_there_is_nothing_to_fetch(jean):
    ask(jean)
    (made,) = exports()
    assert jean.get(f"{PAGE}/{made.id}.zip").status_code == 404


def no_authority() -> None:
    db.session.delete(db.session.get_one(Authority, (dupont().id, lea().id)))


def another_home() -> None:
    """The child goes to live elsewhere, with what was enrolled for it."""
    with db.session.no_autoflush:
        there = Family(number="2000000000009")
        db.session.add(there)
        db.session.flush()
        move_custody(
            db.session.get_one(Custody, (lea().id, dupont().family_id)), child_id=lea().id, family_id=there.id
        )


def separated() -> None:
    """She leaves; the child lives with both, and she has seen his address until now."""
    jean, jeanne = dupont().family.adults
    Split(jean.family, jeanne.id, {lea().id: None}).carry_out(by=clerk())


@pytest.mark.parametrize("loses", [no_authority, another_home, separated])
def test_once_one_may_know_less_a_copy_made_before_opens_no_more_and_its_file_goes(jean, app, worker, loses):
    ask(jean)
    worker.run_all()
    (made,) = exports()
    assert jean.get(f"{PAGE}/{made.id}.zip").status_code == 200
    with app.app_context(), db.transaction():
        loses()
    assert jean.get(f"{PAGE}/{made.id}.zip").status_code == 404
    assert "Votre copie est prête" not in text_of(jean.get(PAGE))
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=True):
        worker.run_all()
        worker.run_all()
    assert exports() == []
    with app.app_context(), pytest.raises(FileNotFoundError):
        storage.open_file(made.storage_key)
    assert ask(jean).status_code == 303  # another one, of what they may know now
    worker.run_all()
    assert jean.get(f"{PAGE}/{exports()[0].id}.zip").status_code == 200


def test_authority_that_goes_while_the_copy_is_made_closes_it_too(jean, app, worker, known, monkeypatch):
    ask(jean)

    def goes(*args, **kwargs):
        with db.transaction():
            no_authority()
        return "page"

    monkeypatch.setattr("app.integrations.export_zip.render_template", goes)
    worker.run_all()
    (made,) = exports()
    assert jean.get(f"{PAGE}/{made.id}.zip").status_code == 404


def test_one_who_may_know_more_keeps_the_copy_made_before(jean, app, worker):
    ask(jean)
    worker.run_all()
    add_child("Zoé")
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=True):
        worker.run_all()
    assert jean.get(f"{PAGE}/{exports()[0].id}.zip").status_code == 200


def test_after_a_week_row_and_file_are_gone(jean, app, worker, known):
    ask(jean)
    worker.run_all()
    (made,) = exports()
    with app.app_context():
        storage.open_file(made.storage_key).close()
    with time_machine.travel(clock.now() + timedelta(days=7, hours=2), tick=True):
        worker.run_all()
        worker.run_all()
        assert exports() == []
        with app.app_context(), pytest.raises(FileNotFoundError):
            storage.open_file(made.storage_key)


def test_killed_on_the_way_it_is_made_again_and_leaves_no_other_file(jean, app, worker, known, monkeypatch):
    ask(jean)
    before = files(app)

    def dies(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sealed.SealedWriter, "close", dies)  # the file is there, and cut off
        with pytest.raises(KeyboardInterrupt):
            worker.run_all()
    (made,) = exports()
    assert made.ready_at is None
    assert files(app) == before | {made.storage_key}
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        worker.run_all()
        assert exports()[0].ready_at is not None
    assert files(app) == before | {made.storage_key}
    assert jean.get(f"{PAGE}/{made.id}.zip").data.startswith(b"PK")


def test_asked_by_one_who_left_meanwhile_it_leaves_no_file(jean, app, worker, monkeypatch):
    ask(jean)
    before = files(app)

    def goes(*args, **kwargs):
        with db.transaction():
            writing = db.session
            writing.delete(writing.query(DataExport).one())
        return "page"

    monkeypatch.setattr("app.integrations.export_zip.render_template", goes)
    worker.run_all()
    assert exports() == []
    assert files(app) == before


def files(app) -> set[str]:
    return {path.name for path in app.config["PREAU"].uploads_dir.rglob("*") if path.is_file()}


def test_the_file_is_sealed_and_cannot_be_cut_or_shuffled(jean, app, worker, known):
    ask(jean)
    worker.run_all()
    (made,) = exports()
    with app.app_context():
        kept = storage.open_file(made.storage_key).read()
    assert b"PK\x03\x04" not in kept
    assert b"arachide" not in kept
    assert b"".join(sealed.pieces(io.BytesIO(kept))).startswith(b"PK")


def test_a_long_file_goes_through_in_pieces():
    crypto.configure(["a key of this test alone, 32 characters"])
    kept = io.BytesIO()
    writer = sealed.SealedWriter(kept)
    content = bytes(range(256)) * 10_000
    for start in range(0, len(content), 70_000):
        writer.write(content[start : start + 70_000])
    writer.close()
    assert writer.size == len(content)
    found = list(sealed.pieces(io.BytesIO(kept.getvalue())))
    assert b"".join(found) == content
    assert max(map(len, found)) <= sealed.PIECE
    for spoilt in (kept.getvalue()[:1_500_000], b"", _swapped(kept.getvalue())):
        with pytest.raises(crypto.UnreadableSecretError):
            list(sealed.pieces(io.BytesIO(spoilt)))
    crypto.configure(())


def _swapped(kept: bytes) -> bytes:
    length = 4 + int.from_bytes(kept[:4], "big")
    return kept[length : 2 * length] + kept[:length] + kept[2 * length :]


# Completeness


def test_every_table_is_told_or_left_out_for_a_reason():
    told = {part.of.__tablename__ for _, part in my_data.PARTS} | set(my_data.IN_WORDS)
    left_out = {table: why for package in PACKAGES.values() for table, why in package.not_told.items()}
    assert not told & set(left_out)
    assert told | set(left_out) == set(db.Base.metadata.tables)
    assert all(left_out.values())


def test_every_column_of_what_is_told_has_a_french_name_or_is_hidden():
    for package, part in my_data.PARTS:
        if part.instead is not None:  # told in words
            assert part.of is RequestLine
            continue
        shown = [
            label_of(package, column.key) for column in part.of.__table__.columns if column.key not in part.hidden
        ]
        assert all(shown), part.title
        assert len(set(shown)) == len(shown), part.title


def test_each_package_speaks_of_its_own_tables_and_says_nothing_twice():
    """A word has one place; a column that holds numbers is named by the package whose rows these are."""
    assert set(PACKAGES) == {path.parent.name for path in MODELS.glob("*/privacy.py")}
    owners = {mapper.local_table.name: mapper.class_.__module__.split(".")[2] for mapper in db.Base.registry.mappers}
    owners |= {"agent_structure": "accounts", "event": "journal"}
    for name, package in PACKAGES.items():
        tables = {part.of.__tablename__ for part in package.parts} | set(package.not_told) | set(package.not_purged)
        assert {owners[table] for table in tables} <= {name}
    for said in ("numbers", "codes", "not_told", "not_purged"):
        every = [key for package in PACKAGES.values() for key in getattr(package, said)]
        assert len(set(every)) == len(every), said


# The page


def test_the_page_says_what_is_known_and_what_will_be_erased(jean, known):
    page = text_of(jean.get(PAGE))
    assert "De LEA : l’identité" in page
    assert "Ce qui touche à la santé de LEA gardé tant que l’inscription dure" in page
    assert "effacé à partir du jeudi 1er octobre 2015" in page
    assert "d’abord « AL-36 », à partir du mercredi 9 avril 2025" in page
    assert "Attestation d’essai (LEA) le fichier, dès sa vérification" in page
    assert "Le dossier d’inscription commencé pour LEA" in page
    assert "après la dernière modification, à partir du jeudi 5 mai 2016" in page


def test_the_dossier_s_page_says_until_when_the_draft_is_kept(jean, known):
    page = text_of(jean.get(f"/enfants/{lea().id}/dossier"))
    assert "si vous n’y touchez plus, il est effacé à partir du jeudi 5 mai 2016" in page


def test_a_document_that_was_refused_is_told_too(app, jean, known):
    with app.app_context(), db.transaction():
        given = db.session.query(Document).filter_by(submission="a-submission").one()
        Document.locked(given.id).refuse(by=clerk(), reason="Illisible")
    told = text_of(jean.get(PAGE))
    assert "Attestation d’essai (LEA) refusé, son fichier est effacé ; le motif du refus, à partir du" in told


def test_what_the_poll_gets_is_the_part_of_the_page(jean):
    ask(jean)
    headers = {**FRAGMENT, "HX-Poll": "1"}
    part = jean.get(PAGE, headers=headers).text.strip()
    assert part.startswith('<div id="export"')
    assert re.sub(r"\s+", " ", part) in re.sub(r"\s+", " ", jean.get(PAGE).text)


def test_a_poll_after_the_session_says_so_and_goes_nowhere(app, client):
    headers = {**FRAGMENT, "HX-Poll": "1"}
    assert "session a pris fin" in text_of(client.get(PAGE, headers=headers))


def test_the_page_is_found_from_my_account_and_from_the_public_page(jean, client):
    assert f'href="{PAGE}"' in jean.get("/mon-compte").text
    assert f'href="{PAGE}"' in jean.get("/donnees-personnelles").text
    assert '<p class="back"><a href="/mon-compte">' in jean.get(PAGE).text


def test_the_public_page_shows_it_to_parents_alone_and_its_durations_are_the_rules(app):
    anyone = app.test_client()
    page = anyone.get("/donnees-personnelles")
    assert f'href="{PAGE}"' not in page.text
    for one in PUBLISHED:
        assert " ".join(f"{one.what} {one.how_long}".split()) in text_of(page)


def test_a_page_of_ten_children_asks_as_much_as_one(jean, app, known, count_queries):
    with count_queries() as one:
        jean.get(PAGE)
    with app.app_context(), db.transaction() as writing:
        for number in range(3):
            child = Child(last_name="DUPONT", first_name=f"Enfant {number}", birth_date=date(2010, 1, 1))
            writing.add(child)
            writing.flush()
            writing.add(Custody(child_id=child.id, family_id=1))
            writing.add(Authority(adult_id=1, child_id=child.id))
    with count_queries() as four:
        jean.get(PAGE)
    assert len(four) == len(one)
