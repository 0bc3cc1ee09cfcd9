"""What the journal says of a family, of its people and of an agent who acts for it."""

from app.models.event import EventGroup, EventWords
from app.models.families.sections.catalogue import LABELS

WORDS = EventWords(
    kinds={
        EventGroup.REQUESTS: {"health_read": "Données de santé lues"},
        EventGroup.FAMILIES: {
            "family_created": "Dossier créé",
            "family_changed": "Dossier modifié",
            "adult_added": "Responsable ajouté",
            "adult_changed": "Responsable modifié",
            "child_added": "Enfant ajouté",
            "child_changed": "Enfant modifié",
            "custody_added": "Enfant rattaché au foyer",
            "acting_begun": "Début d’une action pour la famille",
            "acting_ended": "Fin d’une action pour la famille",
        },
    },
    details=LABELS
    | {
        "number": "Numéro",
        "adult": "Responsable",
        "adults": "Responsables",
        "child": "Enfant",
        "children": "Enfants",
        "fields": "Champs",
        "attached_to": "Organisme rattachement",
    },
    never=frozenset(("diet", "note", "alerts", "health", "instruction", "pai", "forbidden", "iban", "bic")),
)
