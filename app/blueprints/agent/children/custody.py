"""The children of a dossier famille: added, attached; garde and autorité parentale."""

from collections.abc import Sequence
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer

from app import access, db, htmx
from app.blueprints.agent import bp
from app.blueprints.agent.families.forms import AttachForm, CustodyForm, NewChildForm, ids_in
from app.blueprints.agent.loading import child_or_404, file_or_404, home_of
from app.csrf import checks_token_itself
from app.models.accounts import Permission
from app.models.families import Child, Family, adding_child
from app.models.families.adding_child import KnownChildError
from app.models.households.custody import Households
from app.models.refusal import RefusedError
from app.models.stale import ChangedMeanwhileError


@bp.get("/familles/<int:family_id>/enfants/nouveau")
@access.needs(Permission.FAMILY_FILES)
def child_new(family_id: int) -> Answer:
    family = file_or_404(family_id)
    name = family.adults[0].last_name if family.adults else ""
    return _new_page(family, NewChildForm(None, last_name=name))


@bp.post("/familles/<int:family_id>/enfants/nouveau")
@access.needs(Permission.FAMILY_FILES)
@checks_token_itself
def child_create(family_id: int) -> Answer:
    family, form = file_or_404(family_id), NewChildForm()
    if not form.validate_on_submit():
        return _new_page(family, form), 422
    try:
        with db.transaction():
            adding_child.add_child(family_id, form.values, others=ids_in(form.others), by=access.current_clerk())
    except KnownChildError as known:
        form.others.data = " ".join(str(child.id) for child in known.children)
        return _new_page(file_or_404(family_id), form, adding_child.with_adults(known.children)), 422
    except RefusedError as closed:
        form.refuse(str(closed))
        return _new_page(file_or_404(family_id), form), 422
    flash(f"{form.first_name.data} est dans le dossier.", "success")
    return htmx.go_to(url_for(".family", family_id=family_id))


@bp.get("/familles/<int:family_id>/enfants/rattachement")
@access.needs(Permission.FAMILY_FILES)
def child_search(family_id: int) -> Answer:
    return _search_page(file_or_404(family_id), AttachForm(None))


@bp.post("/familles/<int:family_id>/enfants/rattachement")
@access.needs(Permission.FAMILY_FILES)
@checks_token_itself
def child_attach(family_id: int) -> Answer:
    family, form = file_or_404(family_id), AttachForm()
    if not form.validate_on_submit():
        return _search_page(family, form), 422
    child = child_or_404(form.child_id.data)
    try:
        with db.transaction():
            adding_child.attach_child(family_id, child.id, by=access.current_clerk())
    except RefusedError as closed:
        form.refuse(str(closed))
        return _search_page(file_or_404(family_id), form), 422
    flash(f"{child.first_name} vit aussi dans ce foyer. Dites maintenant qui y a l’autorité parentale.", "success")
    return htmx.go_to(url_for(".child_custody", child_id=child.id, famille=family_id))


@bp.get("/enfants/<int:child_id>/garde")
@access.needs(Permission.FAMILY_FILES)
def child_custody(child_id: int) -> Answer:
    households = Households(child_or_404(child_id))
    return _custody_page(households, CustodyForm.of(households))


@bp.post("/enfants/<int:child_id>/garde")
@access.needs(Permission.FAMILY_FILES)
@checks_token_itself
def child_settle(child_id: int) -> Answer:
    form, child = CustodyForm(), child_or_404(child_id)
    if not form.validate_on_submit():
        return _custody_page(Households(child), form), 422
    try:
        with db.transaction():
            Households.locked(child_id).settle(
                form.foyer.data, form.autorite.data, seen=form.was_seen, by=access.current_clerk()
            )
    except ChangedMeanwhileError as changed:
        form.tell_of(Households(child_or_404(child_id)), changed)
    except RefusedError as closed:
        form.refuse(str(closed))
    else:
        return _saved(child_id)
    return _custody_page(Households(child_or_404(child_id)), form), 422


def _saved(child_id: int) -> Answer:
    flash("C’est enregistré.", "success")
    return htmx.go_to(url_for(".family", family_id=home_of(child_id)))


def _new_page(family: Family, form: NewChildForm, known: Sequence[Any] = ()) -> str:
    return render_template("agent/children/new.html", family=family, form=form, known=known, schools=Child.schools())


def _search_page(family: Family, form: AttachForm) -> str:
    typed = request.args.get("q", "")[:100]
    found = adding_child.found_elsewhere(family.id, typed)
    return render_template("agent/children/attach.html", family=family, form=form, typed=typed, found=found)


def _custody_page(households: Households, form: CustodyForm) -> str:
    child = households.child
    return render_template(
        "agent/children/custody.html", child=child, households=households, form=form, family_id=home_of(child.id)
    )
