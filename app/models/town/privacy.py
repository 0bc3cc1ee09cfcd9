"""What the town set up: nobody's personal data."""

from typing import Any

from sqlalchemy import select

from app import db
from app.models.personal_data import OF_THE_TOWN, Number, PersonalData
from app.models.town import Activity, Structure

_TABLES = (
    *("activity", "capacity_pool", "closure", "publication", "public_holiday", "school_holiday", "structure", "town"),
)


def _names(of: type[Activity | Structure]) -> dict[int, str]:
    rows: Any = db.session.execute(select(of.id, of.name))
    return dict(rows.all())


DATA = PersonalData(
    not_told=dict.fromkeys(_TABLES, OF_THE_TOWN),
    not_purged=dict.fromkeys(_TABLES, "what the town set up"),
    numbers={
        "activity_id": Number("Prestation", lambda whose: _names(Activity)),
        "structure_id": Number("Structure", lambda whose: _names(Structure)),
    },
)
