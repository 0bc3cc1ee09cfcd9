"""Comptes des agents, and the accounts of a family."""

import pytest
from sqlalchemy import select

from app import db
from app.models.accounts import Account, Agent
from app.models.event import Event
from app.models.town import Structure
from tests.agent.accounts import agent_id, create, kinds, one_time_of
from tests.auth.test_password import mails
from tests.conftest import text_of


def test_the_list_shows_each_agent_with_role_and_state(admin):
    page = text_of(admin.get("/agent/comptes"))
    for words in ("Claire Vidal", "guichet", "Karim Haddad", "régie", "administration", "actif"):
        assert words in page


def test_a_new_agent_enters_with_the_password_shown_once_and_must_change_it(admin, app):
    answer = create(admin)
    one_time = one_time_of(answer)
    assert "Notez-le maintenant" in text_of(answer)
    assert one_time not in admin.get("/agent/comptes").text
    paul = app.test_client()
    assert paul.log_in_by_form("paul", one_time).location == "/agent/"
    assert paul.get("/agent/").location == "/mot-de-passe"
    chosen = {"password": "Soleil-2031", "confirmation": "Soleil-2031"}
    paul.send_form("/mot-de-passe", chosen)
    assert paul.get("/agent/").status_code == 200
    assert app.test_client().log_in_by_form("paul", one_time).status_code == 422


def test_the_password_is_nowhere_in_the_database(admin, app, place):
    one_time = one_time_of(create(admin))
    with app.app_context():
        told = db.session.scalars(select(Event).where(Event.kind == "agent_created")).one()
        assert told.after == {"identifiant": "paul", "name": "Paul Petit", "role": "guichet", "structures": []}
        assert one_time not in Account.named("paul").password_hash
        assert told.actor_id == Account.named("admin").id


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "Écrivez le prénom et le nom."),
        ({"identifiant": ""}, "Choisissez un identifiant."),
        ({"identifiant": " GUICHET "}, "L’identifiant « GUICHET » est déjà pris."),
        ({"email": "paul"}, "n’a pas la forme nom@domaine.fr"),
        ({"role": "roi"}, "pas un choix valide"),
        ({"role": "animation"}, "Choisissez au moins une structure"),
    ],
)
def test_a_wrong_field_creates_nobody(admin, app, changes, sentence):
    answer = create(admin, **changes)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert kinds(app) == []
    assert "Paul Petit" not in admin.get("/agent/comptes").text


def test_an_agent_of_animation_is_given_structures_and_sees_them(admin, app):
    number = agent_id(app, "animation")
    with app.app_context():
        structure = db.session.scalars(select(Structure.id).order_by(Structure.name)).first()
    data = {"name": "Karim Haddad", "email": "", "role": "animation", "structures": str(structure)}
    url = f"/agent/comptes/{number}"
    assert admin.send_form(url, data).location == "/agent/comptes"
    assert "Accueil de Loisirs ALSH" in text_of(admin.get("/agent/comptes"))
    with app.app_context():
        assert db.session.get(Agent, number).scope == (structure,)
        told = db.session.scalars(select(Event).where(Event.kind == "agent_changed")).one()
        assert (told.before, told.after) == ({"structures": []}, {"structures": ["Accueil de Loisirs ALSH"]})
    assert admin.send_form(url, {**data, "role": "guichet"}).status_code == 303
    with app.app_context():
        assert db.session.get(Agent, number).structures == []


def test_a_changed_address_warns_the_former_one(admin, app, worker):
    data = {"name": "Claire Vidal", "email": "ailleurs@exemple.fr", "role": "guichet"}
    admin.send_form(f"/agent/comptes/{agent_id(app, 'guichet')}", data)
    worker.run_all()
    (mail,) = mails(app)
    assert mail.startswith("To: guichet@saint-jean.example")
    with app.app_context():
        told = db.session.scalars(select(Event).where(Event.kind == "email_changed")).one()
        assert told.actor_id == Account.named("admin").id


def test_nothing_changed_is_not_written(admin, app):
    data = {"name": "Claire Vidal", "email": "guichet@saint-jean.example", "role": "guichet"}
    admin.send_form(f"/agent/comptes/{agent_id(app, 'guichet')}", data)
    assert kinds(app) == []
