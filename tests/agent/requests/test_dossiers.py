"""A whole dossier, answered in one go or not at all."""

import re

from app import db
from app.models.families import Child, Consent
from app.models.families.sections.account import RESPONSABLE
from app.models.families.sections.child import (
    CONSENTS,
)
from app.models.requests import LineState
from tests.agent.requests.answering import dossier, lines_of, wants
from tests.builders import dupont
from tests.conftest import text_of


def test_a_dossier_of_twenty_lines_is_accepted_in_one_go(app, guichet, lea):
    with app.app_context():
        number = dossier(lea)
    page = f"/agent/demandes/{number}"
    shown = text_of(guichet.get(page))
    assert "Accepter les 20 lignes" in shown
    assert "Allergie alimentaire, Arachide" in shown
    assert guichet.send_form(f"{page}/acceptation", {}, page=page).location == page
    assert {line.state for line in lines_of(app, number)} == {LineState.ACCEPTED}
    with app.app_context():
        child = db.session.get(Child, lea)
        assert (child.sex, child.insurer, child.diet) == ("fille", "MAIF", "sans porc")
        given = {one.kind: one.signatory for one in db.session.query(Consent).filter_by(child_id=lea)}
        assert given == dict.fromkeys(CONSENTS, "JEAN DUPONT")
    assert "répondue" in text_of(guichet.get(page))


def test_when_one_line_cannot_be_none_is_and_the_line_is_named(app, guichet, lea):
    with app.app_context():
        number = dossier(lea)
    page = f"/agent/demandes/{number}"
    opened = guichet.get(page).text  # before the file changes
    with app.app_context(), db.transaction():
        db.session.get_one(Child, lea).insurer = "MAE"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', opened)[1]
    seen = re.search(r'name="seen" value="([^"]+)"', opened)[1]
    answer = guichet.post(f"{page}/acceptation", data={"csrf_token": token, "seen": seen})
    assert answer.status_code == 422
    assert "LEA, Compagnie d’assurance : Le dossier a changé entre-temps" in text_of(answer)
    assert "Rien n’a été accepté" in text_of(answer)
    assert {line.state for line in lines_of(app, number)} == {LineState.SUBMITTED}
    with app.app_context():
        assert db.session.get_one(Child, lea).sex != "fille"


def test_what_the_family_amended_meanwhile_is_refused_with_the_new_text(app, guichet):
    with app.app_context():
        number = wants(RESPONSABLE, employer="Mairie", csp="Employé")
    page = f"/agent/demandes/{number}"
    opened = guichet.get(page).text
    with app.app_context():
        assert wants(RESPONSABLE, employer="Préfecture") == number
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', opened)[1]
    seen = re.search(r'name="seen" value="([^"]+)"', opened)[1]
    line = next(one for one in lines_of(app, number) if one.field == "employer")
    for url, data in (
        (f"{page}/lignes/{line.id}/acceptation", {"version": "1"}),
        (f"{page}/acceptation", {"seen": seen}),
        (f"{page}/acceptation", {}),
        (f"{page}/refus", {"seen": seen, "motif": "Non"}),
    ):
        answer = guichet.post(url, data={"csrf_token": token, **data})
        assert answer.status_code == 422
        assert "La famille a modifié sa demande entre-temps : relisez-la" in text_of(answer)
        assert "Préfecture" in text_of(answer)
    assert {one.state for one in lines_of(app, number)} == {LineState.SUBMITTED}
    guichet.send_form(f"{page}/acceptation", {}, page=page)
    with app.app_context():
        assert dupont().employer == "Préfecture"


def test_a_line_that_was_added_meanwhile_is_not_accepted_unread(app, guichet):
    with app.app_context():
        number = wants(RESPONSABLE, employer="Mairie", csp="Employé")
    page = f"/agent/demandes/{number}"
    opened = guichet.get(page).text
    with app.app_context():
        assert wants(RESPONSABLE, profession="Boulanger") == number
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', opened)[1]
    seen = re.search(r'name="seen" value="([^"]+)"', opened)[1]
    answer = guichet.post(f"{page}/acceptation", data={"csrf_token": token, "seen": seen})
    assert answer.status_code == 422
    assert "Boulanger" in text_of(answer)
