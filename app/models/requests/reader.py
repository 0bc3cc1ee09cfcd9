"""One adult of a household, or an agent who acts for them, and what of it they may know."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select

from app import db
from app.models.accounts import Agent
from app.models.enrolments import Enrolment
from app.models.families import Adult, Authority, Child, Family
from app.models.families.author import Author
from app.models.request_kind import RequestKind
from app.models.requests.request import Request, RequestLine

Rows = Select[*tuple[Any, ...]]


@dataclass
class Whose:
    """One adult: whose household it is, and of which children they may know the file."""

    adult: Adult
    agent: Agent | None = None
    """Who acts for them: of health, agents read on their own pages, where it is noted."""

    @classmethod
    def of(cls, author: Author) -> "Whose":
        return cls(author.adult, author.agent)

    @cached_property
    def families(self) -> list[int]:
        """The household, and the files merged into it."""
        return list(db.session.scalars(Family.with_merged(self.adult.family_id)))

    @cached_property
    def children(self) -> list[Child]:
        return Child.of_family(self.adult.family_id)

    @cached_property
    def entrusted(self) -> list[int]:
        """Ids of the household's children over whom this adult has authority."""
        ids = set(db.session.scalars(select(Authority.child_id).where(Authority.adult_id == self.adult.id)))
        return [child.id for child in self.children if child.id in ids]

    @property
    def knows_all(self) -> bool:
        return len(self.entrusted) == len(self.children)

    @cached_property
    def reach(self) -> frozenset[str]:
        """The files, adults, children and children's files that they may know: « family:1 », « authority:3 »."""
        known: dict[str, list[int]] = {
            "family": self.families,
            "adult": list(db.session.scalars(select(Adult.id).where(Adult.family_id.in_(self.families)))),
            "child": [child.id for child in self.children],
            "authority": self.entrusted,
        }
        return frozenset(f"{what}:{number}" for what, numbers in known.items() for number in numbers)

    @cached_property
    def enrolments(self) -> Rows:
        """Ids of those that the household pays."""
        return select(Enrolment.id).where(Enrolment.family_id.in_(self.families))

    @cached_property
    def requests(self) -> Rows:
        """Ids of the household's, without those that change the file of a child that is not entrusted."""
        mine = select(Request.id).where(Request.family_id.in_(self.families))
        about = Request.child_id.is_(None) | Request.child_id.in_(self.entrusted)
        return mine.where(about | asked_to_add(self.adult.id))

    @cached_property
    def papers(self) -> Rows:
        """Ids of those whose joined paper they may read too: for an absence, with authority over the child."""
        enrolment = Enrolment.id == RequestLine.enrolment_id
        others = (
            select(RequestLine.request_id).join(Enrolment, enrolment).where(Enrolment.child_id.not_in(self.entrusted))
        )
        return self.requests.where(Request.id.not_in(others))

    def reads_paper(self, request: Request) -> bool:
        asked = self.papers.where(Request.id == request.id)
        return self.agent is None and db.session.scalars(asked).first() is not None

    def opens(self, request: Request) -> bool:
        """Whether the file of the child that it is about is theirs to open."""
        return request.child_id is None or request.child_id in self.entrusted

    def reads(self, line: RequestLine) -> bool:
        """Whether they read its words: why it is asked, and why it was refused."""
        if not line.tells_of_health:
            return True
        if self.agent is not None:
            return False
        return line.enrolment is None or line.enrolment.child_id in self.entrusted

    def readable(self, lines: Iterable[RequestLine]) -> frozenset[int]:
        """Ids of those of these lines whose words they read."""
        return frozenset(line.id for line in lines if self.reads(line))


def asked_to_add(adult_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a request is this adult's own, for a child to be added: what they wrote, they read, even where an agent
    attached the child meanwhile and gave them no authority.
    """
    return and_(Request.kind == RequestKind.NEW_CHILD, Request.submitted_by == adult_id)
