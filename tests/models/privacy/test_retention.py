"""What is erased, when, and what stays. Days are far in the past of the real clock where a trigger holds the rows."""

import secrets
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import create_engine, event, func, select, text
from sqlalchemy.exc import DBAPIError

from app import clock, crypto, db
from app.integrations import storage
from app.models.accounts import Account, Agent, UserSession
from app.models.billing import Invoice, LedgerEntry, LedgerKind, Payment, PaymentMeans
from app.models.changes import DuiDraft
from app.models.documents import Document, DocumentKind, DocumentState, DocumentSubject
from app.models.durations import PUBLISHED, WARNING
from app.models.enrolments import Attendance, Booking, Enrolment, Leave
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
    Pai,
    Vaccination,
    search,
)
from app.models.households.custody import Households
from app.models.jobs import Job, JobState
from app.models.journal.words import changes
from app.models.messages import Message, Sender, Thread
from app.models.planning import CalendarFeed
from app.models.privacy import erasure, retention
from app.models.privacy.packages import PACKAGES
from app.models.request_kind import RequestKind
from app.models.requests import Amendment, LineState, Proof, Request, RequestLine
from app.models.requests.code import new_code
from app.models.retention_rule import CHUNK, Rule
from app.models.reviews import Batch, BatchLine
from app.models.town import Structure
from tests.builders import activity, clerk, enrolment

TODAY = date(2026, 11, 23)
LEFT = date(2022, 7, 5)
"""The last day of a child who left: health until 30 September 2022, the file until 31 August 2025."""


@pytest.fixture(autouse=True)
def inside(app):
    with app.app_context():
        clock.pretend(TODAY)
        with db.transaction() as writing:  # the guide's own family is not of interest here
            for one in writing.scalars(select(Account)):
                one.last_login_at = at(TODAY)
        yield
        clock.pretend(None)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def rule(label: str) -> Rule:
    return next(one for one in retention.RULES if one.label == label)


def due(label: str, today: date = TODAY) -> list[str]:
    db.session.rollback()
    return [one.about for one in rule(label).some(today, 100)]


def purge(today: date = TODAY) -> dict[str, int]:
    clock.pretend(today)
    return retention.purge(today)


def count(of) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(of))


def file(content: bytes = b"%PDF-1.7") -> str:
    return storage.save(crypto.seal(content))


def files(app) -> set[str]:
    return {path.name for path in app.config["PREAU"].uploads_dir.rglob("*") if path.is_file()}


def family(number="2000000000001", *, created: date = date(2010, 1, 4), login: str | None = None) -> int:
    with db.transaction() as writing:
        made = Family(number=number, situation="Marié", created_at=at(created))
        writing.add(made)
        writing.flush()
        account = Account.create(login, "a hash") if login else None
        if account:
            account.created_at = at(created)
        person = {"civility": Civility.MADAME, "last_name": "ANCIENNE", "email": "a@famille.example", "city": "Ici"}
        writing.add(Adult(family_id=made.id, rank=1, first_name="Anne", account=account, **person))
        writing.add(Adult(family_id=made.id, rank=2, first_name="Paul", phone_mobile="06 12 34 56 78", **person))
        writing.add(Finances(family_id=made.id, iban="FR7630001007941234567890185"))
        return made.id


def child(family_id: int, last_day: date | None = LEFT, *, created: date = date(2015, 9, 1)) -> int:
    """A child of whom much is known, enrolled until this day."""
    with db.transaction() as writing:
        made = Child(
            last_name="ANCIEN", first_name="Zoé", birth_date=date(2012, 1, 1), diet="sans porc", created_on=created
        )
        writing.add(made)
        writing.flush()
        row = enrolment(
            activity(f"Essai {made.id}"),
            db.session.get(Family, family_id),
            made,
            first_day=min(created, last_day or created),
            last_day=last_day,
        )
        days = {"enrolment_id": row.id, "day": created}
        adult = db.session.query(Adult).filter_by(family_id=family_id, rank=1).one()
        writing.add_all(
            [
                Booking(child_id=made.id, activity_id=row.activity_id, **days),
                Attendance(present=True, **days),
                Leave(enrolment_id=row.id, first_day=created, last_day=created),
                Authority(adult_id=adult.id, child_id=made.id),
                HealthSheet(child_id=made.id, doctor="Dr Lenoir"),
                HealthAlert(child_id=made.id, kind=AlertKind.FOOD, text="arachide"),
                Pai(child_id=made.id, instruction="stylo"),
                Vaccination(child_id=made.id, name="DTP"),
                Contact(child_id=made.id, role=ContactRole.COLLECTS, name="Mamie"),
                Consent(child_id=made.id, kind="outings", granted=True, signed_on=created, signatory="Anne"),
            ]
        )
        return made.id


def document(family_id: int, child_id: int | None = None, *, given: date, **fields) -> int:
    with db.transaction() as writing:
        kind = writing.query(DocumentKind).filter_by(name="Essai").first() or DocumentKind(
            name="Essai", subject=DocumentSubject.CHILD, is_health=fields.pop("is_health", False), keeps_file=True
        )
        adult = writing.query(Adult).filter_by(family_id=family_id, rank=1).one()
        made = Document(
            kind=kind,
            family_id=family_id,
            child_id=child_id,
            given_by=adult.id,
            given_at=at(given),
            submission=secrets.token_hex(),
            content_type="application/pdf",
            size=8,
            storage_key=file(),
            **fields,
        )
        writing.add(made)
        writing.flush()
        return made.id


def request(family_id: int, *lines: RequestLine, sent: date, proof: bool = False, **fields) -> str:
    with db.transaction() as writing:
        adult = writing.query(Adult).filter_by(family_id=family_id, rank=1).one()
        made = Request(
            code=new_code(),
            kind=lines[0].kind,
            family_id=family_id,
            submitted_by=adult.id,
            submitted_at=at(sent),
            submission=secrets.token_hex(),
            lines=list(lines),
            **fields,
        )
        writing.add(made)
        if proof:
            made.proof = Proof(content_type="application/pdf", size=8, storage_key=file(), given_at=at(sent))
        return f"demande {made.code}"


def line(kind=RequestKind.RESPONSABLE, field="city", decided: date | None = None, **fields) -> RequestLine:
    state = LineState.ACCEPTED if decided else LineState.SUBMITTED
    when = {"decided_at": at(decided)} if decided else {}
    told = {"field": field, "before": "", "after": "Ici"}
    return RequestLine(kind=kind, **{**told, "state": state, **when, **fields})


def thread(family_id: int, *days: date) -> None:
    with db.transaction() as writing:
        made = Thread(family_id=family_id, structure=writing.query(Structure).first(), subject="Essai")
        made.messages.extend(Message(sender=Sender.FAMILY, body="Bonjour", sent_at=at(day)) for day in days)
        writing.add(made)


# Health


def test_health_stays_while_a_child_is_enrolled_however_long():
    child(family(), None)
    assert due("Données de santé", date(2040, 1, 1)) == []
    assert due("Dossiers d’enfants", date(2040, 1, 1)) == []


def test_health_goes_a_month_after_the_school_year_and_the_file_stays():
    known = child(family())
    assert due("Données de santé", date(2022, 9, 30)) == []
    assert due("Données de santé", date(2022, 10, 1)) == [f"enfant n° {known}, dossier n° 2000000000001"]
    assert rule("Données de santé").some(TODAY)[0].since == date(2022, 10, 1)
    purge(date(2022, 10, 1))
    for of in (HealthSheet, HealthAlert, Pai, Vaccination):
        assert count(select(of).where(of.child_id == known).subquery()) == 0
    for of in (Contact, Consent, Authority, Enrolment):
        assert count(select(of).where(of.child_id == known).subquery()) == 1
    assert db.session.get(Child, known).diet == "sans porc"
    assert due("Données de santé", date(2022, 10, 1)) == []


def test_with_it_go_the_requests_the_drafts_and_the_papers_that_tell_it(app):
    home = family()
    known = child(home)
    secret = request(home, line(RequestKind.HEALTH, "treatments", LEFT), sent=LEFT, child_id=known, proof=True)
    both = request(
        home,
        line(RequestKind.HEALTH, "doctor", LEFT),
        line(RequestKind.CONTACTS, "contacts", LEFT, after="[]"),
        sent=LEFT,
        child_id=known,
    )
    paper = document(home, known, given=LEFT, is_health=True)
    with db.transaction() as writing:
        writing.add(DuiDraft(child_id=known, family_id=home, answers={"sante": "…"}, updated_at=at(LEFT)))
    purge(date(2022, 10, 1))
    left = {f"demande {one.code}": [line.kind for line in one.lines] for one in db.session.query(Request)}
    assert secret not in left
    assert left[both] == [RequestKind.CONTACTS]
    assert db.session.get(Document, paper) is None
    assert count(DuiDraft) == 0
    assert count(select(Proof).where(Proof.given_at == at(LEFT)).subquery()) == 0


@pytest.mark.parametrize("sign", ["request", "amended", "answered", "piece", "draft", "enrolment", "created"])
def test_a_sign_of_life_keeps_a_child_who_may_be_coming_back(sign):
    recent, home = date(2026, 5, 4), family(login="anne")
    known = child(home, created=recent if sign == "created" else date(2015, 9, 1))
    with db.transaction() as writing:
        if sign == "draft":
            writing.add(DuiDraft(child_id=known, family_id=home, answers={}, updated_at=at(recent)))
        if sign == "enrolment":
            writing.query(Enrolment).filter_by(child_id=known).one().last_day = recent
    adult = db.session.query(Adult).filter_by(family_id=home, rank=1).one().id
    amended = {"asked_by": adult, "asked_at": at(recent)} if sign == "amended" else {}
    if sign in ("request", "amended", "answered"):
        asked = line(RequestKind.HEALTH, "doctor", decided=recent if sign == "answered" else LEFT, **amended)
        request(home, asked, sent=recent if sign == "request" else LEFT, child_id=known)
    if sign == "piece":
        document(home, known, given=recent)
    (health,) = [one.when for one in announced(home) if one.what == "Ce qui touche à la santé de Zoé"]
    assert health == "à partir du jeudi 1er octobre 2026"
    assert due("Données de santé", date(2026, 9, 30)) == []
    assert len(due("Données de santé", date(2026, 10, 1))) == 1
    assert due("Dossiers d’enfants", date(2029, 8, 31)) == []


def announced(family_id: int) -> list[erasure.Erasure]:
    """What « Mes données » tells the first adult, in February 2026."""
    adult = db.session.query(Adult).filter_by(family_id=family_id, rank=1).one()
    return erasure.of_adult(adult, date(2026, 2, 6))


def test_health_that_waits_for_an_answer_stays_as_long_as_its_request(app):
    home = family(login="anne")
    known = child(home)
    waits = request(home, line(RequestKind.HEALTH, "treatments"), sent=LEFT, child_id=known)
    request(home, line(RequestKind.HEALTH, "doctor", LEFT), sent=LEFT, child_id=known)
    told = {one.what: one.when for one in announced(home)}
    assert told["Ce qui touche à la santé de Zoé"] == (
        "gardé tant qu’une demande sur ce dossier attend sa réponse\u202f; si elle l’a cette année scolaire, effacé "
        "à partir du jeudi 1er octobre 2026"
    )
    assert due("Données de santé", date(2025, 7, 5)) == []
    purge(date(2025, 7, 5))
    assert count(select(RequestLine).where(RequestLine.kind == RequestKind.HEALTH).subquery()) == 2
    assert due("Demandes", date(2025, 7, 6)).count(waits) == 1
    for day in (date(2025, 7, 6), date(2025, 7, 7)):
        purge(day)
    assert count(select(HealthSheet).where(HealthSheet.child_id == known).subquery()) == 0


# The child's file


def test_the_file_goes_three_years_later_with_all_that_hangs_on_it(app, worker):
    home = family()
    known = child(home)
    document(home, known, given=LEFT)
    assert due("Dossiers d’enfants", date(2025, 8, 31)) == []
    assert due("Dossiers d’enfants", date(2025, 9, 1)) == [f"enfant n° {known}, dossier n° 2000000000001"]
    purge(date(2025, 9, 1))
    assert db.session.get(Child, known) is None
    for of in (Contact, Consent, Custody, Authority, Enrolment, Document, Booking, HealthSheet):
        assert count(select(of).where(of.child_id == known).subquery()) == 0, of
    for of in (Attendance, Leave):
        lost = select(of).where(of.enrolment_id.not_in(select(Enrolment.id)))
        assert count(lost.subquery()) == 0
    assert count(select(Family).where(search.matches("Zoé")).subquery()) == 0
    worker.run_all()
    assert_files_and_rows_agree(app)


def test_the_file_waits_for_a_request_that_is_still_kept():
    home = family()
    known = child(home)
    row = db.session.query(Enrolment).filter_by(child_id=known).one()
    late = date(2022, 10, 15)
    day = {"enrolment_id": row.id, "day": LEFT, "field": None, "before": None, "after": None}
    asked = request(home, line(RequestKind.ABSENCE, decided=late, **day), sent=LEFT)
    assert due("Dossiers d’enfants", date(2025, 10, 15)) == []
    purge(date(2025, 10, 15))
    assert db.session.get(Child, known) is not None
    assert due("Demandes", date(2025, 10, 16)) == [asked]
    counts = purge(date(2025, 10, 16))
    assert (counts["Demandes"], counts["Dossiers d’enfants"]) == (1, 1)
    assert db.session.get(Child, known) is None


def test_a_child_of_two_households_stays_until_it_left_both():
    home, other = family(), family("2000000000002")
    known = child(home)
    with db.transaction() as writing:
        writing.add(Custody(child_id=known, family_id=other))
        writing.flush()
        enrolment(activity("Là-bas"), writing.get(Family, other), writing.get(Child, known), last_day=None)
    assert due("Dossiers d’enfants") == due("Données de santé") == []
    with db.transaction() as writing:
        writing.query(Enrolment).filter_by(family_id=other).one().last_day = LEFT
    assert len(due("Dossiers d’enfants")) == 1


# Requests, messages, papers


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


# Journal


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


# Accounts


def idle(last_login: date | None, *, login="ancienne", **fields) -> int:
    child(family(login=login), None)
    with db.transaction():
        account = Account.named(login)
        account.last_login_at = at(last_login) if last_login else None
        for name, value in fields.items():
            setattr(account, name, value)
        return account.id


def test_an_unused_account_is_warned_by_mail_once_then_removed():
    last, number = date(2024, 11, 22), idle(date(2024, 11, 22))
    assert due("Comptes sans connexion\u00a0: courriel d’avertissement", TODAY - timedelta(days=1)) == []
    for _ in range(2):
        purge()
    mails = [job.payload for job in db.session.query(Job).filter_by(kind="mail")]
    assert [(mail["to"], mail["template"]) for mail in mails] == [("a@famille.example", "account_idle")]
    assert mails[0]["context"] == {"identifiant": "ancienne", "last": "mardi 23 novembre 2027"}
    assert WARNING.span.over_on(last) == TODAY
    purge(date(2027, 11, 22))
    assert db.session.get(Account, number) is not None
    assert purge(date(2027, 11, 23))["Comptes sans connexion\u00a0: suppression"] == 1
    assert db.session.get(Account, number) is None
    assert count(Adult) == 5  # the person stays
    removed = db.session.query(Event).filter_by(kind="account_removed").one()
    assert removed.family_id == db.session.query(Family).filter_by(number="2000000000001").one().id


def test_a_month_goes_by_between_the_warning_and_the_end():
    number = idle(date(2020, 1, 1))
    purge()
    assert db.session.get(Account, number).idle_warned_at is not None
    purge(TODAY + timedelta(days=30))
    assert db.session.get(Account, number) is not None
    purge(TODAY + timedelta(days=31))
    assert db.session.get(Account, number) is None


def test_who_comes_back_keeps_the_account(app):
    number = idle(date(2020, 1, 1))
    purge()
    with db.transaction() as writing:
        writing.get(Account, number).last_login_at = at(TODAY)
        writing.get(Account, number).idle_warned_at = None
    purge(TODAY + timedelta(days=200))
    assert db.session.get(Account, number) is not None


def test_sessions_and_calendar_go_with_it_and_no_agent_is_touched():
    number = idle(date(2020, 1, 1), idle_warned_at=at(date(2022, 1, 1)))
    with db.transaction() as writing:
        adult = writing.query(Adult).filter_by(account_id=number).one()
        writing.add(UserSession(account_id=number, token_digest="x", expires_at=clock.now()))
        writing.add(CalendarFeed(adult_id=adult.id, token="t", token_digest="y"))
        for agent in writing.query(Agent):
            agent.account.last_login_at = at(date(2000, 1, 1))
    purge()
    assert db.session.get(Account, number) is None
    assert count(CalendarFeed) == count(select(UserSession).where(UserSession.token_digest == "x").subquery()) == 0
    assert count(select(Account).join(Agent).subquery()) == 4


def test_an_account_that_the_journal_still_names_waits():
    number = idle(date(2020, 1, 1), idle_warned_at=at(date(2022, 1, 1)))
    with db.transaction() as writing:
        writing.add(Event(kind="password_changed", actor_id=number))
    purge()
    assert db.session.get(Account, number) is not None


def test_one_never_used_counts_from_its_making_and_one_without_address_gets_no_mail():
    number = idle(None, created_at=at(date(2021, 1, 1)), locked_at=at(date(2021, 2, 1)))
    purge()
    assert count(select(Job).where(Job.kind == "mail").subquery()) == 0
    purge(TODAY + timedelta(days=31))
    assert db.session.get(Account, number) is None


# Money


def invoice(family_id: int, issued: date, cents: int = 5000) -> int:
    with db.transaction() as writing:
        return Invoice.issue(
            writing.get(Family, family_id), series="AL", issued_on=issued, due_on=issued, total_cents=cents
        ).id


def pay(invoice_id: int, received: date, cents: int = 5000) -> None:
    with db.transaction() as writing:
        Payment.receive(
            writing.get(Invoice, invoice_id), received_on=received, means=PaymentMeans.CASH, amount_cents=cents
        )


def test_a_settled_invoice_goes_with_its_payments_after_ten_years():
    home = family()
    for issued in (date(2008, 10, 1), date(2008, 11, 1)):
        pay(invoice(home, issued), date(2008, 11, 10))
    label = "Factures soldées et leurs règlements"
    assert due(label, date(2018, 11, 10)) == []
    assert len(due(label, date(2018, 11, 11))) == 2
    assert LedgerEntry.balance(home, TODAY) == 0
    purge(date(2018, 11, 11))
    for of in (Invoice, Payment, LedgerEntry):
        assert count(select(of).where(of.family_id == home).subquery()) == 0


def test_no_balance_changes_by_a_purge():
    """A debt, an overpayment, an advance, a payment that is younger than its invoice: all old, none settled."""
    home = family()
    invoice(home, date(2012, 1, 1), 7000)
    pay(invoice(home, date(2012, 2, 1), 1000), date(2012, 3, 1), 1500)
    pay(invoice(home, date(2013, 1, 1)), date(2025, 1, 1))
    with db.transaction():
        LedgerEntry.write(home, day=date(2014, 1, 1), kind=LedgerKind.CREDIT, amount_cents=250)
    pay(invoice(home, date(2011, 1, 1)), date(2011, 2, 1))
    before, entries = LedgerEntry.balance(home, TODAY), count(LedgerEntry)
    assert before == -6250
    purge()
    assert LedgerEntry.balance(home, TODAY) == before
    assert count(LedgerEntry) == entries - 2  # the one that was settled in time


def test_a_whole_account_that_adds_up_to_zero_goes():
    home = family()
    invoice(home, date(2012, 1, 1), 250)
    with db.transaction():
        LedgerEntry.write(home, day=date(2014, 1, 1), kind=LedgerKind.CREDIT, amount_cents=250)
    assert due("Comptes de familles soldés") == ["dossier n° 2000000000001"]
    purge()
    assert count(select(LedgerEntry).where(LedgerEntry.family_id == home).subquery()) == 0


def test_what_the_trigger_holds_is_never_asked_of_it():
    """The pretended day is in fifty years; the real one holds the invoice."""
    home = family()
    pay(invoice(home, date(2020, 1, 1)), date(2020, 2, 1))
    assert purge(date(2076, 1, 1)).get("Factures soldées et leurs règlements") is None
    with pytest.raises(DBAPIError), db.transaction() as writing:
        writing.execute(text(f"DELETE FROM payment WHERE family_id = {home}"))


# Households


def test_a_household_without_children_keeps_the_name_that_paid_and_nothing_else():
    home = family()
    child(home)
    pay(invoice(home, date(2022, 1, 1)), date(2022, 2, 1))
    counts = purge()
    assert counts["Coordonnées et ressources de foyers sans enfant"] == 1
    (payer,) = db.session.query(Adult).filter_by(family_id=home)
    assert (payer.last_name, payer.email, payer.city) == ("ANCIENNE", "", "")
    assert db.session.get(Finances, home) is None
    assert db.session.get(Family, home).situation == ""
    assert purge() == {}


def test_an_empty_household_goes_as_a_whole():
    home = family()
    child(home)
    counts = purge()
    assert counts["Dossiers de foyers vides"] == 1
    assert db.session.get(Family, home) is None
    assert db.session.get(Finances, home) is None


def test_a_household_whose_last_child_an_agent_took_out_waits_three_years_it_may_be_a_slip():
    home, other = family(), family("2000000000002")
    known = child(other, None)
    with db.transaction() as writing:
        writing.add(Custody(child_id=known, family_id=home))
    with db.transaction():
        both = Households.locked(known)
        both.settle([other], both.with_authority, seen=both.texts(), by=clerk())
    for day in (TODAY, date(2029, 11, 23)):
        purge(day)
        assert db.session.get(Finances, home) is not None, day
        assert db.session.query(Adult).filter_by(family_id=home, rank=1).one().email == "a@famille.example"
    assert due("Dossiers de foyers vides", date(2029, 11, 24)) == ["dossier n° 2000000000001"]
    purge(date(2029, 11, 24))
    assert db.session.get(Family, home) is None


@pytest.mark.parametrize(
    "reason", ["new", "account", "owed", "message", "request", "amendment", "child", "merged into", "merged away"]
)
def test_a_household_in_use_stays(reason):
    home = family(created=TODAY - timedelta(days=400) if reason == "new" else date(2010, 1, 4), login="anne")
    with db.transaction() as writing:
        account = Account.named("anne")
        account.last_login_at = at(TODAY)
        if reason != "account":
            writing.query(Adult).filter_by(account_id=account.id).one().account_id = None
        if reason == "merged into":
            writing.query(Family).filter_by(number="1001001818331").one().merged_into = home
        if reason == "merged away":
            writing.get(Family, home).merged_into = writing.query(Family).filter_by(number="1001001818331").one().id
    if reason == "owed":
        invoice(home, date(2022, 1, 1))
    if reason == "message":
        thread(home, date(2026, 1, 1))
    if reason == "request":
        request(home, line(), sent=date(2026, 1, 1))
    if reason == "amendment":  # in the file that they have left
        asked_by = db.session.query(Adult).filter_by(family_id=home, rank=1).one().id
        amended = line(asked_by=asked_by, asked_at=at(date(2026, 1, 2)))
        request(family("2000000000002"), amended, sent=date(2026, 1, 1))
    if reason == "child":
        child(home, None)
    purge()
    assert db.session.get(Family, home) is not None
    if reason != "merged into":
        assert db.session.get(Finances, home) is not None


# The whole


def assert_files_and_rows_agree(app) -> None:
    """No file without a row, no row without its file."""
    db.session.rollback()
    tables = [table for table in db.Base.metadata.tables.values() if "storage_key" in table.columns]
    assert {table.name for table in tables} == {"publication", "proof", "document", "data_export"}
    kept = {key for table in tables for key in db.session.scalars(select(table.c.storage_key)) if key is not None}
    assert kept == files(app)


def test_in_a_hundred_years_nothing_of_any_family_is_left_in_any_table(app, worker):
    """Whatever table is added: it is erased by a rule, or its package says why not."""
    home, guide = family(login="ancienne"), db.session.query(Family).filter_by(number="1001001818331").one().id
    known = child(home)
    document(home, known, given=LEFT, state=DocumentState.VALID, checked_at=at(LEFT))
    request(home, line(decided=LEFT), sent=LEFT, proof=True)
    _in_a_lot_with_a_copy_and_a_calendar(home)
    thread(home, LEFT)
    pay(invoice(home, date(2012, 1, 1)), date(2012, 2, 1))
    unpaid = db.session.query(Invoice).filter_by(family_id=guide).one().id
    pay(unpaid, date(2015, 5, 1), 12060)
    with db.transaction() as writing:
        writing.add(DuiDraft(child_id=known, family_id=home, answers={}, updated_at=at(LEFT)))
        writing.add(Amendment(submission="again", request_id=writing.query(Request).first().id))
        for row in writing.query(Enrolment):
            row.last_day = row.last_day or date(2026, 7, 1)
    every = set(db.Base.metadata.tables) - {table for package in PACKAGES.values() for table in package.not_purged}
    assert {
        name for name in every if not count(db.Base.metadata.tables[name])
    } == set()  # a new table is filled above
    end = date(2130, 1, 1)
    assert rehearsed(app, end) == purge(end)
    assert rehearsed(app, end + timedelta(days=40)) == purge(end + timedelta(days=40))  # the accounts were warned
    assert purge(end + timedelta(days=80)) == {}
    assert {name for name in every if count(db.Base.metadata.tables[name])} == set()
    assert count(select(Account).where(~select(Agent).where(Agent.account_id == Account.id).exists()).subquery()) == 0
    worker.run_all()
    assert_files_and_rows_agree(app)


def _in_a_lot_with_a_copy_and_a_calendar(home: int) -> None:
    with db.transaction() as writing:
        adult = writing.query(Adult).filter_by(family_id=home, rank=1).one()
        batch = Batch(agent_id=writing.query(Agent).first().id, created_at=at(LEFT))
        writing.add(batch)
        writing.flush()
        writing.add(BatchLine(batch_id=batch.id, line_id=writing.query(RequestLine).first().id))
        writing.add(DataExport(adult_id=adult.id, storage_key=file(), asked_at=at(LEFT), ready_at=at(LEFT), size=8))
        writing.add(CalendarFeed(adult_id=adult.id, token="t", token_digest="z"))


def test_a_child_enrolled_again_between_the_look_and_the_lock_stays(app, engine_name):
    if engine_name == "sqlite":
        pytest.skip("one writer at a time")
    known, come_back = child(family()), []
    elsewhere = create_engine(db.engine().url)

    def enrol_again(connection, cursor, statement, parameters, context, executemany):
        if not come_back and "FROM child" in statement and "FOR UPDATE" in statement:
            come_back.append(known)
            with elsewhere.begin() as other:
                other.execute(text(f"UPDATE enrolment SET last_day = NULL WHERE child_id = {known}"))

    event.listen(db.engine(), "before_cursor_execute", enrol_again)
    try:
        purge()
    finally:
        event.remove(db.engine(), "before_cursor_execute", enrol_again)
        elsewhere.dispose()
    assert come_back
    assert count(select(HealthSheet).where(HealthSheet.child_id == known).subquery()) == 1
    assert db.session.get(Child, known) is not None


def test_it_is_safe_twice_and_in_many_chunks():
    home = family()
    for _ in range(CHUNK + 20):
        request(home, line(decided=LEFT), sent=LEFT)
    assert purge()["Demandes"] == CHUNK + 20
    assert purge() == {}


def rehearsed(app, today: date = TODAY) -> dict[str, int]:
    """What `flask purge --dry-run` tells, and that it leaves every row and file as they were."""

    def all_there() -> tuple[object, ...]:
        db.session.rollback()
        tables = db.Base.metadata.sorted_tables
        rows = {table.name: sorted(map(str, db.session.execute(select(table)))) for table in tables}
        return rows, files(app)

    before = all_there()
    clock.pretend(today)
    told = retention.rehearse(today)
    assert all_there() == before
    return told


def test_a_rehearsal_tells_what_one_rule_frees_for_the_next_and_erases_nothing(app):
    home = family(login="anne")
    known = child(home)
    for _ in range(CHUNK + 20):
        request(home, line(RequestKind.CHILD, "school", decided=LEFT), sent=LEFT, child_id=known, proof=True)
    assert due("Dossiers d’enfants") == []  # as long as the requests that name the child are there
    told = rehearsed(app)
    assert (told["Demandes"], told["Dossiers d’enfants"]) == (CHUNK + 20, 1)
    assert told["Comptes sans connexion\u00a0: courriel d’avertissement"] == 1
    assert count(Job) == 0  # no mail leaves, no file goes
    assert purge() == told


def test_parents_write_while_it_is_rehearsed(app):
    child(family())
    written = []

    def parent():
        with app.app_context(), db.transaction() as writing:
            writing.query(Account).first().last_login_at = at(TODAY)
            written.append(True)

    def told(rule, count, some):
        if count and not written:  # in the middle, after what is erased already
            writer = threading.Thread(target=parent)
            writer.start()
            writer.join(5)
            assert written, rule.label

    assert retention.rehearse(TODAY, told)
    assert written


def test_stopped_in_the_middle_it_keeps_what_is_done_tells_it_and_goes_on(monkeypatch):
    home = family()
    child(home)
    request(home, line(decided=LEFT), sent=LEFT)
    broken = rule("Dossiers d’enfants")

    def fails(keys, cutoff):
        raise RuntimeError("the machine stops")

    with monkeypatch.context() as patched:
        patched.setitem(broken.__dict__, "erase", fails)
        with pytest.raises(RuntimeError):
            purge()
    assert count(select(Request).where(Request.family_id == home).subquery()) == 0
    assert db.session.query(Event).filter_by(kind="purged").one().after["Demandes"] == 1
    assert purge()["Dossiers d’enfants"] == 1


def test_the_guides_own_town_has_nothing_due_on_its_day():
    """What lives is left alone."""
    clock.pretend(date(2015, 5, 4))
    assert retention.rehearse(date(2015, 5, 4)) == {}


ORDER = [
    "Lignes du journal",
    "Lots des agents",
    "Tâches de fond échouées",
    "Copies des données",
    "Justificatifs restés après la réponse",
    "Fichiers de pièces restés après le contrôle",
    "Pièces périmées ou refusées",
    "Dossiers d’inscription commencés",
    "Demandes",
    "Messages",
    "Données de santé",
    "Dossiers d’enfants",
    "Comptes sans connexion\u00a0: courriel d’avertissement",
    "Comptes sans connexion\u00a0: suppression",
    "Factures soldées et leurs règlements",
    "Comptes de familles soldés",
    "Coordonnées et ressources de foyers sans enfant",
    "Dossiers de foyers vides",
]


def test_the_rules_run_in_the_order_in_which_each_finds_what_the_ones_before_have_freed():
    assert [one.label for one in retention.RULES] == ORDER


@pytest.mark.parametrize("backwards", [False, True])
def test_in_that_order_one_purge_finds_all_and_backwards_it_would_not(monkeypatch, backwards):
    """A request names the child, the child keeps its household, a copy and a journal line keep who asked."""
    home = family(login="ancienne")
    known = child(home)
    request(home, line(RequestKind.CHILD, "school", decided=LEFT), sent=LEFT, child_id=known)
    _in_a_lot_with_a_copy_and_a_calendar(home)
    with db.transaction() as writing:
        account = Account.named("ancienne")
        account.idle_warned_at = at(LEFT)
        writing.add(Event(kind="login", actor_id=account.id, at=at(LEFT)))
    if backwards:
        monkeypatch.setattr(retention, "RULES", retention.RULES[::-1])
    purge()
    assert (db.session.get(Family, home) is None) != backwards
    assert bool(purge()) == backwards


def test_each_rule_follows_a_published_duration():
    published = {one.what for one in (*PUBLISHED, WARNING)}
    assert {one.keeping.what for one in retention.RULES} <= published
    assert {one.what for one in PUBLISHED} <= {one.keeping.what for one in retention.RULES}
