"""What the journal says of copies of the data."""

from app.models.event import EventGroup, EventWords

WORDS = EventWords(
    kinds={
        EventGroup.FAMILIES: {
            "export_asked": "Copie des données demandée",
        },
    },
)
