"""Households without children: what is known of them goes; the name of who paid stays as long as the invoices."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from app import db
from app.models.billing import Invoice, LedgerEntry, Payment
from app.models.documents import Document
from app.models.durations import HOUSEHOLD
from app.models.exports import DataExport
from app.models.families import Adult, Custody, Family, search
from app.models.jobs import erase
from app.models.messages import Thread
from app.models.requests import Request, RequestLine
from app.models.retention_rule import Rows, Rule, Turn, before_end_of

KEPT: dict[type[Any], dict[str, str]] = {
    Adult: {
        "id": "a number of ours",
        "family_id": "a number of ours",
        "account_id": "none by then: with an account, the household is in use",
        "rank": "which of the two it is",
        "civility": "with the name",
        "last_name": "the name of who paid",
        "first_name": "the name of who paid",
        "wants_reminders": "a switch of the portal: it says nothing of the person",
    },
    Family: {
        "id": "a number of ours",
        "number": "it stands on the invoices",
        "attached_to": "a number of the program that made the file",
        "merged_into": "its number still finds the file in use",
        "search_text": "made again of what is left",
        "sort_key": "made again of what is left",
        "created_at": "it says when the rest may go",
        "left_on": "it says when the rest may go",
    },
}
"""The columns that stay as long as the invoices, and why. Any other is blank once nobody is left."""
_BLANK = {
    of: {column.key: None if column.nullable else "" for column in of.__table__.columns if column.key not in kept}
    for of, kept in KEPT.items()
}
_SIGNS = (Family.created_at, Family.left_on)
"""Its last signs of life, where nothing else of it is left."""


def _says(of: type[Any]) -> ColumnElement[bool]:
    """Whether a column that does not stay says something."""
    return or_(*(getattr(of, name).is_distinct_from(blank) for name, blank in _BLANK[of].items()))


def _belongings() -> list[tuple[type[Any], Any]]:
    """All that goes with a household, its people apart: the rows, and the column that names it."""
    return [(of, column) for of, column, _ in erase.going_with(Family) if of is not Adult]


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
    something = or_(
        exists().where(adults, or_(_says(Adult), Adult.rank == 2)),
        *(exists().where(column == Family.id) for _, column in _belongings()),
        _says(Family),
    )
    kept = or_(_has_money(), _is_pointed_at())  # else the whole file goes
    return select(Family.id, "dossier n° " + Family.number, *_SIGNS).where(_asleep(cutoff), something, kept)


def _forget(keys: Sequence[int], cutoff: date) -> None:
    """All but the first adult's name: that of who paid."""
    for of, column in _belongings():
        erase.rows(of, column.in_(keys))
    erase.rows(Adult, Adult.family_id.in_(keys) & (Adult.rank == 2))
    db.session.execute(update(Adult).where(Adult.family_id.in_(keys)).values(_BLANK[Adult]))
    db.session.execute(update(Family).where(Family.id.in_(keys)).values(_BLANK[Family]))
    search.refresh(set(keys))


def _empty(cutoff: date) -> Rows:
    asleep = and_(_asleep(cutoff), ~_has_money(), ~_is_pointed_at())
    return select(Family.id, "dossier n° " + Family.number, *_SIGNS).where(asleep)


def _has_money() -> ColumnElement[bool]:
    return or_(*(exists().where(of.family_id == Family.id) for of in (Invoice, Payment, LedgerEntry)))


def _is_pointed_at() -> ColumnElement[bool]:
    """Whether another file was merged into this one, and still says so."""
    other = aliased(Family)
    return exists().where(other.merged_into == Family.id)


RULES = (
    Rule(
        "Coordonnées et ressources de foyers sans enfant",
        HOUSEHOLD,
        Turn.HOUSEHOLDS,
        _known,
        _forget,
        locks=Family.id,
    ),
    Rule("Dossiers de foyers vides", HOUSEHOLD, Turn.HOUSEHOLDS, _empty, erase.by(Family.id), locks=Family.id),
)
