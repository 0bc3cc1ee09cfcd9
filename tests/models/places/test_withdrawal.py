"""« Retirer ma demande »: once, before the answer, and never against it."""

import threading
from contextlib import suppress

import pytest

from app import db
from app.models.changes import change
from app.models.changes.three_way import Wish
from app.models.event import Event
from app.models.families import Child
from app.models.families.author import Author
from app.models.families.sections.account import CAF, CONJOINT, RESPONSABLE
from app.models.families.sections.child import NEW_CHILD
from app.models.families.sections.values import Sheet
from app.models.jobs import Job
from app.models.places import withdrawal
from app.models.refusal import RefusedError
from app.models.requests import LineState, Proof, Request
from app.models.reviews.review import Review
from app.models.upload import Paper
from tests.builders import clerk, dupont

PAPER = Paper(storage_key="a-key", content_type="application/pdf", size=12)


pytestmark = pytest.mark.usefixtures("inside")


def asked(section=RESPONSABLE, paper=None, **wanted) -> int:
    with db.transaction():
        who = Author(dupont())
        wish = Wish(Sheet(section, who.adult.family_id), wanted, seen={})
        submission = f"s{len(wanted)}{section.slug}{'-'.join(wanted.values())}"
        return change.ask(section.kind, [wish], by=who, submission=submission, paper=paper).id


def withdraw(number, line_id=None) -> None:
    with db.transaction():
        withdrawal.withdraw(number, by=Author(dupont()), line_id=line_id)


def lines(number):
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.get(Request, number).lines)


def decide(number, verb) -> None:
    with db.transaction():
        review = Review.locked(clerk(), number)
        verb(review, review.request.lines[0])


def test_all_that_waits_is_withdrawn_and_noted_with_its_day():
    number = asked(city="Toulouse", csp="Artisan")
    withdraw(number)
    assert [line.state for line in lines(number)] == [LineState.WITHDRAWN] * 2
    assert all(line.decided_at for line in lines(number))
    noted = db.session.query(Event).filter_by(kind="line_withdrawn").all()
    assert {event.actor_id for event in noted} == {dupont().account_id}


def test_one_line_is_withdrawn_and_the_others_wait():
    number = asked(city="Toulouse", csp="Artisan")
    first, second = lines(number)
    withdraw(number, second.id)
    assert [line.state for line in lines(number)] == [LineState.SUBMITTED, LineState.WITHDRAWN]
    with pytest.raises(RefusedError, match="déjà retirée"):
        withdraw(number, second.id)
    withdraw(number, first.id)
    assert [line.state for line in lines(number)] == [LineState.WITHDRAWN] * 2


def test_what_was_answered_stays_answered():
    number = asked(city="Toulouse", csp="Artisan")
    decide(number, lambda review, line: review.refuse(line.id, version=1, reason="Autre adresse connue"))
    first, _ = lines(number)
    with pytest.raises(RefusedError, match="déjà reçu sa réponse"):
        withdraw(number, first.id)
    withdraw(number)
    assert [line.state for line in lines(number)] == [LineState.REFUSED, LineState.WITHDRAWN]
    with pytest.raises(RefusedError, match="plus rien à retirer"):
        withdraw(number)


def test_withdrawn_twice_it_is_noted_once():
    number = asked(city="Toulouse")
    withdraw(number)
    with pytest.raises(RefusedError, match="déjà retirée"):
        withdraw(number)
    assert db.session.query(Event).filter_by(kind="line_withdrawn").count() == 1


def test_what_would_be_made_new_is_withdrawn_too():
    with db.transaction():
        record = {"first_name": "Tom", "last_name": "DUPONT", "birth_date": "2013-03-02"}
        number = change.ask_for(NEW_CHILD, record, by=Author(dupont()), submission="new").id
    withdraw(number)
    with pytest.raises(RefusedError, match="déjà retirée"):
        decide(number, lambda review, line: review.accept(line.id, version=1))
    assert db.session.query(Child).filter_by(first_name="Tom").count() == 0


def test_the_paper_is_forgotten_with_the_last_line_that_waits():
    number = asked(CAF, paper=PAPER, fund_number="1234567", quotient="812")
    first, second = lines(number)
    withdraw(number, first.id)
    assert db.session.query(Proof).count() == 1
    withdraw(number, second.id)
    assert db.session.query(Proof).count() == 0
    assert db.session.query(Job).filter_by(kind="forget_file").count() == 1


def test_put_back_to_what_the_file_says_it_loses_its_paper_too():
    number = asked(CAF, paper=PAPER, fund_number="1234567")
    asked(CAF, fund_number="")
    assert [line.state for line in lines(number)] == [LineState.WITHDRAWN]
    assert db.session.query(Proof).count() == 0


def test_a_paper_stays_with_what_replaces_the_line_it_came_with():
    number = asked(CAF, paper=PAPER, fund_number="1234567")
    asked(CAF, fund_number="", quotient="812")
    assert [line.state for line in lines(number)] == [LineState.WITHDRAWN, LineState.SUBMITTED]
    assert db.session.query(Proof).one().request_id == number


def test_after_a_withdrawal_the_same_may_be_asked_again():
    number = asked(CONJOINT, city="Toulouse")
    withdraw(number)
    again = asked(CONJOINT, city="Toulouse ")
    assert again != number
    assert [line.state for line in lines(again)] == [LineState.SUBMITTED]


# Against an agent who answers at the same instant.


def answered_meanwhile(app, monkeypatch, number) -> list[str]:
    """The family withdraws and an agent accepts at once; each waits for the other once the line was found free."""
    outcomes, together = [], threading.Barrier(2)
    take_back, found_free = withdrawal.take_back, Review.to_decide

    def meet() -> None:
        with suppress(threading.BrokenBarrierError):
            together.wait(timeout=1)

    def meet_to_withdraw(*what, **how):
        meet()
        take_back(*what, **how)

    def meet_to_decide(self, *what):
        line = found_free(self, *what)
        meet()
        return line

    def run(word, work) -> None:
        with app.app_context():
            try:
                work()
                outcomes.append(word)
            except RefusedError as closed:
                outcomes.append(str(closed))

    monkeypatch.setattr(withdrawal, "take_back", meet_to_withdraw)
    monkeypatch.setattr(Review, "to_decide", meet_to_decide)
    accept = lambda: decide(number, lambda review, line: review.accept(line.id, version=line.version))  # noqa: E731
    works = {"withdrawn": lambda: withdraw(number), "accepted": accept}
    threads = [threading.Thread(target=run, args=pair) for pair in works.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_a_family_that_withdraws_and_an_agent_who_accepts_one_wins(app, monkeypatch):
    number = asked(city="Toulouse")
    outcomes = answered_meanwhile(app, monkeypatch, number)
    (line,) = lines(number)
    assert line.state in (LineState.ACCEPTED, LineState.WITHDRAWN)
    assert dupont().city == ("Toulouse" if line.state is LineState.ACCEPTED else "SAINT - JEAN")
    assert [str(line.state)] == [word for word in outcomes if word in ("withdrawn", "accepted")]
    assert any("déjà" in word for word in outcomes)


def test_without_the_locks_both_would_win(app, monkeypatch, engine_name):
    """The negative control, on PostgreSQL: SQLite lets one transaction write at a time in any case."""
    if engine_name == "sqlite":
        pytest.skip("one writer at a time")
    number = asked(city="Toulouse")
    monkeypatch.setattr(Review, "locked", Review.of)
    monkeypatch.setattr(withdrawal, "locked", lambda number: db.session.get(Request, number).lines)
    assert sorted(answered_meanwhile(app, monkeypatch, number)) == ["accepted", "withdrawn"]
