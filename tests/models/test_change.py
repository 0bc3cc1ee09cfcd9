"""Asking for a change of the file: amended while it waits, applied when accepted, refused when it is stale."""

import threading
from contextlib import suppress

import pytest

from app import db
from app.models import (
    Account,
    Adult,
    Author,
    Event,
    Family,
    Finances,
    Job,
    LineState,
    Request,
    RequestKind,
    RequestLine,
    change,
)
from app.models.account_sections import BANQUE, CAF, CONJOINT, RESPONSABLE
from app.models.change import Wish
from app.models.proof import Paper
from app.models.refusal import RefusedError
from app.models.review import Review
from app.models.sheet import Sheet
from tests.models.planning import dupont, durand

IBAN = "FR7630006000011234567890189"
OTHER = "FR1420041010050500013M02606"
GARCIA = {"civility": "Monsieur", "last_name": "GARCIA", "first_name": "Paul", "phone_mobile": "06 39 98 00 11"}


@pytest.fixture(autouse=True)
def inside(app):
    with app.app_context():
        yield


def jeanne() -> Adult:
    return db.session.query(Adult).filter_by(first_name="JEANNE").one()


def ask(section=RESPONSABLE, *, by=dupont, submission="one", paper=None, seen=None, **wanted) -> int:
    with db.transaction():
        adult = by()
        sheet = Sheet(section, adult.family_id)
        wish = Wish(sheet, wanted, sheet.texts() if seen is None else seen)
        return change.ask(section.kind, [wish], by=Author(adult), submission=submission, paper=paper).id


def decide(number: int, verb, who: str = "guichet") -> None:
    with db.transaction():
        verb(Review.locked(Account.named(who).agent, number))


def accept(number: int, version: int = 1) -> None:
    decide(number, lambda one: [one.accept(line.id, version=version) for line in one.pending])


def lines() -> list[RequestLine]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.query(RequestLine).filter(RequestLine.field.is_not(None)).order_by(RequestLine.id))


def test_the_form_sent_twice_is_one_request():
    first = ask(phone_mobile="06 39 98 00 11")
    assert ask(phone_mobile="06 39 98 00 11") == first
    assert len(lines()) == 1
    assert db.session.query(Job).filter_by(kind="mail").count() == 1


def test_what_the_other_adult_asked_meanwhile_is_not_undone_by_an_older_page():
    seen = Sheet(RESPONSABLE, dupont().family_id).texts()
    ask(by=jeanne, phone_mobile="06 39 98 00 11")
    ask(submission="two", seen=seen, **{**seen, "profession": "Boulanger"})
    assert {line.field: line.after for line in lines()} == {
        "phone_mobile": "06 39 98 00 11",
        "profession": "Boulanger",
    }


def test_amended_while_an_agent_has_it_it_goes_back_to_the_queue_and_the_old_answer_is_refused():
    number = ask(phone_mobile="06 39 98 00 11")
    decide(number, lambda one: one.take())
    assert lines()[0].state is LineState.IN_REVIEW
    assert ask(submission="two", phone_mobile="06 39 98 00 22") == number
    (line,) = lines()
    assert (line.state, line.version, line.after) == (LineState.SUBMITTED, 2, "06 39 98 00 22")
    with pytest.raises(RefusedError, match="La famille a modifié sa demande entre-temps"):
        accept(number)
    assert dupont().phone_mobile == ""
    accept(number, version=2)
    db.session.expire_all()
    assert dupont().phone_mobile == "06 39 98 00 22"
    assert {event.kind for event in db.session.query(Event)} >= {"line_submitted", "line_amended", "line_accepted"}


def test_a_field_added_while_an_agent_has_the_request_joins_it_and_waits():
    number = ask(phone_mobile="06 39 98 00 11")
    decide(number, lambda one: one.take())
    assert ask(submission="two", profession="Boulanger") == number
    assert [line.state for line in lines()] == [LineState.IN_REVIEW, LineState.SUBMITTED]


def test_one_decided_is_not_amended_but_asked_anew():
    first = ask(phone_mobile="06 39 98 00 11")
    accept(first)
    second = ask(submission="two", phone_mobile="06 39 98 00 22")
    assert second != first
    assert [(line.before, line.after) for line in lines()] == [
        ("", "06 39 98 00 11"),
        ("06 39 98 00 11", "06 39 98 00 22"),
    ]


def test_an_amendment_starts_from_what_the_file_says_now():
    number = ask(phone_mobile="06 39 98 00 11")
    with db.transaction():
        dupont().phone_mobile = "07 00 00 00 00"
    with pytest.raises(RefusedError, match=r"Mobile est maintenant «\s07 00 00 00 00\s»"):
        accept(number)
    ask(submission="two", phone_mobile="06 39 98 00 33", seen={"phone_mobile": "06 39 98 00 11"})
    accept(number, version=2)
    db.session.expire_all()
    assert dupont().phone_mobile == "06 39 98 00 33"


def test_a_merged_file_takes_no_more_requests():
    with db.transaction() as writing:
        writing.get_one(Family, dupont().family_id).merged_into = durand().family_id
    with pytest.raises(RefusedError, match="réuni à un autre"):
        ask(phone_mobile="06 39 98 00 11")


def test_a_direct_debit_without_an_account_is_not_accepted():
    number = ask(BANQUE, direct_debit="oui")
    with pytest.raises(RefusedError, match="demande un IBAN"):
        accept(number)
    ask(BANQUE, submission="two", iban=IBAN)
    decide(number, lambda one: one.accept(one.request.lines[1].id, version=1))
    accept(number)
    db.session.expire_all()
    kept = db.session.get(Finances, dupont().family_id)
    assert (kept.iban, kept.direct_debit) == (IBAN, "oui")


def ask_conjoint(submission="one", **values) -> int:
    with db.transaction():
        return change.ask_for(CONJOINT, {**GARCIA, **values}, by=Author(durand()), submission=submission).id


def test_a_conjoint_that_is_accepted_is_an_adult_of_the_file():
    number = ask_conjoint()
    assert ask_conjoint() == number
    assert len(durand().family.adults) == 1
    accept(number)
    db.session.expire_all()
    made = durand().family.adults[1]
    assert (made.full_name, made.rank, made.phone_mobile, made.account) == ("PAUL GARCIA", 2, "06 39 98 00 11", None)
    assert db.session.query(Event).filter_by(kind="adult_added", subject_id=made.id).count() == 1


def test_a_conjoint_asked_for_twice_is_one_line_amended():
    number = ask_conjoint()
    assert ask_conjoint("two", first_name="Pablo") == number
    (line,) = lines()
    assert line.version == 2
    with pytest.raises(RefusedError, match="a modifié sa demande"):
        accept(number)
    accept(number, version=2)
    db.session.expire_all()
    assert "PABLO" in durand().family.adults[1].full_name


def test_a_conjoint_is_not_added_to_a_file_that_got_one_meanwhile():
    number = ask_conjoint()
    with db.transaction() as writing:
        values = {"civility": "Monsieur", "last_name": "AUTRE", "first_name": "Luc"}
        writing.add(Adult(family_id=durand().family_id, rank=2, **values))
    with pytest.raises(RefusedError, match="déjà deux adultes"):
        accept(number)


def both_at_once(app, monkeypatch, *wanted: dict[str, str]) -> list[object]:
    """Two adults send a form at the same instant: each waits, before it takes its turn, for the other to be there."""
    outcomes, together, hold = [], threading.Barrier(len(wanted)), change._hold

    def wait_for_the_other(*what):
        if together.n_waiting < len(wanted) and not together.broken:
            with suppress(threading.BrokenBarrierError):  # on SQLite the other waits for the file
                together.wait(timeout=1)
        return hold(*what)

    def send(number: int, fields: dict[str, str]) -> None:
        with app.app_context():
            try:
                outcomes.append(ask(by=dupont if number == 0 else jeanne, submission=f"s{number}", **fields))
            except RefusedError as closed:
                outcomes.append(str(closed))

    monkeypatch.setattr(change, "_hold", wait_for_the_other)
    threads = [threading.Thread(target=send, args=one) for one in enumerate(wanted)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    db.session.expire_all()
    return outcomes


def test_two_adults_at_the_same_instant_never_leave_two_open_lines_of_one_field(app, monkeypatch):
    outcomes = both_at_once(app, monkeypatch, {"phone_mobile": "06 39 98 00 11"}, {"phone_mobile": "06 39 98 00 22"})
    assert any(isinstance(one, int) for one in outcomes)
    (line,) = lines()
    told = [one for one in outcomes if isinstance(one, str)]
    assert line.version == 2 or "Une autre demande vient de partir" in told[0]


def test_without_the_turn_both_would(app, monkeypatch, engine_name):
    """The negative control, on PostgreSQL: SQLite lets one transaction write at a time in any case."""
    if engine_name == "sqlite":
        pytest.skip("one writer at a time")
    together = threading.Barrier(2)

    def see_the_same(family_id, child_id):
        together.wait(timeout=5)
        return set(range(1000))

    def send(number: int) -> None:
        with app.app_context():
            ask(by=dupont if number == 0 else jeanne, submission=f"s{number}", phone_mobile=f"06 39 98 00 {number}1")

    pending = change.pending

    def read_together(*what):
        found = pending(*what)
        together.wait(timeout=5)
        return found

    monkeypatch.setattr(change, "_hold", see_the_same)
    monkeypatch.setattr(change, "pending", read_together)
    threads = [threading.Thread(target=send, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines()) == 2


def test_a_family_that_amends_and_an_agent_who_accepts_at_once_never_lock_each_other_out(app):
    number = ask(phone_mobile="06 39 98 00 11")
    told: list[str] = []

    def amend() -> None:
        with app.app_context():
            for turn in range(8):
                ask(submission=f"a{turn}", phone_mobile=f"06 39 98 01 {turn:02d}")
            told.append("asked")

    def answer() -> None:
        with app.app_context():
            for _ in range(8):
                with db.transaction():
                    review = Review.locked(Account.named("guichet").agent, number)
                    for line in review.pending:
                        review.accept(line.id, version=line.version)
            told.append("answered")

    threads = [threading.Thread(target=work) for work in (amend, answer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(told) == ["answered", "asked"]


def test_a_paper_is_forgotten_when_nothing_waits_any_more_and_not_before():
    paper = Paper("a" * 32, "application/pdf", 12)
    number = ask(CAF, paper=paper, quotient="742", fund_number="1234567")
    decide(number, lambda one: one.accept(one.pending[0].id, version=1))
    assert db.session.get(Request, number).proof is not None
    assert db.session.query(Job).filter_by(kind="forget_file").count() == 0
    decide(number, lambda one: one.refuse(one.pending[0].id, version=1, reason="Illisible"))
    db.session.expire_all()
    assert db.session.get(Request, number).proof is None
    (job,) = db.session.query(Job).filter_by(kind="forget_file")
    assert job.payload == {"key": "a" * 32}


def test_another_paper_takes_the_place_of_the_first():
    number = ask(CAF, paper=Paper("a" * 32, "application/pdf", 12), quotient="742")
    ask(CAF, submission="two", paper=Paper("b" * 32, "image/png", 5), quotient="743")
    db.session.expire_all()
    assert db.session.get(Request, number).proof.storage_key == "b" * 32
    (job,) = db.session.query(Job).filter_by(kind="forget_file")
    assert job.payload == {"key": "a" * 32}


def test_what_is_secret_is_named_in_the_journal_and_not_told():
    number = ask(BANQUE, iban=IBAN)
    ask(BANQUE, submission="two", iban=OTHER)
    accept(number, version=2)
    noted = [event for event in db.session.query(Event) if event.kind.startswith("line_")]
    assert {event.kind for event in noted} == {"line_submitted", "line_amended", "line_accepted"}
    assert all(event.before is None and event.after == {"line": "IBAN"} for event in noted)


def test_the_receipt_is_for_who_asked():
    ask(by=jeanne, phone_mobile="06 39 98 00 11")
    assert db.session.query(Job).filter_by(kind="mail").count() == 0  # Jeanne has no mail address
    assert db.session.query(Request).one().sender.first_name == "JEANNE"
    assert db.session.query(Request).one().kind is RequestKind.RESPONSABLE
