"""The context menu of a cell: what can be done there, and for what cannot, why, and until when it could."""

from dataclasses import dataclass

from app import clock
from app.models.enrolments import BookingState
from app.models.planning import exchange
from app.models.planning.slot import Slot
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


def entries(slot: Slot) -> list[MenuEntry]:
    """Booking or absence, whichever makes sense here, and withdrawing what waits."""
    mark, address = slot.mark, f"/inscriptions/{slot.enrolment.id}/{slot.day.isoformat()}"

    def entry(label: str, path: str, icon: str, reason: str | None = None, *, whole_page: bool = False) -> MenuEntry:
        return MenuEntry(label, None if reason else f"{address}/{path}", icon, reason, whole_page)

    withdraw = entry("Retirer ma demande", "retrait", "cross")
    if mark.line in ANSWERABLE_STATES:
        return [entry("Répondre à la proposition", "proposition", "check"), withdraw]
    if mark.line is not None and mark.line is not LineState.REFUSED:
        return [withdraw]
    if mark.booking is not None and slot.day < clock.today():
        return [entry("Fournir un justificatif", "justificatif", "document", slot.why_no_proof, whole_page=True)]
    if mark.booking is BookingState.BOOKED:
        why_no_exchange = exchange.why_not(slot.enrolment, slot.day, slot.calendar, at=clock.local_now())
        return [
            entry("Déclarer une absence", "absence", "alert"),
            entry("Échanger ce jour", "echange", "calendar", why_no_exchange),
        ]
    return [entry("Demande de Réservation", "reservation", "calendar", slot.why_no_booking)]
