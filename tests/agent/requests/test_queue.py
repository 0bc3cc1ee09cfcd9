"""Demandes: the queue, filtered, searched and paged."""

from datetime import timedelta

import pytest

from app import clock, db
from app.models.requests import Request
from tests.agent.requests.answering import ask, db_code
from tests.builders import durand
from tests.conftest import FRAGMENT, text_of


def test_the_queue_shows_what_waits_oldest_first(app, guichet, asked):
    with app.app_context():
        later = ask(durand, "Autre")
        with db.transaction():
            db.session.get(Request, asked).submitted_at = clock.local_now() - timedelta(days=5)
        codes = [db.session.get(Request, number).code for number in (asked, later)]
    page = text_of(guichet.get("/agent/demandes"))
    assert "2 demandes" in page
    assert page.index(codes[0]) < page.index(codes[1])
    assert page.count("en retard") == 1
    assert "il y a 5 jours" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=dupont", True),
        ("q=DÜPONT jean", True),
        ("q=durand", False),
        ("type=booking", True),
        ("type=absence", False),
        ("etat=repondues", False),
        ("etat=en-cours", False),
        ("etat=nimporte", True),
        ("age=1", False),
        ("a-moi=1", False),
        ("structure=999", False),
        ("type=nimporte&age=abc&structure=abc", True),
        ("page=-3", True),
    ],
)
@pytest.mark.both_engines
def test_filters(app, guichet, asked, query, found):
    code = db_code(app, asked)
    assert (code in guichet.get(f"/agent/demandes?{query}").text) == found


@pytest.mark.both_engines
def test_a_code_finds_its_request_however_it_is_typed(app, guichet, asked):
    code = db_code(app, asked)
    assert code in guichet.get(f"/agent/demandes?q={code.lower()}").text


def test_by_htmx_the_filters_bring_the_list_alone(guichet, asked):
    answer = guichet.get("/agent/demandes?q=dupont", headers=FRAGMENT)
    assert answer.text.startswith("<section") or 'id="queue"' in answer.text[:200]
    assert "<html" not in answer.text


def test_the_queue_asks_as_many_queries_for_one_request_as_for_three(app, guichet, asked, count_queries):
    guichet.get("/agent/demandes")
    with count_queries() as few:
        guichet.get("/agent/demandes")
    with app.app_context():
        ask(durand, "Deux")
        ask(durand, "Trois")
    with count_queries() as many:
        guichet.get("/agent/demandes")
    assert len(few) == len(many) <= 10
