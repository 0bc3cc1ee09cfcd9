"""Finding a family by whatever is typed of its names, numbers, telephones, e-mails and addresses: without accents,
in any order, by beginnings.

Each family keeps the words it can be found by. A scan of one short text a family answers in some milliseconds for
the 10 000 families of the largest communes (see bench/), on both engines, with no index to keep in step.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, event, false, inspect, or_, select, true, update
from sqlalchemy.orm import Session

from app import db
from app.french_order import sort_key
from app.models.families.child import Child, Custody
from app.models.families.family import Adult, Family
from app.models.families.spelling import BAR, Asked, found_by

PHONES = ("phone_mobile", "phone_home", "phone_work")
_REACHED = (*PHONES, "email", "address", "postal_code", "city")


def matches(typed: str, *, names_only: bool = False) -> ColumnElement[bool]:
    """The families in which each typed word begins one of the words they are found by; their names and numbers alone
    if asked.

    All of them when nothing is typed, none for signs without a letter or a digit.
    """
    asked = Asked.of(typed)
    if not asked.parts:
        return false() if typed.strip() else true()
    first, *others = (
        or_(*(and_(*(_begins(start, names_only) for start in way)) for way in part)) for part in asked.parts
    )
    if not others:
        return first
    # What all ways have in common comes first: at one look, most families are out.
    common = [Family.search_text.like(f"%{asked.common}%")] if asked.common else []
    return and_(*common, first, or_(and_(*others), _begins(asked.as_one, names_only)))


def _begins(word: str, names_only: bool) -> ColumnElement[bool]:
    """Letters and digits only: no sign that LIKE reads in its own way gets here."""
    return Family.search_text.like(f"% {word}%{BAR if names_only else ''}%")


def refresh(family_ids: set[int]) -> None:
    """Write anew the words of these families, and their place in lists, after names or contacts changed."""
    named: dict[int, list[str]] = {family_id: [] for family_id in family_ids}
    reached: dict[int, list[Any]] = {family_id: [] for family_id in family_ids}
    keys = dict.fromkeys(family_ids, "")
    numbers = select(Family.id, Family.merged_into, Family.number)  # a merged file's number finds the one kept
    concerned = or_(Family.id.in_(family_ids), Family.merged_into.in_(family_ids))
    for family_id, merged_into, number in _rows(numbers.where(concerned)):
        for one in family_ids & {family_id, merged_into}:
            named[one].append(number)
    for adult in _rows(_ADULTS.where(Adult.family_id.in_(family_ids))):
        named[adult.family_id] += [adult.last_name, adult.first_name]
        reached[adult.family_id].append(adult)
        if adult.rank == 1:
            keys[adult.family_id] = sort_key(adult.last_name, adult.first_name)
    for family_id, last_name, first_name in _rows(_CHILDREN.where(Custody.family_id.in_(family_ids))):
        named[family_id] += [last_name, first_name]
    for family_id, names in named.items():
        db.session.execute(
            update(Family)
            .where(Family.id == family_id)
            .values(search_text=_found_by(names, reached[family_id]), sort_key=keys[family_id])
            .execution_options(synchronize_session=False)
        )


_CHILDREN = select(Custody.family_id, Child.last_name, Child.first_name).join(Child, Child.id == Custody.child_id)
_ADULTS = select(*(getattr(Adult, name) for name in ("family_id", "rank", "last_name", "first_name", *_REACHED)))


def _found_by(names: list[str], adults: list[Any]) -> str:
    return found_by(
        *names,
        phones=[getattr(adult, name) for adult in adults for name in PHONES],
        emails=[adult.email for adult in adults],
        addresses=[text for adult in adults for text in (adult.address, adult.postal_code, adult.city)],
    )


def _rows(wanted: Any) -> Any:
    return db.session.execute(wanted.execution_options(autoflush=False))


@event.listens_for(Session, "before_flush")
def _note_what_changes(session: Session, context: Any, instances: Any) -> None:
    """The rows that tell what one is found by, and the families that they leave (a split, a merge)."""
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
