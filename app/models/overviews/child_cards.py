"""Mes enfants: a card for each child of a household, and for each that it asked to add."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import func, select

from app import db
from app.models.changes import DuiDraft, change
from app.models.enrolments import Enrolment
from app.models.families import Adult, Authority, Child, Consent
from app.models.families.sections.child import NEW_CHILD
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.requests.line_state import OPEN_STATES


@dataclass(frozen=True)
class ChildCard:
    child: Child
    has_authority: bool
    """Without it, the adult sees the name and the planning, and nothing else."""
    waiting: int
    """How many requests of the household about this child have no answer yet."""
    dossier: str
    """What is left to do with its dossier d'inscription; nothing, for who has no authority."""

    @classmethod
    def of(cls, adult: Adult) -> list[Self]:
        """The children who live with this adult, eldest first. As many queries, however many they are."""
        mine = set(db.session.scalars(select(Authority.child_id).where(Authority.adult_id == adult.id)))
        waiting = _waiting(adult.family_id)
        children = Child.of_family(adult.family_id)
        dossiers = _dossiers([child.id for child in children if child.id in mine], adult.family_id)
        return [
            cls(child, child.id in mine, waiting.get(child.id, 0), dossiers.get(child.id, "")) for child in children
        ]


@dataclass(frozen=True)
class ExpectedChild:
    """A child whom the household asked to add, and who waits for the answer."""

    first_name: str
    line: RequestLine

    @classmethod
    def of(cls, family_id: int) -> list[Self]:
        lines = change.asked_for(NEW_CHILD, family_id)
        return [cls(line.asked_field.value(line.after or "").get("first_name", ""), line) for line in lines]


def _waiting(family_id: int) -> dict[int, int]:
    """By child: requests about its file, and about its days."""
    child_id = func.coalesce(Request.child_id, Enrolment.child_id)
    lines = (
        select(child_id, func.count(Request.id.distinct()))
        .join(RequestLine.request)
        .outerjoin(RequestLine.enrolment)
        .where(Request.family_id == family_id, RequestLine.state.in_(OPEN_STATES))
        .group_by(child_id)
    )
    return {number: count for number, count in db.session.execute(lines) if number is not None}


def _dossiers(child_ids: Sequence[int], family_id: int) -> dict[int, str]:
    """By child, the dossier that says something new and was not sent; or never filled in, here or on paper: whoever
    fills one in signs authorisations, and none is known.
    """
    begun = db.session.scalars(select(DuiDraft).where(DuiDraft.family_id == family_id))
    drafts = {draft.child_id: draft.asks for draft in begun}
    signed = select(Consent.child_id).where(Consent.child_id.in_(child_ids))
    lost = (LineState.REFUSED, LineState.WITHDRAWN)
    sent = (
        select(Request.child_id)
        .join(Request.lines)
        .where(Request.family_id == family_id, Request.kind == RequestKind.DUI, RequestLine.state.not_in(lost))
    )
    filled = set(db.session.scalars(signed.union(sent)))
    return {
        number: "à terminer" if number in drafts else "à remplir"
        for number in child_ids
        if drafts.get(number) or number not in filled
    }
