"""Fixtures that several test files of this folder share."""

import pytest

from app import db
from app.models.jobs import Job
from app.worker import Worker
from tests.integrations.mailing import HELLO, Mailbox


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def post(make_app):
    """post(port, mail, …): queue mails for the server on that port, have the worker do what is due; the app."""

    def posting(port, *mails, login="", **settings):
        app = make_app(PREAU_SMTP_URL=f"smtp://{login}127.0.0.1:{port}", **settings)
        with app.app_context(), db.transaction():
            for one in mails or (HELLO,):
                Job.post_mail(**one)
        Worker(app).run_all()
        return app

    return posting
