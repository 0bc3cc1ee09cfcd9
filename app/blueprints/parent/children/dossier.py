"""Dossier unique d'inscription: filled in online, step by step, or printed with what the town hall knows."""

import io
import uuid
from contextlib import suppress

from flask import flash, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue as Answer
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from app import access, db, htmx
from app.blueprints.parent import bp
from app.blueprints.parent.children.documents import around_step, documents_of
from app.blueprints.parent.children.file import child_or_404
from app.csrf import Form, checks_token_itself
from app.forms.section_form import SectionForm, form_of
from app.integrations import dui_pdf
from app.models.changes.dossier import DOCUMENTS, SENDING, STEPS, Dossier
from app.models.documents.checklist import expected
from app.models.families import Child
from app.models.families.sections.catalogue import OF_CHILD, named
from app.models.families.sections.section import Section
from app.models.overviews.account import AccountPage
from app.models.privacy import erasure
from app.models.refusal import RefusedError
from app.models.stale import Texts

_NAMES = ", ".join(f'"{step}"' for step in STEPS)
_STEP = f"/enfants/<int:child_id>/dossier/<any({_NAMES}):step>"


class SendForm(Form):
    submission = HiddenField(validators=[InputRequired(), Length(max=40)])
    stamp = HiddenField()  # where the page shows what would be asked


@bp.get("/enfants/<int:child_id>/dossier")
@access.personal
def dossier(child_id: int) -> Answer:
    household = AccountPage(access.current_adult().family).summary
    found = _dossier_or_404(child_id)
    erased_on = erasure.draft_erased_on(found.draft) if found.draft else None
    return render_template(
        "parent/children/dossier/index.html",
        child=found.child,
        draft=found.draft,
        sent=found.sent,
        under_way=found.under_way,
        steps=found.steps,
        done=found.done,
        next_step=found.next_step,
        household=household,
        erased_on=erased_on,
    )


@bp.get(_STEP)
@access.personal
def dossier_step(child_id: int, step: str) -> Answer:
    found, section = _dossier_or_404(child_id), named(step, OF_CHILD)
    if section is None:
        return _last_pages(found, step, SendForm(None, submission=str(uuid.uuid4())))
    form = form_of(section).showing(found.shown(section), submission=str(uuid.uuid4()))
    return _step_page(found, section, form)


@bp.post(_STEP)
@access.personal
@checks_token_itself
def save_dossier_step(child_id: int, step: str) -> Answer:
    found, section = _dossier_or_404(child_id), named(step, OF_CHILD)
    if section is None:
        return _send(child_id) if step == SENDING else _tick(child_id)
    form = form_of(section)()
    valid = form.validate_on_submit()
    if htmx.is_fragment():  # the page saves by itself: what is wrong is told once the parent goes on
        return _kept_so_far(child_id, section, form)
    if not valid:
        return _step_page(found, section, form), 422
    kept = _keep(child_id, step, form, form.wanted, form.was_seen)
    return kept or (_step_page(found, section, form), 422)


@bp.post("/enfants/<int:child_id>/dossier/confirmation")
@access.personal
def confirm_dossier(child_id: int) -> Answer:
    try:
        with db.transaction():
            found = _dossier_or_404(child_id)
            found.confirm(by=access.current_author())
    except RefusedError as closed:
        form = SendForm(None, submission=str(uuid.uuid4()))
        form.refuse(str(closed))
        return _last_pages(_dossier_or_404(child_id), SENDING, form), 422
    flash(f"C’est noté\u00a0: le dossier de {found.child.first_name} est à jour.", "success")
    return htmx.go_to(url_for(".dossier", child_id=child_id))


@bp.post("/enfants/<int:child_id>/dossier/suppression")
@access.personal
def forget_dossier(child_id: int) -> Answer:
    with db.transaction():
        _dossier_or_404(child_id).forget()
    flash("Votre saisie est effacée\u00a0: le dossier montre de nouveau ce que le service connaît.", "success")
    return htmx.go_to(url_for(".dossier", child_id=child_id))


@bp.get("/enfants/<int:child_id>/dossier.pdf")
@access.personal
def dossier_pdf(child_id: int) -> Answer:
    child = child_or_404(child_id)
    content = io.BytesIO(dui_pdf.render(child, access.current_adult().family))
    name = f"dossier-inscription-{child.first_name.lower()}.pdf"
    return send_file(content, mimetype="application/pdf", as_attachment=True, download_name=name)


def _dossier_or_404(child_id: int) -> Dossier:
    return Dossier(child_or_404(child_id), access.current_adult().family_id)


def _keep(child_id: int, step: str, form: Form, texts: Texts, seen: Texts) -> Answer | None:
    """Save the step and go on, or back to the overview; None when it cannot be, and the form says why."""
    try:
        with db.transaction():
            _dossier_or_404(child_id).keep(step, texts, seen=seen, page=form.submission.data, done=True)
    except RefusedError as closed:
        form.refuse(str(closed))
        return None
    if request.form.get("suite") == "plus-tard":
        flash("C’est enregistré\u00a0: vous pourrez reprendre plus tard, d’ici ou d’un autre appareil.", "success")
        return htmx.go_to(url_for(".dossier", child_id=child_id))
    following = STEPS[STEPS.index(step) + 1]
    return htmx.go_to(url_for(".dossier_step", child_id=child_id, step=following))


def _kept_so_far(child_id: int, section: Section, form: SectionForm) -> str:
    """Save what is right, and keep the rest of the draft as it was."""
    wrong = [name for name in section.names if form[name].errors]
    if not form.is_stale and not form.submission.errors:
        right = {name: text for name, text in form.wanted.items() if name not in wrong}
        with suppress(RefusedError), db.transaction():
            found = _dossier_or_404(child_id)
            found.keep(section.slug, right, seen=form.was_seen, page=form.submission.data, done=False)
    draft = _dossier_or_404(child_id).draft
    return render_template("parent/children/dossier/_kept.html", draft=draft, wrong=len(wrong), stale=form.is_stale)


def _tick(child_id: int) -> Answer:
    """The documents are given one by one: going on says that the parent has seen to them."""
    form = SendForm()
    if form.validate_on_submit():
        done = _keep(child_id, DOCUMENTS, form, {}, {})
        if done is not None:
            return done
    return _last_pages(_dossier_or_404(child_id), DOCUMENTS, form), 422


def _send(child_id: int) -> Answer:
    form = SendForm()
    if form.validate_on_submit():
        try:
            with db.transaction():
                found = _dossier_or_404(child_id)
                sent = {"submission": form.submission.data, "stamp": form.stamp.data or ""}
                made = found.send(by=access.current_author(), **sent).id
            return htmx.go_to(url_for(".receipt", request_id=made))
        except RefusedError as closed:
            form.refuse(str(closed))
    return _last_pages(_dossier_or_404(child_id), SENDING, form), 422


def _step_page(found: Dossier, section: Section, form: SectionForm) -> str:
    return render_template(
        "parent/children/dossier/step.html",
        **around_step(found, section.slug),
        section=section,
        form=form,
        pending=found.pending,
        said=found.said(section),
        schools=Child.schools(),
    )


def _last_pages(found: Dossier, step: str, form: SendForm) -> str:
    shown = {**around_step(found, step), "send_form": form}
    if step == DOCUMENTS:
        documents = documents_of(found.child, has_pai=found.has_pai)
        return render_template("parent/children/dossier/documents.html", **shown | documents)
    asked_for = expected(found.child, found.family_id, has_pai=found.has_pai)
    missing = [one for one in asked_for if one.is_missing]
    told = {"asked": found.asked, "stamp": found.stamp, "missing": missing}
    return render_template("parent/children/dossier/send.html", **shown, **told)
