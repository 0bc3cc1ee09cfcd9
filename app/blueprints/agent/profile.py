"""Mon profil: the agent's own account, address and one-time codes."""

from types import SimpleNamespace

import segno
from flask import current_app, flash, render_template, url_for
from flask.typing import ResponseReturnValue as Answer
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Regexp

from app import access, db, htmx
from app.blueprints.agent import bp
from app.csrf import NOT_TOO_LONG, Form, checks_token_itself
from app.models.accounts import Account, RecoveryCode, second_factor
from app.models.accounts.account import MAILBOX
from app.models.accounts.login import check_code, confirm_password
from app.models.town import Town

MENU = "agent.profile"

_PASSWORD = InputRequired("Écrivez votre mot de passe pour confirmer.")
_CODE = InputRequired("Écrivez le code à 6 chiffres.")


class EmailForm(Form):
    email = EmailField(
        "Adresse de courriel",
        [
            InputRequired("Écrivez une adresse."),
            NOT_TOO_LONG,
            Regexp(MAILBOX, message="Cette adresse n’a pas la forme nom@domaine.fr, sans accent."),
        ],
    )
    password = PasswordField("Mot de passe", [_PASSWORD, NOT_TOO_LONG])


class SetupForm(Form):
    secret = HiddenField()
    password = PasswordField("Mot de passe", [_PASSWORD, NOT_TOO_LONG])
    code = StringField("Code affiché par l’application", [_CODE, NOT_TOO_LONG])


class OffForm(Form):
    password = PasswordField("Mot de passe", [_PASSWORD, NOT_TOO_LONG])
    code = StringField("Code, ou code de secours", [_CODE, NOT_TOO_LONG])


class CodesForm(Form):
    code = StringField("Code affiché par l’application", [_CODE, NOT_TOO_LONG])


@bp.get("/profil")
@access.needs(None)
def profile() -> Answer:
    return _page()


@bp.post("/profil/courriel")
@access.needs(None)
@checks_token_itself
def change_email() -> Answer:
    form = EmailForm(prefix="email")
    account = access.current_account()
    if not form.validate_on_submit() or not _confirmed(form, account):
        return _page(email_form=form), 422
    with db.transaction() as writing:
        writing.get_one(Account, account.id).change_email(form.email.data, by=access.current_clerk())
    flash("Votre adresse est changée. L’ancienne adresse en est prévenue.", "success")
    return htmx.go_to(url_for(".profile"))


@bp.get("/profil/double-authentification")
@access.needs(None)
def two_factor_setup() -> Answer:
    if access.current_account().has_second_factor:
        return htmx.go_to(url_for(".profile"))
    form = SetupForm()
    form.secret.data = _signer().dumps(second_factor.new_secret())
    return _setup_page(form)


@bp.post("/profil/double-authentification")
@access.needs(None)
@checks_token_itself
def enable_two_factor() -> Answer:
    form = SetupForm()
    secret = _read_secret(form)
    if access.current_account().has_second_factor or secret is None:
        return htmx.go_to(url_for(".two_factor_setup"))
    if not form.validate_on_submit() or not _confirmed(form, access.current_account()):
        return _setup_page(form), 422
    with db.transaction() as writing:
        account = writing.get_one(Account, access.current_account().id)
        codes = second_factor.enable(account, secret, form.code.data, by=access.current_clerk())
    if codes is None:
        form.code.errors = ["Ce code n’est pas le bon\u00a0: attendez le suivant, et vérifiez l’heure du téléphone."]
        return _setup_page(form), 422
    return render_template("agent/profile/recovery_codes.html", codes=codes)


@bp.post("/profil/double-authentification/desactivation")
@access.needs(None)
@checks_token_itself
def two_factor_off() -> Answer:
    form = OffForm(prefix="off")
    account = access.current_account()
    if not form.validate_on_submit() or not _confirmed(form, account) or not _code_accepted(form, account):
        return _page(off_form=form), 422
    with db.transaction() as writing:
        second_factor.disable(writing.get_one(Account, account.id), by=access.current_clerk())
    flash("La double authentification est désactivée.", "success")
    return htmx.go_to(url_for(".profile"))


@bp.post("/profil/codes-de-secours")
@access.needs(None)
@checks_token_itself
def recovery_codes() -> Answer:
    form = CodesForm(prefix="codes")
    account = access.current_account()
    if not form.validate_on_submit() or not _code_accepted(form, account):
        return _page(codes_form=form), 422
    with db.transaction():
        codes = RecoveryCode.renew(account.id)
    return render_template("agent/profile/recovery_codes.html", codes=codes)


def _page(**sent: Form) -> str:
    """The profile; the form that was just sent shows its errors, the others are fresh."""
    account = access.current_account()
    forms = {
        "email_form": EmailForm(None, prefix="email", email=account.email),
        "off_form": OffForm(None, prefix="off"),
        "codes_form": CodesForm(None, prefix="codes"),
        **sent,
    }
    return render_template(
        "agent/profile/show.html",
        two_factor=SimpleNamespace(
            enabled=account.has_second_factor,
            required=current_app.config["PREAU"].agent_totp_required,
            recovery_left=RecoveryCode.left(account.id),
        ),
        **forms,
    )


def _setup_page(form: SetupForm) -> str:
    secret = _read_secret(form) or ""
    uri = second_factor.provisioning_uri(secret, access.current_account(), f"Portail famille {Town.current().name}")
    return render_template(
        "agent/profile/two_factor_setup.html",
        form=form,
        qr_svg=segno.make(uri, micro=False).svg_data_uri(scale=5, border=2, light="white"),
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
    )


def _signer() -> URLSafeSerializer:
    """The secret travels in the form until a code proves it, signed for this account: no row, no cookie."""
    return URLSafeSerializer(current_app.secret_key or "", salt=f"totp-{access.current_account().id}")


def _read_secret(form: SetupForm) -> str | None:
    try:
        return str(_signer().loads(form.secret.data or ""))
    except BadSignature:
        return None


def _confirmed(form: EmailForm | OffForm | SetupForm, account: Account) -> bool:
    refusal = confirm_password(account, form.password.data)
    if refusal:
        form.password.errors = [refusal.sentence]
    return refusal is None


def _code_accepted(form: OffForm | CodesForm, account: Account) -> bool:
    with db.transaction() as writing:
        refusal = check_code(writing.get_one(Account, account.id), form.code.data)
    if refusal:
        form.code.errors = [refusal.sentence]
    return refusal is None
