"""Pièces attendues: where each document that the town asks for stands, computed in this one place."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from app import clock, db
from app.models.documents.document import Document, DocumentState
from app.models.documents.kind import DocumentKind, DocumentSubject
from app.models.families import Child, Pai
from app.models.refusal import RefusedError

SOON = timedelta(days=30)


class Standing(enum.Enum):
    """From the worst to the best. The words agree with « pièce »."""

    EXPECTED = ("attendue", "warning", "clock")
    EXPIRED = ("périmée", "danger", "alert")
    REFUSED = ("refusée", "danger", "cross")
    RECEIVED = ("reçue, en cours de vérification", "info", "inbox")
    EXPIRING = ("validée, expire bientôt", "warning", "success")
    VALID = ("validée", "success", "success")

    def __init__(self, label: str, badge: str, icon: str) -> None:
        self.label, self.badge, self.icon = label, badge, icon

    @property
    def is_valid(self) -> bool:
        """Whether the town hall has what it asked for, today."""
        return self in (Standing.EXPIRING, Standing.VALID)

    @property
    def is_missing(self) -> bool:
        """Whether the family has something to give."""
        return self in (Standing.EXPECTED, Standing.EXPIRED, Standing.REFUSED)


_RANK = {standing: rank for rank, standing in enumerate(Standing)}


@dataclass(frozen=True)
class Expected:
    """One kind of document, as one household sees it."""

    kind: DocumentKind
    own: Document | None
    """The last that this household gave."""
    previous: Document | None
    """One of its own that is still valid, while a newer one is received or refused."""
    elsewhere: Document | None
    """The best of the other household's: this one sees where it stands, never more."""
    today: date
    is_due: bool
    """Whether the family has to give it: of this child, where it is optional for others."""

    @property
    def standing(self) -> Standing:
        """Where the document stands. For a child, one household's is enough."""
        return max((standing_of(one, self.today) for one in (self.own, self.elsewhere)), key=_RANK.__getitem__)

    @property
    def is_from_elsewhere(self) -> bool:
        """Whether it stands so by what the other household gave."""
        there, here = standing_of(self.elsewhere, self.today), standing_of(self.own, self.today)
        return _RANK[there] > _RANK[here]

    @property
    def valid_until(self) -> date | None:
        """Of what stands."""
        document = self.elsewhere if self.is_from_elsewhere else self.own
        return document.valid_until if document is not None else None

    @property
    def label(self) -> str:
        return "rien reçu" if self.is_optional else self.standing.label

    @property
    def badge(self) -> str:
        return "neutral" if self.is_optional else self.standing.badge

    @property
    def icon(self) -> str:
        return "circle" if self.is_optional else self.standing.icon

    @property
    def is_optional(self) -> bool:
        """Nobody waits for it: only families whom it concerns give it."""
        return self.standing is Standing.EXPECTED and not self.is_due

    @property
    def is_valid(self) -> bool:
        """Whether there is a valid one today, even if it is the one before the last."""
        return self.standing.is_valid or self.previous is not None

    @property
    def kept(self) -> Document | None:
        """The one whose file is there for those who look after the child; of two, that which is valid longest."""
        found = [one for one in (self.own, self.previous, self.elsewhere) if one is not None and one.is_kept]
        return max(found, key=lambda one: one.valid_until or date.max, default=None)

    @property
    def is_missing(self) -> bool:
        return self.is_due and self.standing.is_missing


_GIVEN = (
    select(Document)
    .where(
        Document.state != DocumentState.REPLACED,
        (Document.child_id == bindparam("child"))
        | ((Document.family_id == bindparam("family")) & Document.child_id.is_(None)),
    )
    .order_by(Document.id)
    .options(joinedload(Document.giver))
)


def standing_of(document: Document | None, today: date) -> Standing:
    """Pure."""
    if document is None or document.state is DocumentState.REPLACED:
        return Standing.EXPECTED
    if document.state is DocumentState.RECEIVED:
        return Standing.RECEIVED
    if document.state is DocumentState.REFUSED:
        return Standing.REFUSED
    if document.valid_until is None or document.valid_until - today > SOON:
        return Standing.VALID
    return Standing.EXPIRING if document.valid_until >= today else Standing.EXPIRED


def expected(child: Child, family_id: int, *, has_pai: bool = False) -> list[Expected]:
    """All that the town asks for today, about this child and about this household.

    `has_pai`: the family is about to say so, where the file does not know yet.
    """
    documents = db.session.scalars(_GIVEN, {"child": child.id, "family": family_id}).all()
    kinds = DocumentKind.all()
    has_pai = has_pai or (any(kind.with_pai for kind in kinds) and _has_pai(child))
    return [_expected(kind, documents, family_id, has_pai=has_pai) for kind in kinds]


def about(subject: DocumentSubject, among: Sequence[Expected]) -> list[Expected]:
    return [one for one in among if one.kind.subject is subject]


def require_for_enrolment(child: Child, family_id: int) -> None:
    """Raises RefusedError, naming it, when a document without which nobody is enrolled is not valid today."""
    lacking = [
        one.kind.name for one in expected(child, family_id) if one.is_due and one.kind.blocking and not one.is_valid
    ]
    if lacking:
        raise RefusedError(
            f"Il manque au dossier de {child.first_name}, valable aujourd’hui\u00a0: {', '.join(lacking)}. "
            "Sans ce document, aucune inscription n’est acceptée."
        )


def _has_pai(child: Child) -> bool:
    """Today. The days are encrypted: no query can tell."""
    return runs_today(db.session.scalars(select(Pai.ends_on).where(Pai.child_id == child.id)))


def runs_today(ends: Iterable[date | None]) -> bool:
    """Whether a PAI does, of those that end on these days."""
    return any(day is None or day >= clock.today() for day in ends)


def _expected(kind: DocumentKind, documents: Sequence[Document], family_id: int, *, has_pai: bool) -> Expected:
    today, of_kind = clock.today(), [one for one in documents if one.kind_id == kind.id]
    mine = [one for one in of_kind if one.family_id == family_id]
    others = [one for one in reversed(of_kind) if one.family_id != family_id]
    own = mine[-1] if mine else None
    previous = None
    if standing_of(own, today) in (Standing.RECEIVED, Standing.REFUSED):
        previous = next((one for one in reversed(mine) if standing_of(one, today).is_valid), None)
    best = max(others, key=lambda one: _RANK[standing_of(one, today)], default=None)  # the newest, of two alike
    is_due = kind.mandatory or (kind.with_pai and kind.subject is DocumentSubject.CHILD and has_pai)
    return Expected(kind, own, previous, best, today, is_due)
