"""« Autorisation courriel : Non » stops every mail but what protects the account and what the law demands."""

import pytest

from app import db
from app.models.accounts import password
from app.models.jobs import Job
from app.models.planning import week_reminder
from app.models.requests import Request, receipt
from tests.builders import DAY, clerk, dupont
from tests.conftest import text_of
from tests.models.reviews.test_review import accept, asked
from tests.parent.children.test_documents import HOME, give, newest

REFUSABLE = {"request_decided", "place_offered", "piece_checked", "week_reminder"}


@pytest.fixture(params=[False, True, None], ids=["no", "yes", "not said"])
def allows(request, app, inside):
    with db.transaction():
        dupont().allows_email = request.param
    return request.param


def mailed() -> set[str]:
    db.session.rollback()
    return {job.payload["template"] for job in db.session.query(Job).filter_by(kind="mail")}


def test_what_may_be_refused_stops_and_the_rest_leaves(allows, jean, monkeypatch):
    number = asked(DAY)
    accept(number)
    give(jean, HOME)
    with db.transaction() as writing:
        newest().refuse(by=clerk(), reason="Illisible")
        request = writing.get_one(Request, number)
        receipt.tell_of_offer(request.lines[0], "place_offered", until="demain")
    week = type("Week", (), {"monday": DAY, "label": "semaine", "closes_at": request.submitted_at})
    monkeypatch.setattr(week_reminder.usual_week, "closing_on", lambda family_id, day: [week])
    with db.transaction():
        week_reminder.remind(dupont().family_id, DAY)
        dupont().account.change_password(password.hash_password("Soleil-2031"), address="")
    assert {"request_received", "password_changed"} <= mailed()
    assert (mailed() & REFUSABLE) == (set() if allows is False else REFUSABLE)


def test_the_pages_say_so(jean, app):
    with app.app_context(), db.transaction():
        dupont().allows_email = False
    assert "aucun rappel ne part" in text_of(jean.get("/demandes/rappels"))
    assert "Avec « Non », seuls partent les accusés de réception" in text_of(
        jean.get("/mon-compte/responsable/modification")
    )
