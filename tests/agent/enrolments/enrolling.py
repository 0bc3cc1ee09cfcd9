"""What the tests of register share."""

from datetime import date

from sqlalchemy import select

from app import db
from app.models.enrolments import Booking, BookingState
from tests.conftest import text_of
from tests.filling import send, send_on

DESK = "/agent/inscriptions"


MONDAYS_OF_MAY = {date(2015, 5, 4), date(2015, 5, 11), date(2015, 5, 18)}  # the 25th is a public holiday


CLUB = {"rythme": "toutes", "jours": ["0"], "dernier": "2015-05-29"}


def of(number: int, action: str = "") -> str:
    return f"{DESK}/{number}{action}"


def preview(agent, url: str, **changes):
    return send(agent, url, etape="apercu", **changes)


def confirm(agent, url: str, page, **changes):
    return send_on(agent, page.text, url, etape="confirmation", **changes)


def do(agent, url: str, **changes):
    """Look, then confirm; the page where that leads."""
    answer = confirm(agent, url, preview(agent, url, **changes))
    assert answer.status_code == 303, text_of(answer)
    return agent.get(answer.location)


def booked(app, number: int) -> set[date]:
    with app.app_context():
        live = select(Booking.day).where(Booking.enrolment_id == number, Booking.state == BookingState.BOOKED)
        return set(db.session.scalars(live.where(Booking.day >= date(2015, 5, 4))))
