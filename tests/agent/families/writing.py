"""What the tests of sections share."""

from sqlalchemy import select

from app import db
from app.models.event import Event
from tests.builders import dupont


def of_family(app, section: str, adult=dupont) -> str:
    with app.app_context():
        return f"/agent/familles/{adult().family_id}/{section}/modification"


def of_child(app, child_id: int, topic: str, adult=dupont) -> str:
    with app.app_context():
        return f"/agent/enfants/{child_id}/{topic}/modification?famille={adult().family_id}"


def events(app, kind: str) -> list[Event]:
    with app.app_context():
        return list(db.session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id)))
