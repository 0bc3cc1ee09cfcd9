"""Fixtures that several test files of this folder share."""

import pytest

from app import db
from tests.builders import activity, dupont, enrolment
from tests.conftest import GUIDE_DAY
from tests.models.planning.terms import LAST


@pytest.fixture
def number():
    """An enrolment of Léa in an activity of two places, from today to 12 June, nothing booked."""
    with db.transaction():
        return enrolment(activity(places=2), dupont().family, first_day=GUIDE_DAY, last_day=LAST).id
