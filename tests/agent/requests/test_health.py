"""Of health, each reading is noted, and whoever does not read it decides nothing."""

import re

import pytest

from app import db
from app.models.accounts import Account, Permission, Role
from app.models.accounts import permission as permissions
from app.models.event import Event
from app.models.families import HealthSheet
from app.models.families.sections.account import BANQUE, RESPONSABLE
from app.models.families.sections.child import (
    HEALTH,
    INSURANCE,
)
from app.models.requests import LineState
from app.models.town import Structure
from tests.agent.requests.answering import lines_of, wants
from tests.builders import dupont
from tests.conftest import text_of


def readings(app) -> int:
    with app.app_context():
        return db.session.query(Event).filter_by(kind="health_read").count()


def test_reading_health_is_noted_once_a_view_with_its_reader_and_not_what_was_read(app, guichet, lea):
    with app.app_context():
        number = wants(HEALTH, child_id=lea, doctor="Dr Petit")
    queue = guichet.get("/agent/demandes").text
    assert "Médecin traitant" in queue
    assert "Dr Petit" not in queue
    assert readings(app) == 0
    page = text_of(guichet.get(f"/agent/demandes/{number}"))
    assert "Dr Petit" in page
    assert "le journal note que vous les avez lues" in page
    assert readings(app) == 1
    guichet.get(f"/agent/demandes/{number}")
    assert readings(app) == 2
    with app.app_context():
        read = db.session.query(Event).filter_by(kind="health_read").first()
        assert (read.actor_id, read.family_id) == (Account.named("guichet").id, dupont().family_id)
        assert (read.subject_kind, read.subject_id) == ("child", lea)
        assert read.before is None
        assert read.after is None
    admin = app.test_client()
    admin.log_in("admin")
    assert "Données de santé lues" in text_of(admin.get("/agent/journal"))


def test_other_requests_note_no_reading(app, guichet, asked):
    with app.app_context():
        number = wants(RESPONSABLE, employer="Mairie")
    guichet.get(f"/agent/demandes/{number}")
    guichet.get(f"/agent/demandes/{asked}")
    assert readings(app) == 0


def test_accepting_health_writes_it_and_a_refused_answer_is_one_more_reading(app, guichet, lea):
    with app.app_context():
        number = wants(HEALTH, child_id=lea, doctor="Dr Petit", care="Fatigable")
    page = f"/agent/demandes/{number}"
    doctor, care = lines_of(app, number)
    guichet.send_form(f"{page}/lignes/{doctor.id}/acceptation", {}, page=page)
    with app.app_context():
        assert db.session.get(HealthSheet, lea).doctor == "Dr Petit"
        noted = db.session.query(Event).filter_by(kind="line_accepted", subject_id=doctor.id).one()
        assert noted.after == {"line": "LEA, Médecin traitant"}
    before = readings(app)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', guichet.get("/agent/profil").text)[1]
    answer = guichet.post(f"{page}/lignes/{care.id}/acceptation", data={"csrf_token": token, "version": "9"})
    assert answer.status_code == 422
    assert "Fatigable" in answer.text
    assert readings(app) == before + 1


@pytest.mark.parametrize(("permission", "shown"), [(Permission.HEALTH, "Dr Petit"), (Permission.FINANCES, "MAE")])
def test_who_does_not_read_it_neither_sees_nor_decides_it(app, guichet, lea, monkeypatch, permission, shown):
    with app.app_context():
        number = (
            wants(HEALTH, child_id=lea, doctor="Dr Petit")
            if permission is Permission.HEALTH
            else wants(BANQUE, bank_holder="MAE")
        )
    table = permissions.TABLE | {Role.GUICHET: permissions.TABLE[Role.GUICHET] - {permission}}
    monkeypatch.setattr("app.models.accounts.agent.TABLE", table)
    page = f"/agent/demandes/{number}"
    answer = guichet.get(page)
    assert shown not in answer.text
    assert "ce que votre rôle ne lit pas" in text_of(answer)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', guichet.get("/agent/profil").text)[1]
    (line,) = lines_of(app, number)
    decided = guichet.post(f"{page}/lignes/{line.id}/acceptation", data={"csrf_token": token, "version": "1"})
    assert decided.status_code == 422
    assert lines_of(app, number)[0].state is LineState.SUBMITTED
    assert readings(app) == 0


def test_animation_sees_no_change_of_a_file(app, client, lea):
    with app.app_context():
        number = wants(INSURANCE, child_id=lea, insurer="MAIF")
        with db.transaction():
            Account.named("animation").agent.structures = db.session.query(Structure).all()
    client.log_in("animation")
    assert client.get(f"/agent/demandes/{number}").status_code == 404
    assert "MAIF" not in client.get("/agent/demandes").text
