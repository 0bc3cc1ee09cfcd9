"""What the journal says of the purge, which erases in every package."""

from app.models.event import EventGroup, EventWords

WORDS = EventWords(
    kinds={
        EventGroup.FAMILIES: {
            "purged": "Données effacées à leur terme",
        },
    },
)
