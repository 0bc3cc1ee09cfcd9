"""Fixtures that several test files of this folder share."""

import pytest


@pytest.fixture
def admin(client):
    client.log_in("admin")
    return client


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client
