"""What a family asks to be changed in its file."""

from app.models.changes.dui import DuiDraft

__all__ = [
    "DuiDraft",
]
