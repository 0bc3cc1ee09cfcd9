"""What the tests of accounts share."""

import re

from sqlalchemy import select

from app import db
from app.models.accounts import Account
from app.models.event import Event

NEW = "/agent/comptes/nouveau"


def agent_id(app, identifiant):
    with app.app_context():
        return Account.named(identifiant).agent.id


def one_time_of(answer):
    return re.search(r'one-time">([a-z]{12})<', answer.text)[1]


def kinds(app):
    with app.app_context():
        return [kind for (kind,) in db.session.execute(select(Event.kind).order_by(Event.id)) if kind != "login"]


def create(admin, **changes):
    data = {"name": "Paul Petit", "identifiant": "paul", "email": "paul@saint-jean.example", "role": "guichet"}
    return admin.send_form(NEW, {**data, **changes})


def post(client, url, page):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)[1]
    return client.post(url, data={"csrf_token": token})
