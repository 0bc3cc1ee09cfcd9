"""Finding a family by whatever of its names or numbers is typed: without accents, in any order, by beginnings.

Each family keeps the words it can be found by. A scan of one short text a family answers in some milliseconds for
the 10 000 families of the largest communes (see bench/), on both engines, with no index to keep in step.
"""

import re
import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, and_, event, select, update
from sqlalchemy.orm import Session

from app import db
from app.models.child import Child, Custody
from app.models.family import Adult, Family

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})


def words(*texts: str) -> str:
    """« Lefèvre », « Jean-Pierre » → « jean jeanpierre lefevre pierre », a blank before each word.

    What a hyphen or an apostrophe joins is found by its parts and as one word.
    """
    found: set[str] = set()
    for text in texts:
        for typed in _plain(text).split():
            parts = [part for part in re.split(r"[^a-z0-9]+", typed) if part]
            found |= {*parts, "".join(parts)}
    return "".join(f" {word}" for word in sorted(found - {""}))


def matches(typed: str) -> ColumnElement[bool]:
    """The families in which each typed word begins one of the words they are found by."""
    tokens = re.findall(r"[a-z0-9]+", re.sub(r"['’.-]", "", _plain(typed)))
    return and_(True, *(Family.search_text.like(f"% {token}%") for token in tokens))


def _plain(text: str) -> str:
    """Small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def refresh(family_ids: set[int]) -> None:
    """Write anew the words of these families, after their names changed."""
    found: dict[int, list[str]] = {family_id: [] for family_id in family_ids}
    for family_id, number in _rows(select(Family.id, Family.number).where(Family.id.in_(family_ids))):
        found[family_id].append(number)
    adults = select(Adult.family_id, Adult.last_name, Adult.first_name).where(Adult.family_id.in_(family_ids))
    children = (
        select(Custody.family_id, Child.last_name, Child.first_name)
        .join(Child, Child.id == Custody.child_id)
        .where(Custody.family_id.in_(family_ids))
    )
    for family_id, last_name, first_name in [*_rows(adults), *_rows(children)]:
        found[family_id] += [last_name, first_name]
    for family_id, texts in found.items():
        db.session.execute(
            update(Family)
            .where(Family.id == family_id)
            .values(search_text=words(*texts))
            .execution_options(synchronize_session=False)
        )


def _rows(wanted: Any) -> Any:
    return db.session.execute(wanted.execution_options(autoflush=False))


@event.listens_for(Session, "before_flush")
def _note_what_changes(session: Session, context: Any, instances: Any) -> None:
    changed = {one for one in (*session.new, *session.dirty, *session.deleted) if _names(session, one)}
    session.info["renamed"] = changed


@event.listens_for(Session, "after_flush_postexec")
def _keep_up_to_date(session: Session, context: Any) -> None:
    changed = session.info.pop("renamed", None)
    if changed:
        refresh(set().union(*(_family_ids(one) for one in changed)))


def _names(session: Session, one: Any) -> bool:
    """Whether this row holds a name, or says whose it is, and is not merely touched elsewhere."""
    return isinstance(one, Family | Adult | Child | Custody) and (
        one not in session.dirty or session.is_modified(one, include_collections=False)
    )


def _family_ids(one: Any) -> set[int]:
    if isinstance(one, Family):
        return {one.id}
    if isinstance(one, Child):
        return set(db.session.scalars(select(Custody.family_id).where(Custody.child_id == one.id)))
    return {one.family_id}
