"""The parents' side: one file per page."""

from flask import Blueprint

from app import access

bp = Blueprint("parent", __name__)
bp.before_request(access.guard("parent"))

from app.blueprints.parent import (  # noqa: E402 - they register their routes
    account,  # noqa: F401
    calendar_feed,  # noqa: F401
    child_documents,  # noqa: F401
    child_enrolments,  # noqa: F401
    child_files,  # noqa: F401
    children,  # noqa: F401
    documents,  # noqa: F401
    dossier,  # noqa: F401
    enrolment_request,  # noqa: F401
    home,  # noqa: F401
    my_data,  # noqa: F401
    new_child,  # noqa: F401
    planning,  # noqa: F401
    requests,  # noqa: F401
    slots,  # noqa: F401
)
