"""The agents' own work on requests: their lots go with the journal."""

from datetime import date

from sqlalchemy import literal, select

from app.models.durations import JOURNAL
from app.models.jobs import erase
from app.models.personal_data import INTERNAL, OF_THE_TOWN, PersonalData
from app.models.retention_rule import Rows, Rule, Turn, before_end_of
from app.models.reviews import Batch


def _old(cutoff: date) -> Rows:
    return select(Batch.id, literal(""), Batch.created_at).where(Batch.created_at < before_end_of(cutoff))


DATA = PersonalData(
    not_told={"batch": INTERNAL, "batch_line": INTERNAL, "standard_reason": OF_THE_TOWN},
    rules=(Rule("Lots des agents", JOURNAL, Turn.JOURNAL, _old, erase.by(Batch.id)),),
    not_purged={"standard_reason": "what the town set up"},
)
