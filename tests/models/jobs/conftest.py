"""Fixtures that several test files of this folder share."""

import pytest


@pytest.fixture
def _in_the_app(app):
    with app.app_context():
        yield
