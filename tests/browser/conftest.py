"""The real portal (gunicorn, worker) with the guide's town, and the distribution's Chromium."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import text

from app import db
from app.models.town import Activity
from app.turns import LONGEST
from tests import servers
from tests.browser.window import Window
from tests.conftest import GUIDE_DAY, PASSWORD, SECRETS

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=60_000)  # a busy machine is no reason to fail
AXE = (Path(__file__).parent.parent / "vendor" / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What axe approves of is four times as long as the rest to bring here.
_AXE_RUN = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']}).then(told => told.violations)"


def chromium_binary() -> str | None:
    """Where Chromium is installed; None: where Playwright keeps its own."""
    known = ("chromium-headless-shell", "chromium", "google-chrome")
    return os.environ.get("PREAU_CHROMIUM") or next(filter(None, map(shutil.which, known)), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_binary(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def town_website() -> Iterator[str]:
    with servers.town_website() as address:
        yield address


@pytest.fixture(scope="session")
def portal(guide_town, town_website: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address. One for all browser tests: each leaves the town as it found it, or uses an account of its own."""
    folder = tmp_path_factory.mktemp("portal") / "data"
    shutil.copytree(guide_town("sqlite"), folder)
    engine = db.make_engine(f"sqlite:///{folder / 'preau.db'}")
    with engine.execution_options(preau_writes=LONGEST).connect() as connection, connection.begin():
        connection.execute(text("UPDATE town SET website_url = :url"), {"url": f"{town_website}/"})
        connection.execute(text("UPDATE account SET must_change_password = true WHERE identifiant = 'regie'"))
        same = ", ".join(one.name for one in Activity.__table__.columns if one.name not in ("id", "name"))
        for name, model in (("Club du mercredi", "ALSH Mercredi journée"), ("Étude", "Garderie matin")):
            like = f"FROM activity WHERE name = '{model}'"  # in neither of which Léa is enrolled
            connection.execute(text(f"INSERT INTO activity (name, {same}) SELECT '{name}', {same} {like}"))
    engine.dispose()
    settings = {
        "PREAU_ENV": "demo",
        "PREAU_DATA_DIR": str(folder),
        "PREAU_TODAY": GUIDE_DAY.isoformat(),
        **SECRETS,
    }
    with servers.portal(settings) as address:
        yield address


@pytest.fixture
def new_context(chromium: Browser, portal: str):
    """Open a browser window; at the end of the test, nothing may have been said on any console."""
    opened: list[BrowserContext] = []
    said: list[str] = []

    def new(**options) -> Page:
        context = chromium.new_context(base_url=portal, **{"viewport": {"width": 1280, "height": 800}, **options})
        context.portal = portal
        context.set_default_timeout(60_000)
        opened.append(context)
        page = context.new_page()
        page.on(
            "console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield new
    for context in opened:
        context.close()
    # Chromium notes each 4xx and 5xx answer as an error, htmx a lost connection: those are the tests' own business.
    assert not [words for words in said if not re.search("Failed to (load resource|fetch)", words)]


@pytest.fixture
def page(new_context) -> Page:
    return new_context()


_cookies: dict[tuple[str, str], list] = {}
"""What a login left in the browser, by portal and identifiant."""


def log_in(page: Page, identifiant: str) -> None:
    """Get in, to where a login leads; whoever was in already, with the cookies of then."""
    kept = page.context.portal, identifiant
    page.context.add_cookies(_cookies.get(kept, []))
    page.goto("/")
    if "/connexion" in page.url:
        log_in_by_form(page, identifiant)
        _cookies[kept] = page.context.cookies()


def log_in_by_form(page: Page, identifiant: str, password: str = PASSWORD) -> None:
    page.goto("/connexion")
    page.get_by_label("Identifiant").fill(identifiant)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(lambda url: "/connexion" not in url or url.endswith("/code"))


def axe(page: Page) -> list[str]:
    """What axe-core finds wrong, as sentences.

    Of a page in dark colours, the contrast alone: it is the light one otherwise, in which all is looked at.
    """
    page.evaluate(AXE)
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    found = page.evaluate(_AXE_RUN, ["color-contrast"] if dark else TAGS)
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]} ({v['help']})" for v in found]


@pytest.fixture
def window(app, chromium):
    """Open the window of someone who is logged in."""
    opened = []

    def look(login: str) -> Window:
        client = app.test_client()
        client.log_in(login)
        opened.append(chromium.new_context(viewport={"width": 1280, "height": 800}))
        return Window(opened[-1], client)

    yield look
    for context in opened:
        context.close()


@pytest.fixture
def client_of(app):
    def of(login: str):
        client = app.test_client()
        client.log_in(login)
        return client

    return of
