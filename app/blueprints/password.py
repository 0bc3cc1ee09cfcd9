"""Passwords: forgotten, reset by a mailed link, changed."""

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue as Answer
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, ValidationError

from app import access, db, htmx
from app.csrf import NOT_TOO_LONG, Form, checks_token_itself
from app.models.accounts import Account, PasswordReset, Throttle
from app.models.accounts import password as passwords
from app.models.accounts.email_return import EmailReturn
from app.models.accounts.login import confirm_password
from app.models.accounts.throttle import network

bp = Blueprint("password", __name__, url_prefix="/mot-de-passe")


class ForgottenForm(Form):
    identifiant = StringField(
        "Identifiant ou adresse de courriel",
        [InputRequired("Écrivez votre identifiant, ou votre adresse de courriel."), NOT_TOO_LONG],
    )


class NewPasswordForm(Form):
    password = PasswordField("Nouveau mot de passe", [InputRequired("Choisissez un mot de passe."), NOT_TOO_LONG])
    confirmation = PasswordField(
        "Le même, une seconde fois",
        [
            InputRequired("Écrivez le mot de passe une seconde fois."),
            EqualTo("password", "Les deux mots de passe ne sont pas les mêmes."),
        ],
    )
    identifiant = ""

    def validate_password(self, field: PasswordField) -> None:
        broken = passwords.failures(field.data, self.identifiant)
        if broken:
            raise ValidationError(" ".join(broken))

    @property
    def criteria(self) -> list[passwords.Criterion]:
        """The rules, judged once something was sent."""
        return passwords.criteria(self.password.data, self.identifiant)


class ChangeForm(NewPasswordForm):
    current = PasswordField(
        "Mot de passe actuel", [InputRequired("Écrivez votre mot de passe actuel."), NOT_TOO_LONG]
    )


@bp.get("/oubli")
def forgot() -> Answer:
    return render_template("password/forgot.html", form=ForgottenForm())


@bp.post("/oubli")
@checks_token_itself
def request_reset() -> Answer:
    form = ForgottenForm()
    if not form.validate_on_submit():
        return render_template("password/forgot.html", form=form), 422
    with db.transaction():
        standing = Throttle.begin("reset", network(access.address()))
        if not standing.locked_for:
            PasswordReset.request(form.identifiant.data)
    if standing.locked_for:
        form.refuse("Trop de liens ont été demandés depuis cette connexion internet. Réessayez dans une heure.")
        return render_template("password/forgot.html", form=form), 429
    return render_template("password/forgot_sent.html")


@bp.get("/<token>")
def reset(token: str) -> Answer:
    found = PasswordReset.live(token)
    if found is None:
        return render_template("password/link_dead.html"), 404
    return _reset_page(NewPasswordForm(), token)


@bp.post("/<token>")
@checks_token_itself
def use_reset(token: str) -> Answer:
    found, form = PasswordReset.live(token), NewPasswordForm()
    if found is None:
        return render_template("password/link_dead.html"), 404
    form.identifiant = found.account.identifiant
    if not form.validate_on_submit():
        return _reset_page(form, token), 422
    new_hash = passwords.hash_password(form.password.data)
    with db.transaction():
        found = PasswordReset.live(token, lock=True)
        if found is None:
            return render_template("password/link_dead.html"), 404
        found.use(new_hash, address=access.address())
    flash("Votre mot de passe est changé. Identifiez-vous avec le nouveau.", "success")
    return htmx.go_to(url_for("auth.login"))


@bp.get("/adresse/<token>")
def email_return(token: str) -> Answer:
    found = EmailReturn.live(token)
    if found is None:
        return render_template("password/email_return_dead.html"), 404
    return render_template("password/email_return.html", found=found, token=token)


@bp.post("/adresse/<token>")
@checks_token_itself
def return_email(token: str) -> Answer:
    unknown = passwords.hash_password(passwords.one_time())
    if not Form().validate_on_submit():
        return email_return(token)
    with db.transaction():
        found = EmailReturn.live(token, lock=True)
        if found is None:
            return render_template("password/email_return_dead.html"), 404
        found.carry_out(unknown, address=access.address())
    flash("C’est annulé. Un lien part à votre adresse pour choisir un nouveau mot de passe.", "success")
    return htmx.go_to(url_for("auth.login"))


@bp.get("")
@access.logged_in
def change() -> Answer:
    return _change_page(_change_form(access.current_account()))


@bp.post("")
@checks_token_itself
@access.logged_in
def apply_change() -> Answer:
    visitor, account = access.visitor(), access.current_account()
    form = _change_form(account)
    stored, forced = account.password_hash, account.must_change_password
    if not form.validate_on_submit() or not (forced or _current_is_right(form, account)):
        return _change_page(form), 422
    if passwords.verify(stored, form.password.data):
        form.password.errors = [*form.password.errors, "Choisissez un mot de passe différent de l’actuel."]
        return _change_page(form), 422
    new_hash = passwords.hash_password(form.password.data)
    with db.transaction() as writing:
        assert visitor is not None
        changed = writing.get_one(Account, account.id)
        changed.change_password(new_hash, address=access.address(), keep=visitor.session)
    flash("Votre mot de passe est changé. Vos autres appareils devront s’identifier de nouveau.", "success")
    return htmx.go_to(access.landing(account, None))


def _current_is_right(form: ChangeForm, account: Account) -> bool:
    refusal = confirm_password(account, form.current.data)
    if refusal:
        form.current.errors = [refusal.sentence]
    return refusal is None


def _change_form(account: Account) -> NewPasswordForm:
    """At first login the password was typed a moment ago: it is not asked again."""
    form = NewPasswordForm() if account.must_change_password else ChangeForm()
    form.identifiant = account.identifiant
    return form


def _change_page(form: NewPasswordForm) -> str:
    forced = access.current_account().must_change_password
    return render_template("password/change.html", form=form, criteria=form.criteria, forced=forced)


def _reset_page(form: NewPasswordForm, token: str) -> str:
    action = url_for(".use_reset", token=token)
    return render_template("password/reset.html", form=form, criteria=form.criteria, action=action)
