"""Finding a family by whatever of its names or numbers is typed: without accents, in any order, by beginnings.

Each family keeps the words it can be found by. A scan of one short text a family answers in some milliseconds for
the 10 000 families of the largest communes (see bench/), on both engines, with no index to keep in step.
"""

import re
from typing import Any

from sqlalchemy import ColumnElement, and_, event, false, inspect, null, or_, select, true, update
from sqlalchemy.orm import Session

from app import db
from app.french_order import WORD, sort_key, unaccented
from app.models.families.child import Child, Custody
from app.models.families.family import Adult, Family

_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s.-]+(?=\d)")


def words(*texts: str) -> str:
    """« Lefèvre », « Jean-Pierre » → « jean jeanpierre lefevre pierre », a blank before each word.

    What a hyphen, an apostrophe or a blank joins is found by its parts and as one word.
    """
    found: set[str] = set()
    for text in texts:
        plain = unaccented(text)
        for name in (*plain.split(), plain):
            parts = WORD.findall(name)
            found |= {*parts, "".join(parts)}
    return "".join(f" {word}" for word in sorted(found - {""}))


def matches(typed: str) -> ColumnElement[bool]:
    """The families in which each typed word begins one of the words they are found by.

    All of them when nothing is typed, none for signs without a letter or a digit. A number may be typed in groups.
    """
    plain = _BETWEEN_DIGITS.sub("", unaccented(typed))
    names = [parts for name in plain.split() if (parts := WORD.findall(name))]
    if not names:
        return false() if plain.strip() else true()
    first, *others = (_begins_as_one_or_by_parts(parts) for parts in names)
    if not others:
        return first
    each_or_joined = or_(and_(*others), _begins("".join(part for parts in names for part in parts)))
    # What all ways have in common comes first: at one look, most families are out.
    return and_(Family.search_text.like(f"%{names[-1][-1]}%"), first, each_or_joined)


def _begins_as_one_or_by_parts(parts: list[str]) -> ColumnElement[bool]:
    whole = _begins("".join(parts))
    return whole if len(parts) == 1 else or_(whole, and_(*(_begins(part) for part in parts)))


def _begins(word: str) -> ColumnElement[bool]:
    """Letters and digits only: no sign that LIKE reads in its own way gets here."""
    return Family.search_text.like(f"% {word}%")


def refresh(family_ids: set[int]) -> None:
    """Write anew the words of these families, and their place in lists, after their names changed."""
    found: dict[int, list[str]] = {family_id: [] for family_id in family_ids}
    keys = dict.fromkeys(family_ids, "")
    numbers = select(Family.id, Family.merged_into, Family.number)  # a merged file's number finds the one kept
    concerned = or_(Family.id.in_(family_ids), Family.merged_into.in_(family_ids))
    for family_id, merged_into, number in _rows(numbers.where(concerned)):
        for one in family_ids & {family_id, merged_into}:
            found[one].append(number)
    adults = select(Adult.family_id, Adult.last_name, Adult.first_name, Adult.rank)
    children = (
        select(Custody.family_id, Child.last_name, Child.first_name, null())
        .join(Child, Child.id == Custody.child_id)
        .where(Custody.family_id.in_(family_ids))
    )
    people = [*_rows(adults.where(Adult.family_id.in_(family_ids))), *_rows(children)]
    for family_id, last_name, first_name, rank in people:
        found[family_id] += [last_name, first_name]
        if rank == 1:
            keys[family_id] = sort_key(last_name, first_name)
    for family_id, texts in found.items():
        db.session.execute(
            update(Family)
            .where(Family.id == family_id)
            .values(search_text=words(*texts), sort_key=keys[family_id])
            .execution_options(synchronize_session=False)
        )


def _rows(wanted: Any) -> Any:
    return db.session.execute(wanted.execution_options(autoflush=False))


@event.listens_for(Session, "before_flush")
def _note_what_changes(session: Session, context: Any, instances: Any) -> None:
    """The rows that hold names, and the families that they leave (a split, a merge): both are written anew."""
    changed = {one for one in (*session.new, *session.dirty, *session.deleted) if _names(session, one)}
    before = (inspect(one).committed_state.get("family_id", getattr(one, "family_id", None)) for one in changed)
    left = {family_id for family_id in before if isinstance(family_id, int)}  # a new row has no former family
    session.info["renamed"] = (changed, left)


@event.listens_for(Session, "after_flush_postexec")
def _keep_up_to_date(session: Session, context: Any) -> None:
    changed, left = session.info.pop("renamed", (None, None))
    if changed:
        refresh(left.union(*(_family_ids(one) for one in changed)))


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
