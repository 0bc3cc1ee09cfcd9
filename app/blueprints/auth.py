"""Logging in and out."""

import time
from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue as Answer
from flask_wtf.csrf import generate_csrf
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from app import access, crypto, db, demo, htmx, known_browser, opened_for
from app.csrf import NOT_TOO_LONG, STALE, Form, checks_token_itself
from app.models.accounts import Account
from app.models.accounts.login import PASSWORD_CHANGED, Refusal, authenticate, check_code
from app.models.town import Town
from app.visitor import SessionEndedError
from app.waiting_form import WaitingForm

bp = Blueprint("auth", __name__)
CODE_WITHIN = 5 * 60  # seconds between the password and the code


ANOTHER = "Cette page a été ouverte avec un autre compte\u00a0: identifiez-vous avec celui-là pour l’envoyer."
WAITS = (
    "Votre session a pris fin, par sécurité. Ce que vous avez écrit est gardé\u00a0: identifiez-vous pour l’envoyer."
)

NOT_SENT = "Votre session a pris fin, par sécurité\u00a0: rien n’a été envoyé. Identifiez-vous, puis recommencez."


class LoginForm(Form):
    identifiant = StringField("Identifiant", [InputRequired("Écrivez votre identifiant."), NOT_TOO_LONG])
    password = PasswordField("Mot de passe", [InputRequired("Écrivez votre mot de passe."), NOT_TOO_LONG])
    suite = HiddenField()
    ici = HiddenField()
    """The account of the page beside which one logs in, or « ? »."""
    attente = HiddenField()
    """The form that waits for it."""


class CodeForm(Form):
    ici = HiddenField()
    attente = HiddenField()
    code = StringField("Code", [InputRequired("Écrivez le code à 6 chiffres, ou un code de secours."), NOT_TOO_LONG])


@bp.get("/connexion")
def login() -> Answer:
    visitor = access.visitor()
    if visitor:
        return redirect(access.landing(visitor.account, request.args.get("suite")), 303)
    return _login_page(LoginForm(suite=request.args.get("suite")))


@bp.post("/connexion")
@checks_token_itself
def open_session() -> Answer:
    form, visitor = LoginForm(), access.visitor()
    if not form.validate_on_submit():
        if visitor and form.is_stale:  # logged in meanwhile, in another tab
            return _go_on(visitor.account, form, form.suite.data, WaitingForm.opened(form.attente.data))
        return _login_page(form), 422
    browser = known_browser.number(form.identifiant.data)
    outcome = authenticate(form.identifiant.data, form.password.data, address=access.address(), browser=browser)
    if isinstance(outcome, Refusal):
        form.refuse(outcome.sentence)
        return _login_page(form), *_refused(outcome)
    if _is_another(outcome, form):
        form.refuse(ANOTHER)
        return _login_page(form), 422
    if outcome.has_second_factor:
        return _ask_for_code(outcome, form)
    return _enter(outcome, form, form.suite.data)


@bp.app_errorhandler(SessionEndedError)
def session_ended(error: SessionEndedError) -> Answer:
    """Log in beside the page, or on a page that keeps what was sent."""
    if htmx.asks():
        g.mark = "sentence"
        return _login_page(LoginForm(None, ici=opened_for.mark_sent().partition(".")[0] or "?")), 401
    waiting = WaitingForm.of_request()
    flash(WAITS if waiting else NOT_SENT, "info")
    return _login_page(LoginForm(None, attente=waiting.sealed() if waiting else "")), 401


@bp.get("/connexion/prolongation")
@access.logged_in
def stay() -> Answer:
    """« Rester connecté »: asking for it is using the session."""
    return "", 204


@bp.get("/connexion/code")
def second_factor() -> Answer:
    if _awaiting() is None:
        return htmx.go_to(url_for(".login"))
    return _code_page(CodeForm())


@bp.post("/connexion/code")
@checks_token_itself
def check_second_factor() -> Answer:
    awaiting, form = _awaiting(), CodeForm()
    if awaiting is None:
        flash("Trop de temps a passé depuis le mot de passe\u00a0: identifiez-vous de nouveau.", "info")
        return htmx.go_to(url_for(".login"))
    if not form.validate_on_submit():
        return _code_page(form), 422
    with db.transaction() as writing:
        account = writing.get_one(Account, awaiting["account"])
        changed = crypto.digest(account.password_hash) != awaiting["password"]
        refusal = PASSWORD_CHANGED if changed else check_code(account, form.code.data)
    if refusal:
        form.refuse(refusal.sentence)
        return _code_page(form), *_refused(refusal)
    return _enter(account, form, awaiting["suite"])


@bp.post("/deconnexion")
@checks_token_itself
def logout() -> Answer:
    if access.visitor() and not Form().validate_on_submit():  # already out in another tab: nothing to protect
        abort(400, description=STALE)
    access.log_out()
    return htmx.go_to(Town.current().website_url or url_for(".login"))


def _ask_for_code(account: Account, form: LoginForm) -> Answer:
    session["awaiting_code"] = {
        "account": account.id,
        "password": crypto.digest(account.password_hash),
        "since": time.time(),
        "suite": form.suite.data,
    }
    if not form.ici.data and not form.attente.data:
        return htmx.go_to(url_for(".second_factor"))
    return _code_page(CodeForm(None, ici=form.ici.data, attente=form.attente.data))


def _enter(account: Account, form: LoginForm | CodeForm, wanted: str | None) -> Answer:
    waiting = WaitingForm.opened(form.attente.data)
    access.log_in(account)
    return _go_on(account, form, wanted, waiting)


def _go_on(account: Account, form: LoginForm | CodeForm, wanted: str | None, waiting: WaitingForm | None) -> Answer:
    """Where the session ended, or to what waits, or where one wanted to go."""
    if form.ici.data:
        return render_template("auth/_logged_in_here.html", token=generate_csrf())
    if waiting is None:
        return htmx.go_to(access.landing(account, wanted))
    return render_template("auth/waiting.html", waiting=waiting)


def _code_page(form: CodeForm) -> str:
    return render_template("auth/_log_in_here.html" if form.ici.data else "auth/second_factor.html", form=form)


def _login_page(form: LoginForm) -> str:
    if form.ici.data:
        return render_template("auth/_log_in_here.html", form=form)
    shown = current_app.config["PREAU"].demo
    return render_template(
        "auth/login.html",
        form=form,
        demo_logins=demo.LOGINS if shown else (),
        demo_password=demo.PASSWORD if shown else "",
    )


def _is_another(account: Account, form: LoginForm) -> bool:
    """Whether the page beside which one logs in is of another account."""
    return form.ici.data not in ("", None, "?", str(account.id))


def _refused(refusal: Refusal) -> tuple[int, dict[str, str]]:
    if refusal.retry_after:
        return 429, {"Retry-After": str(refusal.retry_after)}
    return 422, {}


def _awaiting() -> dict[str, Any] | None:
    """The account whose password was right, for five minutes."""
    found: dict[str, Any] | None = session.get("awaiting_code")
    if found is None or time.time() - found["since"] > CODE_WITHIN:
        return None
    return found
