"""Accounts that nobody uses: warned, then removed."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app import clock, db
from app.models.accounts import Account, Agent, UserSession
from app.models.durations import WARNING
from app.models.event import Event
from app.models.families import (
    Adult,
    Family,
)
from app.models.jobs import Job
from app.models.planning import CalendarFeed
from tests.models.privacy.purging import TODAY, at, child, count, due, family, purge

pytestmark = pytest.mark.usefixtures("inside")


def idle(last_login: date | None, *, login="ancienne", **fields) -> int:
    child(family(login=login), None)
    with db.transaction():
        account = Account.named(login)
        account.last_login_at = at(last_login) if last_login else None
        for name, value in fields.items():
            setattr(account, name, value)
        return account.id


def test_an_unused_account_is_warned_by_mail_once_then_removed():
    last, number = date(2024, 11, 22), idle(date(2024, 11, 22))
    assert due("Comptes sans connexion\u00a0: courriel d’avertissement", TODAY - timedelta(days=1)) == []
    for _ in range(2):
        purge()
    mails = [job.payload for job in db.session.query(Job).filter_by(kind="mail")]
    assert [(mail["to"], mail["template"]) for mail in mails] == [("a@famille.example", "account_idle")]
    assert mails[0]["context"] == {"identifiant": "ancienne", "last": "mardi 23 novembre 2027"}
    assert WARNING.span.over_on(last) == TODAY
    purge(date(2027, 11, 22))
    assert db.session.get(Account, number) is not None
    assert purge(date(2027, 11, 23))["Comptes sans connexion\u00a0: suppression"] == 1
    assert db.session.get(Account, number) is None
    assert count(Adult) == 5  # the person stays
    removed = db.session.query(Event).filter_by(kind="account_removed").one()
    assert removed.family_id == db.session.query(Family).filter_by(number="2000000000001").one().id


def test_a_month_goes_by_between_the_warning_and_the_end():
    number = idle(date(2020, 1, 1))
    purge()
    assert db.session.get(Account, number).idle_warned_at is not None
    purge(TODAY + timedelta(days=30))
    assert db.session.get(Account, number) is not None
    purge(TODAY + timedelta(days=31))
    assert db.session.get(Account, number) is None


def test_who_comes_back_keeps_the_account(app):
    number = idle(date(2020, 1, 1))
    purge()
    with db.transaction() as writing:
        writing.get(Account, number).last_login_at = at(TODAY)
        writing.get(Account, number).idle_warned_at = None
    purge(TODAY + timedelta(days=200))
    assert db.session.get(Account, number) is not None


def test_sessions_and_calendar_go_with_it_and_no_agent_is_touched():
    number = idle(date(2020, 1, 1), idle_warned_at=at(date(2022, 1, 1)))
    with db.transaction() as writing:
        adult = writing.query(Adult).filter_by(account_id=number).one()
        writing.add(UserSession(account_id=number, token_digest="x", expires_at=clock.now()))
        writing.add(CalendarFeed(adult_id=adult.id, token="t", token_digest="y"))
        for agent in writing.query(Agent):
            agent.account.last_login_at = at(date(2000, 1, 1))
    purge()
    assert db.session.get(Account, number) is None
    assert count(CalendarFeed) == count(select(UserSession).where(UserSession.token_digest == "x").subquery()) == 0
    assert count(select(Account).join(Agent).subquery()) == 4


def test_an_account_that_the_journal_still_names_waits():
    number = idle(date(2020, 1, 1), idle_warned_at=at(date(2022, 1, 1)))
    with db.transaction() as writing:
        writing.add(Event(kind="password_changed", actor_id=number))
    purge()
    assert db.session.get(Account, number) is not None


def test_one_never_used_counts_from_its_making_and_one_without_address_gets_no_mail():
    number = idle(None, created_at=at(date(2021, 1, 1)), locked_at=at(date(2021, 2, 1)))
    purge()
    assert count(select(Job).where(Job.kind == "mail").subquery()) == 0
    purge(TODAY + timedelta(days=31))
    assert db.session.get(Account, number) is None
