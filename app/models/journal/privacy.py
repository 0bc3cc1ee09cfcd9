"""The journal's lines: told in words, kept as long as their trigger says."""

from datetime import date

from sqlalchemy import literal, select

from app.models.durations import JOURNAL
from app.models.event import Event
from app.models.jobs import erase
from app.models.personal_data import PersonalData
from app.models.retention_rule import Rows, Rule, Turn, before_end_of


def _old(cutoff: date) -> Rows:
    return select(Event.id, literal(""), Event.at).where(Event.at < before_end_of(cutoff))


DATA = PersonalData(
    rules=(Rule("Lignes du journal", JOURNAL, Turn.JOURNAL, _old, erase.by(Event.id), by_law=True),),
    not_purged={"event": "held by its trigger until the real clock lets it go"},
)
