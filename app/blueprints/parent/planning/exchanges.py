"""« Échanger ce jour »: another day is asked for one that is booked, which is kept until the new one is granted."""

import uuid
from datetime import date

from flask.typing import ResponseReturnValue as Answer
from wtforms import SelectChoice, SelectField
from wtforms.validators import InputRequired

from app import access, db
from app.blueprints.parent import bp
from app.blueprints.parent.planning.slots import AskForm, answer_sent, asking_page, slot_or_404
from app.converters import parsed_day
from app.csrf import checks_token_itself
from app.formats import long_date
from app.models.planning import exchange
from app.models.planning.days_plan import DayOutcome, PlannedLine
from app.models.planning.slot import Slot
from app.models.refusal import RefusedError

_WORDS = {
    DayOutcome.DONE: "réservé tout de suite",
    DayOutcome.ASKED: "le service répondra",
    DayOutcome.WAITING_LIST: "complet, liste d’attente",
}


def _day(said: str | None) -> date | None:
    return parsed_day(said) if said else None


def _said(line: PlannedLine) -> str:
    what = _WORDS[line.outcome]
    return f"{long_date(line.day)}\u00a0: {f'hors délai, {what}' if line.late else what}"


class ExchangeForm(AskForm):
    nouveau = SelectField(
        "Nouveau jour", [InputRequired("Choisissez le nouveau jour.")], coerce=_day, validate_choice=False
    )

    def offer(self, slot: Slot) -> "ExchangeForm":
        """The days to choose among, with what becomes of each; the domain says no to any other."""
        days = [SelectChoice(line.day.isoformat(), _said(line)) for line in exchange.choices(slot.enrolment)]
        self.nouveau.choices = [SelectChoice("", "Choisissez…"), *days]
        return self


@bp.get("/inscriptions/<int:enrolment_id>/<day:day>/echange")
def new_exchange(enrolment_id: int, day: date) -> Answer:
    slot = slot_or_404(enrolment_id, day)
    return asking_page("exchange", slot, ExchangeForm(submission=str(uuid.uuid4())).offer(slot))


@bp.post("/inscriptions/<int:enrolment_id>/<day:day>/echange")
@checks_token_itself
def create_exchange(enrolment_id: int, day: date) -> Answer:
    form = ExchangeForm().offer(slot_or_404(enrolment_id, day))
    if form.validate_on_submit():
        try:
            with db.transaction():
                slot, by = slot_or_404(enrolment_id, day), access.current_author()
                sent = slot.exchange(form.nouveau.data, by=by, submission=form.submission.data)
            return answer_sent(day, sent)
        except RefusedError as refused:
            form.refuse(str(refused))
    return asking_page("exchange", slot_or_404(enrolment_id, day), form), 422
