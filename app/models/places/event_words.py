"""What the journal says of a rule that an agent let pass."""

from app.models.event import EventWords

WORDS = EventWords(
    details={"override": "Passé outre"},
    values={"deadline": "délai", "capacity": "places"},
)
