"""Requests, papers, drafts and the journal, at their term."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app import clock, db
from app.models.accounts import Agent
from app.models.changes import DuiDraft
from app.models.documents import Document, DocumentState
from app.models.event import Event
from app.models.exports import DataExport
from app.models.families import (
    Adult,
)
from app.models.jobs import Job, JobState
from app.models.journal.words import changes
from app.models.messages import Message
from app.models.requests import Amendment, LineState, Proof, Request, RequestLine
from app.models.reviews import Batch, BatchLine
from tests.models.privacy.purging import (
    TODAY,
    announced,
    assert_files_and_rows_agree,
    at,
    child,
    count,
    document,
    due,
    family,
    file,
    line,
    purge,
    request,
    rule,
    thread,
)

pytestmark = pytest.mark.usefixtures("inside")


def test_requests_and_messages_go_three_years_after_the_last_word():
    home = family()
    asked = request(home, line(decided=date(2023, 6, 1)), sent=date(2023, 5, 1))
    thread(home, date(2020, 1, 1), date(2023, 6, 1))
    assert due("Demandes", date(2026, 6, 1)) == []
    assert due("Messages", date(2026, 6, 1)) == []
    assert due("Demandes", date(2026, 6, 2)) == [asked]
    assert due("Messages", date(2026, 6, 2)) == ["dossier n° 2000000000001"]
    purge(date(2026, 6, 2))
    assert count(RequestLine) == count(select(Request).where(Request.submitted_at < at(TODAY)).subquery()) == 0
    assert count(select(Message).where(Message.body == "Bonjour").subquery()) == 0


def test_one_that_was_amended_since_stays_and_goes_with_the_numbers_of_its_forms():
    home = family(login="anne")
    adult = db.session.query(Adult).filter_by(family_id=home, rank=1).one().id
    asked = request(home, line(asked_by=adult, asked_at=at(date(2023, 6, 1))), sent=date(2020, 1, 1))
    with db.transaction() as writing:
        kept = writing.query(Request).filter_by(code=asked.removeprefix("demande ")).one()
        writing.add(Amendment(submission="again", request_id=kept.id))
    (told,) = [one.when for one in announced(home) if one.what == "Vos demandes"]
    assert told.endswith("à partir du mardi 2 juin 2026")
    assert due("Demandes", date(2026, 6, 1)) == []
    assert due("Demandes", date(2026, 6, 2)) == [asked]
    assert rule("Demandes").some(TODAY)[0].since == date(2026, 6, 2)
    purge(date(2026, 6, 2))
    assert count(Amendment) == 0


def test_one_that_nobody_answered_goes_too_with_its_paper_and_its_place_in_a_lot(app, worker):
    home = family()
    asked = request(home, line(), sent=date(2020, 1, 1), proof=True)
    with db.transaction() as writing:
        batch = Batch(agent_id=writing.query(Agent).first().id)
        writing.add(batch)
        writing.flush()
        waiting = writing.query(RequestLine).filter_by(field="city", state=LineState.SUBMITTED).one()
        writing.add(BatchLine(batch_id=batch.id, line_id=waiting.id))
    assert due("Demandes") == [asked]
    purge()
    assert count(BatchLine) == 0
    assert count(Batch) == 1
    worker.run_all()
    assert_files_and_rows_agree(app)


def test_a_paper_left_after_the_answer_goes_at_once(app, worker):
    home, yesterday = family(), TODAY - timedelta(days=1)
    waiting = request(home, line(), sent=yesterday, proof=True)
    left = request(home, line(decided=yesterday), sent=yesterday, proof=True)
    assert due("Justificatifs restés après la réponse") == [left]
    purge()
    kept = {f"demande {one.code}" for one in db.session.query(Request).join(Proof)}
    assert kept == {waiting}
    worker.run_all()
    assert_files_and_rows_agree(app)


def test_documents_go_a_year_after_their_end_and_useless_files_at_once(app, worker):
    home, long_ago = family(), date(2024, 1, 8)
    checked = {"checked_at": at(long_ago)}
    valid = {"state": DocumentState.VALID, **checked}
    expired = document(home, given=long_ago, valid_until=date(2025, 11, 22), **valid)
    fresh = document(home, given=long_ago, valid_until=date(2025, 11, 23), **valid)
    for_good = document(home, given=long_ago, **valid)
    refused = document(home, given=long_ago, state=DocumentState.REFUSED, reason="illisible", **checked)
    replaced = document(home, given=long_ago, state=DocumentState.REPLACED)
    waiting = document(home, given=long_ago)
    just_refused = document(
        home, given=TODAY, state=DocumentState.REFUSED, reason="flou", checked_at=at(TODAY - timedelta(days=1))
    )
    assert len(due("Pièces périmées ou refusées")) == 3
    counts = purge()
    assert counts["Fichiers de pièces restés après le contrôle"] == 3
    left = {one.id: one.storage_key is not None for one in db.session.query(Document).filter_by(family_id=home)}
    assert left == {fresh: True, for_good: True, waiting: True, just_refused: False}
    assert not {expired, refused, replaced} & set(left)
    worker.run_all()
    assert_files_and_rows_agree(app)


def test_drafts_left_for_a_year_and_old_copies_go(app, worker):
    home = family()
    known = child(home, None)
    adult = db.session.query(Adult).filter_by(family_id=home, rank=1).one().id
    with db.transaction() as writing:
        writing.add(DuiDraft(child_id=known, family_id=home, answers={}, updated_at=at(date(2025, 11, 22))))
        for asked in (date(2026, 11, 15), date(2026, 11, 16)):
            writing.add(
                DataExport(adult_id=adult, storage_key=file(), asked_at=at(asked), ready_at=at(asked), size=8)
            )
    assert due("Dossiers d’inscription commencés", TODAY - timedelta(days=1)) == []
    assert due("Dossiers d’inscription commencés") == [f"enfant n° {known}"]
    counts = purge()
    assert (counts["Dossiers d’inscription commencés"], counts["Copies des données"]) == (1, 1)
    worker.run_all()
    assert_files_and_rows_agree(app)


def test_the_journal_keeps_twelve_months_and_the_trigger_agrees():
    real = clock.now()
    year_ago = real.replace(year=real.year - 1)
    with db.transaction() as writing:
        for days in (-1, 1, 5, 6, 400):
            writing.add(Event(kind="login", at=year_ago - timedelta(days=days)))
        writing.add(Job(kind="mail", payload={}, state=JobState.FAILED, created_at=year_ago - timedelta(days=9)))
        writing.add(
            Job(kind="forget_file", payload={}, state=JobState.FAILED, created_at=year_ago - timedelta(days=9))
        )
    before = count(Event)
    counts = purge(real.date() + timedelta(days=3000))  # a pretended day does not open what the trigger holds
    assert counts["Lignes du journal"] == 3
    assert count(Event) == before - 3 + 1  # what was purged is told
    assert counts["Tâches de fond échouées"] == 1
    assert db.session.query(Job).filter_by(state=JobState.FAILED).one().kind == "forget_file"


def test_what_was_purged_is_told_in_words():
    child(family())
    counts = purge()
    event = db.session.query(Event).filter_by(kind="purged").one()
    assert event.actor_id is None
    assert event.after == counts
    assert ("Données de santé", "", "1") in changes(event.before, event.after)
