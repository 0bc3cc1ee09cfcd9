"""Dossier famille: opening one, its number, and its second adult. What its sections say is written in `sections`."""

from collections.abc import Sequence
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer

from app import access, db, htmx
from app.blueprints.agent import bp
from app.blueprints.agent.families.forms import AdultForm, AdultPart, FamilyForm, NewFamilyForm, ids_in
from app.blueprints.agent.loading import file_or_404
from app.csrf import checks_token_itself
from app.models.accounts import Permission
from app.models.families import Adult, Family, barred, opening_file
from app.models.families.opening_file import AlikeError, NumberTakenError
from app.models.refusal import RefusedError
from app.models.stale import ChangedMeanwhileError

_HOME = ("address", "postal_code", "city")
"""What a second adult shares with the first unless something else is typed."""


@bp.get("/familles/nouvelle")
@access.needs(Permission.FAMILY_FILES)
def family_new() -> Answer:
    return _new_page(NewFamilyForm(None), *_parts(None))


@bp.post("/familles/nouvelle")
@access.needs(Permission.FAMILY_FILES)
@checks_token_itself
def family_create() -> Answer:
    form, (first, second) = NewFamilyForm(), _parts(request.form)
    adults = [first] if second.is_blank else [first, second]
    if not all([form.validate_on_submit(), *(adult.validate() for adult in adults)]):
        return _new_page(form, first, second), 422
    try:
        made = _open(form, adults)
    except AlikeError as found:
        form.others.data = " ".join(str(family.id) for family in found.families)
        return _new_page(form, first, second, found.families), 422
    except NumberTakenError as taken:
        form.number.errors = [_whose(taken)]
        return _new_page(form, first, second), 422
    flash(f"Le dossier est ouvert, sous le n° {made.number}.", "success")
    return htmx.go_to(url_for(".family", family_id=made.id))


@bp.get("/familles/<int:family_id>/modification")
@access.needs(Permission.FAMILY_FILES)
def family_edit(family_id: int) -> Answer:
    family = file_or_404(family_id)
    return _edit_page(family, FamilyForm.over(family))


@bp.post("/familles/<int:family_id>/modification")
@access.needs(Permission.FAMILY_FILES)
@checks_token_itself
def family_update(family_id: int) -> Answer:
    family, form = file_or_404(family_id), FamilyForm()
    if not form.validate_on_submit():
        return _edit_page(family, form), 422
    try:
        with db.transaction():
            opening_file.change_family(family_id, form.values, seen=form.was_seen, by=access.current_clerk())
    except NumberTakenError as taken:
        form.number.errors = [_whose(taken)]
    except ChangedMeanwhileError as changed:
        form.tell(changed)
    else:
        return _saved(family_id)
    return _edit_page(file_or_404(family_id), form), 422


@bp.get("/familles/<int:family_id>/responsables/nouveau")
@access.needs(Permission.FAMILY_FILES)
def adult_new(family_id: int) -> Answer:
    family = file_or_404(family_id)
    if len(family.adults) > 1:
        return _not_added(family_id, opening_file.FULL)
    like = family.adults[0] if family.adults else Adult()
    form = AdultForm(None, address=like.address, postal_code=like.postal_code, city=like.city)
    return _adult_page(family, form)


@bp.post("/familles/<int:family_id>/responsables/nouveau")
@access.needs(Permission.FAMILY_FILES)
@checks_token_itself
def adult_create(family_id: int) -> Answer:
    family, form = file_or_404(family_id), AdultForm()
    if not form.validate_on_submit():
        return _adult_page(family, form), 422
    try:
        with db.transaction():
            opening_file.add_adult(family_id, form.values, by=access.current_clerk())
    except RefusedError as closed:
        return _not_added(family_id, str(closed))
    _tell_of(form.values, family_id)
    flash("C’est enregistré. Dites, pour chaque enfant, si cet adulte a l’autorité parentale.", "success")
    return htmx.go_to(url_for(".family", family_id=family_id))


def _tell_of(values: dict[str, Any], family_id: int) -> None:
    """What the agent should know of an adult who joined."""
    for one in barred.in_household(f"{values['first_name']} {values['last_name']}", family_id):
        flash(f"{one.sentence}, d’après la fiche d’un enfant de ce dossier.", "warning")
    for other in opening_file.reached_like(values, but=family_id):
        names = " et ".join(adult.full_name for adult in other.adults)
        flash(
            f"Le dossier n° {other.number} ({names}) a ce courriel ou ce mobile\u00a0: peut-être la même personne.",
            "warning",
        )


def _open(form: NewFamilyForm, adults: list[AdultPart]) -> Family:
    first, *second = (adult.values for adult in adults)
    for values in second:
        if not any(values[field] for field in _HOME):
            values |= {field: first[field] for field in _HOME}
    with db.transaction():
        return opening_file.open_file(
            number=form.number.data,
            situation=form.situation.data,
            adults=[first, *second],
            others=ids_in(form.others),
            by=access.current_clerk(),
        )


def _parts(typed: Any) -> tuple[AdultPart, AdultPart]:
    return AdultPart(typed, prefix="premier"), AdultPart(typed, prefix="second")


def _whose(taken: NumberTakenError) -> str:
    names = " et ".join(adult.full_name for adult in taken.family.adults)
    return f"Ce numéro est déjà celui du dossier de {names}."


def _saved(family_id: int) -> Answer:
    flash("C’est enregistré.", "success")
    return htmx.go_to(url_for(".family", family_id=family_id))


def _not_added(family_id: int, why: str) -> Answer:
    flash(why, "info")
    return htmx.go_to(url_for(".family", family_id=family_id))


def _new_page(form: NewFamilyForm, first: AdultPart, second: AdultPart, found: Sequence[Family] = ()) -> str:
    return render_template("agent/families/new.html", form=form, first=first, second=second, alike=found)


def _edit_page(family: Family, form: FamilyForm) -> str:
    return render_template("agent/families/edit.html", family=family, form=form)


def _adult_page(family: Family, form: AdultForm) -> str:
    return render_template("agent/families/adult.html", family=family, form=form)
