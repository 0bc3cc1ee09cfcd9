"""Séparation: a file whose two adults part becomes two. What will change is told first, then done at once.

The one who leaves takes account and authority along into a new file, with what was asked of their own details and the
documents that they gave of the household. What else was enrolled, asked, written and billed stays in the first one,
with the one who stays.
"""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import func, select

from app import clock, db
from app.formats import euros
from app.models.accounts.clerk import Clerk
from app.models.billing import LedgerEntry
from app.models.changes import change
from app.models.enrolments import Enrolment
from app.models.families import Adult, Child, Custody, Family
from app.models.households import household_property
from app.models.messages import Thread
from app.models.planning import CalendarFeed
from app.models.refusal import RefusedError
from app.models.requests import Request, person_requests

SEPARATED = "Séparé"


@dataclass(frozen=True)
class FutureFile:
    """One of the two files, as it will be: sentences for the agent."""

    adult: Adult
    number: str | None
    """None for the new file: it gets its number when it is made."""
    children: list[str]
    has: list[str]
    loses: list[str]
    """What its adult will no longer see."""


class Split:
    """`leaving` gets a new file. `homes` says, by child id, with which adult (id) a child lives; None: with both."""

    def __init__(self, family: Family, leaving_id: int, homes: dict[int, int | None]) -> None:
        """Raises RefusedError for a file that cannot be split, or that this adult has left meanwhile."""
        why_not = self.why_not(family)
        if why_not is None and leaving_id not in {adult.id for adult in family.adults}:
            why_not = "Les adultes du dossier ont changé entre-temps : recommencez."
        if why_not is not None:
            raise RefusedError(why_not)
        self.family, self.homes = family, homes
        self.children = Child.of_family(family.id)
        self.leaving, self.staying = sorted(family.adults, key=lambda adult: adult.id != leaving_id)

    @staticmethod
    def why_not(family: Family) -> str | None:
        """Why this file cannot be split at all; None when it can."""
        if family.merged_into is not None:
            return "Ce dossier est réuni à un autre : il n’y a plus rien à séparer ici."
        if len(family.adults) < 2:
            return "Ce dossier n’a qu’un adulte : il n’y a rien à séparer."
        return None

    @property
    def obstacles(self) -> list[str]:
        """What must be settled first, in sentences."""
        found = [self._changes_waiting(), *(self._enrolments_left(child) for child in self._moving)]
        somewhere = {None, self.staying.id, self.leaving.id}
        if set(self.homes) != {child.id for child in self.children} or not somewhere.issuperset(self.homes.values()):
            found.append("Les enfants du dossier ont changé entre-temps : dites de nouveau où vit chacun.")
        return [sentence for sentence in found if sentence]

    def files(self) -> tuple[FutureFile, FutureFile]:
        """The file that stays and the new one."""
        return self._first(), self._second()

    def carry_out(self, *, by: Clerk) -> Family:
        """Make the second file, inside a transaction that locked the first (`Family.lock`). Raises RefusedError."""
        if self.obstacles:
            raise RefusedError("Rien n’est changé : il reste un point à régler.")
        before = {"situation": self.family.situation, "adults": [adult.full_name for adult in self.family.adults]}
        new = Family(number=Family.next_number(), situation=SEPARATED)
        db.session.add(new)
        db.session.flush()
        by_rank = {adult.rank: adult for adult in (self.staying, self.leaving)}
        self.family.situation = SEPARATED
        self.leaving.family_id, self.leaving.rank = new.id, 1
        db.session.flush()  # the rank that it leaves must be free first
        self.staying.rank = 1
        for child in self.children:
            self._settle(child, new)
        places = {rank: (adult.family_id, adult.rank) for rank, adult in by_rank.items()}
        person_requests.follow(self.family.id, places)
        household_property.part(self.leaving, self.family.id, new, [child.id for child in self._moving])
        db.session.flush()
        db.session.expire(self.family, ["adults"])
        after = {
            "situation": SEPARATED,
            "number": self.family.number,
            "new_number": new.number,
            "staying": self.staying.full_name,
            "leaving": self.leaving.full_name,
            "homes": {child.first_name: self._home(child) for child in self.children},
        }
        for family in (self.family, new):
            by.note("family_split", family, family_id=family.id, before=before, after=after)
        return new

    def _settle(self, child: Child, new: Family) -> None:
        home = self.homes[child.id]
        if home == self.staying.id:
            return
        custody = db.session.get_one(Custody, (child.id, self.family.id))
        moves = home == self.leaving.id
        db.session.add(Custody(child_id=child.id, family_id=new.id, note=custody.note if moves else None))
        if moves:
            db.session.delete(custody)
            self.family.left_on = clock.today()

    @property
    def _moving(self) -> list[Child]:
        """The children who leave the first household."""
        return [child for child in self.children if self.homes.get(child.id) == self.leaving.id]

    def _changes_waiting(self) -> str | None:
        """A change request names an adult by rank, and ranks are about to change: it would hit the wrong person."""
        codes = ", ".join(change.waiting(self.family.id))
        return f"Répondez d’abord aux demandes de modification du dossier : {codes}." if codes else None

    def _enrolments_left(self, child: Child) -> str | None:
        """What the first household pays, or paid, holds the child there: its days and its price are of that file."""
        wanted = select(Enrolment).where(Enrolment.child_id == child.id, Enrolment.family_id == self.family.id)
        paid = db.session.scalars(wanted.order_by(Enrolment.id)).all()
        if not paid:
            return None
        names = ", ".join(dict.fromkeys(enrolment.activity.name for enrolment in paid))
        stays, leaves = self.staying.full_name, self.leaving.full_name
        return (
            f"{child.first_name} ne peut pas quitter le dossier de {stays}, qui garde ses inscriptions ({names}) et "
            f"leurs réservations. Laissez cet enfant dans les deux foyers ; ou, si c’est {leaves} qui doit "
            f"garder les inscriptions, donnez plutôt le nouveau dossier à {stays}."
        )

    def _home(self, child: Child) -> str:
        home = self.homes.get(child.id)
        return next((a.full_name for a in (self.staying, self.leaving) if a.id == home), "les deux foyers")

    def _first(self) -> FutureFile:
        has = [
            f"Ses inscriptions, avec leurs réservations : {self._enrolments}" if self._enrolments else "",
            f"Ses factures et son solde : {self._balance}",
            f"Ses demandes : {self._requests}" if self._requests else "",
            f"Ses échanges de messages : {self._threads}" if self._threads else "",
            f"Ses informations fiscales, CAF et bancaires : vérifiez qu’elles ne sont pas de {self.leaving.full_name}"
            if self._has_money
            else "",
            f"Les pièces déjà données : {self._documents}{self._documents_that_leave}" if self._documents else "",
            self._account(self.staying),
            "La place de responsable du dossier" if self.staying.rank == 2 else "",
        ]
        loses = [f"Les coordonnées de l’autre parent ({self.leaving.full_name}), et les demandes faites à leur sujet"]
        loses += [f"La fiche et le planning de {child.first_name}" for child in self._moving]
        loses += ["Ce que l’autre foyer demandera, réservera, paiera ou écrira"]
        return FutureFile(self.staying, self.family.number, self._lives_with(self.staying), _said(has), loses)

    def _second(self) -> FutureFile:
        mine = self._lives_with(self.leaving)
        has = [
            self._account(self.leaving),
            "L’autorité parentale, inchangée" if self.children else "",
            "Aucune inscription : inscrivez ses enfants pour les jours que ce foyer paiera" if mine else "",
        ]
        gone = [child for child in self.children if self.homes.get(child.id) == self.staying.id]
        shared = any(home is None for home in self.homes.values()) and self._enrolments > 0
        loses = [
            f"Les coordonnées de l’autre parent ({self.staying.full_name})",
            f"Les factures et le solde du premier dossier ({self._balance})",
            f"Les demandes faites jusqu’ici ({self._requests}), sauf celles sur ses coordonnées"
            if self._requests
            else "",
            f"Les échanges de messages jusqu’ici ({self._threads})" if self._threads else "",
            "Les informations fiscales, CAF et bancaires du premier dossier : ce foyer donnera les siennes"
            if self._has_money
            else "",
            f"Les pièces déjà données{self._documents_that_leave}" if self._documents else "",
            *(f"La fiche et le planning de {child.first_name}" for child in gone),
            f"Le détail des inscriptions que {self.staying.full_name} paie : le planning n’en montre plus que l’état "
            "de chaque jour et le nom du payeur, sans pouvoir rien y demander"
            if shared
            else "",
            "Dans le calendrier de son téléphone, les jours que l’autre foyer paie"
            if db.session.get(CalendarFeed, self.leaving.id)
            else "",
        ]
        return FutureFile(self.leaving, None, mine, _said(has), _said(loses))

    def _lives_with(self, adult: Adult) -> list[str]:
        homes = [(child.first_name, self.homes.get(child.id)) for child in self.children]
        here = [(name, home) for name, home in homes if home in (None, adult.id)]
        return [f"{name}, dans les deux foyers" if home is None else name for name, home in here]

    @staticmethod
    def _account(adult: Adult) -> str:
        if adult.account is None:
            return "Pas de compte : vous pourrez en créer un depuis son dossier"
        return f"Son compte « {adult.account.identifiant} », avec le même mot de passe"

    @cached_property
    def _balance(self) -> str:
        return euros(LedgerEntry.balance(self.family.id, clock.today()))

    @cached_property
    def _has_money(self) -> bool:
        return household_property.has_money(self.family.id)

    @cached_property
    def _documents(self) -> int:
        return household_property.documents(self.family.id)

    @property
    def _documents_that_leave(self) -> str:
        given_for = " ou ".join(["le foyer", *(child.first_name for child in self._moving)])
        return f", sauf celles que {self.leaving.full_name} a données pour {given_for}"

    @cached_property
    def _enrolments(self) -> int:
        return self._count(Enrolment)

    @cached_property
    def _requests(self) -> int:
        """Those that stay in the first file."""
        leaving = person_requests.about(self.family.id, self.leaving.rank)
        return self._count(Request) - len(db.session.scalars(leaving).all())

    @cached_property
    def _threads(self) -> int:
        return self._count(Thread)

    def _count(self, of: type[Enrolment | Request | Thread]) -> int:
        return db.session.scalar(select(func.count()).where(of.family_id == self.family.id)) or 0


def _said(sentences: list[str]) -> list[str]:
    return [sentence for sentence in sentences if sentence]
