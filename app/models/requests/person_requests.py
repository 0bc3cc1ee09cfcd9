"""Requests about an adult's own details (Infos responsable, Informations conjoint): they follow the person. A request
says whom it is about by its kind alone, that is by the rank that this adult has in the file.
"""

from collections.abc import Mapping

from sqlalchemy import Select, select, update

from app import db
from app.models.families.sections.catalogue import of_kind
from app.models.families.sections.values import RANKS
from app.models.requests.request import Request, RequestLine

_KINDS = {rank: kind for kind, rank in RANKS.items()}


def about(family_id: int, rank: int) -> Select[int]:
    """Ids of those about the adult who has this rank in this file."""
    return select(Request.id).where(Request.family_id == family_id, Request.kind == _KINDS[rank])


def follow(family_id: int, places: Mapping[int, tuple[int, int]]) -> None:
    """Give the requests about each adult of this file, by the rank that they had, the file and the rank that they
    have now. Inside a transaction, once none of them waits any more.

    What only the former kind can say (the situation, the conjoint who was asked for) keeps it.
    """
    theirs = {rank: db.session.scalars(about(family_id, rank)).all() for rank in places}
    for rank, (there, now) in places.items():
        ids, kind = theirs[rank], _KINDS[now]
        says = RequestLine.request_id.in_(ids), RequestLine.field.in_(of_kind(kind).names)
        db.session.execute(update(RequestLine).where(*says).values(kind=kind))
        named = select(RequestLine.request_id).where(*says)
        db.session.execute(update(Request).where(Request.id.in_(named)).values(kind=kind))
        db.session.execute(update(Request).where(Request.id.in_(ids)).values(family_id=there))
