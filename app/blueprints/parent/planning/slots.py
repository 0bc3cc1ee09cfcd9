"""A cell of the planning: its menu, and what can be asked from there."""

import uuid
from datetime import date
from urllib.parse import parse_qsl, urlsplit

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer
from flask_wtf.file import FileField, FileRequired
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired, Length

from app import access, bodies, db, htmx
from app.blueprints.parent import bp
from app.blueprints.parent.planning.cells import cell_id, cells, columns
from app.blueprints.parent.planning.month import counters
from app.converters import row_id
from app.csrf import Form, checks_token_itself
from app.forms.fields import reason_field
from app.forms.section_form import read_paper
from app.integrations import proofs
from app.models.planning.month import Month
from app.models.planning.slot import Slot
from app.models.planning.slot_details import details
from app.models.planning.slot_menu import entries
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
    slot = slot_or_404(enrolment_id, day)
    template = "parent/planning/slots/_menu.html" if htmx.is_fragment() else "parent/planning/slots/menu.html"
    return render_template(template, slot=slot, entries=entries(slot), details=details(slot))


@bp.get("/inscriptions/<int:enrolment_id>/<day:day>/reservation")
def new_booking(enrolment_id: int, day: date) -> Answer:
    return asking_page("booking", slot_or_404(enrolment_id, day), AskForm(submission=str(uuid.uuid4())))


@bp.post("/inscriptions/<int:enrolment_id>/<day:day>/reservation")
@checks_token_itself
def create_booking(enrolment_id: int, day: date) -> Answer:
    form = AskForm()
    if form.validate_on_submit():
        try:
            with db.transaction():
                slot = slot_or_404(enrolment_id, day)
                sent = slot.ask_booking(by=access.current_author(), submission=form.submission.data)
            return answer_sent(day, sent)
        except RefusedError as refused:
            form.refuse(str(refused))
    return asking_page("booking", slot_or_404(enrolment_id, day), form), 422


@bp.get("/inscriptions/<int:enrolment_id>/<day:day>/absence")
def new_absence(enrolment_id: int, day: date) -> Answer:
    return asking_page("absence", slot_or_404(enrolment_id, day), AbsenceForm(submission=str(uuid.uuid4())))


@bp.post("/inscriptions/<int:enrolment_id>/<day:day>/absence")
@checks_token_itself
def create_absence(enrolment_id: int, day: date) -> Answer:
    form = AbsenceForm()
    if form.validate_on_submit():
        try:
            with db.transaction():
                slot, by = slot_or_404(enrolment_id, day), access.current_author()
                sent = slot.report_absence(by=by, reason=form.motif.data, submission=form.submission.data)
            return answer_sent(day, sent)
        except RefusedError as refused:
            form.refuse(str(refused))
    return asking_page("absence", slot_or_404(enrolment_id, day), form), 422


@bp.get("/inscriptions/<int:enrolment_id>/<day:day>/retrait")
def new_withdrawal(enrolment_id: int, day: date) -> Answer:
    return form_page("withdraw", slot_or_404(enrolment_id, day), AskForm(submission=str(uuid.uuid4())))


@bp.post("/inscriptions/<int:enrolment_id>/<day:day>/retrait")
@checks_token_itself
def create_withdrawal(enrolment_id: int, day: date) -> Answer:
    form = AskForm()
    if form.validate_on_submit():
        try:
            with db.transaction():
                line = slot_or_404(enrolment_id, day).withdraw(by=access.current_author())
            return answer_ended(day, line)
        except RefusedError as refused:
            form.refuse(str(refused))
    return form_page("withdraw", slot_or_404(enrolment_id, day), form), 422


@bp.get("/inscriptions/<int:enrolment_id>/<day:day>/justificatif")
def new_proof(enrolment_id: int, day: date) -> Answer:
    return asking_page("proof", slot_or_404(enrolment_id, day), ProofForm(submission=str(uuid.uuid4())))


@bp.post("/inscriptions/<int:enrolment_id>/<day:day>/justificatif")
@bodies.takes_file
@checks_token_itself
def create_proof(enrolment_id: int, day: date) -> Answer:
    form, slot = ProofForm(), slot_or_404(enrolment_id, day)
    if form.validate_on_submit():
        paper = proofs.keep(form.content)  # outside the transaction; taken back if the request is refused
        try:
            with db.transaction():
                slot, by = slot_or_404(enrolment_id, day), access.current_author()
                sent = slot.provide_proof(paper, by=by, submission=form.submission.data)
            return answer_sent(day, sent)
        except RefusedError as refused:
            form.refuse(str(refused))
        finally:
            proofs.forget_unless_claimed(paper)
    return asking_page("proof", slot_or_404(enrolment_id, day), form), 422


def slot_or_404(enrolment_id: int, day: date) -> Slot:
    """The slot, through the family: a stranger gets 404."""
    slot = Slot.of_family(access.current_adult().family_id, enrolment_id, day)
    if slot is None:
        abort(404)
    return slot


def form_page(kind: str, slot: Slot, form: AskForm, **shown: object) -> str:
    """A form of this kind, on its own page or in the dialog."""
    template = f"parent/planning/slots/{'_' if htmx.is_fragment() else ''}{kind}.html"
    told = {"action": request.path, "submission": form.submission.data, **shown}
    return render_template(template, slot=slot, form=form, **told)


def asking_page(kind: str, slot: Slot, form: AskForm) -> str:
    """A form under which something is asked: it says what is known of the cell, and until when."""
    warned = slot.absence_warning if kind == "absence" else ""
    return form_page(kind, slot, form, details=details(slot), warned=warned)


def answer_sent(day: date, sent: Request) -> Answer:
    """Where a request was sent from this cell: what changed there, or its receipt."""
    if htmx.is_fragment():
        return _changed(day, sent, receipt.sentence(sent))
    return htmx.go_to(url_for(".receipt", request_id=sent.id))


def answer_ended(day: date, line: RequestLine) -> Answer:
    """Where an offer was answered or a line withdrawn from this cell: what changed there, or a page that says so."""
    if htmx.is_fragment():
        return _changed(day, line.request, receipt.ended(line))
    flash(receipt.ended(line), "success")
    if line.state is LineState.WITHDRAWN:
        return htmx.go_to(url_for(".planning", month=day))
    return htmx.go_to(url_for(".receipt", request_id=line.request_id))


def _changed(day: date, about: Request, sentence: str) -> str:
    """What may have changed in the planning that shows this day, the counters and the flash, and nothing else."""
    shown = MultiDict(parse_qsl(urlsplit(htmx.page_of_origin()).query))
    family_id, child_id = access.current_adult().family_id, shown.get("enfant", type=row_id)
    month = Month.load(family_id, day.replace(day=1), child_id=child_id)
    days = [one for one in month.days if one in {day} | about.days]
    column = columns(days)
    changed = [
        (cell_id(row, cell), cells(row, [cell], column)) for row in month.touched_by(about) for cell in row.on(days)
    ]
    return render_template(
        "parent/planning/slots/change.html", changed=changed, counters=counters(month), sentence=sentence
    )
