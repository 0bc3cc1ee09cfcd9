"""The parents' side: one file per page."""

from flask import Blueprint

from app import access

bp = Blueprint("parent", __name__)
bp.before_request(access.guard("parent"))

from app.blueprints.parent import (  # noqa: E402, F401 - they register their routes
    account,
    calendar_feed,
    child_documents,
    child_enrolments,
    child_files,
    children,
    documents,
    dossier,
    enrolment_request,
    exchanges,
    home,
    many_days,
    my_data,
    new_child,
    offers,
    planning,
    reminders,
    requests,
    slots,
)
