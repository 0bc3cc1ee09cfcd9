"""What a `flask` command needs before it begins; it says what is missing and stops."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app import config, doctor


def needs_settings(view: Callable[..., Any]) -> Callable[..., Any]:
    """A command that cannot work with wrong settings: it says what is wrong and stops."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        try:
            current_app.config["PREAU"].require_valid()
        except config.ConfigurationError as error:
            raise click.ClickException(f"réglages à corriger :\n{error}") from None
        return view(*args, **kwargs)

    return with_appcontext(checked)


def needs_database(view: Callable[..., Any]) -> Callable[..., Any]:
    """A command that cannot work without the database either."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        for check in doctor.database():
            if not check.good:
                raise click.ClickException(check.sentence)
        return view(*args, **kwargs)

    return needs_settings(checked)
