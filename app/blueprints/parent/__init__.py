"""The parents' side: one file per page."""

from flask import Blueprint

from app import access

bp = Blueprint("parent", __name__)
bp.before_request(access.guard("parent"))

from app.blueprints.parent import (  # noqa: E402, F401 - they register their routes
    account,
    children,
    home,
    my_data,
    planning,
    publications,
    requests,
)
