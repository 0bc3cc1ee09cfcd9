"""Dossier unique d'inscription, online: what a parent has filled in so far, kept step by step until it is sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, db
from app.columns import EncryptedJSON


class DuiDraft(db.Base):
    """Of one household: two parents apart each fill in their own. See app.models.dossier."""

    __tablename__ = "dui_draft"

    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), primary_key=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"), primary_key=True, index=True)
    answers: Mapped[Any] = mapped_column(EncryptedJSON)
    """By step: `wanted`, the texts of the fields that the parent changed; `done`, whether they went on to the next
    step; `page`, the page that they did it from."""
    updated_at: Mapped[datetime] = mapped_column(default=clock.local_now)
