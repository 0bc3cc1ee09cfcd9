"""Comptes des agents: administrators create, change and lock the agents of the town hall."""

from collections.abc import Callable

from flask import abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue as Answer
from wtforms import EmailField, SelectField, SelectMultipleField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from app import access, db, htmx
from app.blueprints.agent import bp
from app.csrf import NOT_TOO_LONG, Form, checks_token_itself
from app.models.accounts import Agent, Permission, Role, password
from app.models.accounts.account import MAILBOX
from app.models.accounts.agent import Details
from app.models.accounts.clerk import Clerk
from app.models.accounts.permission import LIMITED_TO_STRUCTURES, TABLE
from app.models.refusal import RefusedError
from app.models.town import Structure

MENU = "agent.accounts"

ROLES = {"roles": list(Role), "permissions": list(Permission), "may": TABLE}
"""What the page tells of each role."""


class AgentForm(Form):
    name = StringField("Prénom et nom", [DataRequired("Écrivez le prénom et le nom."), NOT_TOO_LONG])
    email = EmailField(
        "Adresse de courriel",
        [
            Optional(),
            NOT_TOO_LONG,
            Regexp(MAILBOX, message="Cette adresse n’a pas la forme nom@domaine.fr, sans accent."),
        ],
    )
    role = SelectField("Rôle", [InputRequired()], choices=[SelectChoice(role.value, role.label) for role in Role])
    structures = SelectMultipleField(
        "Structures", coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )

    def offer(self, structures: list[Structure]) -> "AgentForm":
        self.structures.choices = [SelectChoice(structure.id, structure.name) for structure in structures]
        return self

    def validate_structures(self, field: SelectMultipleField) -> None:
        if self.role.data in LIMITED_TO_STRUCTURES and not field.data:
            raise ValidationError("Choisissez au moins une structure : ce rôle ne voit que les siennes.")

    @property
    def details(self) -> Details:
        email = (self.email.data or "").strip()
        return Details(self.name.data.strip(), email, Role(self.role.data), self.structures.data)


class NewAgentForm(AgentForm):
    identifiant = StringField("Identifiant", [DataRequired("Choisissez un identifiant."), NOT_TOO_LONG])


@bp.get("/comptes")
@access.needs(Permission.AGENTS)
def accounts() -> Answer:
    return render_template("agent/accounts/index.html", agents=Agent.all())


@bp.get("/comptes/nouveau")
@access.needs(Permission.AGENTS)
def account_new() -> Answer:
    return _new_page(NewAgentForm(None).offer(Structure.all()))


@bp.post("/comptes/nouveau")
@access.needs(Permission.AGENTS)
@checks_token_itself
def account_create() -> Answer:
    form = NewAgentForm().offer(Structure.all())
    if not form.validate_on_submit():
        return _new_page(form), 422
    one_time = password.one_time()
    asked = {"identifiant": form.identifiant.data, "password_hash": password.hash_password(one_time)}
    try:
        with db.transaction():
            made = Agent.open(form.details, by=access.current_clerk(), **asked)
    except RefusedError as refused:
        form.identifiant.errors = [str(refused)]
        return _new_page(form), 422
    return _one_time_page(made, one_time)


@bp.get("/comptes/<int:agent_id>")
@access.needs(Permission.AGENTS)
def account_page(agent_id: int) -> Answer:
    shown = _agent_or_404(agent_id)
    form = AgentForm(None, name=shown.name, email=shown.email, role=shown.role.value).offer(Structure.all())
    form.structures.data = [structure.id for structure in shown.structures]
    return _page(shown, form)


@bp.post("/comptes/<int:agent_id>")
@access.needs(Permission.AGENTS)
@checks_token_itself
def account_change(agent_id: int) -> Answer:
    form, shown = AgentForm().offer(Structure.all()), _agent_or_404(agent_id)
    if not form.validate_on_submit():
        return _page(shown, form), 422
    refusal = _act(agent_id, lambda agent, clerk: agent.change(form.details, by=clerk))
    if refusal:
        form.role.errors = [refusal]
        return _page(_agent_or_404(agent_id), form), 422
    flash("Les modifications sont enregistrées.", "success")
    still_mine = access.current_agent().may(Permission.AGENTS)  # no longer, for who gave the role away
    return htmx.go_to(url_for(".accounts" if still_mine else ".dashboard"))


@bp.post("/comptes/<int:agent_id>/verrouillage")
@access.needs(Permission.AGENTS)
def account_lock(agent_id: int) -> Answer:
    refusal = _act(agent_id, lambda agent, clerk: agent.lock(by=clerk))
    return _back(agent_id, refusal, "Le compte est verrouillé : ses sessions ont pris fin.")


@bp.post("/comptes/<int:agent_id>/deverrouillage")
@access.needs(Permission.AGENTS)
def account_unlock(agent_id: int) -> Answer:
    refusal = _act(agent_id, lambda agent, clerk: agent.account.unlock(by=clerk))
    return _back(agent_id, refusal, "Le compte est déverrouillé.")


@bp.post("/comptes/<int:agent_id>/mot-de-passe")
@access.needs(Permission.AGENTS)
def account_one_time(agent_id: int) -> Answer:
    one_time = password.one_time()
    hashed = password.hash_password(one_time)
    refusal = _act(agent_id, lambda agent, clerk: agent.give_one_time(hashed, by=clerk))
    if refusal:
        return _back(agent_id, refusal, "")
    return _one_time_page(_agent_or_404(agent_id), one_time)


@bp.post("/comptes/<int:agent_id>/double-authentification/desactivation")
@access.needs(Permission.AGENTS)
def account_two_factor_off(agent_id: int) -> Answer:
    refusal = _act(agent_id, lambda agent, clerk: agent.drop_second_factor(by=clerk))
    return _back(agent_id, refusal, "La double authentification est désactivée : le mot de passe suffit désormais.")


def _act(agent_id: int, verb: Callable[[Agent, Clerk], None]) -> str:
    """Call the verb with the agent and with the one who asks; the sentence of its refusal, or nothing."""
    try:
        with db.transaction():
            verb(_agent_or_404(agent_id), access.current_clerk())
    except RefusedError as refused:
        return str(refused)
    return ""


def _agent_or_404(agent_id: int) -> Agent:
    return Agent.find(agent_id) or abort(404)


def _back(agent_id: int, refusal: str, done: str) -> Answer:
    flash(refusal or done, "danger" if refusal else "success")
    return htmx.go_to(url_for(".account_page", agent_id=agent_id))


def _page(shown: Agent, form: AgentForm) -> str:
    return render_template("agent/accounts/show.html", shown=shown, form=form, **ROLES)


def _new_page(form: NewAgentForm) -> str:
    return render_template("agent/accounts/new.html", form=form, **ROLES)


def _one_time_page(shown: Agent, one_time: str) -> str:
    """The only time that this password is seen: only its hash is kept."""
    return render_template("agent/accounts/one_time.html", shown=shown, one_time=one_time)
