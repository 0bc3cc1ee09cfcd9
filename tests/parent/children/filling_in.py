"""What the tests of dossier share."""

from app import db
from app.models.changes import DuiDraft
from app.models.requests import RequestLine
from tests.conftest import FRAGMENT
from tests.files import lea
from tests.filling import send


def page(step: str = "") -> str:
    return f"/enfants/{lea().id}/dossier{'/' if step else ''}{step}"


def fill(client, step: str, **changes: str | list[str]):
    return send(client, page(step), **changes)


def kept() -> dict:
    db.session.rollback()
    draft = db.session.query(DuiDraft).first()
    return draft.answers if draft else {}


def asked() -> dict[str, tuple[str, str]]:
    db.session.rollback()
    lines = db.session.query(RequestLine).filter(RequestLine.field.is_not(None)).order_by(RequestLine.id)
    return {line.field: (line.before, line.after) for line in lines}


def save_by_itself(client, html: str, step: str, **changes: str):
    """As the page does when a field changes."""
    from tests.filling import shown  # noqa: PLC0415

    return client.post(page(step), data={**shown(html, page(step)), **changes}, headers=FRAGMENT)
