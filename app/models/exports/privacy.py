"""Copies of one's data: a few days."""

from datetime import date

from sqlalchemy import select

from app.models.durations import EXPORTS
from app.models.exports import DataExport
from app.models.families import Adult
from app.models.families.privacy import file_number
from app.models.jobs import erase
from app.models.personal_data import Chapter, Part, PersonalData
from app.models.retention_rule import Rows, Rule, Turn, before_end_of


def _old(cutoff: date) -> Rows:
    old = select(DataExport.id, file_number(Adult.family_id), DataExport.asked_at).join(Adult)
    return old.where(DataExport.asked_at < before_end_of(cutoff))


DATA = PersonalData(
    parts=(
        Part(
            Chapter.COPIES,
            "Copies de vos données",
            DataExport,
            lambda whose: DataExport.adult_id == whose.adult.id,
            frozenset(("id", "adult_id", "storage_key", "reach")),
        ),
    ),
    columns={"asked_at": "Demandée le", "ready_at": "Prête le", "size": "Taille en octets"},
    rules=(Rule("Copies des données", EXPORTS, Turn.FILES, _old, erase.by(DataExport.id)),),
)
