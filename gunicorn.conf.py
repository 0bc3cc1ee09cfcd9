"""How gunicorn serves the portal (`gunicorn wsgi:app` reads this file by itself)."""

import os

bind = f"127.0.0.1:{os.environ.get('PORT') or '8000'}"
worker_class = "gthread"
workers = 2
threads = 16  # most wait for a body to arrive (app/bodies.py), which costs no more than their stack
preload_app = True  # imported once; the database is reached only after the fork
timeout = 60
forwarder_headers = ""  # SCRIPT_NAME and PATH_INFO are no headers of ours, whoever sends them
# Our own log has a line a request, without personal data (app/logs.py); gunicorn's own lines take its form.
accesslog = None
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "app.logs.JSONFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
    "loggers": {"gunicorn.error": {"level": "WARNING", "handlers": ["stderr"], "propagate": False}},
}
