"""A child's file in tests: the cast of the guide, what is asked of it, and what an agent answers."""

from datetime import date

from app import db
from app.demo import planning
from app.models.families import Adult, Authority, Child
from app.models.families.sections.catalogue import OF_CHILD, named
from app.models.families.sections.values import Sheet
from app.models.requests import Request, RequestLine
from app.models.reviews.review import Review
from tests.builders import clerk, dupont
from tests.filling import send

TOPICS = tuple(section.slug for section in OF_CHILD)


def lea() -> Child:
    """The guide's child, whatever its names have become."""
    db.session.rollback()
    return db.session.query(Child).order_by(Child.id).first()


def add_child(first_name: str, born: date = date(2010, 5, 6)) -> int:
    with db.transaction():
        return planning.child(first_name, "DUPONT", born, dupont().family).id


def take_authority(first_name: str) -> None:
    """This adult is left without authority over any child."""
    with db.transaction() as writing:
        adult = writing.query(Adult).filter_by(first_name=first_name).one()
        writing.query(Authority).filter_by(adult_id=adult.id).delete()


def address(topic: str, child_id: int | None = None) -> str:
    return f"/enfants/{child_id or lea().id}/{topic}/modification"


def ask(client, topic: str, *, child_id: int | None = None, **changes: str | list[str]):
    """Open the section's page, change these fields, send the form."""
    return send(client, address(topic, child_id), **changes)


def line(field: str) -> RequestLine:
    """The newest about this field."""
    db.session.rollback()
    return db.session.query(RequestLine).filter_by(field=field).order_by(RequestLine.id.desc()).first()


def accept(request_id: int) -> None:
    with db.transaction():
        review = Review.locked(clerk(), request_id)
        review.accept_all(seen=review.stamp)


def refuse(request_id: int, reason: str) -> None:
    with db.transaction():
        review = Review.locked(clerk(), request_id)
        review.refuse_all(reason=reason, seen=review.stamp)


def accept_newest() -> None:
    db.session.rollback()
    accept(db.session.query(Request.id).order_by(Request.id.desc()).first()[0])


def texts(topic: str, child_id: int | None = None) -> dict[str, str]:
    """What the file says."""
    db.session.rollback()
    return Sheet(named(topic, OF_CHILD), dupont().family_id, child_id or lea().id).texts()
