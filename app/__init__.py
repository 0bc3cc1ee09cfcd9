"""Préau, the family portal. `create_app()` assembles it."""

import os
import secrets

from flask import Flask

from app import (
    access,
    blueprints,
    cli,
    clock,
    converters,
    crypto,
    csrf,
    db,
    errors,
    keys,
    logs,
    security,
    templating,
)
from app.config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The application with these settings (default: of the environment). Does not touch the database."""
    settings = settings or Settings.load()
    os.umask(0o077)  # what the portal writes, the database above all, is no other user's of the machine
    app = Flask(__name__, static_folder=None)  # app/static_files.py serves ours
    app.config.update(PREAU=settings, SECRET_KEY=settings.secret_key or secrets.token_hex())
    logs.configure()
    clock.pretend(settings.today)
    crypto.configure(settings.encryption_keys)

    db.connect(settings.database_url)
    app.teardown_appcontext(lambda error: db.session.remove())

    app.url_map.converters.update(
        day=converters.DayConverter, month=converters.MonthConverter, int=converters.IdConverter
    )
    security.init_app(app)
    access.init_app(app)
    csrf.init_app(app)
    keys.init_app(app)
    app.before_request(csrf.check)
    blueprints.init_app(app)
    templating.init_app(app)
    errors.init_app(app)
    cli.init_app(app)
    return app
