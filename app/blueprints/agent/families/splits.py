"""Séparation: a family whose adults part. The choices, what they will change, then one POST."""

from typing import Any

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer
from wtforms import RadioField, SelectChoice
from wtforms.validators import InputRequired

from app import access, db, htmx
from app.blueprints.agent import bp
from app.csrf import Form, checks_token_itself
from app.models.accounts import Permission
from app.models.enrolments.scope import family_for
from app.models.families import Child, Family
from app.models.households.split import Split
from app.models.refusal import RefusedError

BOTH = "deux"


class SplitForm(Form):
    depart = RadioField("Qui reçoit un nouveau dossier ?", [InputRequired("Dites qui reçoit un nouveau dossier.")])

    def split(self, family: Family) -> Split:
        """What this form asks of the family."""
        chosen = {field.name: field.data for field in self.homes}
        homes = {
            int(name.removeprefix("enfant_")): None if home == BOTH else int(home) for name, home in chosen.items()
        }
        return Split(family, int(self.depart.data), homes)

    @property
    def homes(self) -> list[Any]:
        """The fields that say where each child lives."""
        return [field for field in self if field.name.startswith("enfant_")]


@bp.get("/familles/<int:family_id>/separation")
@access.needs(Permission.FAMILY_FILES)
def new_split(family_id: int) -> Answer:
    family = _family_or_404(family_id)
    if Split.why_not(family) or not request.args:
        return _page(family)
    form = _form(family, request.args, csrf=False)
    if not form.validate():
        return _page(family, form), 422
    return _preview(family, form)


@bp.post("/familles/<int:family_id>/separation")
@access.needs(Permission.FAMILY_FILES)
@checks_token_itself
def create_split(family_id: int) -> Answer:
    family = _family_or_404(family_id)
    form = None if Split.why_not(family) else _form(family, request.form)
    if form is None or not form.validate():
        return _page(family, form), 422
    try:
        with db.transaction():
            family = Family.lock(family_id)[0]
            made = form.split(family).carry_out(by=access.current_clerk())
    except RefusedError as closed:
        form.refuse(str(closed))
        return _preview(family, form), 422
    flash(f"Le foyer est séparé : le nouveau dossier porte le n° {made.number}.", "success")
    return htmx.go_to(url_for(".family", family_id=made.id))


def _family_or_404(family_id: int) -> Family:
    """A file that the agent may open, merged or not: a page says which."""
    return family_for(access.current_agent(), family_id) or abort(404)


def _form(family: Family, typed: Any, *, csrf: bool = True) -> SplitForm:
    """One question more for each child."""
    homes = [SelectChoice(str(adult.id), f"chez {adult.full_name}") for adult in family.adults]
    fields = {
        f"enfant_{child.id}": RadioField(
            f"Où vit {child.first_name} ?",
            [InputRequired(f"Dites où vit {child.first_name}.")],
            choices=[SelectChoice(BOTH, "dans les deux foyers"), *homes],
            default=BOTH,
        )
        for child in Child.of_family(family.id)
    }
    form: SplitForm = type("SplitForm", (SplitForm,), fields)(typed, meta={"csrf": csrf})
    form.depart.choices = [SelectChoice(str(adult.id), adult.full_name) for adult in family.adults]
    return form


def _page(family: Family, form: SplitForm | None = None) -> str:
    why_not = Split.why_not(family)
    if why_not is None and form is None:
        form = _form(family, None)
        form.depart.data = str(family.adults[1].id)
    return render_template("agent/families/splits/new.html", family=family, form=form, why_not=why_not)


def _preview(family: Family, form: SplitForm) -> str:
    if Split.why_not(family):  # another agent was faster
        return _page(family, form)
    split = form.split(family)
    told = {"obstacles": split.obstacles, "files": split.files()}
    return render_template("agent/families/splits/preview.html", family=family, form=form, **told)
