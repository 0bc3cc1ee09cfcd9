"""Here people log in by the page, at an instant that lasts."""

import pytest


@pytest.fixture(autouse=True)
def _(no_time_passes):
    pass


@pytest.fixture
def jean(client):
    client.log_in_by_form("jean.dupont")
    return client
