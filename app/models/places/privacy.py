"""Places: how many are taken, and nobody's name."""

from app.models.personal_data import OF_THE_TOWN, PersonalData

DATA = PersonalData(
    not_told={"pool_day": OF_THE_TOWN},
    not_purged={"pool_day": "counts the places of a day, and names nobody"},
)
