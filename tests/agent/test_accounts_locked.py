"""Agents who are locked, and administrators who must remain."""

import re
import threading

import pytest
from sqlalchemy import select

from app import clock, db
from app.models.accounts import Account, Agent, Role, UserSession
from app.models.accounts.agent import Details
from app.models.accounts.clerk import Clerk
from app.models.event import Event
from app.models.refusal import RefusedError
from tests.agent.accounts import NEW, agent_id, create, kinds, one_time_of, post
from tests.agent.test_profile import protect
from tests.builders import clerk
from tests.conftest import text_of


def test_a_locked_agent_is_out_at_once_and_stays_out_until_unlocked(admin, app):
    claire = app.test_client()
    claire.log_in("guichet")
    page = f"/agent/comptes/{agent_id(app, 'guichet')}"
    assert admin.send_form(f"{page}/verrouillage", {}, page=page).location == page
    assert "verrouillé" in text_of(admin.get(page))
    assert claire.get("/agent/").location.startswith("/connexion")
    refused = claire.log_in_by_form("guichet")
    assert "Ce compte est fermé par la mairie." in text_of(refused)
    admin.send_form(f"{page}/deverrouillage", {}, page=page)
    assert claire.log_in_by_form("guichet").location == "/agent/"
    assert kinds(app) == ["account_locked", "account_unlocked"]


def test_a_session_opened_while_the_account_was_being_locked_opens_nothing(guichet, app):
    """The row may be written just after the lock swept the others away."""
    with app.app_context(), db.transaction():
        Account.named("guichet").locked_at = clock.now()
        assert db.session.query(UserSession).count() == 1
    assert guichet.get("/agent/").location.startswith("/connexion")


def test_locked_between_password_and_code_one_does_not_get_in(guichet, app):
    _, codes = protect(guichet)
    elsewhere = app.test_client()
    elsewhere.log_in_by_form("guichet")
    with app.app_context(), db.transaction():
        Account.named("guichet").locked_at = clock.now()
    answer = elsewhere.send_form("/connexion/code", {"code": codes[0]})
    assert (answer.status_code, "fermé par la mairie" in text_of(answer)) == (422, True)


def test_locking_twice_is_written_once(admin, app):
    page = f"/agent/comptes/{agent_id(app, 'guichet')}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', admin.get(page).text)[1]
    for _ in range(2):
        admin.post(f"{page}/verrouillage", data={"csrf_token": token})
    assert kinds(app) == ["account_locked"]


@pytest.mark.parametrize("action", ["verrouillage", "mot-de-passe", "double-authentification/desactivation"])
def test_nobody_does_it_to_oneself(admin, app, action):
    page = f"/agent/comptes/{agent_id(app, 'admin')}"
    assert f'action="{page}/{action}"' not in admin.get(page).text
    assert post(admin, f"{page}/{action}", page).location == page
    assert "Ce compte est le vôtre : passez par « Mon profil »." in text_of(admin.get(page))
    assert kinds(app) == []


def test_the_last_administrator_keeps_the_role(admin, app):
    page = f"/agent/comptes/{agent_id(app, 'admin')}"
    answer = admin.send_form(page, {"name": "Hélène Roux", "email": "", "role": "guichet"})
    assert answer.status_code == 422
    assert "Hélène Roux est seul à l’administration : nommez d’abord quelqu’un d’autre." in text_of(answer)
    assert admin.get("/agent/comptes").status_code == 200


def test_a_locked_administrator_does_not_count(admin, app):
    create(admin, role="administration")
    page = f"/agent/comptes/{agent_id(app, 'paul')}"
    admin.send_form(f"{page}/verrouillage", {}, page=page)
    mine = f"/agent/comptes/{agent_id(app, 'admin')}"
    assert admin.send_form(mine, {"name": "Hélène Roux", "email": "", "role": "regie"}).status_code == 422


def test_who_gives_the_role_away_leaves_the_desk(admin, app):
    create(admin, role="administration")
    mine = f"/agent/comptes/{agent_id(app, 'admin')}"
    answer = admin.send_form(mine, {"name": "Hélène Roux", "email": "", "role": "regie"})
    assert answer.location == "/agent/"
    assert admin.get("/agent/comptes").status_code == 403


@pytest.mark.both_engines
def test_two_administrators_do_not_put_each_other_out_at_the_same_time(app):
    with app.app_context(), db.transaction():
        details = Details("Paul Petit", "", Role.ADMINISTRATION)
        first = clerk("admin")
        second = Agent.open(details, identifiant="paul", password_hash="x", by=first)
        pair = (first.agent.id, second.id)
    refusals, start = [], threading.Barrier(2)

    def lock(me, other):
        with app.app_context():
            start.wait()
            try:
                with db.transaction() as writing:
                    writing.get_one(Agent, other).lock(by=Clerk(writing.get_one(Agent, me)))
            except RefusedError as refused:
                refusals.append(str(refused))
            db.session.remove()

    threads = [threading.Thread(target=lock, args=(me, other)) for me, other in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refusals) == 1
    with app.app_context():
        assert sorted(one.account.locked_at is None for one in Agent.all() if one.id in pair) == [False, True]


def test_a_new_password_ends_the_sessions_and_the_former_password(admin, app):
    claire = app.test_client()
    claire.log_in("guichet")
    page = f"/agent/comptes/{agent_id(app, 'guichet')}"
    one_time = one_time_of(admin.send_form(f"{page}/mot-de-passe", {}, page=page))
    assert claire.get("/agent/").location.startswith("/connexion")
    assert claire.log_in_by_form("guichet").status_code == 422
    assert claire.log_in_by_form("guichet", one_time).location == "/agent/"
    assert claire.get("/agent/").location == "/mot-de-passe"
    assert "nouveau mot de passe remis" in text_of(admin.get(page))


def test_a_lost_phone_is_no_longer_asked_for(admin, app):
    claire = app.test_client()
    claire.log_in("guichet")
    protect(claire)
    page = f"/agent/comptes/{agent_id(app, 'guichet')}"
    admin.send_form(f"{page}/double-authentification/desactivation", {}, page=page)
    assert app.test_client().log_in_by_form("guichet").location == "/agent/"
    with app.app_context():
        told = db.session.scalars(select(Event).where(Event.kind == "two_factor_disabled")).one()
        assert told.actor_id == Account.named("admin").id


def test_an_agent_who_does_not_exist_is_404(admin):
    assert admin.get("/agent/comptes/999").status_code == 404
    assert post(admin, "/agent/comptes/999/verrouillage", "/agent/comptes/1").status_code == 404


@pytest.mark.parametrize("identifiant", ["guichet", "animation", "regie"])
def test_the_desk_is_closed_to_the_other_roles(client, identifiant):
    client.log_in(identifiant)
    for url in ("/agent/comptes", NEW, "/agent/comptes/1"):
        assert client.get(url).status_code == 403


def test_the_list_takes_as_many_queries_for_one_more_agent(admin, count_queries):
    with count_queries() as before:
        admin.get("/agent/comptes")
    create(admin)
    with count_queries() as after:
        admin.get("/agent/comptes")
    assert len(after) == len(before) <= 6
