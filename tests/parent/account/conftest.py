"""Fixtures that several test files of this folder share."""

import pytest

from app import db
from app.models.families import Finances
from tests.parent.account.asking import IBAN


@pytest.fixture
def on_file(app) -> None:
    """An account number that the town hall knows."""
    with app.app_context(), db.transaction():
        db.session.query(Finances).one().iban = IBAN
