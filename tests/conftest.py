"""The cast and the stage: an app on each engine, with the guide's town, and clients that check what they fetch.

The town is built once an engine and put back in place for each test, which may do as it likes with it. Jean Dupont
owns, `durand` is the stranger, `guichet` and the others are agents; the day is 4 May 2015.
"""

import logging
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache, partial
from html import unescape
from io import StringIO
from pathlib import Path

import argon2
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.exceptions import HTTPException
from xdist.scheduler import LoadScopeScheduling

from app import access, clock, create_app, crypto, db, logs, tasks
from app.config import Settings
from app.demo import PASSWORD
from app.demo.command import build
from app.models.accounts import Account, password
from app.worker import Worker
from tests import both, built, pages, pristine, rendering, servers

SECRETS = {
    "PREAU_SECRET_KEY": "a secret that only tests know, 32 characters",
    "PREAU_ENCRYPTION_KEYS": "a key that only tests know of 32 characters or more",
}
GUIDE_DAY = date(2015, 5, 4)
password._hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Passwords are hashed cheaply here; tests/models/accounts/test_password.py looks at what towns get."""
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
"""What htmx says of a request for a part of a page."""


SHARED = pytest.StashKey[Path]()
ANSWERS = pytest.StashKey[both.Answers]()


def pytest_configure(config: pytest.Config) -> None:
    """One folder for all the processes of a run."""
    workers = getattr(config, "workerinput", None)
    config.stash[SHARED] = Path(workers["shared"] if workers else tempfile.mkdtemp(prefix="preau-tests-"))
    config.stash[ANSWERS] = CheckingClient.answers = both.Answers(config.stash[SHARED])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    node.workerinput["shared"] = str(node.config.stash[SHARED])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(config.stash[SHARED], ignore_errors=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that touches the database is there for both engines, unless it says otherwise."""
    if "engine_name" in metafunc.fixturenames:
        alone = metafunc.definition.get_closest_marker("sqlite_only")
        metafunc.parametrize("engine_name", ["sqlite"] if alone else ["sqlite", "postgresql"])


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.config.stash[ANSWERS].begin(item)


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    if report.skipped and both.NOTHING_NEW in str(report.longrepr):
        return "on SQLite alone", "", "SQLITE ALONE"
    return None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """After the whole suite, all that page tests were answered on SQLite was answered on PostgreSQL too."""
    config = session.config
    part = config.option.keyword or config.option.markexpr or hasattr(config, "workerinput")
    if part or config.args_source is not pytest.Config.ArgsSource.TESTPATHS or session.exitstatus:
        return
    for answer in config.stash[ANSWERS].missing():
        reporter = config.pluginmanager.getplugin("terminalreporter")
        reporter.ensure_newline()
        reporter.write_line(f"{answer}: on SQLite alone; take `sqlite_only` off a test that asks it", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


class Together(LoadScopeScheduling):
    """Each test goes to the next process that is free, but those of a browser's file to one, in their order: they
    share a town. (xdist's own groups, as of 3.8.0, do not reach pytest 9.2.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0] if nodeid.startswith("tests/browser/") else both.together(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Together:
    return Together(config, log)


def settings(data_dir: Path, database_url: str = "", **changes: str) -> Settings:
    environ = {
        "PREAU_ENV": "demo",
        "PREAU_DATA_DIR": str(data_dir),
        "PREAU_DATABASE_URL": database_url,
        **SECRETS,
        "PREAU_TODAY": GUIDE_DAY.isoformat(),
        "PREAU_BASE_URL": "http://localhost",
        **changes,
    }
    return Settings.load(environ)


@pytest.fixture(autouse=True)
def _whatever_the_hour() -> Iterator[None]:
    """A worker sends reminders from eight in the morning on: a test that is about them begins them itself."""
    with pytest.MonkeyPatch.context() as patch:  # not the test's own, which it may undo
        patch.delitem(tasks.PERIODIC, "reminders")
        yield


@pytest.fixture
def no_time_passes() -> Iterator[None]:
    """Pauses, locks and codes last some seconds: only `travel` moves the clock, however slow the machine."""
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield


@pytest.fixture(scope="session")
def postgres_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers.postgres(tmp_path_factory.mktemp("pg")) as address:
        yield address


@pytest.fixture(scope="session")
def built_once(request: pytest.FixtureRequest) -> Callable[[str, Callable[[Path], None]], Path]:
    """built_once("name", fill): the folder that fill(folder) fills, in this process or another of the run."""
    return partial(built.once, request.config.stash[SHARED])


@pytest.fixture(scope="session")
def guide_town(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, built_once: Callable[..., Path]
) -> Callable[[str], Path]:
    """The guide's town on an engine, built when first asked for: the folder, and a template database."""

    def fill(folder: Path, url: str = "") -> None:
        app = create_app(settings(folder, url))
        with app.app_context():
            build(app, guide=True)
        db.disconnect()

    @cache
    def folder(engine_name: str) -> Path:
        if engine_name == "sqlite":
            return built_once("guide", fill)
        made = tmp_path_factory.mktemp("guide")
        url = servers.postgres_copy(request.getfixturevalue("postgres_address"), "guide")
        fill(made, url)
        pristine.keep(url)
        return made

    return folder


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder in which each test plays in its turn.

    Always the same address, so that engines and apps can be kept: made anew for each test, they would spend most of
    its time on compiling statements, routes and templates.
    """
    db.make_engine = cache(db.make_engine)
    return tmp_path_factory.mktemp("stage") / "data"


@pytest.fixture(scope="session")
def postgres_stage(postgres_address: str, guide_town: Callable[[str], Path]) -> Iterator[pristine.Stage]:
    guide_town("postgresql")
    stage = pristine.Stage(postgres_address, "guide")
    yield stage
    stage.close()


@pytest.fixture(scope="session")
def usual_app() -> Callable[[Settings], Flask]:
    """The app with these settings, built when first asked for, then only connected again."""
    built: dict[Settings, Flask] = {}

    def ready(chosen: Settings) -> Flask:
        if chosen not in built:
            built[chosen] = create_app(chosen)
        clock.pretend(chosen.today)
        crypto.configure(chosen.encryption_keys)
        db.connect(chosen.database_url)
        return built[chosen]

    return ready


@pytest.fixture
def place(
    engine_name: str, guide_town: Callable[[str], Path], stage: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[Path, str]]:
    """A data folder and a database address with the guide's town, for this test alone."""
    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(guide_town(engine_name), stage)
    if engine_name == "sqlite":
        yield stage, ""
        return
    yield stage, request.getfixturevalue("postgres_stage").put_back()
    db.disconnect()


@pytest.fixture
def make_app(place: tuple[Path, str], usual_app: Callable[[Settings], Flask]) -> Iterator[Callable[..., Flask]]:
    """Build the app with other settings: make_app(PREAU_AGENT_TOTP="required")."""

    def make(**changes: str) -> Flask:
        chosen = settings(*place, **changes)
        app = create_app(chosen) if changes else usual_app(chosen)
        app.test_client_class = CheckingClient
        app.jinja_env.template_class = rendering.WatchedTemplate
        return app

    yield make
    db.disconnect()
    rendering.check()  # of mails and files, which no client fetches


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def inside(app: Flask) -> Iterator[None]:
    """The test itself runs within the app."""
    with app.app_context():
        yield


@pytest.fixture
def client(app: Flask) -> "CheckingClient":
    return app.test_client()


@pytest.fixture
def jean(client: "CheckingClient") -> "CheckingClient":
    client.log_in("jean.dupont")
    return client


@pytest.fixture
def worker(app: Flask) -> Worker:
    return Worker(app)


class CheckingClient(FlaskClient):
    """Checks every page it fetches, that no template asks the database, and that a GET writes nothing."""

    answers: both.Answers

    def open(self, *args, **kwargs):
        writes: list[str] = []

        def note(connection, cursor, statement, parameters, context, executemany) -> None:
            if re.match(r"\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER)\b", statement, re.IGNORECASE):
                writes.append(statement)

        engine = db.engine()
        event.listen(engine, "before_cursor_execute", note)
        try:
            response = super().open(*args, **kwargs)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        rendering.check()
        asked = response.request
        endpoint = self._endpoint_of(asked.path, asked.method)
        if endpoint:
            self.answers.note(engine.dialect.name, endpoint, asked.method, response.status_code)
        if asked.method in ("GET", "HEAD") and writes:
            view = self.application.view_functions.get(endpoint)
            assert getattr(view, "writes_on_get", None), f"GET {asked.path} writes: {writes}"
        redirects = 300 <= response.status_code < 400
        readable = response.mimetype == "text/html" and "Content-Encoding" not in response.headers
        if readable and not redirects and response.text:
            pages.check(response.text, fragment="<html" not in response.text)
        return response

    def _endpoint_of(self, path: str, method: str) -> str | None:
        """The endpoint that answers there; None for an address that does not exist."""
        try:
            return self.application.url_map.bind("localhost").match(path, method=method)[0]
        except HTTPException:
            return None

    def send_form(self, url: str, data: dict[str, str], *, page: str | None = None, **kwargs):
        """Fill in the form of `page` (default: the same address) that goes to `url`, hidden fields included."""
        html = self.get(page or url).text
        form = next(f for f in re.findall(r"<form.*?</form>", html, re.DOTALL) if f'action="{url}"' in f)
        inputs = [tag for tag in re.findall(r"<input[^>]*>", form) if 'type="hidden"' in tag]
        hidden = {_attribute(tag, "name"): _attribute(tag, "value") for tag in inputs}
        return self.post(url, data={**hidden, **data}, **kwargs)

    def log_in(self, identifiant: str) -> None:
        """Open the session that the login page would: the same row, journal and cookie, without the page."""
        app = self.application
        db.session.remove()  # as the end of any request does
        with app.test_request_context("/connexion", environ_base=self.environ_base) as asked:
            self._add_cookies_to_wsgi(asked.request.environ)
            account = Account.named(identifiant)
            assert account, f"no account « {identifiant} »"
            refused = account.locked_at or account.merged_away or account.one_time_password_expired
            if refused or account.has_second_factor:
                raise AssertionError("use log_in_by_form to see what this login meets")
            access.log_in(account)
            opened = app.process_response(app.make_response(""))
            cookies = opened.headers.getlist("Set-Cookie")
            self._update_cookies_from_response("localhost", asked.request.path, cookies)

    def log_in_by_form(self, identifiant: str, password: str = PASSWORD, **kwargs):
        return self.send_form("/connexion", {"identifiant": identifiant, "password": password}, **kwargs)

    def log_out(self, page: str = "/"):
        return self.send_form("/deconnexion", {}, page=page)


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def text_of(response) -> str:
    """What a reader sees: no tags, single plain blanks."""
    body = re.sub(r"<(template|script|style).*?</\1>", " ", response.text, flags=re.DOTALL)
    words = unescape(re.sub(r"<[^>]+>", "", re.sub(r">\s*<", "> <", body)))
    return re.sub(r"\s+", " ", words).strip()


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], object]:
    """A context manager whose value is the list of statements sent to the database."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        sent: list[str] = []

        def note(connection, cursor, statement, parameters, context, executemany) -> None:
            if not statement.startswith(("BEGIN", "SAVEPOINT", "PRAGMA")):
                sent.append(statement)

        event.listen(db.engine(), "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(db.engine(), "before_cursor_execute", note)

    return counting


@pytest.fixture
def log_lines(app: Flask) -> Iterator[Callable[[], list[str]]]:
    """What the log holds, line by line, as it is written to standard error."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.JSONFormatter())
    logging.getLogger().addHandler(handler)
    yield lambda: written.getvalue().splitlines()
    logging.getLogger().removeHandler(handler)
