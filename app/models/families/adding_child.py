"""A child in a dossier famille: added, attached to a second household. Inside a transaction."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import db
from app.models import stale
from app.models.accounts.clerk import Clerk
from app.models.families import opening_file, search, spelling
from app.models.families.child import Authority, Child, Custody
from app.models.families.family import Adult, Family
from app.models.families.same_name import may_be_one_child
from app.models.families.sections.child import NEW_CHILD
from app.models.refusal import RefusedError

_MOST_FOUND = 20


class KnownChildError(Exception):
    """A child of this name or nearly, born on this day, has a file: perhaps the same, of separated parents or not."""

    def __init__(self, children: Sequence[Child]) -> None:
        super().__init__(str([child.id for child in children]))
        self.children = children


def add_child(
    family_id: int,
    values: dict[str, Any],
    *,
    with_authority: Collection[int] | None = None,
    others: Collection[int] | None = (),
    by: Clerk,
) -> Child:
    """A new child of this household; its adults `with_authority` (ids; None: all) have a say over it.

    Raises RefusedError when the household has this child already, and KnownChildError for children of nearly the
    same name and the same birthday who are not among the `others` (ids) that the agent has looked at; `others` None:
    an agent read it all on the request.
    """
    family = opening_file.lock(family_id)
    alike = same(values)
    if living_in(family_id, alike) is not None:
        raise RefusedError(f"{values['first_name']} est déjà dans ce dossier.")
    alike += near(values)
    if others is not None and not {child.id for child in alike} <= set(others):
        raise KnownChildError(alike)
    child = Child(**values)
    db.session.add(child)
    db.session.flush()
    db.session.add(Custody(child_id=child.id, family_id=family_id))
    entrusted = [adult.id for adult in family.adults if with_authority is None or adult.id in with_authority]
    db.session.add_all(Authority(adult_id=adult_id, child_id=child.id) for adult_id in entrusted)
    by.note("child_added", child, family_id=family_id, after=stale.texts(child, values))
    return child


def attach_child(family_id: int, child_id: int, *, by: Clerk) -> Child:
    """The child lives in this household too; who has authority there is for the agent to say.

    Raises RefusedError when it does already.
    """
    opening_file.lock(family_id)
    child = db.session.get_one(Child, child_id)
    if db.session.get(Custody, (child_id, family_id)) is not None:
        raise RefusedError(f"{child.first_name} est déjà dans ce dossier.")
    db.session.add(Custody(child_id=child_id, family_id=family_id))
    by.note("custody_added", child, family_id=family_id, after={"child": f"{child.first_name} {child.last_name}"})
    return child


def found_elsewhere(family_id: int, typed: str) -> list[tuple[Child, list[Adult]]]:
    """The children of other families found by what is typed, with the adults with whom they live; 20 at most."""
    here = select(Custody.child_id).where(Custody.family_id == family_id)
    living = select(Custody.child_id).join(Family).where(Family.merged_into.is_(None), search.matches(typed))
    wanted = select(Child).where(Child.id.in_(living), Child.id.not_in(here)).order_by(Child.sort_key, Child.id)
    children = list(db.session.scalars(wanted.limit(_MOST_FOUND)))
    return [(child, adults) for child, adults in with_adults(children) if typed.strip()]


def with_adults(children: Sequence[Child]) -> list[tuple[Child, list[Adult]]]:
    """Each child and the adults of its households: one query."""
    ids = [child.id for child in children]
    living = select(Custody.child_id, Adult).join(Adult, Adult.family_id == Custody.family_id)
    rows = db.session.execute(living.where(Custody.child_id.in_(ids)).order_by(Custody.family_id, Adult.rank)).all()
    return [(child, [adult for child_id, adult in rows if child_id == child.id]) for child in children]


def same(values: dict[str, Any]) -> list[Child]:
    """The children born on this day who bear these names, whatever the accents and hyphens."""
    born = select(Child).where(Child.birth_date == values["birth_date"]).options(selectinload(Child.custodies))
    names = spelling.words(values["last_name"], values["first_name"])
    return [one for one in db.session.scalars(born) if spelling.words(one.last_name, one.first_name) == names]


def near(values: dict[str, Any]) -> list[Child]:
    """The children born on this day who may be this one under another name: a double surname, a second first name."""
    born = select(Child).where(Child.birth_date == values["birth_date"]).options(selectinload(Child.custodies))
    exactly = {child.id for child in same(values)}
    names = values["first_name"], values["last_name"]
    return [
        one
        for one in db.session.scalars(born.order_by(Child.id))
        if one.id not in exactly and one.custodies and may_be_one_child(*names, one.first_name, one.last_name)
    ]


def living_in(family_id: int, among: Sequence[Child]) -> Child | None:
    """The one of these children who lives in this household; None where none does."""
    return next((one for one in among if any(home.family_id == family_id for home in one.custodies)), None)


def why_not_asked(record: dict[str, str], family_id: int) -> str | None:
    """Why this household cannot ask for it: the child is there already. None when it can.

    A child whom another family has is for the agent to find out: parents are not told of it.
    """
    values = _asked(record)
    if living_in(family_id, same(values)) is not None:
        return f"{values['first_name']} est déjà dans votre dossier."
    return None


def doubts(record: dict[str, str], family_id: int) -> list[str]:
    """What this household is told before it asks: it may have this child already, under another name."""
    values = _asked(record)
    here = [child for child in near(values) if living_in(family_id, [child])]
    return [
        f"{child.first_name} {child.last_name}, de la même date de naissance, est déjà dans votre dossier\u00a0: "
        "peut-être le même enfant"
        for child in here
    ]


def _asked(record: dict[str, str]) -> dict[str, Any]:
    made = NEW_CHILD.makes
    assert made is not None
    return {one.name: one.value(record.get(one.name, "")) for one in made.columns}
