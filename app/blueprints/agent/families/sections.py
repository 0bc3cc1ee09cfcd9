"""Writing in a file at once, section by section, when a paper comes to the counter."""

from typing import Any

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer

from app import access, db, htmx
from app.blueprints.agent import bp
from app.blueprints.agent.families.section_forms import DirectForm, direct_form_of
from app.blueprints.agent.loading import child_or_404, file_or_404, home_of
from app.csrf import checks_token_itself
from app.models.accounts import Permission
from app.models.changes import change
from app.models.families import Child, barred, health
from app.models.families.sections import editing
from app.models.families.sections.catalogue import ACCOUNT, AT_THE_DESK, named
from app.models.families.sections.section import Section
from app.models.families.sections.values import Sheet
from app.models.households.custody import Households
from app.models.refusal import RefusedError
from app.models.requests import scope as request_scope
from app.models.reviews import evidence
from app.models.stale import ChangedMeanwhileError

_OF_FAMILY = ", ".join(f"'{section.slug}'" for section in ACCOUNT)
_OF_CHILD = ", ".join(f"'{section.slug}'" for section in AT_THE_DESK)


@bp.get(f"/familles/<int:family_id>/<any({_OF_FAMILY}):section>/modification")
@access.needs(Permission.FAMILY_FILES)
def family_section(family_id: int, section: str) -> Answer:
    sheet = _of_family(family_id, section)
    if not sheet.exists:  # nobody to speak of yet
        return htmx.go_to(url_for(".adult_new", family_id=family_id))
    return _page(sheet, direct_form_of(sheet.section).over(sheet))


@bp.post(f"/familles/<int:family_id>/<any({_OF_FAMILY}):section>/modification")
@access.needs(Permission.FAMILY_FILES)
@checks_token_itself
def family_section_update(family_id: int, section: str) -> Answer:
    return _write(_of_family(family_id, section), url_for(".family", family_id=family_id))


@bp.get(f"/enfants/<int:child_id>/<any({_OF_CHILD}):topic>/modification")
@access.needs(Permission.FAMILY_FILES)
@access.writes_on_get("an agent who reads of a child's health leaves a trace (domain.md §7)")
def child_section(child_id: int, topic: str) -> Answer:
    sheet = _of_child(child_id, topic)
    _note_reading(sheet)
    return _page(sheet, direct_form_of(sheet.section).over(sheet))


@bp.post(f"/enfants/<int:child_id>/<any({_OF_CHILD}):topic>/modification")
@access.needs(Permission.FAMILY_FILES)
@checks_token_itself
def child_section_update(child_id: int, topic: str) -> Answer:
    sheet = _of_child(child_id, topic)
    page = ".child_health" if sheet.section.is_health else ".child_page"
    return _write(sheet, url_for(page, child_id=child_id, famille=request.args.get("famille")))


def _write(sheet: Sheet, done: str) -> Answer:
    """Validate, write, and back to the page of the file; what cannot be comes back with the form."""
    form = _signed(direct_form_of(sheet.section)(), sheet)
    if not form.validate_on_submit() or not form.has_told(barred.told_before(sheet, form.wanted)):
        return _page(sheet, form), 422
    try:
        with db.transaction():
            editing.write(sheet, form.wanted, seen=form.was_seen, signed=form.signature, by=access.current_clerk())
    except ChangedMeanwhileError as changed:
        form.tell(changed, "Quelqu’un d’autre a modifié ce dossier entre-temps.")
        _note_reading(sheet)  # it tells what the file says
    except RefusedError as closed:
        form.refuse(str(closed))
    else:
        flash("C’est enregistré.", "success")
        return htmx.go_to(done)
    return _page(sheet, form), 422


def _page(sheet: Sheet, form: DirectForm) -> str:
    form.explain(sheet.texts())
    child_id = sheet.child_id
    about: dict[str, Any] = {"family": file_or_404(sheet.family_id), "child": None}
    if child_id is not None:
        about = {"family": None, "child": child_or_404(child_id), "schools": Child.schools()}
        waiting = evidence.waiting_about(child_id)
    else:
        waiting = list(change.pending(sheet.family_id).values())
    return render_template(
        "agent/families/sections/edit.html",
        form=_signed(form, sheet),
        section=sheet.section,
        sheet=sheet,
        waiting=[line for line in waiting if line.kind is sheet.section.kind],
        **about,
    )


def _signed(form: DirectForm, sheet: Sheet) -> DirectForm:
    if sheet.child_id is not None:
        households = Households(child_or_404(sheet.child_id))
        form.sign_among([adult for adult in households.adults if adult.id in households.with_authority])
    return form


def _of_family(family_id: int, slug: str) -> Sheet:
    return Sheet(_allowed(slug, ACCOUNT), file_or_404(family_id).id)


def _of_child(child_id: int, slug: str) -> Sheet:
    child = child_or_404(child_id)
    return Sheet(_allowed(slug, AT_THE_DESK), home_of(child.id), child.id)


def _allowed(slug: str, among: tuple[Section, ...]) -> Section:
    """403 for a section that the agent's role does not read."""
    found = named(slug, among)
    assert found is not None  # the address knows no other
    return found if request_scope.may_read(access.current_agent(), found) else abort(403)


def _note_reading(sheet: Sheet) -> None:
    """The journal keeps who reads of a child's health."""
    if sheet.section.is_health and sheet.child_id is not None:
        with db.transaction():
            health.note_reading(child_or_404(sheet.child_id), sheet.family_id, by=access.current_clerk())
