"""What is told of a cell beside its menu, and above its forms: its state, its deadlines, what is asked."""

from app.formats import long_date, moment
from app.models.planning.cell import LEGEND, CellState
from app.models.planning.slot import Slot
from app.models.requests import LineState, RequestLine
from app.models.requests.line_state import ANSWERABLE_STATES

Details = list[tuple[str, str]]
"""Each a term and what it says."""


def details(slot: Slot) -> Details:
    """Deadlines with their real dates, and what is asked."""
    told = [("État", state(slot))]
    if slot.why_no_booking is None:
        activity, day, calendar = slot.enrolment.activity, slot.day, slot.calendar
        told.append(("Réserver", _capitalized(activity.booking_rule.sentence(day, calendar))))
        told.append(("Annuler sans frais", _capitalized(activity.cancelling_rule.sentence(day, calendar))))
    line = slot.last_line
    if line is not None and line.state is not LineState.WITHDRAWN:
        told += _asked(line)
    return told


def state(slot: Slot) -> str:
    """The state of the cell in the legend's words, with the rank in the waiting list."""
    label = LEGEND[slot.state].label
    return f"{label} (rang {slot.mark.rank})" if slot.state is CellState.WAITING_LIST else label


def _asked(line: RequestLine) -> Details:
    what = f"{line.request.kind.label}, code {line.request.code}"
    told = [("Demande", f"{what}, le {moment(line.request.submitted_at)}")]
    if line.state in ANSWERABLE_STATES and line.answer_until is not None:
        enrolment, day = line.asked_slot
        told.append(("Proposé", f"{enrolment.activity.name}, {long_date(day)}"))
        told.append(("À répondre avant", moment(line.answer_until)))
    if line.gives_up is not None and line.state is not LineState.ACCEPTED:
        told.append(("En échange", f"{long_date(line.gives_up)}, gardé jusque-là"))
    if line.late:
        told.append(("Délai", "Demande hors délai\u00a0: le service décide."))
    if line.state is LineState.REFUSED:
        reason = "à lire dans la liste des demandes" if line.tells_of_health else line.decision_reason
        told.append(("Motif du refus", reason or ""))
    return told


def _capitalized(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
