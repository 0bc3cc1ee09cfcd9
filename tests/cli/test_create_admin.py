"""`flask create-admin`, and settings that are wrong."""

import re

import pytest
from sqlalchemy import func, select

from app import db
from app.models.accounts import Account, Agent, Role
from app.models.documents import DocumentKind
from app.models.town import Town
from tests.cli.commands import create_admin
from tests.conftest import text_of


def test_the_first_administrator_is_made_with_the_town(new_app, flask):
    app = new_app()
    flask("db", "upgrade", app=app)
    code, output = create_admin(flask, app, more=("--town", "Saint-Paul"))
    assert code == 0
    with app.app_context():
        agent = db.session.scalars(select(Agent)).one()
        assert (agent.name, agent.email, agent.role) == ("Anne Chef", "chef@saint-jean.example", Role.ADMINISTRATION)
        assert (agent.account.identifiant, agent.account.must_change_password) == ("chef", True)
        town = db.session.scalars(select(Town)).one()
        assert (town.name, town.is_demo) == ("Saint-Paul", False)
        assert db.session.query(DocumentKind).count() == 5  # a new town asks for the usual documents
    assert "Identifiant : chef" in output


def test_the_password_printed_opens_the_door_once_and_must_be_changed(app, flask):
    _, output = create_admin(flask, app)
    one_time = re.search(r"Mot de passe provisoire \(.*\) : (\S+)", output)[1]
    client = app.test_client()
    first_page = client.log_in_by_form("chef", one_time).location
    assert client.get(first_page).location == "/mot-de-passe"
    answer = client.send_form("/mot-de-passe", {"password": "Nouveau2015", "confirmation": "Nouveau2015"})
    assert answer.status_code == 303
    assert "Anne Chef" in text_of(client.get(answer.location))
    other = app.test_client()
    assert other.log_in_by_form("chef", one_time).status_code == 422
    assert other.log_in_by_form("chef", "Nouveau2015").status_code == 303


def test_the_password_printed_is_not_kept(app, flask):
    _, output = create_admin(flask, app)
    one_time = output.split()[-1]
    with app.app_context():
        assert one_time not in Account.named("chef").password_hash


@pytest.mark.parametrize("taken", ["admin", " ADMIN "])
def test_an_identifiant_that_is_taken_is_refused(app, flask, taken):
    code, output = create_admin(flask, app, taken)
    assert code == 1
    assert f"l’identifiant « {taken.strip()} » est déjà pris." in output
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Agent.name == "Anne Chef")) == 0


def test_an_empty_identifiant_is_refused(app, flask):
    code, output = create_admin(flask, app, "  ")
    assert code == 1
    assert "il faut un identifiant et un nom." in output


def test_what_is_not_on_the_command_line_is_asked(app, flask):
    code, output = flask("create-admin", app=app, input="chef\nAnne Chef\n\n")
    assert code == 0
    assert "Prénom et nom: " in output
    with app.app_context():
        assert Account.named("chef").agent.email == ""


@pytest.mark.parametrize("command", [("create-admin", "--identifiant", "a", "--name", "b"), ("jobs", "list")])
def test_a_command_that_needs_the_database_says_that_it_is_empty(new_app, flask, command):
    app = new_app()
    app.config["PREAU"].data_dir.mkdir()
    code, output = flask(*command, app=app, input="\n")
    assert code == 1
    assert "La base de données est vide : lancez « flask db upgrade »." in output


@pytest.mark.parametrize("command", [("worker", "--once"), ("db", "upgrade"), ("jobs", "list")])
def test_a_command_stops_at_wrong_settings(make_app, flask, command):
    app = make_app(PREAU_ENV="production", PREAU_SECRET_KEY="")
    code, output = flask(*command, app=app)
    assert code == 1
    assert "réglages à corriger :" in output
    assert "- PREAU_SECRET_KEY manque" in output
    assert "- PREAU_TODAY ne sert qu’aux démonstrations : retirez-le." in output
