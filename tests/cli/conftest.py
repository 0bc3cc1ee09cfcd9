"""Fixtures that several test files of this folder share."""

import pytest

from app import create_app, db
from tests import servers
from tests.cli.commands import _numbers
from tests.conftest import settings


@pytest.fixture
def flask(request):
    """flask("doctor"): run the command in the test's app (or the one given); its exit code and what it printed."""

    def running(*arguments, app=None, **more):
        app = app or request.getfixturevalue("app")
        result = app.test_cli_runner().invoke(args=arguments, **more)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result.exit_code, result.output

    return running


@pytest.fixture
def empty_place(engine_name, tmp_path, request):
    """A data folder that does not exist yet, and the address of an empty database."""
    folder = tmp_path / "new"
    if engine_name == "sqlite":
        yield folder, ""
        db.disconnect()
        return
    address, name = request.getfixturevalue("postgres_address"), f"empty_{next(_numbers)}"
    yield folder, servers.postgres_copy(address, name)
    db.disconnect()
    servers.postgres_drop(address, name)


@pytest.fixture
def new_app(empty_place):
    """An installation in which nothing was done yet."""

    def make(**changes):
        return create_app(settings(*empty_place, **changes))

    return make
