"""What the journal says of the work of agents on requests."""

from app.models.event import EventGroup, EventWords

WORDS = EventWords(
    kinds={
        EventGroup.REQUESTS: {
            "request_taken": "Demande prise en charge",
            "request_taken_over": "Demande reprise à un collègue",
            "request_released": "Demande rendue à la file",
            "absence_passed_on": "Absence transmise avec une note",
            "override_used": "Règle passée outre",
            "proof_read": "Justificatif lu",
            "queue_moved": "Ordre de la liste d’attente changé",
            "batch_opened": "Demandes acceptées en lot",
            "reason_added": "Motif de refus ajouté",
            "reason_removed": "Motif de refus retiré",
        },
    },
    details={
        "text": "Texte",
        "topic": "Sert à refuser",
        "holder": "Traitée par",
        "rank": "Rang",
    },
)
