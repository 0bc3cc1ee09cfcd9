"""A place that is offered, or another day that is proposed: the family answers, from the cell or the request."""

from datetime import date

from flask import abort
from flask.typing import ResponseReturnValue as Answer
from wtforms import HiddenField, StringField
from wtforms.validators import AnyOf

from app import access
from app.blueprints.parent import bp
from app.blueprints.parent.planning.slots import AskForm, ask, form_page, slot_or_404
from app.csrf import checks_token_itself
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
    return form_page("offer", slot, AnswerForm(submission="answer"))


@bp.post("/inscriptions/<int:enrolment_id>/<day:day>/proposition")
@checks_token_itself
def create_answer(enrolment_id: int, day: date) -> Answer:
    form = AnswerForm()
    return ask("offer", enrolment_id, day, form, lambda slot: slot.answer_offer(
        takes=_ANSWERS[form.reponse.data], seen=form.place.data or "", by=access.current_author()
    ))  # fmt: skip
