"""Households without children: what is known of them goes; the name of who paid stays as long as the invoices."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from app import db
from app.models.billing import Invoice, LedgerEntry, Payment
from app.models.documents import Document
from app.models.durations import HOUSEHOLD
from app.models.families import Adult, Authority, Custody, Family, Finances, search
from app.models.messages import Thread
from app.models.privacy.data_export import DataExport
from app.models.privacy.retention.papers import erase_documents
from app.models.requests import Request, RequestLine
from app.models.retention_rule import Rows, Rule, before_end_of

_TEXTS = (
    "email",
    "address",
    "postal_code",
    "city",
    "phone_home",
    "phone_work",
    "phone_mobile",
    "quality",
    "csp",
    "profession",
    "employer",
    "employer_address",
)
_SIGNS = (Family.created_at, Family.left_on)
"""Its last signs of life, where nothing else of it is left."""
_ANSWERS = ("allows_sms", "allows_email")


def _asleep(cutoff: date) -> ColumnElement[bool]:
    """Whether nobody uses it any more, nor the file it was merged into; opened and left long ago; nothing owed."""
    kept = aliased(Family)
    owed = select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0)).where(LedgerEntry.family_id == Family.id)
    return and_(
        ~_in_use(Family),
        ~exists().where(kept.id == Family.merged_into, _in_use(kept)),  # its number still finds that one
        ~exists().where(Document.family_id == Family.id, Document.given_at >= before_end_of(cutoff)),
        Family.created_at < before_end_of(cutoff),
        or_(Family.left_on.is_(None), Family.left_on <= cutoff),
        owed.scalar_subquery() == 0,
    )


def _in_use(family: Any) -> ColumnElement[bool]:
    """Whether it has a child, a request, a message, an account, or papers that one of these still names."""
    adults = Adult.family_id == family.id
    return or_(
        *(exists().where(of.family_id == family.id) for of in (Custody, Request, Thread)),
        exists().where(adults, Adult.account_id.is_not(None)),
        exists().where(adults, DataExport.adult_id == Adult.id),
        exists().where(adults, Request.submitted_by == Adult.id),
        exists().where(adults, RequestLine.asked_by == Adult.id),
        exists().where(adults, Document.given_by == Adult.id, Document.family_id != family.id),
    )


def _known(cutoff: date) -> Rows:
    """Those of which something is still known beyond names and invoices."""
    adults = Adult.family_id == Family.id
    told = or_(
        *(getattr(Adult, name) != "" for name in _TEXTS), *(getattr(Adult, name).is_not(None) for name in _ANSWERS)
    )
    something = or_(
        exists().where(adults, or_(told, Adult.rank == 2)),
        exists().where(Finances.family_id == Family.id),
        exists().where(Document.family_id == Family.id),
        Family.situation != "",
    )
    kept = or_(_has_money(), _is_pointed_at())  # else the whole file goes
    return select(Family.id, "dossier n° " + Family.number, *_SIGNS).where(_asleep(cutoff), something, kept)


def _forget(keys: Sequence[int], cutoff: date) -> None:
    """All but the first adult's name: that of who paid."""
    erase_documents(db.session.scalars(select(Document.id).where(Document.family_id.in_(keys))).all(), cutoff)
    db.session.execute(delete(Finances).where(Finances.family_id.in_(keys)))
    _erase_adults(select(Adult.id).where(Adult.family_id.in_(keys), Adult.rank == 2))
    blank: dict[str, Any] = dict.fromkeys(_TEXTS, "") | dict.fromkeys(_ANSWERS)
    db.session.execute(update(Adult).where(Adult.family_id.in_(keys)).values(blank))
    db.session.execute(update(Family).where(Family.id.in_(keys)).values(situation=""))
    search.refresh(set(keys))


def _empty(cutoff: date) -> Rows:
    asleep = and_(_asleep(cutoff), ~_has_money(), ~_is_pointed_at())
    return select(Family.id, "dossier n° " + Family.number, *_SIGNS).where(asleep)


def _erase(keys: Sequence[int], cutoff: date) -> None:
    erase_documents(db.session.scalars(select(Document.id).where(Document.family_id.in_(keys))).all(), cutoff)
    db.session.execute(delete(Finances).where(Finances.family_id.in_(keys)))
    _erase_adults(select(Adult.id).where(Adult.family_id.in_(keys)))
    db.session.execute(delete(Family).where(Family.id.in_(keys)))


def _erase_adults(adults: Select[int]) -> None:
    ids = db.session.scalars(adults).all()
    db.session.execute(delete(Authority).where(Authority.adult_id.in_(ids)))
    db.session.execute(delete(Adult).where(Adult.id.in_(ids)))


def _has_money() -> ColumnElement[bool]:
    return or_(*(exists().where(of.family_id == Family.id) for of in (Invoice, Payment, LedgerEntry)))


def _is_pointed_at() -> ColumnElement[bool]:
    """Whether another file was merged into this one, and still says so."""
    other = aliased(Family)
    return exists().where(other.merged_into == Family.id)


RULES = (
    Rule("Coordonnées et ressources de foyers sans enfant", HOUSEHOLD, _known, _forget, held=Family.id),
    Rule("Dossiers de foyers vides", HOUSEHOLD, _empty, _erase, held=Family.id),
)
