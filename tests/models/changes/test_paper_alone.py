"""A paper alone confirms what it proves."""

import pytest

from app import db
from app.models.families import Finances
from app.models.families.sections.account import CAF, FISCALES
from app.models.requests import LineState, Request
from tests.builders import dupont
from tests.models.changes.changing import accept, ask, known, lines, paper

pytestmark = pytest.mark.usefixtures("inside")


def test_a_paper_alone_confirms_what_it_proves_and_is_forgotten_once_read():
    known(quotient="650", fund_number="1234567")
    number = ask(CAF, paper=paper(), seen={"quotient": "650"}, quotient="650", fund_number="1234567")
    (line,) = lines()
    assert (line.field, line.before, line.after, line.confirms) == ("quotient", "650", "650", True)
    assert ask(CAF, paper=paper(), quotient="650", fund_number="1234567") == number
    accept(number)
    db.session.expire_all()
    assert db.session.get_one(Request, number).proof is None
    assert db.session.get_one(Finances, dupont().family_id).quotient == "650"


def test_a_tax_notice_alone_is_sent_whatever_the_file_says():
    number = ask(FISCALES, paper=paper())
    with db.transaction() as writing:  # the agent reads it, and writes what it says
        writing.get_one(Finances, dupont().family_id).tax_income = "21000"
    accept(number)
    assert db.session.get_one(Finances, dupont().family_id).tax_income == "21000"
    assert lines()[0].state is LineState.ACCEPTED


def test_a_paper_alone_joins_the_request_that_waits():
    number = ask(CAF, quotient="742")
    assert ask(CAF, submission="two", paper=paper(), quotient="742") == number
    assert [line.after for line in lines()] == ["742"]
    assert db.session.get_one(Request, number).proof is not None


def test_a_paper_that_comes_with_the_figure_put_back_is_not_lost():
    known(quotient="650")
    first = ask(CAF, paper=paper("a"), quotient="742")
    number = ask(CAF, submission="two", paper=paper("b"), quotient="650")
    assert number != first
    assert [(line.state, line.confirms) for line in lines()] == [
        (LineState.WITHDRAWN, False),
        (LineState.SUBMITTED, True),
    ]
    assert db.session.get_one(Request, number).proof.storage_key == "b" * 32
    assert db.session.get_one(Request, first).proof is None
