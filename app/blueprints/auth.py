"""Logging in and out."""

import time

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue as Answer
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from app import access, db, demo, htmx
from app.csrf import Form, shows_form_again
from app.models import Account, Town
from app.models.login import Refusal, authenticate, check_code

bp = Blueprint("auth", __name__)
CODE_WITHIN = 5 * 60  # seconds between the password and the code


class LoginForm(Form):
    identifiant = StringField("Identifiant", [InputRequired("Écrivez votre identifiant.")])
    password = PasswordField("Mot de passe", [InputRequired("Écrivez votre mot de passe.")])
    suite = HiddenField()


class CodeForm(Form):
    code = StringField("Code", [InputRequired("Écrivez le code à 6 chiffres, ou un code de secours.")])


@bp.get("/connexion")
def login() -> Answer:
    visitor = access.visitor()
    if visitor:
        return redirect(access.landing(visitor.account, request.args.get("suite")), 303)
    return _login_page(LoginForm(suite=request.args.get("suite")))


@bp.post("/connexion")
@shows_form_again
def open_session() -> Answer:
    form = LoginForm()
    if not form.validate_on_submit():
        return _login_page(form), 422
    outcome = authenticate(form.identifiant.data, form.password.data, address=access.address())
    if isinstance(outcome, Refusal):
        form.refuse(outcome.sentence)
        return _login_page(form), *_refused(outcome)
    if outcome.has_second_factor:
        session["awaiting_code"] = {"account": outcome.id, "since": time.time(), "suite": form.suite.data}
        return htmx.go_to(url_for(".second_factor"))
    access.log_in(outcome)
    return htmx.go_to(access.landing(outcome, form.suite.data))


@bp.get("/connexion/code")
def second_factor() -> Answer:
    if _awaiting() is None:
        return htmx.go_to(url_for(".login"))
    return render_template("auth/second_factor.html", form=CodeForm())


@bp.post("/connexion/code")
@shows_form_again
def check_second_factor() -> Answer:
    awaiting, form = _awaiting(), CodeForm()
    if awaiting is None:
        flash("Trop de temps a passé depuis le mot de passe : identifiez-vous de nouveau.", "info")
        return htmx.go_to(url_for(".login"))
    if not form.validate_on_submit():
        return render_template("auth/second_factor.html", form=form), 422
    with db.transaction() as writing:
        account = writing.get_one(Account, awaiting["account"])
        refusal = check_code(account, form.code.data)
    if refusal:
        form.refuse(refusal.sentence)
        return render_template("auth/second_factor.html", form=form), *_refused(refusal)
    access.log_in(account)
    return htmx.go_to(access.landing(account, str(awaiting["suite"] or "")))


@bp.post("/deconnexion")
def logout() -> Answer:
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


def _awaiting() -> dict[str, object] | None:
    """The account whose password was right, for five minutes."""
    found: dict[str, object] | None = session.get("awaiting_code")
    if found is None or time.time() - float(str(found["since"])) > CODE_WITHIN:
        return None
    return found
