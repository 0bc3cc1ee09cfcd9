"""A cell of the planning: its menu, and what can be asked from there."""

import uuid
from collections.abc import Callable
from datetime import date
from urllib.parse import parse_qsl, urlsplit

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer
from flask_wtf.file import FileField, FileRequired
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired, Length

from app import access, db, htmx
from app.blueprints.parent import bp
from app.blueprints.parent.planning.cells import cells, columns
from app.blueprints.parent.planning.month import counters
from app.converters import row_id
from app.csrf import Form, checks_token_itself
from app.forms.fields import reason_field
from app.forms.section_form import read_paper
from app.integrations import proofs
from app.models.planning.month import Month
from app.models.planning.slot import Slot
from app.models.planning.slot_menu import Menu
from app.models.refusal import RefusedError
from app.models.requests import LineState, Request, RequestLine, receipt


class AskForm(Form):
    submission = HiddenField(validators=[InputRequired(), Length(max=40)])


class AbsenceForm(AskForm):
    motif = reason_field()
    confirmation = BooleanField(
        "Je confirme cette absence", [InputRequired("Cochez la case pour confirmer l’absence.")]
    )


class ProofForm(AskForm):
    fichier = FileField("Justificatif", [FileRequired("Choisissez un fichier, un certificat médical par exemple.")])
    content = b""

    def validate_fichier(self, field: FileField) -> None:
        self.content = read_paper(field)


@bp.get("/inscriptions/<int:enrolment_id>/<day:day>")
def slot_menu(enrolment_id: int, day: date) -> Answer:
    menu = Menu(slot_or_404(enrolment_id, day))
    template = "parent/planning/slots/_menu.html" if htmx.is_fragment() else "parent/planning/slots/menu.html"
    return render_template(template, slot=menu.slot, state=menu.state, entries=menu.entries(), details=menu.details())


@bp.get("/inscriptions/<int:enrolment_id>/<day:day>/reservation")
def new_booking(enrolment_id: int, day: date) -> Answer:
    return form_page("booking", slot_or_404(enrolment_id, day), AskForm(submission=str(uuid.uuid4())))


@bp.post("/inscriptions/<int:enrolment_id>/<day:day>/reservation")
@checks_token_itself
def create_booking(enrolment_id: int, day: date) -> Answer:
    form = AskForm()
    return ask("booking", enrolment_id, day, form, lambda slot: slot.ask_booking(
        by=access.current_author(), submission=form.submission.data
    ))  # fmt: skip


@bp.get("/inscriptions/<int:enrolment_id>/<day:day>/absence")
def new_absence(enrolment_id: int, day: date) -> Answer:
    return form_page("absence", slot_or_404(enrolment_id, day), AbsenceForm(submission=str(uuid.uuid4())))


@bp.post("/inscriptions/<int:enrolment_id>/<day:day>/absence")
@checks_token_itself
def create_absence(enrolment_id: int, day: date) -> Answer:
    form = AbsenceForm()
    return ask("absence", enrolment_id, day, form, lambda slot: slot.report_absence(
        by=access.current_author(), reason=form.motif.data, submission=form.submission.data
    ))  # fmt: skip


@bp.get("/inscriptions/<int:enrolment_id>/<day:day>/retrait")
def new_withdrawal(enrolment_id: int, day: date) -> Answer:
    return form_page("withdraw", slot_or_404(enrolment_id, day), AskForm(submission=str(uuid.uuid4())))


@bp.post("/inscriptions/<int:enrolment_id>/<day:day>/retrait")
@checks_token_itself
def create_withdrawal(enrolment_id: int, day: date) -> Answer:
    form = AskForm()
    return ask("withdraw", enrolment_id, day, form, lambda slot: slot.withdraw(by=access.current_author()))


@bp.get("/inscriptions/<int:enrolment_id>/<day:day>/justificatif")
def new_proof(enrolment_id: int, day: date) -> Answer:
    return form_page("proof", slot_or_404(enrolment_id, day), ProofForm(submission=str(uuid.uuid4())))


@bp.post("/inscriptions/<int:enrolment_id>/<day:day>/justificatif")
@checks_token_itself
def create_proof(enrolment_id: int, day: date) -> Answer:
    form, slot = ProofForm(), slot_or_404(enrolment_id, day)
    if not form.validate_on_submit():
        return form_page("proof", slot, form), 422
    paper = proofs.keep(form.content)  # outside the transaction; taken back if the request is refused
    answer = ask("proof", enrolment_id, day, form, lambda slot: slot.provide_proof(
        paper, by=access.current_author(), submission=form.submission.data
    ))  # fmt: skip
    proofs.forget_unless_claimed(paper)
    return answer


def slot_or_404(enrolment_id: int, day: date) -> Slot:
    """The slot, through the family: a stranger gets 404."""
    slot = Slot.of_family(access.current_adult().family_id, enrolment_id, day)
    if slot is None:
        abort(404)
    return slot


def ask(
    kind: str, enrolment_id: int, day: date, form: AskForm, verb: Callable[[Slot], Request | RequestLine]
) -> Answer:
    """Validate, call the verb, answer with what changed; what cannot be says why and changes nothing.

    The verb gives the request that it sent, or the line that it put an end to.
    """
    if not form.validate_on_submit():
        return form_page(kind, slot_or_404(enrolment_id, day), form), 422
    try:
        with db.transaction():
            made = verb(slot_or_404(enrolment_id, day))
    except RefusedError as closed:
        form.refuse(str(closed))
        return form_page(kind, slot_or_404(enrolment_id, day), form), 422
    if htmx.is_fragment():
        return _changed(day, made)
    if isinstance(made, Request):
        return htmx.go_to(url_for(".receipt", request_id=made.id))
    flash(receipt.ended(made), "success")
    if made.state is not LineState.WITHDRAWN:
        return htmx.go_to(url_for(".receipt", request_id=made.request_id))
    return htmx.go_to(url_for(".planning", month=day))


def _changed(day: date, made: Request | RequestLine) -> str:
    """What may have changed in the planning that shows this day, the counters and the flash, and nothing else.

    A freed place goes to who waits, a brother perhaps: so every row, on each day that the request is about.
    """
    shown = MultiDict(parse_qsl(urlsplit(htmx.page_of_origin()).query))
    child_id = shown.get("enfant", type=row_id)
    month = Month.load(access.current_adult().family_id, day.replace(day=1), child_id=child_id)
    about, sentence = (
        (made, receipt.sentence(made)) if isinstance(made, Request) else (made.request, receipt.ended(made))
    )
    changed = month.on({day} | about.days)
    return render_template(
        "parent/planning/slots/change.html",
        changed=changed,
        counters=counters(month),
        sentence=sentence,
        cells=cells,
        columns=columns,
    )


def form_page(kind: str, slot: Slot, form: AskForm) -> str:
    template = f"parent/planning/slots/_{kind}.html" if htmx.is_fragment() else f"parent/planning/slots/{kind}.html"
    menu = Menu(slot)
    return render_template(
        template,
        slot=slot,
        form=form,
        action=request.path,
        submission=form.submission.data,
        details=menu.details(),
        line=slot.open_line if kind == "offer" else None,
    )
