"""Fixtures that several test files of this folder share."""

import pytest


@pytest.fixture
def inside(app):
    with app.app_context():
        yield
