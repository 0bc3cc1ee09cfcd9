"""Lots: many requests accepted in one go."""

import re

from app import db
from app.models.enrolments import Booking
from app.models.event import Event
from app.models.families.sections.child import (
    INSURANCE,
)
from app.models.requests import LineState, Request
from app.models.reviews import Batch
from tests.agent.requests.answering import ask, line_of, wants
from tests.builders import durand
from tests.conftest import text_of
from tests.filling import shown


def test_many_are_accepted_in_one_go_with_a_result_for_each(app, guichet):
    with app.app_context():
        good, full = ask(name="Bon"), ask(durand, "Complet", places=0)
        with db.transaction():  # as if the place had gone after the request was sent
            for line in db.session.get(Request, full).lines:
                line.state = LineState.SUBMITTED
    opened = guichet.send_form("/agent/demandes/lots", {"tout": "1"}, page="/agent/demandes")
    assert re.fullmatch(r"/agent/demandes/lots/\d+", opened.location)
    assert "0 ligne sur 2" in text_of(guichet.get(opened.location))
    after = guichet.send_form(f"{opened.location}/suite", {}, page=opened.location)
    page = text_of(guichet.get(after.location))
    assert "C’est fini : 1 acceptée , 1 impossible" in page or "1 acceptée, 1 impossible" in page
    assert "Il ne reste plus de place ce jour-là." in page
    assert line_of(app, good).state is LineState.ACCEPTED
    with app.app_context():
        assert db.session.query(Booking).filter_by(enrolment_id=line_of(app, good).enrolment_id).count() == 1
        noted = db.session.query(Event).filter_by(kind="line_accepted", subject_id=line_of(app, good).id).one()
        assert noted.address == "127.0.0.1"  # a lot tells from where, as a single answer does


def test_a_lot_is_its_agent_s_alone_and_an_empty_one_says_so(app, guichet, asked):
    empty = guichet.send_form("/agent/demandes/lots", {}, page="/agent/demandes")
    assert empty.location == "/agent/demandes"
    assert "Cochez au moins une demande" in text_of(guichet.get(empty.location))
    opened = guichet.send_form("/agent/demandes/lots", {"demande": str(asked)}, page="/agent/demandes")
    other = app.test_client()
    other.log_in("admin")
    assert other.get(opened.location).status_code == 404


def test_a_change_of_a_file_is_not_offered_to_a_lot(app, guichet, asked, lea):
    with app.app_context():
        change = wants(INSURANCE, child_id=lea, insurer="MAIF")
    page = guichet.get("/agent/demandes").text
    assert f"/agent/demandes/{change}" in page
    assert re.findall(r'name="demande" value="(\d+)"', page) == [str(asked)]


def test_pressed_five_times_it_is_one_lot(app, guichet, asked):
    page = "/agent/demandes"
    token = shown(guichet.get(page).text, "/agent/demandes/lots")["csrf_token"]
    sent = {"csrf_token": token, "demande": str(asked)}
    opened = {guichet.post("/agent/demandes/lots", data=sent).location for _ in range(5)}
    assert len(opened) == 1
    with app.app_context():
        assert db.session.query(Batch).count() == 1
        assert db.session.query(Event).filter_by(kind="batch_opened").count() == 1


def test_what_is_in_a_lot_already_is_not_put_in_a_second_one(app, guichet, asked):
    with app.app_context():
        other = ask(durand, "Autre")
    for chosen in ([asked], [asked, other]):
        guichet.send_form("/agent/demandes/lots", {"demande": [str(one) for one in chosen]}, page="/agent/demandes")
    with app.app_context():
        lots = db.session.query(Batch).order_by(Batch.id)
        assert [sum(lot.counts.values()) for lot in lots] == [1, 1]
