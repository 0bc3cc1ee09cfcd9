"""For whom a page was opened: an account and, where an agent acts for a family, that family.

Every token of a page says it, so that no form can forget. What the page of one sends or asks for while this browser
is at work for another, in a second tab, is refused: it would be done in the wrong name.
"""

from flask import request
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import Conflict

from app import access, acting

_MARK = "~"
UNTYPED = ("csrf_token", "submission", "seen", "told", "stamp", "version", "holder", "sure", "ligne", "vu", "sans")
"""Fields that nobody fills in."""
_SECRET = ("password", "current", "confirmation", "code")
"""Fields of which no page repeats the content."""


class OtherPageError(Conflict):
    """A page of another account or family sent this; the description says which."""


def token() -> str:
    """The token of a form against forged requests, and for whom its page is."""
    visitor = access.visitor()
    return f"{generate_csrf()}{_MARK}{visitor.account.id}.{_family_id()}" if visitor else generate_csrf()


def marked(mark: str) -> str:
    """The token of a form whose page was opened for these, before its session ended."""
    return f"{generate_csrf()}{_MARK}{mark}" if mark else generate_csrf()


def mark_sent() -> str:
    """For whom the page says that it was opened, which sent this; empty when it says nothing."""
    return next((sent.partition(_MARK)[2] for sent in _sent() if _MARK in sent), "")


def without_mark(sent: str) -> str:
    """The token against forged requests alone."""
    return sent.partition(_MARK)[0]


def check() -> None:
    """Raises OtherPageError for what a page of another account, or on the parents' side of another family, sends."""
    visitor = access.visitor()
    if visitor is None:
        return
    for sent in _sent():
        account_id, _, family_id = sent.partition(_MARK)[2].partition(".")
        if account_id and account_id != str(visitor.account.id):
            raise OtherPageError(
                "Cette page a été ouverte avec un autre compte que celui qui est connecté maintenant."
            )
        if account_id and request.blueprint == "parent" and family_id != _family_id():
            raise OtherPageError(
                "Cette page a été ouverte pour une autre famille que celle pour qui vous agissez maintenant."
            )


def kept() -> list[tuple[str, str]]:
    """The fields of a form that was refused, for its sender to send again: all but passwords and codes."""
    sent = request.form.items(multi=True)
    return [(name, value) for name, value in sent if name.rpartition("-")[2] not in _SECRET]


def _sent() -> list[str]:
    """The tokens of this request: its form's, and the one that its page adds to whatever it sends."""
    fields = (value for name, value in request.form.items(multi=True) if name.endswith("csrf_token"))
    return [*fields, request.headers.get("X-CSRFToken", "")]


def _family_id() -> str:
    """The family for whom an agent acts, on the parents' side; empty elsewhere."""
    visitor = access.visitor()
    adult = acting.adult_of(visitor.account.agent) if visitor and visitor.account.agent else None
    return str(adult.family_id) if adult and request.blueprint == "parent" else ""
