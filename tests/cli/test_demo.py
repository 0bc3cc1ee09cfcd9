"""`flask db upgrade` and `flask demo`."""

import os

import pytest
from sqlalchemy import func, select

from app import create_app, db, doctor
from app.models.accounts import Account
from app.models.billing import Invoice
from app.models.families import Adult
from app.models.town import Town
from tests.cli.commands import KEY, create_admin, in_a_process
from tests.conftest import settings


def test_upgrading_makes_the_database_and_twice_changes_nothing(new_app, flask):
    app = new_app()
    for _ in range(2):
        assert flask("db", "upgrade", app=app) == (0, "La base de données est à jour.\n")
    create_admin(flask, app)
    assert flask("db", "upgrade", app=app)[0] == 0
    with app.app_context():
        assert Account.named("chef") is not None
        assert doctor.database()[-1].good


@pytest.fixture
def demo(place, monkeypatch, flask):
    """flask demo on the test's town, which it finds through the environment. Its app is its own."""
    folder, url = place
    for name in [name for name in os.environ if name.startswith("PREAU_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PREAU_DATA_DIR", str(folder))
    monkeypatch.setenv("PREAU_DATABASE_URL", url)
    monkeypatch.setenv("PREAU_ENCRYPTION_KEYS", KEY)

    def running(*options, **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return flask("demo", *options, app=create_app(settings(folder, url)))

    yield running
    db.disconnect()


def logins():
    db.session.remove()
    return set(db.session.scalars(select(Account.identifiant)))


def test_demo_sets_a_demonstration_back_to_its_first_day(app, demo):
    with app.app_context():
        with db.transaction() as writing:
            writing.get_one(Town, 1).name = "Changée"
            writing.get_one(Account, 1).identifiant = "changé"
        code, output = demo("--guide", PREAU_TODAY="2015-05-04")
        assert code == 0
        assert "Mot de passe de tous : Bonjour2026" in output
        assert db.session.get(Town, 1).name == "Saint-Jean"
        assert logins() == {"jean.dupont", "durand", "guichet", "animation", "regie", "admin"}
        assert db.session.scalars(select(Invoice.number)).all() == [36]


def test_demo_fills_an_empty_database_with_the_town_of_today(new_app, empty_place, monkeypatch, flask):
    folder, url = empty_place
    monkeypatch.setenv("PREAU_DATA_DIR", str(folder))
    monkeypatch.setenv("PREAU_DATABASE_URL", url)
    app = new_app()
    assert flask("demo", app=app)[0] == 0
    with app.app_context():
        assert logins() >= {"jean.dupont", "martin", "durand", "petit", "moreau", "nouveau", "guichet", "admin"}
        assert db.session.scalar(select(func.count()).where(Adult.rank == 1)) >= 40
        assert db.session.get(Town, 1).is_demo


def test_demo_erases_no_real_town(app, demo):
    with app.app_context():
        with db.transaction() as writing:
            town = writing.get_one(Town, 1)
            town.name, town.is_demo = "Vraie commune", False
        before = logins()
        code, output = demo()
        assert code == 1
        assert "cette base de données n’est pas une démonstration : rien n’est effacé." in output
        assert db.session.get(Town, 1).name == "Vraie commune"
        assert logins() == before


def test_demo_erases_no_accounts_whose_town_has_no_name_yet(app, demo):
    with app.app_context():
        with db.transaction() as writing:
            writing.delete(writing.get_one(Town, 1))
        before = logins()
        assert demo()[0] == 1
        assert logins() == before


def test_demo_starts_again_where_it_was_stopped_before_the_town_was_filled(new_app, flask, empty_place, monkeypatch):
    folder, url = empty_place
    monkeypatch.setenv("PREAU_DATA_DIR", str(folder))
    monkeypatch.setenv("PREAU_DATABASE_URL", url)
    app = new_app()
    flask("db", "upgrade", app=app)
    assert flask("demo", "--guide", app=app)[0] == 0
    with app.app_context():
        assert "jean.dupont" in logins()


def test_demo_erases_no_other_program_s_database(new_app, empty_place, monkeypatch, flask):
    folder, url = empty_place
    folder.mkdir()
    monkeypatch.setenv("PREAU_DATA_DIR", str(folder))
    monkeypatch.setenv("PREAU_DATABASE_URL", url)
    app = new_app()
    with db.engine().begin() as connection:
        connection.exec_driver_sql("CREATE TABLE cantine (repas INTEGER)")
    code, output = flask("demo", app=app)
    assert code == 1
    assert "cette base de données n’est pas celle d’un portail : rien n’est effacé." in output
    with db.engine().connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM cantine").scalar() == 0


@pytest.mark.sqlite_only
def test_demo_works_in_a_real_process_whatever_the_mode(tmp_path, engine_name):
    folder = tmp_path / "data"
    code, output = in_a_process(
        "demo", "--guide", PREAU_ENV="production", PREAU_TODAY="2015-05-04", PREAU_DATA_DIR=str(folder)
    )
    assert (code, "Traceback" in output) == (0, False)
    assert (folder / "preau.db").exists()
    assert list((folder / "uploads").rglob("*/*"))
