"""Asking for a change of the file: the one way in which every section's page shows its form and takes it."""

import uuid
from collections.abc import Callable

from flask import url_for
from flask.typing import ResponseReturnValue as Answer

from app import access, db, htmx
from app.forms.section_form import PaperForm, SectionForm, form_of
from app.integrations import proofs
from app.models.changes import change
from app.models.changes.three_way import Wish, standing
from app.models.families.sections.section import Section
from app.models.families.sections.values import Sheet
from app.models.refusal import RefusedError
from app.models.stale import ChangedMeanwhileError, Texts

Page = Callable[[SectionForm], str]
"""Shows a form, filled in or refused."""
CHANGED = "Ce que vous modifiez a changé depuis que cette page est ouverte."


def form_for(sheet: Sheet, *, paper: bool = False) -> SectionForm:
    """The section's form: what the file says, or what was asked already where an answer is awaited."""
    texts = standing(sheet, change.pending(sheet.family_id, sheet.child_id))
    return form_of(sheet.section, paper=paper).showing(texts, submission=str(uuid.uuid4()))


def record_form(section: Section, texts: Texts | None = None) -> SectionForm:
    """The form of the new thing that this section can make, with what was asked of it already."""
    made = form_of(section, record=True)
    return made.showing({one.name: "" for one in made.section.fields} | (texts or {}), submission=str(uuid.uuid4()))


def ask(
    sheet: Sheet, page: Page, *, paper: bool = False, also: Callable[[SectionForm], bool] | None = None
) -> Answer:
    """Validate the form that was sent and ask for what it changes; what cannot be comes back with the form.

    `also`: what the page checks besides, once all fields are right.
    """
    form = form_of(sheet.section, paper=paper)()
    if not form.validate_on_submit() or (also and not also(form)):
        return page(form), 422
    joined = proofs.keep(form.content) if isinstance(form, PaperForm) and form.content else None
    try:
        with db.transaction():
            wish = Wish(sheet, form.wanted, form.was_seen)
            made = change.ask(
                sheet.section.kind,
                [wish],
                by=access.current_author(),
                submission=form.submission.data,
                paper=joined,
            )
            number = made.id
    except ChangedMeanwhileError as changed:
        form.tell(changed, CHANGED)
        return page(form), 422
    except RefusedError as closed:
        form.refuse(str(closed))
        return page(form), 422
    finally:
        if joined:
            proofs.forget_unless_claimed(joined)
    return htmx.go_to(url_for(".receipt", request_id=number))


def ask_for(
    section: Section,
    page: Page,
    *,
    child_id: int | None = None,
    also: Callable[[SectionForm], bool] | None = None,
) -> Answer:
    """As `ask`, for something new to be made."""
    form = form_of(section, record=True)()
    if not form.validate_on_submit() or (also and not also(form)):
        return page(form), 422
    author, sent = access.current_author, form.submission.data
    try:
        with db.transaction():
            number = change.ask_for(section, form.wanted, by=author(), submission=sent, child_id=child_id).id
    except RefusedError as closed:
        form.refuse(str(closed))
        return page(form), 422
    return htmx.go_to(url_for(".receipt", request_id=number))
