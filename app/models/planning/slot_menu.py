"""The context menu of a cell: what can be done there, and for what cannot, why, and until when it could."""

from dataclasses import dataclass

from app import clock
from app.formats import long_date, moment
from app.models.enrolments import BookingState
from app.models.places import door
from app.models.planning import exchange
from app.models.planning.cell import LEGEND, CellState
from app.models.planning.day_record import Mark, load_marks, rank_waiting
from app.models.planning.slot import Slot
from app.models.refusal import RefusedError
from app.models.requests import LineState
from app.models.requests.line_state import ANSWERABLE_STATES


@dataclass(frozen=True)
class MenuEntry:
    label: str
    href: str | None
    icon: str
    reason: str | None = None
    """Why it cannot be done, when `href` is None."""
    whole_page: bool = False
    """A form that takes a file has a page of its own."""


class Menu:
    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        self.marks = load_marks([slot.enrolment.id], slot.day, slot.day)
        self.mark = self.marks.get(slot.enrolment.id, {}).get(slot.day, Mark())
        self.address = f"/inscriptions/{slot.enrolment.id}/{slot.day.isoformat()}"

    @property
    def state(self) -> str:
        """The state of the cell in the legend's words, with the rank in the waiting list."""
        state = self.slot.state(self.mark)
        label = LEGEND[state].label
        if state is CellState.WAITING_LIST:
            rank_waiting(self.marks)
            label += f" (rang {self.mark.rank})"
        return label

    def entries(self) -> list[MenuEntry]:
        """Booking or absence, whichever makes sense here, and withdrawing what waits."""
        asked = self.mark.line is not None and self.mark.line is not LineState.REFUSED
        if self.mark.line in ANSWERABLE_STATES:
            return [
                MenuEntry("Répondre à la proposition", f"{self.address}/proposition", "check"),
                MenuEntry("Retirer ma demande", f"{self.address}/retrait", "cross"),
            ]
        if asked:
            return [MenuEntry("Retirer ma demande", f"{self.address}/retrait", "cross")]
        if self.mark.booking is not None and self.slot.day < clock.today():
            why_not = self.slot.why_no_proof(self.marks)
            href = None if why_not else f"{self.address}/justificatif"
            return [MenuEntry("Fournir un justificatif", href, "document", why_not, whole_page=True)]
        if self.mark.booking is BookingState.BOOKED:
            return [
                self._entry("Déclarer une absence", "absence", "alert", None),
                self._entry("Échanger ce jour", "echange", "calendar", self._why_no_exchange()),
            ]
        return [self._entry("Demande de Réservation", "reservation", "calendar", self._why_no_booking())]

    def details(self) -> list[tuple[str, str]]:
        """Deadlines with their real dates, and what is asked."""
        activity, day, calendar = self.slot.enrolment.activity, self.slot.day, self.slot.calendar
        told = [("État", self.state)]
        if day >= clock.today() and self._why_no_booking() is None:
            told.append(("Réserver", self._until(activity.booking_rule.sentence(day, calendar))))
            told.append(("Annuler sans frais", self._until(activity.cancelling_rule.sentence(day, calendar))))
        line = self.slot.last_line
        if line is not None and line.state not in (LineState.WITHDRAWN,):
            what = f"{line.request.kind.label}, code {line.request.code}"
            told.append(("Demande", f"{what}, le {moment(line.request.submitted_at)}"))
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

    def _until(self, sentence: str) -> str:
        return sentence[0].upper() + sentence[1:]

    def _entry(self, label: str, path: str, icon: str, reason: str | None) -> MenuEntry:
        return MenuEntry(label, None if reason else f"{self.address}/{path}", icon, reason)

    def _why_no_exchange(self) -> str | None:
        slot = self.slot
        return exchange.why_not(slot.enrolment, slot.day, slot.calendar, at=clock.local_now())

    def _why_no_booking(self) -> str | None:
        slot = self.slot
        if slot.day < clock.today():
            return "Ce jour est passé."
        try:
            door.check_open(slot.enrolment, slot.day, slot.calendar)
        except RefusedError as closed:
            return str(closed)
        return None
