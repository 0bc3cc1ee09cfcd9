"""A justificatif: the paper that a parent gives for a past absence. Kept encrypted, and only until it is checked."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, db
from app.columns import ERASED_WITH
from app.models.jobs import Job
from app.models.upload import EXTENSIONS, MAX_BYTES, Paper

if TYPE_CHECKING:
    from app.models.requests.request import Request


class Proof(db.Base):
    __tablename__ = "proof"
    __table_args__ = (CheckConstraint(f"size BETWEEN 1 AND {MAX_BYTES}", name="size"),)

    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), primary_key=True, info=ERASED_WITH)
    content_type: Mapped[str]
    size: Mapped[int]
    storage_key: Mapped[str] = mapped_column(unique=True)
    given_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def filename(self) -> str:
        return f"justificatif.{EXTENSIONS[self.content_type]}"


def attach(request: "Request", paper: Paper) -> bool:
    """Attach this paper to a request; True when it replaces one, whose file goes."""
    replaces = request.proof is not None
    if request.proof is not None:
        Job.forget_file(request.proof.storage_key)
        request.proof = None
        db.session.flush()  # a request has one at a time
    request.proof = Proof(**asdict(paper))
    return replaces


def forget_once_settled(request: "Request") -> None:
    """A paper is deleted once all is answered or withdrawn (domain.md §7): its row now, its file by the worker."""
    if request.proof is not None and not request.pending:
        Job.forget_file(request.proof.storage_key)
        request.proof = None
