"""The `flask` commands, as the town's technician uses them: what they do, and what they say when they cannot."""

import contextlib
import os
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from aiosmtpd.controller import Controller

from app import clock, create_app, db, doctor
from app.integrations import storage
from app.models.jobs import Job, WorkerBeat, stored_files
from tests.cli.commands import KEY, fail_a_job, in_a_process
from tests.conftest import settings
from tests.servers import free_port

OTHER_KEY = "another-key-that-did-not-write-these-data"


PRODUCTION = {
    "PREAU_ENV": "production",
    "PREAU_TODAY": "",
    "PREAU_BASE_URL": "https://famille.fr",
    "PREAU_TRUSTED_PROXIES": "127.0.0.1",
    "PREAU_ENCRYPTION_KEYS": KEY,
}


@pytest.fixture
def mail_server():
    controller = Controller(object(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


def beat():
    with db.transaction():
        WorkerBeat.beat("test")


def said(output, sentence):
    """Whether one line says it, and whether it is a complaint."""
    (line,) = (line for line in output.splitlines() if sentence in line)
    return {"✓": True, "✗": False}[line[0]]


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
        "PREAU_ENCRYPTION_KEYS n’ouvre pas les données\u00a0: remettez l’ancienne clé à la fin de la liste."
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


def test_the_doctor_says_that_no_server_in_front_is_known(make_app, flask, mail_server):
    app = make_app(**{**PRODUCTION, "PREAU_TRUSTED_PROXIES": ""}, PREAU_SMTP_URL=mail_server)
    with app.app_context():
        beat()
    (complaint,) = complaints(flask, app)
    assert complaint.startswith("PREAU_TRUSTED_PROXIES manque")


@pytest.mark.sqlite_only
@pytest.mark.parametrize("mode", [0o755, 0o701, 0o704])
def test_the_doctor_says_that_others_may_open_the_data_folder(app, flask, mode):
    sentence = "Les autres utilisateurs de la machine peuvent ouvrir le dossier de données"
    folder = app.config["PREAU"].data_dir
    folder.chmod(0o750)  # a group of backups is the town's affair
    assert sentence not in flask("doctor", app=app)[1]
    folder.chmod(mode)
    assert not said(flask("doctor", app=app)[1], sentence)


@pytest.mark.sqlite_only
def test_what_the_portal_writes_is_nobody_else_s(tmp_path):
    before = os.umask(0o022)
    try:
        portal = create_app(settings(tmp_path / "data"))
        with portal.test_request_context():
            key = storage.save(b"a health document")
        in_a_process("db", "upgrade", PREAU_ENV="demo", PREAU_DATA_DIR=str(tmp_path / "data"))
    finally:
        os.umask(before)
    files = list((tmp_path / "data").rglob("*"))
    assert any(path.name == key for path in files)
    assert any(path.name == "preau.db" for path in files)
    assert not [path for path in files if path.stat().st_mode & 0o077]


def test_the_doctor_counts_the_files_that_are_missing(app, flask):
    with app.app_context():
        beat()
        named = len(list(stored_files.all_named()))
        db.session.rollback()
    assert "que la base nomme" not in flask("doctor", app=app)[1]
    shutil.rmtree(app.config["PREAU"].uploads_dir)
    (told,) = (line for line in complaints(flask, app) if "que la base nomme" in line)
    assert named
    assert told.startswith(f"{named} fichier(s)")
