"""A place that is offered, or another day that is proposed: the family answers, from the cell or the request."""

from datetime import date

from flask import abort
from flask.typing import ResponseReturnValue as Answer
from wtforms import HiddenField, StringField
from wtforms.validators import AnyOf

from app import access, db
from app.blueprints.parent import bp
from app.blueprints.parent.planning.slots import AskForm, answer_ended, form_page, slot_or_404
from app.csrf import checks_token_itself
from app.models.refusal import RefusedError
from app.models.requests.line_state import ANSWERABLE_STATES

_ANSWERS = {"oui": True, "non": False}


class AnswerForm(AskForm):
    place = HiddenField()
    reponse = StringField("Réponse", [AnyOf(_ANSWERS, message="Choisissez de prendre la place, ou de la laisser.")])


@bp.get("/inscriptions/<int:enrolment_id>/<day:day>/proposition")
def new_answer(enrolment_id: int, day: date) -> Answer:
    slot = slot_or_404(enrolment_id, day)
    line = slot.open_line
    if line is None or line.state not in ANSWERABLE_STATES:
        abort(404)
    return form_page("offer", slot, AnswerForm(submission="answer"), line=line)


@bp.post("/inscriptions/<int:enrolment_id>/<day:day>/proposition")
@checks_token_itself
def create_answer(enrolment_id: int, day: date) -> Answer:
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            with db.transaction():
                slot, by = slot_or_404(enrolment_id, day), access.current_author()
                line = slot.answer_offer(takes=_ANSWERS[form.reponse.data], seen=form.place.data or "", by=by)
            return answer_ended(day, line)
        except RefusedError as refused:
            form.refuse(str(refused))
    slot = slot_or_404(enrolment_id, day)
    return form_page("offer", slot, form, line=slot.open_line), 422
