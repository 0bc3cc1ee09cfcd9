"""The application for a WSGI server (`gunicorn wsgi:app`) and for the `flask` command."""

import os

from app import create_app
from app.config import Settings

settings = Settings.load()
if os.environ.get("FLASK_RUN_FROM_CLI") != "true":  # `flask doctor` must be able to say what is wrong
    settings.require_valid()
app = create_app(settings)
