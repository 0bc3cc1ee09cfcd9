"""Motifs de refus: the sentences that agents choose from."""

import re

import pytest

from app import db
from app.models.families.sections.child import (
    INSURANCE,
)
from app.models.reviews import ReasonTopic, StandardReason
from tests.agent.requests.answering import db_code, wants
from tests.conftest import text_of

TOO_LATE = {"text": "Trop tard", "topic": "days"}


def test_reasons_are_added_once_and_removed(guichet):
    assert guichet.send_form("/agent/demandes/motifs", TOO_LATE).location == "/agent/demandes/motifs"
    again = guichet.send_form("/agent/demandes/motifs", TOO_LATE)
    assert again.status_code == 422
    assert "déjà dans cette liste" in text_of(again)
    page = guichet.get("/agent/demandes/motifs")
    remove = re.search(r'action="(/agent/demandes/motifs/\d+/suppression)"', page.text)[1]
    guichet.send_form(remove, {}, page="/agent/demandes/motifs")
    assert "Trop tard" not in text_of(guichet.get("/agent/demandes/motifs"))


def test_a_reason_says_what_it_refuses_and_may_serve_twice(guichet):
    unsaid = guichet.send_form("/agent/demandes/motifs", {"text": "Trop tard"})
    assert unsaid.status_code == 422
    assert "Choisissez ce que ce motif refuse." in text_of(unsaid)
    for topic in ReasonTopic:
        guichet.send_form("/agent/demandes/motifs", {**TOO_LATE, "topic": topic.value})
    assert text_of(guichet.get("/agent/demandes/motifs")).count("Retirer « Trop tard »") == len(ReasonTopic)


def test_each_thing_that_is_refused_has_reasons_of_its_own(app, guichet, asked, lea):
    with app.app_context():
        with db.transaction():
            StandardReason.seed()
        change = wants(INSURANCE, child_id=lea, insurer="MAIF")
    day, paper = "Il ne reste plus de place ce jour-là.", "Ce n’est pas le document demandé."
    of_days, of_the_change = (text_of(guichet.get(f"/agent/demandes/{one}")) for one in (asked, change))
    assert day in of_days
    assert day not in of_the_change
    assert "Ce changement demande l’accord de l’autre parent." in of_the_change
    assert "l’accord de l’autre parent" not in of_days
    assert paper not in of_days + of_the_change


@pytest.mark.parametrize(
    "query",
    [
        "age=-999999999",
        "page=9999999999999999999999999",
        "structure=9999999999999999999999999",
        "page=7",
    ],
)
@pytest.mark.both_engines
def test_absurd_numbers_are_as_if_not_given(app, guichet, asked, query):
    assert db_code(app, asked) in guichet.get(f"/agent/demandes?{query}").text


@pytest.mark.both_engines
def test_a_lot_of_absurd_numbers_is_empty(guichet, asked):
    form = {"demande": "9" * 25, "tout": ""}
    assert guichet.send_form("/agent/demandes/lots", form, page="/agent/demandes").location == "/agent/demandes"


@pytest.mark.parametrize(
    "address",
    [
        "/agent/familles/1/reunion?avec={}",
        "/agent/inscriptions/nouvelle?enfant={}",
        "/agent/inscriptions?page={}&structure={}",
        "/agent/familles?page={}",
        "/agent/journal?page={}",
    ],
)
def test_absurd_numbers_elsewhere_on_the_desk(client, address):
    client.log_in("admin")
    assert client.get(address.replace("{}", "9" * 25)).status_code in (200, 404)


def test_a_reason_that_looks_like_a_day_does_not_break_the_journal(client):
    client.log_in("admin")
    client.send_form("/agent/demandes/motifs", {**TOO_LATE, "text": "2026-13-45"})
    assert "2026-13-45" in text_of(client.get("/agent/journal"))
    assert client.get("/agent/journal.csv").status_code == 200
