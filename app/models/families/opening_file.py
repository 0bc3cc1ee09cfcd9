"""Opening a dossier famille: its number, its one or two adults. What its sections say: see `section_edit`.

Inside a transaction. Each verb writes the journal: who, from which address, what changed.
"""

import re
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import selectinload

from app import db
from app.models import stale
from app.models.accounts.clerk import Clerk
from app.models.families import search
from app.models.families.family import Adult, Family
from app.models.refusal import RefusedError

FULL = "Ce dossier a déjà deux adultes."
_MOST_ALIKE = 5
_LOCAL_DIGITS = 9
"""Of a telephone number, without what its country begins with."""

Values = dict[str, Any]
"""Fields of a row, by name."""


class NumberTakenError(Exception):
    """Another file bears this number."""

    def __init__(self, family: Family) -> None:
        super().__init__(family.number)
        self.family = family


class AlikeError(Exception):
    """Files that may be of the same people; the agent has not said yet that they are others."""

    def __init__(self, families: Sequence[Family]) -> None:
        super().__init__(", ".join(family.number for family in families))
        self.families = families


def alike(adults: Sequence[Values]) -> list[Family]:
    """The files in which one of these names is found, whatever its accents, hyphens and order; or an adult who has
    one of these e-mails or mobiles.
    """
    named = [search.matches(f"{adult['last_name']} {adult['first_name']}", names_only=True) for adult in adults]
    reached = [Family.id.in_(_reached_by(adult)) for adult in adults]
    wanted = (
        select(Family)
        .where(Family.merged_into.is_(None), or_(*named, *reached))
        .order_by(Family.id)
        .limit(_MOST_ALIKE)
    )
    return list(db.session.scalars(wanted.options(selectinload(Family.adults))))


def reached_like(adult: Values, *, but: int) -> list[Family]:
    """The files, `but` this one, where an adult has this e-mail or this mobile: perhaps the same person."""
    wanted = select(Family).where(Family.merged_into.is_(None), Family.id != but, Family.id.in_(_reached_by(adult)))
    found = wanted.order_by(Family.id).limit(_MOST_ALIKE).options(selectinload(Family.adults))
    return list(db.session.scalars(found))


def _reached_by(adult: Values) -> Select[int]:
    """The families of the adults who have this e-mail or this mobile, however its digits are grouped."""
    email, digits = adult.get("email", ""), re.sub(r"\D", "", adult.get("phone_mobile", ""))
    written: Any = Adult.phone_mobile
    for sign in " .-/\u00a0":
        written = func.replace(written, sign, "")
    ways = [func.lower(Adult.email) == email.lower()] if email else []
    if len(digits) >= _LOCAL_DIGITS:  # « +33 6 39… » and « 06 39… »
        ways.append(written.endswith(digits[-_LOCAL_DIGITS:]))
    return select(Adult.family_id).where(or_(false(), *ways))


def open_file(
    *, number: str, situation: str, adults: Sequence[Values], others: Collection[int] = (), by: Clerk
) -> Family:
    """A new file with its adults, in their order; no number: the next one.

    Raises AlikeError for files that have the same names, e-mail or mobile and are not among the `others` (ids) that
    the agent has looked at, NumberTakenError for a number in use.
    """
    following = Family.next_number()  # whoever opens a file waits here for the other: sent twice, it is seen once
    found = alike(adults)
    if not {family.id for family in found} <= set(others):
        raise AlikeError(found)
    _check_number(number)
    family = Family(number=number or following, situation=situation)
    db.session.add(family)
    db.session.flush()
    for rank, values in enumerate(adults, start=1):
        db.session.add(Adult(family_id=family.id, rank=rank, **values))
    db.session.flush()
    after = {
        "number": family.number,
        "situation": situation,
        "adults": [adult.full_name for adult in family.adults],
    }
    by.note("family_created", family, family_id=family.id, after=after)
    return family


def change_family(family_id: int, values: Values, *, seen: stale.Texts, by: Clerk) -> None:
    """Set the number and the organism. Raises ChangedMeanwhileError, NumberTakenError."""
    (family,) = Family.lock(family_id)
    Family.next_number()  # takes the lock of numbers, so that nobody takes this one meanwhile
    _check_number(values["number"], mine=family_id)
    before, after = stale.write(family, values, seen=seen)
    if after:
        by.note("family_changed", family, family_id=family_id, before=before, after=after)


def add_adult(family_id: int, values: Values, *, by: Clerk) -> Adult:
    """The second adult, without authority over the children before an agent says so.

    Raises RefusedError when there are two, or when the file was merged.
    """
    family = lock(family_id)
    ranks = {adult.rank for adult in family.adults}
    if ranks >= {1, 2}:
        raise RefusedError(FULL)
    adult = Adult(family_id=family_id, rank=2 if 1 in ranks else 1, **values)
    db.session.add(adult)
    db.session.flush()
    by.note("adult_added", adult, family_id=family_id, after=stale.texts(adult, values))
    return adult


def lock(family_id: int) -> Family:
    """The file, locked for something to be added to it. Raises RefusedError when it was merged into another."""
    (family,) = Family.lock(family_id)
    if family.merged_into is not None:
        raise RefusedError("Ce dossier vient d’être réuni à un autre : rien n’y est ajouté.")
    return family


def _check_number(number: str, *, mine: int | None = None) -> None:
    taken = db.session.scalars(select(Family).where(Family.number == number)).first()
    if taken is not None and taken.id != mine:
        raise NumberTakenError(taken)
