"""A browser in which an account was opened before. Its tries are counted apart, so that a stranger who locks the
identifiant does not lock it out (OWASP: device cookies). The cookie opens nothing by itself, and names nobody.
"""

import secrets
from typing import Any

from flask import after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from app import crypto
from app.models.accounts.account import identifiant_key

_YEAR = 365 * 24 * 3600
_MOST = 5
"""Accounts of one browser; a sixth takes the place of the oldest."""


def number(identifiant: str) -> str:
    """What this browser got when this identifiant was first opened in it; empty in one that does not know it."""
    return _known().get(_digest(identifiant), "")


def remember(identifiant: str) -> None:
    """Know this browser again, for a year from now."""
    kept = _known()
    mine = kept.pop(_digest(identifiant), "") or secrets.token_urlsafe(12)
    newest = dict([*kept.items(), (_digest(identifiant), mine)][-_MOST:])

    @after_this_request
    def give(answer: Response) -> Response:
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        lasting: dict[str, Any] = {"max_age": _YEAR, "secure": secure, "httponly": True, "samesite": "Lax"}
        answer.set_cookie(_name(), _signer().dumps(newest), **lasting)
        return answer


def _known() -> dict[str, str]:
    try:
        known: dict[str, str] = _signer().loads(request.cookies.get(_name(), ""))
    except BadSignature:
        return {}
    return known


def _digest(identifiant: str) -> str:
    return crypto.digest(identifiant_key(identifiant))[:16]


def _name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-connu"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="known browser")
