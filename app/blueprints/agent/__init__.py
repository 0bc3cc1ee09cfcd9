"""The agents' side: one file per desk."""

from flask import Blueprint

from app import access

bp = Blueprint("agent", __name__, url_prefix="/agent")
bp.before_request(access.guard("agent"))

from app.blueprints.agent import (  # noqa: E402 - they register their routes
    accounts,  # noqa: F401
    acting,  # noqa: F401
    batches,  # noqa: F401
    child_page,  # noqa: F401
    children,  # noqa: F401
    dashboard,  # noqa: F401
    enrolling,  # noqa: F401
    enrolments,  # noqa: F401
    families,  # noqa: F401
    family_accounts,  # noqa: F401
    family_files,  # noqa: F401
    journal,  # noqa: F401
    letters,  # noqa: F401
    merges,  # noqa: F401
    piece_kinds,  # noqa: F401
    pieces,  # noqa: F401
    profile,  # noqa: F401
    reasons,  # noqa: F401
    requests,  # noqa: F401
    sections,  # noqa: F401
    splits,  # noqa: F401
)
