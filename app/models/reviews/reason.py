"""Motifs de refus: the sentences that agents choose from, and edit, each for what it may be an answer to."""

import enum
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app import db
from app.models.request_kind import RequestKind

if TYPE_CHECKING:
    from app.models.requests import RequestLine


class ReasonTopic(enum.StrEnum):
    """What is refused."""

    DAYS = "days"
    CHANGES = "changes"
    PAPERS = "papers"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @classmethod
    def of(cls, kind: RequestKind) -> "ReasonTopic":
        if kind is RequestKind.PROOF:
            return cls.PAPERS
        days = (RequestKind.BOOKING, RequestKind.ABSENCE, RequestKind.ENROLMENT)
        return cls.DAYS if kind in days else cls.CHANGES


_LABELS = {
    ReasonTopic.DAYS: "Réservations, absences et inscriptions",
    ReasonTopic.CHANGES: "Modifications d’un dossier",
    ReasonTopic.PAPERS: "Pièces et justificatifs",
}
_USUAL = {
    ReasonTopic.DAYS: (
        "Il ne reste plus de place ce jour-là.",
        "La demande est arrivée après le délai.",
        "Il manque un document au dossier de l’enfant.",
        "Cette prestation n’est pas ouverte à l’âge de votre enfant.",
    ),
    ReasonTopic.CHANGES: (
        "Il manque un document qui le prouve : apportez-le au service.",
        "Ce que vous demandez ne correspond pas au document joint.",
        "Ce changement demande l’accord de l’autre parent.",
        "Ce changement se fait à la mairie, avec une pièce d’identité.",
    ),
    ReasonTopic.PAPERS: (
        "Ce document est illisible : reprenez-le en entier, net et à la lumière.",
        "Ce document est périmé : donnez celui de cette année.",
        "Ce document n’est pas au bon nom.",
        "Ce n’est pas le document demandé.",
        "Ce document est incomplet : il manque une page, ou une signature.",
    ),
}


class StandardReason(db.Base):
    __tablename__ = "standard_reason"
    __table_args__ = (CheckConstraint("text <> ''", name="says_something"), UniqueConstraint("text", "topic"))

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    topic: Mapped[ReasonTopic] = mapped_column(default=ReasonTopic.DAYS, server_default=ReasonTopic.DAYS.value)

    @classmethod
    def seed(cls) -> None:
        """What a new town offers, until it says otherwise; nothing where it has reasons already."""
        if db.session.scalar(select(cls.id).limit(1)) is None:
            db.session.add_all(cls(text=text, topic=topic) for topic, texts in _USUAL.items() for text in texts)

    @classmethod
    def add(cls, text: str, topic: ReasonTopic) -> None:
        """Raises IntegrityError for one that is known already."""
        db.session.add(cls(text=text.strip(), topic=topic))
        db.session.flush()

    @classmethod
    def all(cls) -> list["StandardReason"]:
        return list(db.session.scalars(select(cls).order_by(cls.text)))

    @classmethod
    def about(cls, topic: ReasonTopic) -> list["StandardReason"]:
        return [one for one in cls.all() if one.topic is topic]

    def suits(self, lines: Iterable["RequestLine"]) -> bool:
        """Whether it may say why one of these is refused."""
        return self.topic in {ReasonTopic.of(line.kind) for line in lines}
