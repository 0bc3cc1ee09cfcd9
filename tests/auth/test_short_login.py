"""The login of the other tests leaves what the page's leaves."""

from itertools import count

import pytest
import time_machine
from sqlalchemy import inspect

from app import db
from app.models.accounts import Account, Throttle, UserSession
from app.models.event import Event
from tests.conftest import CheckingClient


def by_the_page(client: CheckingClient, identifiant: str) -> None:
    assert client.log_in_by_form(identifiant).status_code == 303


def by_the_short_way(client: CheckingClient, identifiant: str) -> None:
    client.log_in(identifiant)


def columns(row, *but: str) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).columns if column.key not in but}


def last_rows(entity, after: int) -> list[object]:
    return db.session.query(entity).order_by(entity.id).offset(after).all()


def left_by(way, app, identifiant: str, monkeypatch) -> dict[str, object]:
    """All that a login leaves: in the database and in the browser."""
    numbers = count(1)
    monkeypatch.setattr("secrets.token_urlsafe", lambda length: f"{length} {next(numbers)} {way.__name__}")
    client = app.test_client()
    with app.app_context():
        events, sessions = db.session.query(Event).count(), db.session.query(UserSession).count()
    with time_machine.travel("2026-05-04T08:00:00+00:00", tick=False):
        way(client, identifiant)
        with client.session_transaction() as kept:
            told = {name: str(value).replace(way.__name__, "whoever") for name, value in kept.items()}
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    with app.app_context():
        return {
            "in the cookie": told,
            "cookie": (cookie.domain, cookie.path, cookie.secure, cookie.http_only, cookie.same_site, cookie.expires),
            "sessions": [columns(one, "id", "token_digest") for one in last_rows(UserSession, sessions)],
            "events": [columns(one, "id") for one in last_rows(Event, events)],
            "account": columns(Account.named(identifiant)),
            "failures": [columns(one) for one in last_rows(Throttle, 0)],
        }


@pytest.mark.parametrize("address", ["http://localhost", "https://localhost"])
@pytest.mark.parametrize("identifiant", ["jean.dupont", "durand", "guichet"])
def test_the_short_way_leaves_what_the_page_leaves(make_app, monkeypatch, identifiant, address):
    app = make_app(PREAU_BASE_URL=address)
    by_page = left_by(by_the_page, app, identifiant, monkeypatch)
    assert len(by_page["sessions"]) == len(by_page["events"]) == 1
    assert left_by(by_the_short_way, app, identifiant, monkeypatch) == by_page


def test_it_opens_nothing_to_whom_the_page_would_not_let_in(app):
    with app.app_context(), db.transaction():
        Account.named("durand").locked_at = Account.named("durand").created_at
    with pytest.raises(AssertionError, match="log_in_by_form"):
        app.test_client().log_in("durand")
