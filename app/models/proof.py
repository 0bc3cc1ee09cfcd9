"""A justificatif: the paper that a parent gives for a past absence. Kept encrypted, and only until it is checked."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, db
from app.models.job import Job

if TYPE_CHECKING:
    from app.models.request import Request

MAX_BYTES = 10_000_000
# What a phone or a scanner makes, told by its first bytes: a name or a browser's word proves nothing.
_SIGNATURES = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
EXTENSIONS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


def content_type(content: bytes) -> str | None:
    """What these bytes are, if it is something that we take."""
    return next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), None)


@dataclass(frozen=True)
class Paper:
    """A file that is stored already, and that a request may claim."""

    storage_key: str
    content_type: str
    size: int
    """Bytes, before encryption."""


class Proof(db.Base):
    __tablename__ = "proof"
    __table_args__ = (CheckConstraint(f"size BETWEEN 1 AND {MAX_BYTES}", name="size"),)

    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), primary_key=True)
    content_type: Mapped[str]
    size: Mapped[int]
    storage_key: Mapped[str] = mapped_column(unique=True)
    given_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def filename(self) -> str:
        return f"justificatif.{EXTENSIONS[self.content_type]}"


def forget_once_settled(request: "Request") -> None:
    """A paper is deleted once all is answered or withdrawn (domain.md §7): its row now, its file by the worker."""
    if request.proof is not None and not request.pending:
        Job.enqueue("forget_file", {"key": request.proof.storage_key})
        request.proof = None
