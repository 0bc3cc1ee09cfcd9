"""`flask secrets`, `jobs`, `worker`, `two-factor-off`, `town` and `purge`."""

import re
from datetime import date

import pytest
from sqlalchemy import func, select

from app import crypto, db
from app.models.accounts import Account
from app.models.documents import Document
from app.models.enrolments import Enrolment
from app.models.event import Event
from app.models.families import Child, HealthSheet
from app.models.jobs import Job, JobState
from app.models.requests import Request
from tests.cli.commands import fail_a_job
from tests.conftest import text_of


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
