"""Fixtures that several test files of this folder share."""

import pytest
from sqlalchemy import select

from app import clock, db
from app.models.accounts import Account
from tests.models.privacy.purging import TODAY, at


@pytest.fixture
def inside(app):
    with app.app_context():
        clock.pretend(TODAY)
        with db.transaction() as writing:  # the guide's own family is not of interest here
            for one in writing.scalars(select(Account)):
                one.last_login_at = at(TODAY)
        yield
        clock.pretend(None)
