"""The address of the phone's calendar: it goes with the account."""

from app.models.personal_data import Chapter, Part, PersonalData
from app.models.planning import CalendarFeed

DATA = PersonalData(
    parts=(
        Part(
            Chapter.LOGIN,
            "Calendrier du téléphone",
            CalendarFeed,
            lambda whose: CalendarFeed.adult_id == whose.adult.id,
            frozenset(("token", "token_digest")),
        ),
    ),
    columns={"created_at": "Créé le"},
)
