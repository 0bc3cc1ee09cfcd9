"""« Fournir un justificatif » for a past absence."""

import io
import json
import re
import zipfile

import pytest
from pypdf import PdfReader

from app import crypto, db
from app.demo import people
from app.demo.planning import past_booking
from app.models.enrolments import Attendance, BookingState, Enrolment
from app.models.event import Event
from app.models.families import Adult, Authority
from app.models.families.author import Author
from app.models.jobs import Job, JobState
from app.models.planning.slot import Slot
from app.models.requests import Proof, RequestLine
from app.models.reviews import acceptance
from app.models.reviews.review import Review
from tests.builders import DAY, activity, clerk, dupont, enrolment
from tests.conftest import text_of

PDF = b"%PDF-1.7 certificat"
CELL = "/inscriptions/{}/2015-04-29"


@pytest.fixture
def absent(app) -> int:
    """An enrolment whose child was pointed absent, with nothing declared, last Wednesday."""
    with app.app_context(), db.transaction() as writing:
        made = enrolment(activity(), dupont().family)
        writing.add(Authority(adult_id=dupont().id, child_id=made.child_id))
        past = DAY.replace(month=4, day=29)
        past_booking(made, past, state=BookingState.ABSENT_BILLED)
        past_booking(made, past.replace(day=30))
        writing.add(Attendance(enrolment_id=made.id, day=past.replace(day=30), present=True))
        past_booking(made, past.replace(day=1), state=BookingState.ABSENT_BILLED)
        return made.id


def give(client, number, content=PDF, name="certificat.pdf"):
    address = CELL.format(number) + "/justificatif"
    return client.send_form(address, {"fichier": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def files(app) -> list[bytes]:
    return [path.read_bytes() for path in app.config["PREAU"].uploads_dir.rglob("*") if path.is_file()]


def test_it_is_taken_kept_encrypted_and_given_back_to_its_owner(jean, app, absent):
    assert "Fournir un justificatif" in text_of(jean.get(CELL.format(absent)))
    receipt = give(jean, absent).location
    assert "Justificatif d’absence" in text_of(jean.get(receipt))
    assert not any(PDF in kept for kept in files(app))
    with app.app_context():
        assert db.session.query(Proof).one().size == len(PDF)
    back = jean.get(f"{receipt}/justificatif")
    assert back.data == PDF
    assert "attachment" in back.headers["Content-Disposition"]
    stranger = app.test_client()
    stranger.log_in("durand")
    assert stranger.get(f"{receipt}/justificatif").status_code == 404


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choisissez un fichier"),
        (b"<html><script>alert(1)</script>", "ni un PDF, ni une photo"),
        (b"%PDF-" + b"x" * 10_000_001, "dépasse 10 Mo"),
    ],
)
def test_what_is_no_proof_is_refused_and_nothing_is_kept(jean, app, absent, content, sentence):
    before = len(files(app))
    answer = give(jean, absent, content, "certificat.pdf" if content else "")
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert len(files(app)) == before


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2015-04-30", "était présent"),
        ("2015-04-01", "se donnait jusqu’au samedi 11 avril 2015"),
        ("2015-04-28", "n’était pas réservé"),
        ("2015-05-06", "n’est pas passé"),
    ],
)
def test_when_none_is_taken_the_reason_is_told_and_the_file_forgotten(jean, app, absent, day, sentence):
    before = len(files(app))
    address = f"/inscriptions/{absent}/{day}/justificatif"
    answer = jean.send_form(address, {"fichier": (io.BytesIO(PDF), "a.pdf")}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert len(files(app)) == before


def test_accepted_it_turns_billed_into_excused(jean, app, absent):
    give(jean, absent)
    with app.app_context(), db.transaction() as writing:
        made = writing.get(Enrolment, absent)
        slot = Slot.of_family(made.family_id, absent, made.first_day.replace(year=2015, month=4, day=29))
        acceptance.accept(slot.open_line, slot.calendar)
        assert slot.mark.booking is BookingState.ABSENT_EXCUSED


def test_an_agent_reads_it_which_is_noted_and_once_decided_it_is_forgotten(jean, app, absent, worker):
    number = int(give(jean, absent).location.rpartition("/")[2])
    agent = app.test_client()
    agent.log_in("guichet")
    page = f"/agent/demandes/{number}"
    assert "Ouvrir le justificatif" in text_of(agent.get(page))
    assert agent.get(f"{page}/justificatif").data == PDF
    with app.app_context():
        assert db.session.query(Event).filter_by(kind="proof_read", subject_id=number).count() == 1
        line = db.session.query(RequestLine).filter_by(request_id=number).one().id
    agent.send_form(f"{page}/lignes/{line}/acceptation", {}, page=page)
    assert agent.get(f"{page}/justificatif").status_code == 404
    worker.run_all()
    with app.app_context():
        assert db.session.query(Proof).count() == 0
        assert db.session.query(Job).filter_by(kind="forget_file", state=JobState.DONE).count() == 1


def test_a_sealed_file_needs_its_key():
    crypto.configure(["the key of before, of 32 characters"])
    kept = crypto.seal(PDF)
    assert crypto.unseal(kept) == PDF
    crypto.configure(["another key altogether, of 32 chars"])
    with pytest.raises(crypto.UnreadableSecretError):
        crypto.unseal(kept)
    crypto.configure(())


def test_withdrawn_it_is_forgotten_too(jean, app, absent):
    give(jean, absent)
    jean.send_form(CELL.format(absent) + "/retrait", {})
    with app.app_context():
        assert db.session.query(Proof).count() == 0
        assert db.session.query(Job).filter_by(kind="forget_file").count() == 1


@pytest.fixture
def apart(app, absent) -> None:
    """Jeanne, in the same household, has an account, and no authority over the child."""
    with app.app_context(), db.transaction() as writing:
        writing.query(Adult).filter_by(first_name="JEANNE").one().account = people.account("jeanne")


def copy_of(client, worker) -> zipfile.ZipFile:
    client.send_form("/mes-donnees/copie", {}, page="/mes-donnees")
    worker.run_all()
    address = re.search(r"/mes-donnees/\d+\.zip", client.get("/mes-donnees").text)[0]
    return zipfile.ZipFile(io.BytesIO(client.get(address).data))


def test_the_paper_is_for_who_has_authority_over_the_child(jean, app, absent, apart, worker):
    receipt = give(jean, absent).location
    jeanne = app.test_client()
    jeanne.log_in("jeanne")
    assert "Télécharger le papier joint" in text_of(jean.get(receipt))
    assert jean.get(f"{receipt}/justificatif").data == PDF
    page = jeanne.get(receipt)
    assert "Justificatif d’absence" in text_of(page)  # the planning shows as much
    assert "Télécharger le papier joint" not in text_of(page)
    assert jeanne.get(f"{receipt}/justificatif").status_code == 404
    assert any("justificatif" in one for one in copy_of(jean, worker).namelist())
    hers = copy_of(jeanne, worker)
    assert not any("justificatif" in one for one in hers.namelist())
    assert json.loads(hers.read("donnees.json"))["Justificatifs gardés"] == []


def test_so_is_the_reason_of_an_absence_and_what_is_answered_to_it(jean, app, absent, apart, worker):
    with app.app_context(), db.transaction() as writing:
        row = writing.get(Enrolment, absent)
        past_booking(row, DAY)
        slot = Slot.of_family(row.family_id, absent, DAY)
        declared = slot.report_absence(by=Author(dupont()), reason="Opération du cœur", submission="a").id
    proof = int(give(jean, absent).location.rpartition("/")[2])
    with app.app_context(), db.transaction():
        review = Review.locked(clerk(), proof)
        review.refuse_all(reason="L’ordonnance du cardiologue ne dit pas le jour", seen=review.stamp)
    jeanne = app.test_client()
    jeanne.log_in("jeanne")
    pages = [f"/demandes/{declared}", f"/demandes/{proof}", "/demandes?onglet=enfants", CELL.format(absent)]
    read = [" ".join(text_of(one.get(page)) for page in pages) for one in (jean, jeanne)]
    read += [copy_of(one, worker).read("donnees.json").decode() for one in (jean, jeanne)]
    for told, hears in zip(read, (True, False, True, False), strict=True):
        assert ("Opération du cœur" in told) is hears
        assert ("cardiologue" in told) is hears
    with app.app_context():  # nor does the journal, which more people read
        assert not any("cardiologue" in str(one.after) for one in db.session.query(Event))
    paper = PdfReader(io.BytesIO(jean.get(f"/demandes/{proof}.pdf").data)).pages[0].extract_text()
    assert "cardiologue" not in paper  # nor does the paper, which is forwarded


def test_an_agent_who_acts_for_the_family_reads_neither(app, jean, absent, apart):
    proof = int(give(jean, absent).location.rpartition("/")[2])
    with app.app_context(), db.transaction():
        review = Review.locked(clerk(), proof)
        review.refuse_all(reason="L’ordonnance du cardiologue ne dit pas le jour", seen=review.stamp)
        family = dupont().family_id
    agent = app.test_client()
    agent.log_in("guichet")
    agent.send_form(f"/agent/familles/{family}/agir", {}, page=f"/agent/familles/{family}")
    for page in (f"/demandes/{proof}", "/demandes?onglet=enfants", CELL.format(absent)):
        answer = agent.get(page)
        assert answer.status_code == 200, page
        assert "cardiologue" not in text_of(answer), page
