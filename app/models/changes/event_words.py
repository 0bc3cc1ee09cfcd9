"""What the journal says of the online dossier."""

from app.models.event import EventGroup, EventWords

WORDS = EventWords(
    kinds={
        EventGroup.FAMILIES: {
            "dui_confirmed": "Dossier d’inscription relu, sans rien à changer",
        },
    },
)
