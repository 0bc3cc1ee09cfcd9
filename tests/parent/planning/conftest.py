"""Fixtures that several test files of this folder share."""

import pytest

from app import db
from tests.builders import activity, dupont, durand, enrolment


@pytest.fixture
def two(app):
    """Two children of Jean Dupont, in an activity that decides at once."""
    with app.app_context(), db.transaction():
        one = activity("Garderie d’essai", places=1)
        return [enrolment(one, dupont().family).id for _ in range(2)]


@pytest.fixture
def theirs(app):
    with app.app_context(), db.transaction():
        return enrolment(activity("Ailleurs"), durand().family).id
