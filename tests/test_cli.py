"""The `flask` commands, as the town's technician uses them: what they do, and what they say when they cannot."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest
import time_machine
from aiosmtpd.controller import Controller
from sqlalchemy import func, select

from app import clock, create_app, crypto, db, doctor
from app.models.accounts import Account, Agent, Role
from app.models.billing import Invoice
from app.models.documents import Document, DocumentKind
from app.models.enrolments import Enrolment
from app.models.event import Event
from app.models.families import Adult, Child, HealthSheet
from app.models.jobs import Job, JobState, WorkerBeat
from app.models.requests import Request
from app.models.town import Town
from tests import servers
from tests.conftest import settings, text_of
from tests.servers import ROOT, free_port

KEY = settings(Path("/nowhere")).encryption_keys[0]
OTHER_KEY = "another-key-that-did-not-write-these-data"
PRODUCTION = {
    "PREAU_ENV": "production",
    "PREAU_TODAY": "",
    "PREAU_BASE_URL": "https://famille.fr",
    "PREAU_ENCRYPTION_KEYS": OTHER_KEY,
}
_numbers = count(1)


@pytest.fixture
def flask(request):
    """flask("doctor"): run the command in the test's app (or the one given); its exit code and what it printed."""

    def running(*arguments, app=None, **more):
        app = app or request.getfixturevalue("app")
        result = app.test_cli_runner().invoke(args=arguments, **more)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result.exit_code, result.output

    return running


@pytest.fixture
def empty_place(engine_name, tmp_path, request):
    """A data folder that does not exist yet, and the address of an empty database."""
    folder = tmp_path / "new"
    if engine_name == "sqlite":
        yield folder, ""
        db.disconnect()
        return
    address, name = request.getfixturevalue("postgres_address"), f"empty_{next(_numbers)}"
    yield folder, servers.postgres_copy(address, name)
    db.disconnect()
    servers.postgres_drop(address, name)


@pytest.fixture
def new_app(empty_place):
    """An installation in which nothing was done yet."""

    def make(**changes):
        return create_app(settings(*empty_place, **changes))

    return make


@pytest.fixture
def mail_server():
    controller = Controller(object(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


def beat():
    with db.transaction():
        WorkerBeat.beat("test")


def fail_a_job():
    with db.transaction():
        Job.enqueue("note", {"n": 1})
    with db.transaction():
        job = Job.claim()
        db.session.flush()
        Job.give_up(job.id, job.lease_token, "refus définitif 550 à RCPT TO")
    return job.id


def said(output, sentence):
    """Whether one line says it, and whether it is a complaint."""
    (line,) = (line for line in output.splitlines() if sentence in line)
    return {"✓": True, "✗": False}[line[0]]


# flask doctor


def test_the_doctor_finds_nothing_wrong_with_a_town_at_work(make_app, flask, mail_server):
    app = make_app(PREAU_SMTP_URL=mail_server)
    with app.app_context():
        beat()
    code, output = flask("doctor", app=app)
    assert code == 0
    assert "✗" not in output
    for sentence in (
        "Les réglages et les secrets sont en place (mode démonstration).",
        "Le dossier de données est accessible en écriture",
        "Le serveur de courriel répond.",
        "La base de données répond.",
        "La base de données est à la version du programme.",
        "Les travaux de fond tournent (flask worker).",
    ):
        assert said(output, sentence)


def test_a_production_installation_can_be_without_a_fault(make_app, flask, mail_server):
    app = make_app(**PRODUCTION, PREAU_SMTP_URL=mail_server)
    with app.app_context():
        beat()
    code, output = flask("doctor", app=app)
    assert (code, "✗" in output) == (0, False)
    assert said(output, "(mode production)")


def complaints(flask, app):
    code, output = flask("doctor", app=app)
    assert code == 1
    return [line[2:] for line in output.splitlines() if line.startswith("✗")]


def test_the_doctor_says_that_the_database_does_not_answer(tmp_path, flask, engine_name):
    (tmp_path / "data").mkdir()
    if engine_name == "postgresql":
        url = f"postgresql://preau:sesame@127.0.0.1:{free_port()}/preau"
    else:
        url = f"sqlite:///{tmp_path}/nowhere/preau.db"
    app = create_app(settings(tmp_path / "data", url))
    (complaint,) = complaints(flask, app)
    assert complaint.startswith("La base de données ne répond pas (")
    assert "sesame" not in complaint
    db.disconnect()


def test_the_doctor_says_that_the_database_is_empty(new_app, flask):
    app = new_app()
    app.config["PREAU"].data_dir.mkdir()
    assert complaints(flask, app) == ["La base de données est vide : lancez « flask db upgrade »."]


def test_the_doctor_says_that_the_database_is_behind_the_program(app, flask, monkeypatch):
    monkeypatch.setattr(doctor.schema, "head", lambda: "9999")
    assert complaints(flask, app) == [
        "La base de données n’est pas à la version du programme : lancez « flask db upgrade »."
    ]


def test_the_doctor_says_that_the_worker_is_silent(app, flask):
    silent = "Les travaux de fond ne tournent pas : lancez « flask worker ». Aucun courriel ne part."
    assert complaints(flask, app) == [silent]
    with app.app_context():
        beat()
    assert flask("doctor", app=app)[0] == 0
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        assert complaints(flask, app) == [silent]


def test_the_doctor_says_that_jobs_wait_for_a_look(app, flask):
    with app.app_context():
        beat()
        fail_a_job()
        fail_a_job()
    assert complaints(flask, app) == ["2 tâche(s) en échec ou incertaine(s) : regardez « flask jobs list »."]


def test_the_doctor_says_that_the_key_does_not_open_the_data(make_app, flask):
    app = make_app()
    with app.app_context():
        beat()
        with db.transaction():
            Job.enqueue("note", {"n": 1})
    wrong = make_app(PREAU_ENCRYPTION_KEYS=OTHER_KEY)
    assert complaints(flask, wrong) == [
        "PREAU_ENCRYPTION_KEYS n’ouvre pas les données : remettez l’ancienne clé à la fin de la liste."
    ]
    both = make_app(PREAU_ENCRYPTION_KEYS=f"{OTHER_KEY},{KEY}")
    assert flask("doctor", app=both)[0] == 0


def test_the_doctor_says_which_secrets_are_missing(make_app, flask, mail_server):
    app = make_app()
    with app.app_context():
        beat()
        with db.transaction():
            Job.enqueue("note", {"n": 1})
    without = {"PREAU_SECRET_KEY": "", "PREAU_ENCRYPTION_KEYS": ""}
    bare = make_app(**{**PRODUCTION, **without}, PREAU_SMTP_URL=mail_server)
    assert complaints(flask, bare) == [
        "PREAU_SECRET_KEY manque : écrivez-y une valeur donnée par « flask secrets ».",
        "PREAU_ENCRYPTION_KEYS manque : écrivez-y une valeur donnée par « flask secrets ».",
    ]


def test_the_doctor_says_that_the_mail_server_is_down(make_app, flask):
    app = make_app(PREAU_SMTP_URL=f"smtp://portail:sesame@127.0.0.1:{free_port()}")
    with app.app_context():
        beat()
    assert complaints(flask, app) == [
        "Le serveur de courriel est en défaut : le serveur ne répond pas (ConnectionRefusedError)."
    ]


def test_the_doctor_says_that_a_real_town_is_not_encrypted_on_the_way(make_app, flask, mail_server):
    app = make_app(**{**PRODUCTION, "PREAU_BASE_URL": "http://famille.fr"}, PREAU_SMTP_URL=mail_server)
    with app.app_context():
        beat()
    (complaint,) = complaints(flask, app)
    assert complaint.startswith("PREAU_BASE_URL n’est pas en https://")


def test_the_doctor_says_that_the_commune_has_no_name_yet(new_app, flask):
    app = new_app()
    flask("db", "upgrade", app=app)
    with app.app_context():
        beat()
    assert complaints(flask, app) == ["La commune n’a pas encore de nom : lancez « flask create-admin »."]


@pytest.mark.sqlite_only
def test_the_doctor_says_that_the_disk_is_nearly_full(app, flask, monkeypatch, engine_name):
    with app.app_context():
        beat()
    usage = shutil.disk_usage("/")._replace(free=100_000_000)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda folder: usage)
    assert complaints(flask, app) == ["Il reste moins de 500 Mo sur le disque des données : libérez de la place."]


def test_the_doctor_says_that_the_data_folder_is_not_there(tmp_path, flask):
    (tmp_path / "file").write_text("")
    app = create_app(settings(tmp_path / "file" / "data"))
    missing, unreachable = complaints(flask, app)
    assert missing.startswith(f"Le dossier de données n’existe pas : {tmp_path}/file/data.")
    assert unreachable.startswith("La base de données ne répond pas")
    db.disconnect()


def test_the_doctor_says_that_the_data_folder_is_a_file(tmp_path, flask):
    (tmp_path / "data").write_text("")
    app = create_app(settings(tmp_path / "data"))
    assert complaints(flask, app)[0].startswith("Le portail ne peut pas écrire dans le dossier de données")
    db.disconnect()


@contextlib.contextmanager
def nobody():
    """Root may write everywhere: while inside, the process is a user who may not."""
    if os.getuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        (0o555, "Le portail ne peut pas écrire dans le dossier de données : "),
        (0o000, "Le dossier de données n’existe pas : "),
    ],
    ids=["read-only", "behind a closed door"],
)
def test_the_doctor_says_that_the_data_folder_cannot_be_written_to(mode, sentence):
    home = Path(tempfile.mkdtemp(prefix="preau-test-"))
    try:
        folder = home / "data" if mode else home / "closed" / "data"
        folder.mkdir(parents=True)
        home.chmod(0o755)
        (folder if mode else folder.parent).chmod(mode)
        create_app(settings(folder))
        with nobody():
            told = [check.sentence for check in doctor.examine(settings(folder)) if not check.good]
    finally:
        db.disconnect()
        (home / "closed").chmod(0o755) if not mode else folder.chmod(0o755)
        shutil.rmtree(home)
    assert told[0].startswith(f"{sentence}{folder}")
    assert told[1].startswith("La base de données ne répond pas")


def test_the_doctor_in_a_bare_environment_says_all_that_an_installation_needs(tmp_path):
    """A real process, production by default, nothing set but the folder."""
    code, output = in_a_process("doctor", PREAU_DATA_DIR=str(tmp_path / "data"))
    assert code == 1
    assert "Traceback" not in output
    for sentence in (
        "✗ PREAU_SECRET_KEY manque",
        "✗ PREAU_ENCRYPTION_KEYS manque",
        "✗ PREAU_BASE_URL manque",
        "✗ PREAU_SMTP_URL manque",
        "✗ Le dossier de données n’existe pas",
        "✗ La base de données ne répond pas",
    ):
        assert sentence in output
    assert not (tmp_path / "data").exists(), "the doctor looks; it makes nothing"


def in_a_process(*arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return done.returncode, done.stdout + done.stderr


# flask create-admin


def create_admin(flask, app, identifiant="chef", **options):
    arguments = ["--identifiant", identifiant, "--name", "Anne Chef", "--email", "chef@saint-jean.example"]
    return flask("create-admin", *arguments, *options.get("more", ()), app=app)


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


# flask db upgrade


def test_upgrading_makes_the_database_and_twice_changes_nothing(new_app, flask):
    app = new_app()
    for _ in range(2):
        assert flask("db", "upgrade", app=app) == (0, "La base de données est à jour.\n")
    create_admin(flask, app)
    assert flask("db", "upgrade", app=app)[0] == 0
    with app.app_context():
        assert Account.named("chef") is not None
        assert doctor.database()[-1].good


# flask demo


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


# flask secrets, flask jobs


@pytest.mark.sqlite_only
def test_secrets_are_two_lines_for_the_env_file(app, flask):
    code, output = flask("secrets", app=app)
    assert code == 0
    assert re.fullmatch(r"PREAU_SECRET_KEY=\S{60,}\nPREAU_ENCRYPTION_KEYS=\S{60,}\n", output)
    assert flask("secrets", app=app)[1] != output


def test_jobs_that_wait_for_a_look_are_listed_with_their_reason_and_nothing_personal(app, flask):
    with app.app_context():
        assert flask("jobs", "list", app=app) == (0, "")
        number = fail_a_job()
        with db.transaction():
            Job.post_mail("jean.dupont@exemple.fr", "password_reset", token="sesame", identifiant="jean.dupont")
    code, output = flask("jobs", "list", app=app)
    assert (code, output) == (0, f"{number}  note  failed  1 essai(s)  refus définitif 550 à RCPT TO\n")


def test_jobs_are_listed_even_if_no_key_opens_them(app, flask):
    with app.app_context():
        keys = app.config["PREAU"].encryption_keys
        crypto.configure(["the key of before, 32 characters or more"])
        number = fail_a_job()
        crypto.configure(keys)
    code, output = flask("jobs", "list", app=app)
    assert (code, output.split()[0]) == (0, str(number))


def test_after_a_look_a_job_goes_back_to_the_queue(app, flask):
    with app.app_context():
        number = fail_a_job()
    code, output = flask("jobs", "retry", str(number), app=app)
    assert (code, output) == (0, f"La tâche n° {number} est de nouveau dans la file.\n")
    with app.app_context():
        assert db.session.get(Job, number).state is JobState.QUEUED
        assert Job.any_due()
    assert flask("jobs", "list", app=app) == (0, "")


def test_only_what_waits_for_a_look_goes_back_to_the_queue(app, flask):
    with app.app_context():
        with db.transaction():
            Job.enqueue("note", {"n": 1})
        with db.transaction():
            running = Job.claim()
    for number in (running.id, 12345):
        code, output = flask("jobs", "retry", str(number), app=app)
        assert code == 1
        assert f"aucune tâche n° {number} n’attend un regard." in output
    with app.app_context():
        assert db.session.get(Job, running.id).state is JobState.RUNNING


# flask worker


def test_worker_once_does_what_is_due_and_returns(app, flask):
    with app.app_context(), db.transaction():
        Job.post_mail("jean.dupont@exemple.fr", "password_changed", identifiant="jean.dupont")
    assert flask("worker", "--once", app=app)[0] == 0
    assert len(list(app.config["PREAU"].mails_dir.glob("*.eml"))) == 1


def test_two_factor_off_lets_in_an_agent_who_lost_phone_and_codes(app):
    with app.app_context(), db.transaction():
        Account.named("guichet").totp_secret = "JBSWY3DPEHPK3PXP"
    assert app.test_client().log_in_by_form("guichet").location == "/connexion/code"
    answer = app.test_cli_runner().invoke(args=["two-factor-off", "Guichet"])
    assert answer.exit_code == 0
    assert app.test_client().log_in_by_form("guichet").location == "/agent/"
    again = app.test_cli_runner().invoke(args=["two-factor-off", "guichet"])
    assert again.exit_code == 1
    assert "n’a pas de double authentification" in again.output


def test_town_shows_and_changes_what_the_pages_say(app):
    run = app.test_cli_runner()
    changed = run.invoke(args=["town", "contact_phone=05 00 00 00 00", "website_url=https://www.saint-jean.example"])
    assert changed.exit_code == 0
    assert "05 00 00 00 00" in app.test_client().get("/connexion").text
    assert "website_url = https://www.saint-jean.example" in run.invoke(args=["town"]).output


@pytest.mark.parametrize(
    "wrong", ["website_url=foo", "website_url=https://a.fr;script-src *", "school_zone=Z", "mayor=x"]
)
def test_town_refuses_in_a_sentence_what_cannot_be(app, wrong):
    answer = app.test_cli_runner().invoke(args=["town", wrong])
    assert answer.exit_code == 1
    assert isinstance(answer.exception, SystemExit)
    assert "impossible" in answer.output or "inconnu" in answer.output


# flask purge


@pytest.fixture
def left_long_ago(app):
    """Léa left the guide's town in July 2014; her family asked for something then."""
    with app.app_context(), db.transaction() as writing:
        lea = writing.query(Child).one()
        lea.created_on = date(2013, 9, 1)
        for enrolment in writing.query(Enrolment):
            enrolment.first_day, enrolment.last_day = date(2013, 9, 1), date(2014, 7, 4)
        writing.query(Document).delete()
        writing.query(Request).filter(Request.child_id.is_not(None)).delete()
        writing.add(HealthSheet(child_id=lea.id, doctor="Dr Lenoir"))


def test_purge_dry_run_lists_by_number_and_erases_nothing(flask, left_long_ago):
    for _ in range(2):
        code, output = flask("purge", "--dry-run")
        assert code == 0
        assert "Données de santé : 1" in output
        assert "- enfant n° 1, dossier n° 1001001818331, depuis le mercredi 1er octobre 2014" in output
        assert "C’était un essai : rien n’est effacé." in output
        assert not re.search("léa|dupont|lenoir", output, re.IGNORECASE)


def test_purge_erases_says_the_same_and_finds_nothing_the_second_time(flask, app, left_long_ago):
    _, listed = flask("purge", "--dry-run")
    code, output = flask("purge")
    assert code == 0
    assert output.splitlines()[:-1] == listed.splitlines()[:-1]
    assert output.endswith("C’est fait.\n")
    assert flask("purge") == (0, "Il n’y avait rien à effacer.\n")
    assert flask("purge", "--dry-run") == (0, "Il n’y a rien à effacer.\n")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(HealthSheet)) == 0
        assert db.session.query(Event).filter_by(kind="purged").one().after == {"Données de santé": 1}
    agent = app.test_client()
    agent.log_in("admin")
    assert "Données effacées à leur terme" in text_of(agent.get("/agent/journal"))
