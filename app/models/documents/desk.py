"""The agents' desk of documents: those to check, oldest first, or those checked lately; by kind and by family."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app import db
from app.models.accounts import Agent, Permission
from app.models.documents.document import Piece, PieceState
from app.models.documents.kind import PieceKind
from app.models.enrolments import scope
from app.models.families import Family, search

PAGE = 25
STATES = {"a-verifier": (PieceState.RECEIVED,), "validees": (PieceState.VALID,), "refusees": (PieceState.REFUSED,)}


@dataclass(frozen=True)
class PieceDesk:
    """The documents that an agent asks to see."""

    agent: Agent
    state: str = "a-verifier"
    kind_id: int | None = None
    typed: str = ""

    def page(self, number: int) -> list[Piece]:
        """The documents of this page (from 1): those that wait oldest first, the others newest first."""
        order = (
            (Piece.given_at, Piece.id) if self.state == "a-verifier" else (Piece.checked_at.desc(), Piece.id.desc())
        )
        wanted = self._wanted(select(Piece)).order_by(*order).limit(PAGE).offset((number - 1) * PAGE)
        return list(db.session.scalars(wanted.options(*_NAMED)))

    def count(self) -> int:
        return db.session.scalar(self._wanted(select(func.count(Piece.id)))) or 0

    def find(self, piece_id: int) -> Piece | None:
        """One document that this agent may see, whatever the filters."""
        wanted = self._visible(select(Piece)).where(Piece.id == piece_id).options(*_NAMED)
        return db.session.scalars(wanted).first()

    def kinds(self) -> list[PieceKind]:
        """To choose from, those not asked for any more included: families gave some."""
        wanted = select(PieceKind).where(self._readable()).order_by(PieceKind.position, PieceKind.name)
        return list(db.session.scalars(wanted))

    def _wanted(self, wanted: Select[Any]) -> Select[Any]:
        wanted = self._visible(wanted).where(Piece.state.in_(STATES[self.state]))
        if self.kind_id:
            wanted = wanted.where(Piece.kind_id == self.kind_id)
        if self.typed.strip():
            wanted = wanted.where(search.matches(self.typed))
        return wanted

    def _visible(self, wanted: Select[Any]) -> Select[Any]:
        wanted = wanted.join(Piece.kind).join(Piece.family)
        return wanted.where(scope.families(self.agent), self._readable())

    def _readable(self) -> ColumnElement[bool]:
        """What a document of health is, is a matter of health already."""
        return PieceKind.is_health.in_((True, False) if self.agent.may(Permission.HEALTH) else (False,))


_NAMED = (
    contains_eager(Piece.kind),
    contains_eager(Piece.family).selectinload(Family.adults),
    joinedload(Piece.child),
    joinedload(Piece.giver),
    joinedload(Piece.checker),
)
