"""Dossiers begun online and never sent: they go some time after the last change."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import String, cast, func, select

from app.models.changes import DuiDraft
from app.models.durations import DRAFTS
from app.models.families.sections.catalogue import OF_CHILD, named
from app.models.jobs import erase
from app.models.personal_data import Chapter, Part, PersonalData
from app.models.retention_rule import Rows, Rule, Turn, before_end_of

_ANSWERS = "Réponses"


def _old(cutoff: date) -> Rows:
    about = "enfant n° " + cast(DuiDraft.child_id, String)
    old = select(DuiDraft.child_id, about, func.min(DuiDraft.updated_at))
    return old.where(DuiDraft.updated_at < before_end_of(cutoff)).group_by(DuiDraft.child_id)


def _erase(keys: Sequence[int], cutoff: date) -> None:
    """Of two parents' drafts for one child, the old one."""
    erase.rows(DuiDraft, DuiDraft.child_id.in_(keys) & (DuiDraft.updated_at < before_end_of(cutoff)))


def _answers(draft: DuiDraft) -> dict[str, dict[str, list[str]]]:
    """By section, then by field, as people read them."""
    told = {}
    for slug, step in draft.answers.items():
        section = named(slug, OF_CHILD)
        if section is not None:
            wanted = step.get("wanted", {}).items()
            told[section.title] = {
                section.field(name).label: section.field(name).shown(text) for name, text in wanted
            }
    return told


DATA = PersonalData(
    parts=(
        Part(
            Chapter.CHILDREN,
            "Dossiers d’inscription commencés",
            DuiDraft,
            lambda whose: DuiDraft.child_id.in_(whose.entrusted) & DuiDraft.family_id.in_(whose.families),
            adds=lambda draft: {_ANSWERS: _answers(draft)},
        ),
    ),
    columns={"answers": _ANSWERS, "updated_at": "Modifié le"},
    rules=(Rule("Dossiers d’inscription commencés", DRAFTS, Turn.REQUESTS, _old, _erase),),
)
