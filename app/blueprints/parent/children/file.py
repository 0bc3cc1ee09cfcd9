"""A child's page, and the sections of its file that a parent may ask to change."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue as Answer

from app import access
from app.blueprints.parent import asking, bp
from app.csrf import checks_token_itself
from app.forms.section_form import SectionForm
from app.models.changes import change
from app.models.families import Child
from app.models.families.sections.catalogue import OF_CHILD, named
from app.models.families.sections.section import Section
from app.models.families.sections.values import Sheet
from app.models.overviews.own_child import ChildOverview, readable

_SLUGS = ", ".join(f'"{section.slug}"' for section in OF_CHILD)


@bp.get("/enfants/<int:child_id>")
def child(child_id: int) -> Answer:
    seen = ChildOverview.of(child_or_404(child_id), access.current_author())
    return render_template("parent/children/show.html", child=seen.child, seen=seen)


@bp.get(f"/enfants/<int:child_id>/<any({_SLUGS}):topic>/modification")
def child_topic(child_id: int, topic: str) -> Answer:
    found, sheet = _sheet(child_id, topic)
    return _page(found, sheet, asking.form_for(sheet))


@bp.post(f"/enfants/<int:child_id>/<any({_SLUGS}):topic>/modification")
@checks_token_itself
def change_child_topic(child_id: int, topic: str) -> Answer:
    found, sheet = _sheet(child_id, topic)
    return asking.ask(sheet, lambda form: _page(found, sheet, form))


@bp.app_template_global()
def opens_topic(slug: str) -> bool:
    """Whether the page of this section opens for who asks: no entry leads to a 403."""
    section = named(slug, OF_CHILD)
    return section is not None and readable(section, access.current_author())


def child_or_404(child_id: int) -> Child:
    """A child over whom the adult who asks has authority, in their own household; any other does not exist."""
    return Child.of_adult(access.current_adult(), child_id) or abort(404)


def _sheet(child_id: int, topic: str) -> tuple[Child, Sheet]:
    """The section of this address; 403 for what an agent who acts for the family may not read there."""
    found, section = child_or_404(child_id), named(topic, OF_CHILD)
    assert isinstance(section, Section)  # the address knows no other
    if not readable(section, access.current_author()):
        abort(403)
    return found, Sheet(section, access.current_adult().family_id, found.id)


def _page(found: Child, sheet: Sheet, form: SectionForm) -> str:
    return render_template(
        "parent/children/section.html",
        child=found,
        section=sheet.section,
        form=form,
        pending=change.pending(sheet.family_id, found.id),
        now=sheet.texts(),
        schools=Child.schools(),
    )
