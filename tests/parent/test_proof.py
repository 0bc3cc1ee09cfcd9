"""« Fournir un justificatif » for a past absence."""

import io

import pytest

from app import crypto, db
from app.models import Attendance, BookingState, Enrolment, Event, Job, JobState, Proof, RequestLine, decision
from app.models.slot import Slot
from tests.conftest import text_of
from tests.models.planning import activity, dupont, enrolment

PDF = b"%PDF-1.7 certificat"
CELL = "/inscriptions/{}/2015-04-29"


@pytest.fixture
def absent(app) -> int:
    """An enrolment whose child was pointed absent, with nothing declared, last Wednesday."""
    from app.demo.planning import past_booking  # noqa: PLC0415
    from tests.models.planning import DAY  # noqa: PLC0415

    with app.app_context(), db.transaction() as writing:
        made = enrolment(activity(), dupont().family)
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
        decision.accept(slot.open_line, slot.calendar)
        assert slot.booking.state is BookingState.ABSENT_EXCUSED


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
