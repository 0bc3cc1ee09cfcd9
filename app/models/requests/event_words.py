"""What the journal says of each step of a line."""

from app.models.event import EventGroup, EventWords

LINE_WORDS = {
    "line_submitted": "Demande envoyée",
    "line_amended": "Demande modifiée par la famille",
    "line_paper_joined": "Document joint",
    "line_paper_replaced": "Document remplacé",
    "line_withdrawn": "Demande retirée",
    "line_waiting": "Mise en liste d’attente",
    "line_waiting_list": "Mise en liste d’attente",
    "line_in_review": "Demande en cours de traitement",
    "line_offered": "Place proposée",
    "line_countered": "Autre jour proposé",
    "line_recalled": "Proposition retirée",
    "line_accepted": "Demande acceptée",
    "line_refused": "Demande refusée",
    "line_declined": "Proposition déclinée",
    "line_expired": "Proposition expirée",
    "line_cancelled_by_town": "Jour annulé par la commune",
}
"""What each step of a line says in the journal, by the kind of its event."""

WORDS = EventWords(
    kinds={EventGroup.REQUESTS: LINE_WORDS},
    details={"line": "Ligne", "reason": "Motif", "verdict": "Réponse", "requests": "Demandes"},
    never=frozenset(("motif",)),
)
