"""On a request's page, agents propose another day, and change the order of the waiting list."""

import re
from datetime import date, timedelta

import pytest

from app import clock, db
from app.formats import long_date
from app.models.accounts import Account
from app.models.enrolments import Enrolment
from app.models.event import Event
from app.models.jobs import Job
from app.models.places import PoolDay, offer, waiting_list
from app.models.planning.slot import Author, Slot
from app.models.requests import LineState, Request, RequestLine
from app.models.reviews.queue import is_overdue
from app.models.town import Approval, Structure
from tests.builders import activity, dupont, durand, enrolment
from tests.conftest import FRAGMENT, text_of
from tests.parent.planning.test_offers import DAY

NEW = "2015-05-11"


def ask(adult, enrolment_id) -> int:
    slot = Slot.of_family(adult.family_id, enrolment_id, DAY)
    return slot.ask_booking(by=Author(adult), submission=f"s{enrolment_id}").id


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client


@pytest.fixture
def queue(app) -> list[int]:
    """Three requests that wait for the same day, where there is no place: Durand, Dupont, Durand."""
    with app.app_context(), db.transaction():
        one = activity("Garderie d’essai", places=0)
        return [ask(adult, enrolment(one, adult.family).id) for adult in (durand(), dupont(), durand())]


@pytest.fixture
def room(app, queue) -> int:
    """Another activity of the Dupont child, with one place."""
    with app.app_context(), db.transaction() as writing:
        asked = writing.get(Request, queue[1]).lines[0].enrolment
        return enrolment(activity("Cantine d’essai", places=1), dupont().family, asked.child).id


def line_of(app, number) -> RequestLine:
    with app.app_context():
        return db.session.get(Request, number).lines[0]


def propose(client, app, number, enrolment_id, day=NEW, **how):
    page = f"/agent/demandes/{number}"
    address = f"{page}/lignes/{line_of(app, number).id}/proposition"
    return client.send_form(address, {"inscription": enrolment_id, "jour": day}, page=page, **how)


def move(client, app, number, before, reason="Fratrie déjà inscrite ce jour-là"):
    page = f"/agent/demandes/{number}"
    address = f"{page}/lignes/{line_of(app, number).id}/rang"
    return client.send_form(address, {"avant": line_of(app, before).id, "raison": reason}, page=page)


def test_another_day_is_proposed_and_its_place_is_kept(app, guichet, queue, room):
    answer = propose(guichet, app, queue[1], room)
    assert answer.location == f"/agent/demandes/{queue[1]}"
    line = line_of(app, queue[1])
    assert (line.state, line.proposed_enrolment_id, line.proposed_day.isoformat()) == (LineState.COUNTERED, room, NEW)
    with app.app_context():
        assert db.session.query(PoolDay).filter_by(day=line.proposed_day).one().taken == 1
        mails = [job.payload for job in db.session.query(Job).filter_by(kind="mail")]
    (told,) = (one["context"] for one in mails if one["template"] == "place_offered")
    assert told["day"] == "lundi 11 mai 2015"
    assert told["instead_of"] == long_date(line.day)
    shown = text_of(guichet.get(f"/agent/demandes/{queue[1]}"))
    assert "Proposé à la place : Cantine d’essai, lundi 11 mai 2015" in shown
    assert "Accepter" not in shown


def test_by_htmx_the_request_comes_back_as_it_stands(app, guichet, queue, room):
    answer = propose(guichet, app, queue[1], room, headers=FRAGMENT)
    assert 'id="request"' in answer.text
    assert (
        "La place est gardée le temps que la famille réponde" in text_of(answer) or "place est gardée" in answer.text
    )


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2015-05-08", "férié"),
        ("2015-05-10", "Dimanche 10 mai 2015"),
        ("2015-05-04", "délai"),
        ("", "Choisissez le jour proposé"),
    ],
)
def test_what_cannot_be_given_is_not_proposed(app, guichet, queue, room, day, why):
    answer = propose(guichet, app, queue[1], room, day)
    assert answer.status_code == 422
    assert why in text_of(answer)
    assert line_of(app, queue[1]).state is LineState.WAITING_LIST


def test_only_the_child_s_own_enrolments_are_proposed(app, guichet, queue, room):
    answer = propose(guichet, app, queue[0], room)
    assert answer.status_code == 422
    assert "Cet enfant n’a pas cette inscription" in text_of(answer)


def test_a_full_day_is_not_proposed(app, guichet, queue):
    with app.app_context():
        same = line_of(app, queue[1]).enrolment_id
    answer = propose(guichet, app, queue[1], same)
    assert answer.status_code == 422
    assert "complet" in text_of(answer)


def recall(client, app, number, **how):
    page = f"/agent/demandes/{number}"
    return client.send_form(f"{page}/lignes/{line_of(app, number).id}/proposition/retrait", {}, page=page, **how)


def test_a_proposal_is_taken_back_and_the_request_waits_for_its_answer_again(app, guichet, queue, room):
    propose(guichet, app, queue[1], room)
    assert recall(guichet, app, queue[1]).location == f"/agent/demandes/{queue[1]}"
    line = line_of(app, queue[1])
    assert (line.state, line.proposed_day, line.answer_until) == (LineState.IN_REVIEW, None, None)
    with app.app_context():
        assert {place.taken for place in db.session.query(PoolDay)} == {0}
        mails = [job.payload for job in db.session.query(Job).filter_by(kind="mail")]
        assert db.session.query(Event).filter_by(kind="line_recalled", subject_id=line.id).one().actor_id is not None
    (told,) = (one["context"] for one in mails if one["template"] == "proposal_recalled")
    assert (told["day"], told["instead_of"]) == ("lundi 11 mai 2015", long_date(line.day))
    assert "Mettre en liste d’attente" in guichet.get(f"/agent/demandes/{queue[1]}").text
    jean = app.test_client()
    jean.log_in("jean.dupont")
    shown = text_of(jean.get(f"/demandes/{queue[1]}"))
    assert "en cours de traitement" in shown
    assert re.search(r"Proposition retirée lundi 4 mai 2015 à \S+ h \d\d, par le service", shown)


def test_what_the_family_must_answer_is_not_decided_besides(app, guichet, queue, room):
    page = f"/agent/demandes/{queue[1]}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', guichet.get(page).text)[1]
    propose(guichet, app, queue[1], room)
    said = {"csrf_token": token, "version": 1, "inscription": room, "jour": "2015-05-12"}
    answer = guichet.post(f"{page}/lignes/{line_of(app, queue[1]).id}/proposition", data=said)
    assert answer.status_code == 422
    assert "La famille doit déjà répondre à une proposition." in text_of(answer)


def test_the_place_of_a_proposal_taken_back_goes_to_the_next_in_line(app, guichet, queue, room):
    propose(guichet, app, queue[1], room)
    with app.app_context(), db.transaction() as writing:
        shared = writing.get(Enrolment, room).activity
        slot = Slot.of_family(durand().family_id, enrolment(shared, durand().family).id, date.fromisoformat(NEW))
        waiting = slot.ask_booking(by=Author(durand()), submission="next").id
    assert line_of(app, waiting).state is LineState.WAITING_LIST
    recall(guichet, app, queue[1])
    assert line_of(app, waiting).state is LineState.OFFERED


def test_what_the_family_answered_meanwhile_is_not_taken_back(app, guichet, queue, room):
    propose(guichet, app, queue[1], room)
    page = guichet.get(f"/agent/demandes/{queue[1]}").text
    number = line_of(app, queue[1]).id
    with app.app_context(), db.transaction():
        offer.accept(offer.of_family(dupont().family_id, number), by=Author(dupont()))
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    address = f"/agent/demandes/{queue[1]}/lignes/{line_of(app, queue[1]).id}/proposition/retrait"
    answer = guichet.post(address, data={"csrf_token": token})
    assert answer.status_code == 422
    assert "Cette proposition n’attend plus de réponse" in text_of(answer)
    assert line_of(app, queue[1]).state is LineState.ACCEPTED


def test_a_colleague_takes_a_proposal_back_and_deals_with_the_request(app, guichet, queue, room):
    propose(guichet, app, queue[1], room)
    admin = app.test_client()
    admin.log_in("admin")
    assert recall(admin, app, queue[1]).status_code == 303
    with app.app_context():
        assert db.session.get(Request, queue[1]).taker.account.identifiant == "admin"


def test_the_order_of_the_list_is_changed_for_a_reason_that_is_kept(app, guichet, queue):
    before = text_of(guichet.get(f"/agent/demandes/{queue[2]}"))
    assert "Liste d’attente : 3" in before
    assert move(guichet, app, queue[2], queue[0]).status_code == 303
    with app.app_context():
        order = db.session.query(RequestLine).order_by(RequestLine.waiting_from, RequestLine.id)
        assert [line.request_id for line in order] == [queue[2], queue[0], queue[1]]
        (note,) = db.session.query(Event).filter_by(kind="queue_moved")
        assert note.after["reason"] == "Fratrie déjà inscrite ce jour-là"
        assert (note.before["rank"], note.after["rank"]) == (3, 1)


@pytest.mark.parametrize("state", [LineState.IN_REVIEW, LineState.WITHDRAWN])
def test_what_does_not_wait_in_line_any_more_is_not_moved(app, guichet, queue, state):
    page = f"/agent/demandes/{queue[2]}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', guichet.get(page).text)[1]
    number = line_of(app, queue[2]).id
    with app.app_context(), db.transaction() as writing:
        writing.get(RequestLine, number).state = state
    said = {"csrf_token": token, "avant": line_of(app, queue[0]).id, "raison": "Fratrie"}
    answer = guichet.post(f"{page}/lignes/{number}/rang", data=said)
    assert answer.status_code == 422
    assert "La liste d’attente a changé entre-temps : regardez-la de nouveau." in text_of(answer)


def test_without_a_reason_the_order_stays(app, guichet, queue):
    answer = move(guichet, app, queue[2], queue[0], reason=" ")
    assert answer.status_code == 422
    assert "Dites pourquoi l’ordre change" in text_of(answer)


def test_who_may_not_override_does_not_change_the_order(app, client, queue):
    with app.app_context(), db.transaction():
        Account.named("animation").agent.structures = db.session.query(Structure).all()
    client.log_in("animation")
    page = f"/agent/demandes/{queue[2]}"
    assert "Changer l’ordre" not in client.get(page).text
    address = f"{page}/lignes/{line_of(app, queue[2]).id}/rang"
    assert client.post(address, data={}).status_code == 403


def test_the_families_to_pass_bear_their_rank_in_the_whole_list(app, guichet, queue):
    shown = guichet.get(f"/agent/demandes/{queue[1]}").text
    options = re.findall(r'<option value="(\d+)">(\d)\. ', shown)
    assert options == [(str(line_of(app, queue[0]).id), "1"), (str(line_of(app, queue[2]).id), "3")]


def test_what_waits_only_for_a_place_is_not_overdue(app, queue):
    with app.app_context():
        request, today = db.session.get(Request, queue[1]), clock.today()
        clock.pretend(today + timedelta(days=3))
        try:
            assert not is_overdue(request)
            request.lines[0].state = LineState.IN_REVIEW
            assert is_overdue(request)
        finally:
            clock.pretend(today)
            db.session.rollback()


def test_a_parent_reads_the_new_rank(app, guichet, queue):
    move(guichet, app, queue[1], queue[0])
    jean = app.test_client()
    jean.log_in("jean.dupont")
    assert "Rang 1 dans la liste d’attente" in text_of(jean.get(f"/demandes/{queue[1]}"))


@pytest.fixture
def filled_up(app) -> int:
    """A request that waits for an agent, asked before the day filled up; another family waits in line since."""
    with app.app_context():
        with db.transaction():
            one = activity("Garderie d’essai", places=1, approval=Approval.MANUAL)
            first, later = (enrolment(one, adult.family).id for adult in (dupont(), durand()))
            number = ask(dupont(), first)
        with db.transaction() as writing:
            writing.query(PoolDay).filter_by(day=DAY).update({"capacity": 0})
            ask(durand(), later)
    return number


def wait_in_line(client, app, number, **how):
    page = f"/agent/demandes/{number}"
    return client.send_form(f"{page}/lignes/{line_of(app, number).id}/liste-attente", {}, page=page, **how)


def test_what_was_asked_before_the_day_filled_up_takes_its_turn_in_the_waiting_list(app, guichet, filled_up):
    assert wait_in_line(guichet, app, filled_up).status_code == 303
    with app.app_context():
        line = db.session.get(Request, filled_up).lines[0]
        assert line.state is LineState.WAITING_LIST
        assert [one.id for one in waiting_list.in_line(line)].index(line.id) == 0, "it asked first"
    assert "Mettre en liste d’attente" not in guichet.get(f"/agent/demandes/{filled_up}").text


def test_where_a_place_is_left_nothing_goes_to_the_waiting_list(app, guichet, filled_up):
    page = guichet.get(f"/agent/demandes/{filled_up}").text
    with app.app_context(), db.transaction() as writing:
        writing.query(PoolDay).filter_by(day=DAY).update({"capacity": 1})
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    address = f"/agent/demandes/{filled_up}/lignes/{line_of(app, filled_up).id}/liste-attente"
    answer = guichet.post(address, data={"csrf_token": token, "version": 1})
    assert answer.status_code == 422
    assert "Il reste de la place ce jour-là" in text_of(answer)
    assert line_of(app, filled_up).state is LineState.SUBMITTED


def test_what_the_family_must_answer_is_found_apart_from_what_is_answered(app, guichet, queue, room):
    propose(guichet, app, queue[1], room)
    with app.app_context():
        code = db.session.get(Request, queue[1]).code
    assert code in text_of(guichet.get("/agent/demandes?etat=proposees"))
    assert code not in text_of(guichet.get("/agent/demandes?etat=repondues"))
    assert "la famille doit répondre" in text_of(guichet.get(f"/agent/demandes/{queue[1]}"))


@pytest.fixture
def animation(app, client, queue):
    """An agent of the structure of the queue, not of the one where the Dupont child has a place too."""
    with app.app_context(), db.transaction() as writing:
        asked = writing.get(Request, queue[1]).lines[0].enrolment
        Account.named("animation").agent.structures = [asked.activity.structure]
    client.log_in("animation")
    return client


@pytest.fixture
def elsewhere(app, queue) -> int:
    with app.app_context(), db.transaction() as writing:
        asked = writing.get(Request, queue[1]).lines[0].enrolment
        one = activity("Atelier d’ailleurs", structure=Structure(name="Ailleurs"))
        return enrolment(one, dupont().family, asked.child).id


def test_an_agent_proposes_only_what_their_structures_give(app, animation, queue, room, elsewhere):
    shown = text_of(animation.get(f"/agent/demandes/{queue[1]}"))
    assert "Cantine d’essai" in shown
    assert "Atelier d’ailleurs" not in shown
    answer = propose(animation, app, queue[1], elsewhere)
    assert answer.status_code == 422
    assert "Cet enfant n’a pas cette inscription" in text_of(answer)
    assert line_of(app, queue[1]).state is LineState.WAITING_LIST


def test_an_agent_of_the_whole_town_proposes_any_of_them(app, guichet, queue, elsewhere):
    assert "Atelier d’ailleurs" in text_of(guichet.get(f"/agent/demandes/{queue[1]}"))
    assert propose(guichet, app, queue[1], elsewhere).status_code == 303
