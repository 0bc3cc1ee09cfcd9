"""The agents' desk of documents: those to check, oldest first, or those checked lately; by kind and by family."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app import db
from app.models.accounts import Agent, Permission
from app.models.documents.document import Document, DocumentState
from app.models.documents.kind import DocumentKind
from app.models.enrolments import scope
from app.models.families import Family, search

PAGE = 25
STATES = {
    "a-verifier": (DocumentState.RECEIVED,),
    "validees": (DocumentState.VALID,),
    "refusees": (DocumentState.REFUSED,),
}


@dataclass(frozen=True)
class DocumentDesk:
    """The documents that an agent asks to see."""

    agent: Agent
    state: str = "a-verifier"
    kind_id: int | None = None
    typed: str = ""

    def page(self, number: int) -> list[Document]:
        """The documents of this page (from 1): those that wait oldest first, the others newest first."""
        order = (
            (Document.given_at, Document.id)
            if self.state == "a-verifier"
            else (Document.checked_at.desc(), Document.id.desc())
        )
        wanted = self._wanted(select(Document)).order_by(*order).limit(PAGE).offset((number - 1) * PAGE)
        return list(db.session.scalars(wanted.options(*_NAMED)))

    def count(self) -> int:
        return db.session.scalar(self._wanted(select(func.count(Document.id)))) or 0

    def find(self, document_id: int) -> Document | None:
        """One document that this agent may see, whatever the filters."""
        wanted = self._visible(select(Document)).where(Document.id == document_id).options(*_NAMED)
        return db.session.scalars(wanted).first()

    def kinds(self) -> list[DocumentKind]:
        """To choose from, those not asked for any more included: families gave some."""
        wanted = select(DocumentKind).where(self._readable()).order_by(DocumentKind.position, DocumentKind.name)
        return list(db.session.scalars(wanted))

    def _wanted(self, wanted: Select[Any]) -> Select[Any]:
        wanted = self._visible(wanted).where(Document.state.in_(STATES[self.state]))
        if self.kind_id:
            wanted = wanted.where(Document.kind_id == self.kind_id)
        if self.typed.strip():
            wanted = wanted.where(search.matches(self.typed))
        return wanted

    def _visible(self, wanted: Select[Any]) -> Select[Any]:
        wanted = wanted.join(Document.kind).join(Document.family)
        return wanted.where(scope.families(self.agent), self._readable())

    def _readable(self) -> ColumnElement[bool]:
        """What a document of health is, is a matter of health already."""
        return DocumentKind.is_health.in_((True, False) if self.agent.may(Permission.HEALTH) else (False,))


_NAMED = (
    contains_eager(Document.kind),
    contains_eager(Document.family).selectinload(Family.adults),
    joinedload(Document.child),
    joinedload(Document.giver),
    joinedload(Document.checker),
)
