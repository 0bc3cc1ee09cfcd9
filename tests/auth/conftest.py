"""Here people log in by the page."""

import pytest


@pytest.fixture
def jean(client):
    client.log_in_by_form("jean.dupont")
    return client
