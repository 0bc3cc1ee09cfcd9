"""Garde et autorité parentale: the households of a child, and who has authority in each. Inside a transaction."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app import clock, db
from app.formats import NNBSP
from app.models.accounts.clerk import Clerk
from app.models.enrolments import Enrolment
from app.models.families import Adult, Authority, Child, Custody, Family
from app.models.refusal import RefusedError
from app.models.stale import ChangedMeanwhileError, Texts


@dataclass(frozen=True)
class Household:
    family: Family
    with_authority: frozenset[int]
    """Ids of its adults who have authority over the child."""
    enrolments: tuple[str, ...]
    """Names of the activities that it pays, or paid, for the child: these need the household."""

    @property
    def name(self) -> str:
        """« JEAN DUPONT et JEANNE DUPONT »."""
        return " et ".join(adult.full_name for adult in self.family.adults)


class Households:
    """Those of one child."""

    def __init__(self, child: Child) -> None:
        self.child = child
        with_authority = set(db.session.scalars(select(Authority.adult_id).where(Authority.child_id == child.id)))
        paid: dict[int, dict[str, None]] = defaultdict(dict)
        enrolled = select(Enrolment).where(Enrolment.child_id == child.id).options(joinedload(Enrolment.activity))
        for enrolment in db.session.scalars(enrolled.order_by(Enrolment.id)):
            paid[enrolment.family_id][enrolment.activity.name] = None
        living = select(Family).join(Custody).where(Custody.child_id == child.id).order_by(Family.id)
        self.all = [
            Household(
                family, frozenset(with_authority & {adult.id for adult in family.adults}), tuple(paid[family.id])
            )
            for family in db.session.scalars(living.options(selectinload(Family.adults)))
        ]

    @property
    def homes(self) -> set[int]:
        return {household.family.id for household in self.all}

    @property
    def with_authority(self) -> set[int]:
        return {adult_id for household in self.all for adult_id in household.with_authority}

    @property
    def adults(self) -> list[Adult]:
        return [adult for household in self.all for adult in household.family.adults]

    def texts(self) -> Texts:
        """What a form remembers of them, to tell whether someone changed them since."""
        homes = {f"foyer-{family_id}": "oui" for family_id in self.homes}
        return homes | {
            f"adulte-{adult.id}": "oui" if adult.id in self.with_authority else "non" for adult in self.adults
        }

    @classmethod
    def locked(cls, child_id: int) -> "Households":
        """Held until the transaction ends: no other agent changes them, and nothing new is paid by one of them."""
        child = db.session.get_one(Child, child_id, with_for_update=True, populate_existing=True)
        db.session.scalars(select(Custody).where(Custody.child_id == child_id).with_for_update()).all()
        return cls(child)

    def settle(self, homes: Collection[int], with_authority: Collection[int], *, seen: Texts, by: Clerk) -> None:
        """Keep only these households (ids) and give authority to these adults (ids) alone.

        Raises ChangedMeanwhileError when the agent saw others, and RefusedError, with the reason, for a household
        that cannot go.
        """
        now = self.texts()
        if now != seen:
            raise ChangedMeanwhileError(
                {key: now.get(key, "") for key in now | seen if now.get(key) != seen.get(key)}
            )
        gone = [household for household in self.all if household.family.id not in homes]
        self._check_removable(gone)
        staying = {adult.id for household in self.all if household not in gone for adult in household.family.adults}
        for adult in self.adults:
            self._entrust(adult, adult.id in staying and adult.id in with_authority, by)
        for household in gone:
            db.session.delete(db.session.get_one(Custody, (self.child.id, household.family.id)))
            household.family.left_on = clock.today()
            by.note("custody_removed", self.child, family_id=household.family.id, before={"child": self._name})

    def _check_removable(self, gone: list[Household]) -> None:
        if len(gone) == len(self.all):
            raise RefusedError("Un enfant a toujours un foyer\u00a0: laissez-en au moins un.")
        for household in gone:
            if household.enrolments:
                raise RefusedError(
                    f"Le foyer de {household.name} ne peut pas être retiré{NNBSP}: il paie, ou a payé, des "
                    f"inscriptions de {self.child.first_name} ({', '.join(household.enrolments)}), et leurs jours "
                    "restent à son nom."
                )

    def _entrust(self, adult: Adult, wanted: bool, by: Clerk) -> None:
        row = db.session.get(Authority, (adult.id, self.child.id))
        if wanted == (row is not None):
            return
        told = {"child": self._name, "adult": adult.full_name}
        if row is None:
            db.session.add(Authority(adult_id=adult.id, child_id=self.child.id))
            by.note("authority_given", self.child, family_id=adult.family_id, after=told)
        else:
            db.session.delete(row)
            by.note("authority_removed", self.child, family_id=adult.family_id, before=told)

    @property
    def _name(self) -> str:
        return f"{self.child.first_name} {self.child.last_name}"
