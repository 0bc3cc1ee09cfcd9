"""A cell of the planning: its menu, and what can be asked from there."""

import uuid
from collections.abc import Callable
from datetime import date

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from app import access, db, htmx
from app.blueprints.parent import bp
from app.blueprints.parent.planning import counters
from app.csrf import Form, checks_token_itself
from app.integrations import proofs
from app.models import Request, Town, receipt
from app.models.menu import Menu
from app.models.month import Month
from app.models.proof import MAX_BYTES, content_type
from app.models.refusal import RefusedError
from app.models.slot import Slot


class AskForm(Form):
    submission = HiddenField(validators=[InputRequired(), Length(max=40)])


class AbsenceForm(AskForm):
    motif = TextAreaField(
        "Raison de l’absence",
        [
            InputRequired("Écrivez la raison de l’absence, n’importe laquelle."),
            Length(max=500, message="500 caractères au plus."),
        ],
    )
    confirmation = BooleanField(
        "Je confirme cette absence", [InputRequired("Cochez la case pour confirmer l’absence.")]
    )


class ProofForm(AskForm):
    fichier = FileField("Justificatif", [FileRequired("Choisissez un fichier : un certificat médical, par exemple.")])
    content = b""

    def validate_fichier(self, field: FileField) -> None:
        field.data.seek(0)  # a form may be validated twice
        self.content = field.data.read(MAX_BYTES + 1)
        if len(self.content) > MAX_BYTES:
            raise ValidationError("Ce fichier dépasse 10 Mo.")
        if content_type(self.content) is None:
            raise ValidationError("Ce fichier n’est ni un PDF, ni une photo JPEG ou PNG.")


@bp.get("/inscriptions/<int:enrolment_id>/<day:day>")
def slot_menu(enrolment_id: int, day: date) -> Answer:
    menu = Menu(_slot_or_404(enrolment_id, day))
    template = "parent/slots/_menu.html" if htmx.is_fragment() else "parent/slots/menu.html"
    return render_template(template, slot=menu.slot, state=menu.state, entries=menu.entries(), details=menu.details())


@bp.get("/inscriptions/<int:enrolment_id>/<day:day>/reservation")
def new_booking(enrolment_id: int, day: date) -> Answer:
    return _form_page("booking", _slot_or_404(enrolment_id, day), AskForm(submission=str(uuid.uuid4())))


@bp.post("/inscriptions/<int:enrolment_id>/<day:day>/reservation")
@checks_token_itself
def create_booking(enrolment_id: int, day: date) -> Answer:
    form = AskForm()
    return _ask("booking", enrolment_id, day, form, lambda slot: slot.ask_booking(
        by=access.current_author(), submission=form.submission.data
    ))  # fmt: skip


@bp.get("/inscriptions/<int:enrolment_id>/<day:day>/absence")
def new_absence(enrolment_id: int, day: date) -> Answer:
    return _form_page("absence", _slot_or_404(enrolment_id, day), AbsenceForm(submission=str(uuid.uuid4())))


@bp.post("/inscriptions/<int:enrolment_id>/<day:day>/absence")
@checks_token_itself
def create_absence(enrolment_id: int, day: date) -> Answer:
    form = AbsenceForm()
    return _ask("absence", enrolment_id, day, form, lambda slot: slot.report_absence(
        by=access.current_author(), reason=form.motif.data, submission=form.submission.data
    ))  # fmt: skip


@bp.get("/inscriptions/<int:enrolment_id>/<day:day>/retrait")
def new_withdrawal(enrolment_id: int, day: date) -> Answer:
    return _form_page("withdraw", _slot_or_404(enrolment_id, day), AskForm(submission=str(uuid.uuid4())))


@bp.post("/inscriptions/<int:enrolment_id>/<day:day>/retrait")
@checks_token_itself
def create_withdrawal(enrolment_id: int, day: date) -> Answer:
    form = AskForm()
    return _ask("withdraw", enrolment_id, day, form, lambda slot: slot.withdraw(by=access.current_author()))


@bp.get("/inscriptions/<int:enrolment_id>/<day:day>/justificatif")
def new_proof(enrolment_id: int, day: date) -> Answer:
    return _form_page("proof", _slot_or_404(enrolment_id, day), ProofForm(submission=str(uuid.uuid4())))


@bp.post("/inscriptions/<int:enrolment_id>/<day:day>/justificatif")
@checks_token_itself
def create_proof(enrolment_id: int, day: date) -> Answer:
    form, slot = ProofForm(), _slot_or_404(enrolment_id, day)
    if not form.validate_on_submit():
        return _form_page("proof", slot, form), 422
    paper = proofs.keep(form.content)  # outside the transaction; taken back if the request is refused
    answer = _ask("proof", enrolment_id, day, form, lambda slot: slot.provide_proof(
        paper, by=access.current_author(), submission=form.submission.data
    ))  # fmt: skip
    proofs.forget_unless_claimed(paper)
    return answer


def _slot_or_404(enrolment_id: int, day: date) -> Slot:
    """The slot, through the family: a stranger gets 404."""
    slot = Slot.of_family(access.current_adult().family_id, enrolment_id, day)
    if slot is None:
        abort(404)
    return slot


def _ask(kind: str, enrolment_id: int, day: date, form: AskForm, verb: Callable[[Slot], Request | None]) -> Answer:
    """Validate, call the verb, answer with what changed; what cannot be says why and changes nothing."""
    if not form.validate_on_submit():
        return _form_page(kind, _slot_or_404(enrolment_id, day), form), 422
    try:
        with db.transaction():
            made = verb(_slot_or_404(enrolment_id, day))
    except RefusedError as closed:
        form.refuse(str(closed))
        return _form_page(kind, _slot_or_404(enrolment_id, day), form), 422
    sentence = receipt.sentence(made) if made else "Votre demande est retirée."
    if htmx.is_fragment():
        return _changed(enrolment_id, day, sentence)
    if made:
        return htmx.go_to(url_for(".receipt", request_id=made.id))
    flash(sentence, "success")
    return htmx.go_to(url_for(".planning", month=day))


def _changed(enrolment_id: int, day: date, sentence: str) -> str:
    """The cell, the counters and the flash, and nothing else."""
    family_id, first = access.current_adult().family_id, day.replace(day=1)
    month = Month.load(family_id, first, zone=Town.current().school_zone)
    row, cell = month.find(enrolment_id, day)
    changed = {"row": row, "cell": cell, "counters": counters(month), "sentence": sentence}
    return render_template("parent/slots/change.html", **changed)


def _form_page(kind: str, slot: Slot, form: AskForm) -> str:
    template = f"parent/slots/_{kind}.html" if htmx.is_fragment() else f"parent/slots/{kind}.html"
    menu = Menu(slot)
    return render_template(
        template, slot=slot, form=form, action=request.path, submission=form.submission.data, details=menu.details()
    )
