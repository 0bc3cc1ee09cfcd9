"""Mon compte: what the town hall knows of the family, and the five sections that it may ask to change."""

from flask import render_template
from flask.typing import ResponseReturnValue as Answer

from app import access
from app.blueprints.parent import asking, bp
from app.csrf import checks_token_itself
from app.forms.section_form import SectionForm
from app.models import RequestKind, change
from app.models.section import Section
from app.models.sections import ACCOUNT, named
from app.models.sheet import Sheet

_SLUGS = ", ".join(section.slug for section in ACCOUNT)
_PAPERS = {RequestKind.FISCALES: "Avis d’imposition", RequestKind.CAF: "Attestation de la caisse"}


@bp.get("/mon-compte")
def account() -> Answer:
    family = access.current_adult().family
    sheets = {section.kind.value: Sheet(section, family.id).texts() for section in ACCOUNT}
    return render_template(
        "parent/account/index.html",
        family=family,
        sheets=sheets,
        sections={section.kind.value: section for section in ACCOUNT},
        pending=change.pending(family.id),
    )


@bp.get(f"/mon-compte/<any({_SLUGS}):section>/modification")
def account_section(section: str) -> Answer:
    sheet = _sheet(section)
    return _page(sheet, asking.form_for(sheet, paper=sheet.section.kind in _PAPERS))


@bp.post(f"/mon-compte/<any({_SLUGS}):section>/modification")
@checks_token_itself
def change_account_section(section: str) -> Answer:
    sheet = _sheet(section)
    return asking.ask(sheet, lambda form: _page(sheet, form), paper=sheet.section.kind in _PAPERS)


def _sheet(slug: str) -> Sheet:
    found = named(slug, ACCOUNT)
    assert isinstance(found, Section)  # the address knows no other
    return Sheet(found, access.current_adult().family_id)


def _page(sheet: Sheet, form: SectionForm) -> str:
    return render_template(
        "parent/account/section.html",
        section=sheet.section,
        form=form,
        paper=_PAPERS.get(sheet.section.kind),
        pending=change.pending(sheet.family_id),
    )
