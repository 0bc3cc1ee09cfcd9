"""The purge as a whole: everything in the end, in chunks, safely, rehearsed."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import create_engine, event, select, text

from app import clock, db
from app.models.accounts import Account, Agent
from app.models.billing import Invoice
from app.models.changes import DuiDraft
from app.models.documents import DocumentState
from app.models.durations import PUBLISHED, WARNING
from app.models.enrolments import Enrolment
from app.models.event import Event
from app.models.exports import DataExport
from app.models.families import (
    Adult,
    Child,
    Family,
    HealthSheet,
)
from app.models.jobs import Job
from app.models.planning import CalendarFeed
from app.models.privacy import retention
from app.models.privacy.packages import PACKAGES
from app.models.request_kind import RequestKind
from app.models.requests import Amendment, Request, RequestLine
from app.models.retention_rule import CHUNK
from app.models.reviews import Batch, BatchLine
from tests.models.privacy.purging import (
    LEFT,
    TODAY,
    assert_files_and_rows_agree,
    at,
    child,
    count,
    document,
    due,
    family,
    file,
    files,
    invoice,
    line,
    pay,
    purge,
    request,
    rule,
    thread,
)

pytestmark = pytest.mark.usefixtures("inside")


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
