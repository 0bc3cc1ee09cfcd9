"""Fixtures that several test files of this folder share."""

import pytest

from app.models.families import Child
from tests.agent.requests.answering import ask
from tests.builders import dupont


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client


@pytest.fixture
def asked(app) -> int:
    with app.app_context():
        return ask()


@pytest.fixture
def lea(app) -> int:
    with app.app_context():
        return Child.of_family(dupont().family_id)[0].id
