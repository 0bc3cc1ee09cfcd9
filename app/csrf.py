"""Protection of every mutation against forged requests (Flask-WTF), kind to a page left open.

A view marked `@checks_token_itself` receives even a request whose token is stale: its form refuses it by the
same token and shows itself again with its content. Every other mutation is refused before its view.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import CSRFError
from wtforms.validators import Length

from app import access, opened_for


class _Protect(CSRFProtect):
    def _get_csrf_token(self) -> str | None:
        sent = super()._get_csrf_token()
        return opened_for.without_mark(sent) if sent else None


_protect = _Protect()
View = TypeVar("View", bound=Callable[..., Any])

STALE = "Cette page était ouverte depuis longtemps\u00a0: vérifiez ce qui suit, puis envoyez de nouveau."


NOT_TOO_LONG = Length(max=200, message="C’est trop long\u00a0: 200 caractères au plus.")


class _French:
    """WTForms' own messages, with the apostrophe of French typography."""

    def __init__(self, said: Any) -> None:
        self.said = said

    def gettext(self, message: str) -> str:
        return str(self.said.gettext(message)).replace("'", "’")

    def ngettext(self, one: str, several: str, count: int) -> str:
        return str(self.said.ngettext(one, several, count)).replace("'", "’")


class Form(FlaskForm):
    """The base of every form: French messages, and a sentence when the token is stale."""

    is_stale = False

    class Meta(FlaskForm.Meta):
        locales = ("fr",)

        def get_translations(self, form: Any) -> _French:
            return _French(super().get_translations(form))

    def validate(self, extra_validators: Any = None) -> bool:
        valid: bool = super().validate(extra_validators)
        if "csrf_token" in self and self.csrf_token.errors:  # a form read from an address has none
            self.is_stale = True
            self.csrf_token.errors = ()  # in English, and about a field that nobody sees
            self.form_errors.append(STALE)
        return valid

    def refuse(self, sentence: str) -> None:
        """Add a sentence that concerns the form as a whole."""
        self.form_errors.append(sentence)


def checks_token_itself(view: View) -> View:
    view.checks_token_itself = True  # type: ignore[attr-defined]
    return view


def init_app(app: Flask) -> None:
    # No time limit: the token lives as long as the session that it belongs to.
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_CHECK_DEFAULT=False, WTF_I18N_ENABLED=False)
    # Some browsers send no Referer; the token, SameSite=Lax and the __Host- cookie do without.
    app.config.update(WTF_CSRF_SSL_STRICT=False)
    _protect.init_app(app)
    app.context_processor(lambda: {"csrf_token": opened_for.token})
    app.jinja_env.globals["csrf_token"] = opened_for.token


def check() -> None:
    """Refuse (400) a mutation without a good token, unless its own form will; and what a page of another sends."""
    if request.endpoint is None:
        return
    opened_for.check()
    try:
        _protect.protect()
    except CSRFError:
        if access.visitor() is None and request.blueprint in ("parent", "agent"):
            return  # its session ended: the guard asks to log in, and does nothing else
        view = current_app.view_functions[request.endpoint]
        if not getattr(view, "checks_token_itself", False):
            abort(400, description=STALE)
