"""A request of days is taken, accepted or refused, and the family reads it."""

import re

from app import db
from app.models.accounts import Account
from app.models.families.author import Author
from app.models.planning.many_days import Asking
from app.models.request_kind import RequestKind
from app.models.requests import LineState
from app.models.reviews import ReasonTopic, StandardReason
from app.models.reviews.review import Review
from app.models.town import Approval, Structure
from tests.agent.requests.answering import ask, line_of
from tests.builders import DAY, activity, clerk, dupont, enrolment
from tests.conftest import FRAGMENT, text_of


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
    assert "Motif du refus : Le minibus est en panne" in text_of(parent.get(f"/demandes/{asked}"))


def test_standard_reasons_are_offered_and_what_is_typed_comes_first(app, guichet, asked):
    with app.app_context(), db.transaction():
        StandardReason.add("Plus de place", ReasonTopic.DAYS)
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


def test_of_a_request_of_several_structures_an_agent_reads_what_became_of_their_own_lines(app, client):
    with app.app_context():
        with db.transaction():
            ours = activity("Chez nous", approval=Approval.MANUAL)
            theirs = activity("Ailleurs", approval=Approval.MANUAL, structure=Structure(name="Ailleurs"))
            first = enrolment(ours, dupont().family)
            rows = [(first, DAY), (enrolment(theirs, dupont().family, first.child), DAY)]
            number = Asking(RequestKind.BOOKING, rows, Author(dupont()), "both").send().id
            Account.named("animation").agent.structures = [ours.structure]
            family = dupont().family_id
        with db.transaction():
            review = Review.locked(clerk(), number)
            review.accept(review.lines[0].id, version=1)
            review.refuse(review.lines[1].id, version=1, reason="Trop loin")
    for identifiant, hears in (("animation", False), ("guichet", True)):
        client.log_in(identifiant)
        for page in ("/agent/demandes?etat=repondues", f"/agent/familles/{family}"):
            row = text_of(client.get(page))
            assert ("refusée" in row) is hears, (identifiant, page)
        client.log_out("/agent/")


def test_a_stale_page_comes_back_with_what_was_typed(app, guichet, asked):
    page, line = f"/agent/demandes/{asked}", line_of(app, asked)
    answer = guichet.post(f"{page}/lignes/{line.id}/refus", data={"motif": "Une longue explication"})
    assert answer.status_code == 422
    assert "Une longue explication" in answer.text
    assert line_of(app, asked).state is LineState.SUBMITTED
