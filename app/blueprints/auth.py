"""Logging in and out."""

import time
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue as Answer
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from app import access, crypto, db, demo, htmx, known_browser
from app.csrf import NOT_TOO_LONG, STALE, Form, checks_token_itself
from app.models.accounts import Account
from app.models.accounts.login import PASSWORD_CHANGED, Refusal, authenticate, check_code
from app.models.town import Town

bp = Blueprint("auth", __name__)
CODE_WITHIN = 5 * 60  # seconds between the password and the code


class LoginForm(Form):
    identifiant = StringField("Identifiant", [InputRequired("Écrivez votre identifiant."), NOT_TOO_LONG])
    password = PasswordField("Mot de passe", [InputRequired("Écrivez votre mot de passe."), NOT_TOO_LONG])
    suite = HiddenField()


class CodeForm(Form):
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
            return htmx.go_to(access.landing(visitor.account, form.suite.data))
        return _login_page(form), 422
    browser = known_browser.number(form.identifiant.data)
    outcome = authenticate(form.identifiant.data, form.password.data, address=access.address(), browser=browser)
    if isinstance(outcome, Refusal):
        form.refuse(outcome.sentence)
        return _login_page(form), *_refused(outcome)
    if outcome.has_second_factor:
        session["awaiting_code"] = {
            "account": outcome.id,
            "password": crypto.digest(outcome.password_hash),
            "since": time.time(),
            "suite": form.suite.data,
        }
        return htmx.go_to(url_for(".second_factor"))
    access.log_in(outcome)
    return htmx.go_to(access.landing(outcome, form.suite.data))


@bp.get("/connexion/code")
def second_factor() -> Answer:
    if _awaiting() is None:
        return htmx.go_to(url_for(".login"))
    return render_template("auth/second_factor.html", form=CodeForm())


@bp.post("/connexion/code")
@checks_token_itself
def check_second_factor() -> Answer:
    awaiting, form = _awaiting(), CodeForm()
    if awaiting is None:
        flash("Trop de temps a passé depuis le mot de passe\u00a0: identifiez-vous de nouveau.", "info")
        return htmx.go_to(url_for(".login"))
    if not form.validate_on_submit():
        return render_template("auth/second_factor.html", form=form), 422
    with db.transaction() as writing:
        account = writing.get_one(Account, awaiting["account"])
        changed = crypto.digest(account.password_hash) != awaiting["password"]
        refusal = PASSWORD_CHANGED if changed else check_code(account, form.code.data)
    if refusal:
        form.refuse(refusal.sentence)
        return render_template("auth/second_factor.html", form=form), *_refused(refusal)
    access.log_in(account)
    return htmx.go_to(access.landing(account, awaiting["suite"]))


@bp.post("/deconnexion")
@checks_token_itself
def logout() -> Answer:
    if access.visitor() and not Form().validate_on_submit():  # already out in another tab: nothing to protect
        abort(400, description=STALE)
    access.log_out()
    return htmx.go_to(Town.current().website_url or url_for(".login"))


def _login_page(form: LoginForm) -> str:
    shown = current_app.config["PREAU"].demo
    return render_template(
        "auth/login.html",
        form=form,
        demo_logins=demo.LOGINS if shown else (),
        demo_password=demo.PASSWORD if shown else "",
    )


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
