"""What the town set up: nobody's personal data."""

from app.models.personal_data import OF_THE_TOWN, PersonalData, number
from app.models.town import Activity, Structure

_TABLES = (
    *("activity", "capacity_pool", "closure", "publication", "public_holiday", "school_holiday", "structure", "town"),
)


DATA = PersonalData(
    not_told=dict.fromkeys(_TABLES, OF_THE_TOWN),
    not_purged=dict.fromkeys(_TABLES, "what the town set up"),
    numbers={
        "activity_id": number("Prestation", Activity.id, Activity.name),
        "structure_id": number("Structure", Structure.id, Structure.name),
    },
)
