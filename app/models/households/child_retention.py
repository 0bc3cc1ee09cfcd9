"""A child's health, then its whole file: some time after the school year in which it was last expected.

A child whose enrolment has no end is still enrolled: an agent ends it first. What parents sent about a child (a
request, a paper, a dossier begun) counts as a sign of life: it may be about to come back. What waits for an answer
keeps it, as long as the request is kept.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select

from app import db
from app.models.changes import DuiDraft
from app.models.documents import Document, DocumentKind
from app.models.durations import CHILD, HEALTH
from app.models.enrolments import Enrolment
from app.models.families import Child, Custody, Family, search
from app.models.families.health import HEALTH_ROWS
from app.models.families.sections.catalogue import OF_CHILD
from app.models.jobs import erase
from app.models.requests import Request, RequestLine
from app.models.requests.line_state import OPEN_STATES
from app.models.retention_rule import Rows, Rule, Turn, before_end_of

_HEALTH_ROWS = (*HEALTH_ROWS, DuiDraft)
"""What tells of a child's health; a dossier begun may."""
_HEALTH_KINDS = [section.kind for section in OF_CHILD if section.is_health]
_ASKED_OR_ANSWERED = (RequestLine.asked_at, RequestLine.decided_at)


def signs() -> tuple[Any, ...]:
    """The days and instants of a child's last signs of life, to select beside it."""
    mine = (
        select(func.max(Enrolment.last_day)).where(Enrolment.child_id == Child.id),
        select(func.max(Request.submitted_at)).where(Request.child_id == Child.id),
        *(select(func.max(at)).join(Request).where(Request.child_id == Child.id) for at in _ASKED_OR_ANSWERED),
        select(func.max(Document.given_at)).where(Document.child_id == Child.id),
        select(func.max(DuiDraft.updated_at)).where(DuiDraft.child_id == Child.id),
    )
    return (Child.created_on, *(one.scalar_subquery() for one in mine))


def enrolled() -> ColumnElement[bool]:
    """Whether the child has an enrolment without an end."""
    return exists().where(Enrolment.child_id == Child.id, Enrolment.last_day.is_(None))


def asked_about() -> ColumnElement[bool]:
    """Whether something asked of the child's file waits for its answer."""
    return _lines(RequestLine.state.in_(OPEN_STATES))


def _lines(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there are such lines in requests about the child's file."""
    return exists().where(RequestLine.request_id == Request.id, Request.child_id == Child.id, which).correlate(Child)


def _last_seen_by(cutoff: date) -> ColumnElement[bool]:
    """Whether all of the child's signs of life are on or before this day."""
    late = before_end_of(cutoff)
    return and_(
        ~enrolled(),
        ~asked_about(),
        Child.created_on <= cutoff,
        ~exists().where(Enrolment.child_id == Child.id, Enrolment.last_day > cutoff),
        ~exists().where(Request.child_id == Child.id, Request.submitted_at >= late),
        ~_lines(or_(*(at >= late for at in _ASKED_OR_ANSWERED))),
        ~exists().where(Document.child_id == Child.id, Document.given_at >= late),
        ~exists().where(DuiDraft.child_id == Child.id, DuiDraft.updated_at >= late),
    )


def _about() -> Any:
    """« enfant n° 12, dossier n° 1001001818331 »."""
    home = select(func.min(Family.number)).join(Custody, Custody.family_id == Family.id)
    number = home.where(Custody.child_id == Child.id).scalar_subquery()
    return "enfant n° " + cast(Child.id, String) + func.coalesce(", dossier n° " + number, "")


def _health(cutoff: date) -> Rows:
    has = or_(
        *(exists().where(of.child_id == Child.id) for of in _HEALTH_ROWS),
        _lines(RequestLine.kind.in_(_HEALTH_KINDS)),
        exists().where(Document.child_id == Child.id, Document.kind_id == DocumentKind.id, DocumentKind.is_health),
    )
    return select(Child.id, _about(), *signs()).where(_last_seen_by(cutoff), has)


def _erase_health(keys: Sequence[int], cutoff: date) -> None:
    """The requests that told it go too; a whole dossier keeps its other lines."""
    for of in _HEALTH_ROWS:
        erase.rows(of, of.child_id.in_(keys))
    papers = select(Document.id).join(DocumentKind).where(Document.child_id.in_(keys), DocumentKind.is_health)
    erase.rows(Document, Document.id.in_(db.session.scalars(papers).all()))
    asked = select(RequestLine.id, Request.id).join(Request).where(Request.child_id.in_(keys))
    told = db.session.execute(asked.where(RequestLine.kind.in_(_HEALTH_KINDS))).all()
    erase.rows(RequestLine, RequestLine.id.in_([line_id for line_id, _ in told]))
    concerned = {request_id for _, request_id in told}
    left = set(db.session.scalars(select(RequestLine.request_id).where(RequestLine.request_id.in_(concerned))))
    erase.rows(Request, Request.id.in_(concerned - left))


def _children(cutoff: date) -> Rows:
    """Those whom no request that is still kept speaks of."""
    asked = exists().where(RequestLine.enrolment_id == Enrolment.id, Enrolment.child_id == Child.id)
    named = exists().where(Request.child_id == Child.id)
    return select(Child.id, _about(), *signs()).where(_last_seen_by(cutoff), ~asked, ~named)


def _erase_children(keys: Sequence[int], cutoff: date) -> None:
    homes = set(db.session.scalars(select(Custody.family_id).where(Custody.child_id.in_(keys))))
    erase.rows(Child, Child.id.in_(keys))
    search.refresh(homes)  # a family is no longer found by this name


@dataclass(frozen=True)
class LastSigns:
    enrolled: bool
    """An enrolment has no end."""
    asked: bool
    """Something asked of its file waits for its answer."""
    used: list[date | datetime]


def last_signs(child_ids: Collection[int]) -> dict[int, LastSigns]:
    """By child."""
    rows = db.session.execute(select(Child.id, enrolled(), asked_about(), *signs()).where(Child.id.in_(child_ids)))
    return {
        row[0]: LastSigns(bool(row[1]), bool(row[2]), [one for one in row[3:] if one is not None]) for row in rows
    }


RULES = (
    Rule("Données de santé", HEALTH, Turn.CHILDREN, _health, _erase_health, locks=Child.id),
    Rule("Dossiers d’enfants", CHILD, Turn.CHILDREN, _children, _erase_children, locks=Child.id),
)
