"""What a request costs the database when agents look at it and answer it: as much for many lines as for a few."""

from datetime import timedelta

import pytest

from app import db
from app.models.families.author import Author
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.town import Approval
from tests.builders import DAY, activity, dupont, enrolment
from tests.conftest import FRAGMENT

FEW, MANY = 3, 400


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client


def asks(lines: int) -> int:
    """A request of DUPONT for so many days of a room; for every third, a place is waited for."""
    with db.transaction() as writing:
        family, name = dupont().family, f"Salle {lines}"
        mine = enrolment(activity(name, places=3, approval=Approval.MANUAL), family)
        asked = Request.of(RequestKind.BOOKING, family.id, by=Author(dupont()), submission=name)
        writing.add(asked)
        writing.flush()
        for n in range(lines):
            state = LineState.WAITING_LIST if n % 3 == 1 else LineState.SUBMITTED
            day = DAY + timedelta(days=7 * n)
            asked.lines.append(RequestLine(enrolment=mine, day=day, kind=RequestKind.BOOKING, state=state))
        return asked.id


def test_a_page_of_many_lines_asks_as_much_as_one_of_a_few(app, guichet, count_queries):
    with app.app_context():
        few, many = asks(FEW), asks(MANY)
    guichet.get(f"/agent/demandes/{few}")
    sent = []
    for number in (few, many):
        with count_queries() as queries:
            assert guichet.get(f"/agent/demandes/{number}").status_code == 200
        sent.append(len(queries))
    assert sent[0] == sent[1] <= 13, sent


def test_accepting_one_of_many_lines_asks_as_much_as_one_of_a_few(app, guichet, count_queries):
    with app.app_context():
        few, many = asks(FEW), asks(MANY)
    sent = []
    for number in (few, many):
        with app.app_context():
            line = db.session.get(Request, number).lines[0].id
        page = f"/agent/demandes/{number}"
        token = guichet.get(page).text.split('name="csrf_token" value="')[1].split('"')[0]
        with count_queries() as queries:
            data = {"csrf_token": token, "version": 1}
            answer = guichet.post(f"{page}/lignes/{line}/acceptation", data=data, headers=FRAGMENT)
        assert "acceptée" in answer.text
        sent.append(len(queries))
    assert sent[0] == sent[1] <= 23, "\n\n".join(queries)
