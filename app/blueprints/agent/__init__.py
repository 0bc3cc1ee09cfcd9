"""The agents' side: one file per desk."""

from flask import Blueprint

from app import access

bp = Blueprint("agent", __name__, url_prefix="/agent")
bp.before_request(access.guard("agent"))

from app.blueprints.agent import (  # noqa: E402, F401 - they register their routes
    accounts,
    children,
    dashboard,
    documents,
    enrolments,
    families,
    journal,
    letters,
    profile,
    requests,
)
