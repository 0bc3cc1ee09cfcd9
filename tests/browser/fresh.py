"""What the tests of fresh pages share."""

from datetime import date

from playwright.sync_api import expect

from app import db
from app.models.enrolments import Enrolment
from tests.browser.window import Window
from tests.builders import activity, dupont, enrolment

DAY = date(2015, 5, 7)


def enrol(app, who=dupont, *, like: int | None = None, **how) -> int:
    """A child of this family, in an activity: a new one, or that of another enrolment."""
    with app.app_context(), db.transaction() as writing:
        chosen = writing.get(Enrolment, like).activity if like else activity(**{"name": "Garderie d’essai", **how})
        return enrolment(chosen, who().family).id


def ask(client, number: int, what: str = "reservation", day: date = DAY, **fields: str) -> int:
    """Send the form of a day; the number of the request."""
    answer = client.send_form(f"/inscriptions/{number}/{day}/{what}", fields)
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def comes_back(window: Window, address: str, field: str, wrong: str) -> None:
    """The form that htmx puts back is the one that comes back without it."""
    form = f"form[action^='{address}'][method=post]"
    window.open(address)
    window.page.locator(f"{form} [name={field}]").fill(wrong)
    with window.fragment():
        window.page.locator(f"{form} [type=submit]").last.click()
    expect(window.page.locator("[data-error-summary]")).to_be_focused()
    window.is_as_sent(form, "#main")
