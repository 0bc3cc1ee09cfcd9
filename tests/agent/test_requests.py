"""Demandes: the queue and one request, as agents use them, without JavaScript and by fragments."""

import re
from datetime import timedelta

import pytest

from app import clock, db
from app.models import Account, Approval, Author, Booking, Event, LineState, Request, StandardReason, Structure
from app.models.slot import Slot
from tests.conftest import text_of
from tests.models.planning import DAY, activity, dupont, durand, enrolment

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client


def ask(adult=None, name="Essai", **how) -> int:
    with db.transaction():
        who = adult() if adult else dupont()
        row = enrolment(activity(name, approval=Approval.MANUAL, **how), who.family)
        return Slot.of_family(who.family_id, row.id, DAY).ask_booking(by=Author(who), submission=f"s{row.id}").id


@pytest.fixture
def asked(app) -> int:
    with app.app_context():
        return ask()


def line_of(app, number):
    with app.app_context():
        return db.session.get(Request, number).lines[0]


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
def test_filters(app, guichet, asked, query, found):
    code = db_code(app, asked)
    assert (code in guichet.get(f"/agent/demandes?{query}").text) == found


def db_code(app, number) -> str:
    with app.app_context():
        return db.session.get(Request, number).code


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


def test_a_request_is_taken_accepted_and_the_family_reads_it(app, guichet, asked, make_app):
    page = f"/agent/demandes/{asked}"
    assert guichet.send_form(f"{page}/prise-en-charge", {}, page=page).location == page
    assert "Traitée par" in text_of(guichet.get(page))
    line = line_of(app, asked)
    accept = f"{page}/lignes/{line.id}/acceptation"
    assert guichet.send_form(accept, {}, page=page).location == page
    shown = text_of(guichet.get(page))
    assert "répondue" in shown
    assert "Claire Vidal, lundi 4 mai 2015" in shown
    parent = app.test_client()
    parent.log_in("jean.dupont")
    assert "Réservé" in text_of(parent.get(f"/inscriptions/{line.enrolment_id}/{DAY}"))
    assert "acceptée" in text_of(parent.get(f"/demandes/{asked}"))


def test_a_refusal_needs_a_reason_and_the_family_reads_it(app, guichet, asked):
    page, line = f"/agent/demandes/{asked}", line_of(app, asked)
    refuse = f"{page}/lignes/{line.id}/refus"
    answer = guichet.send_form(refuse, {"standard": "", "motif": " "}, page=page)
    assert answer.status_code == 422
    assert "Un refus doit dire pourquoi." in text_of(answer)
    guichet.send_form(refuse, {"standard": "", "motif": "Le minibus est en panne"}, page=page)
    parent = app.test_client()
    parent.log_in("jean.dupont")
    assert "Le minibus est en panne" in text_of(parent.get(f"/inscriptions/{line.enrolment_id}/{DAY}"))
    assert "Motif : Le minibus est en panne" in text_of(parent.get(f"/demandes/{asked}"))


def test_standard_reasons_are_offered_and_what_is_typed_comes_first(app, guichet, asked):
    with app.app_context(), db.transaction():
        StandardReason.add("Plus de place")
    page, line = f"/agent/demandes/{asked}", line_of(app, asked)
    assert "<option>Plus de place</option>" in re.sub(r"\s+<", "<", guichet.get(page).text)
    guichet.send_form(f"{page}/lignes/{line.id}/refus", {"standard": "Plus de place", "motif": ""}, page=page)
    assert line_of(app, asked).decision_reason == "Plus de place"


def test_by_htmx_the_answer_is_the_request_and_the_flash(app, guichet, asked):
    page, line = f"/agent/demandes/{asked}", line_of(app, asked)
    accept = f"{page}/lignes/{line.id}/acceptation"
    answer = guichet.send_form(accept, {}, page=page, headers=FRAGMENT)
    assert answer.status_code == 200
    assert 'id="request"' in answer.text
    assert 'hx-target="#flash"' in answer.text
    assert "<html" not in answer.text


def test_the_second_agent_reads_who_was_first(app, guichet, asked):
    page, line = f"/agent/demandes/{asked}", line_of(app, asked)
    accept = f"{page}/lignes/{line.id}/acceptation"
    second = app.test_client()
    second.log_in("admin")
    assert second.get(page).status_code == 200
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', second.get(page).text)[1]
    guichet.send_form(accept, {}, page=page)
    answer = second.post(accept, data={"csrf_token": token, "version": "1"})
    assert answer.status_code == 422
    assert "déjà acceptée par Claire Vidal" in text_of(answer)


def test_a_full_day_is_accepted_only_by_the_explicit_way(app, guichet):
    with app.app_context():
        number = ask(places=0)
    page, line = f"/agent/demandes/{number}", line_of(app, number)
    shown = text_of(guichet.get(page))
    assert "0 prises sur 0" in shown
    assert "Accepter au-delà des places" in shown
    guichet.send_form(f"{page}/lignes/{line.id}/acceptation", {}, page=page)  # the form carries the override
    assert line_of(app, number).state is LineState.ACCEPTED


def test_who_may_not_override_is_told_who_can(app, client):
    with app.app_context():
        number = ask(places=0)
        with db.transaction():
            Account.named("animation").agent.structures = db.session.query(Structure).all()
    client.log_in("animation")
    page = text_of(client.get(f"/agent/demandes/{number}"))
    assert "votre rôle ne permet pas de l’accepter" in page
    assert "Accepter au-delà" not in page


def test_a_request_of_other_structures_does_not_exist(app, client, asked):
    client.log_in("animation")
    assert client.get(f"/agent/demandes/{asked}").status_code == 404
    assert "Aucune demande" in text_of(client.get("/agent/demandes"))


def test_a_stale_page_comes_back_with_what_was_typed(app, guichet, asked):
    page, line = f"/agent/demandes/{asked}", line_of(app, asked)
    answer = guichet.post(f"{page}/lignes/{line.id}/refus", data={"motif": "Une longue explication"})
    assert answer.status_code == 422
    assert "Une longue explication" in answer.text
    assert line_of(app, asked).state is LineState.SUBMITTED


def test_many_are_accepted_in_one_go_with_a_result_for_each(app, guichet):
    with app.app_context():
        good, full = ask(name="Bon"), ask(durand, "Complet", places=0)
        with db.transaction():  # as if the place had gone after the request was sent
            for line in db.session.get(Request, full).lines:
                line.state = LineState.SUBMITTED
    opened = guichet.send_form("/agent/demandes/lots", {"tout": "1"}, page="/agent/demandes")
    assert re.fullmatch(r"/agent/demandes/lots/\d+", opened.location)
    assert "0 lignes sur 2" in text_of(guichet.get(opened.location))
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


def test_reasons_are_added_once_and_removed(guichet):
    guichet.send_form("/agent/demandes/motifs", {"text": "Trop tard"})
    again = guichet.send_form("/agent/demandes/motifs", {"text": "Trop tard"})
    assert again.status_code == 422
    assert "déjà dans la liste" in text_of(again)
    page = guichet.get("/agent/demandes/motifs")
    remove = re.search(r'action="(/agent/demandes/motifs/\d+/suppression)"', page.text)[1]
    guichet.send_form(remove, {}, page="/agent/demandes/motifs")
    assert "Aucun motif" in text_of(guichet.get("/agent/demandes/motifs"))


@pytest.mark.parametrize(
    "query",
    [
        "age=-999999999",
        "page=9999999999999999999999999",
        "structure=9999999999999999999999999",
        "page=7",
    ],
)
def test_absurd_numbers_are_as_if_not_given(app, guichet, asked, query):
    assert db_code(app, asked) in guichet.get(f"/agent/demandes?{query}").text


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
    client.send_form("/agent/demandes/motifs", {"text": "2026-13-45"})
    assert "2026-13-45" in text_of(client.get("/agent/journal"))
    assert client.get("/agent/journal.csv").status_code == 200
