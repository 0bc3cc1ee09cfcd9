"""What the tests of many days share."""

import re
from datetime import date

from app import db
from app.models.enrolments import Booking, BookingState

NEW = "/demandes/nouvelle"


MONDAY = date(2015, 5, 18)


def lines_in(page) -> list[str]:
    return re.findall(r'name="ligne" value="([^"]+)"', page.text)


def send(client, page, **data):
    """Send what the preview shows."""
    hidden = dict(re.findall(r'<input[^>]*name="(csrf_token|submission|type)"[^>]*value="([^"]*)"', page.text))
    return client.post(NEW, data={**hidden, "ligne": lines_in(page), **data})


def compose(client, mode, **data):
    page = client.get(f"{NEW}?mode={mode}").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    return client.post(f"{NEW}/{mode}", data={"csrf_token": token, **data})


def booked(app) -> set[tuple[int, date]]:
    with app.app_context():
        rows = db.session.query(Booking.enrolment_id, Booking.day).filter_by(state=BookingState.BOOKED)
        return {tuple(row) for row in rows if row.day >= date(2015, 5, 5)}


WEEKLY = {"premier": "2015-05-18", "dernier": "2015-06-05", "rythme": "toutes", "jours": ["0"]}
