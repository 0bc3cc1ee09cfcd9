"""Accounts of a family: give a responsable the means to log in, lock, open again."""

from collections.abc import Callable

from flask import abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue as Answer
from wtforms import StringField
from wtforms.validators import DataRequired

from app import access, db, htmx
from app.blueprints.agent import bp
from app.csrf import NOT_TOO_LONG, Form, checks_token_itself
from app.models.accounts import Account, Permission
from app.models.accounts.clerk import Clerk
from app.models.families import Adult
from app.models.letters import family_accounts
from app.models.letters.letter import Draft, Parcel
from app.models.refusal import RefusedError


class AccountForm(Form):
    identifiant = StringField("Identifiant", [DataRequired("Choisissez un identifiant."), NOT_TOO_LONG])


@bp.get("/familles/<int:family_id>/responsables/<int:adult_id>/compte")
@access.needs(Permission.FAMILY_ACCOUNTS)
def adult_account_new(family_id: int, adult_id: int) -> Answer:
    adult = _adult_or_404(family_id, adult_id)
    if adult.account is not None:
        return htmx.go_to(url_for(".family", family_id=family_id))
    proposed = family_accounts.propose(adult.first_name, adult.last_name)
    return _new_page(adult, AccountForm(None, identifiant=proposed))


@bp.post("/familles/<int:family_id>/responsables/<int:adult_id>/compte")
@access.needs(Permission.FAMILY_ACCOUNTS)
@checks_token_itself
def adult_account_create(family_id: int, adult_id: int) -> Answer:
    form, adult = AccountForm(), _adult_or_404(family_id, adult_id)
    if not form.validate_on_submit():
        return _new_page(adult, form), 422
    draft, identifiant = Draft.of(adult_id), form.identifiant.data
    try:
        with db.transaction():
            adult = _locked_or_404(family_id, adult_id)
            family_accounts.open_account(
                adult, draft.password_hash, by=access.current_clerk(), identifiant=identifiant
            )
    except RefusedError as refused:
        form.identifiant.errors = [str(refused)]
        return _new_page(_adult_or_404(family_id, adult_id), form), 422
    return _one_time_page(family_id, draft)


@bp.post("/familles/<int:family_id>/responsables/<int:adult_id>/compte/mot-de-passe")
@access.needs(Permission.FAMILY_ACCOUNTS)
def adult_account_one_time(family_id: int, adult_id: int) -> Answer:
    draft = Draft.of(adult_id)
    try:
        _act(family_id, adult_id, lambda account, clerk: account.give_one_time(draft.password_hash, by=clerk))
    except RefusedError as refused:
        flash(str(refused), "danger")
        return htmx.go_to(url_for(".family", family_id=family_id))
    return _one_time_page(family_id, draft)


@bp.post("/familles/<int:family_id>/responsables/<int:adult_id>/compte/verrouillage")
@access.needs(Permission.FAMILY_ACCOUNTS)
def adult_account_lock(family_id: int, adult_id: int) -> Answer:
    _act(family_id, adult_id, lambda account, clerk: account.lock(by=clerk))
    flash("Le compte est verrouillé : ses sessions ont pris fin.", "success")
    return htmx.go_to(url_for(".family", family_id=family_id))


@bp.post("/familles/<int:family_id>/responsables/<int:adult_id>/compte/deverrouillage")
@access.needs(Permission.FAMILY_ACCOUNTS)
def adult_account_unlock(family_id: int, adult_id: int) -> Answer:
    _act(family_id, adult_id, lambda account, clerk: account.unlock(by=clerk))
    flash("Le compte est déverrouillé.", "success")
    return htmx.go_to(url_for(".family", family_id=family_id))


def _act(family_id: int, adult_id: int, verb: Callable[[Account, Clerk], None]) -> None:
    """Call the verb with the adult's account and with the agent who asks; 404 for an adult without one."""
    with db.transaction():
        account = _locked_or_404(family_id, adult_id).account
        if account is None:
            abort(404)
        verb(account, access.current_clerk())


def _adult_or_404(family_id: int, adult_id: int) -> Adult:
    found = family_accounts.adult_of(access.current_agent(), family_id, adult_id)
    if found is None:
        abort(404)
    return found


def _locked_or_404(family_id: int, adult_id: int) -> Adult:
    """The same, to act on: nobody else does until the transaction ends."""
    found = family_accounts.locked(access.current_agent(), [adult_id])
    if not found or found[0].family_id != family_id:
        abort(404)
    return found[0]


def _new_page(adult: Adult, form: AccountForm) -> str:
    return render_template("agent/families/accounts/new.html", of=adult, form=form)


def _one_time_page(family_id: int, draft: Draft) -> str:
    """The only time that this password is seen; the sealed parcel is what its letter is printed from."""
    adult = _adult_or_404(family_id, draft.adult_id)
    parcel = Parcel(access.current_agent().id, (draft,)).seal()
    return render_template("agent/families/accounts/one_time.html", of=adult, one_time=draft.password, parcel=parcel)
