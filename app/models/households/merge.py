"""Réunion: two files of one family become one. What will change is told first, then done at once.

`absorbed` goes into `kept`: its people, children, enrolments, requests and messages move, and it keeps what may not
change (invoices, payments, journal), which the kept file reads through `Family.with_merged`. Nothing is deleted.
"""

from functools import cached_property

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app import clock, db
from app.models.accounts.clerk import Clerk
from app.models.changes import change
from app.models.enrolments import Enrolment
from app.models.families import Adult, Child, Custody, Family, search, spelling
from app.models.families.same_name import may_be_one_child
from app.models.families.sections.account import ALLOWED, AS_A_WHOLE, IDENTITY, PERSON
from app.models.households import household_property
from app.models.households.merge_children import Joining, fill_blanks, move_authority, move_custody
from app.models.messages import Thread
from app.models.planning import CalendarFeed
from app.models.refusal import RefusedError
from app.models.requests import Request, RequestLine, person_requests

_ALLOWED = [field.name for field in ALLOWED]
_FILLED_IN = [field.name for field in PERSON if field not in (*IDENTITY, *ALLOWED)]
_BLANKS = [*AS_A_WHOLE, *((name,) for name in _FILLED_IN if not any(name in whole for whole in AS_A_WHOLE))]
"""What an absorbed adult may know and the kept one not, filled in where blank."""


class Merge:
    def __init__(self, kept: Family, absorbed: Family) -> None:
        """Raises RefusedError for two files that cannot be merged at all."""
        why_not = self.why_not(kept, absorbed)
        if why_not is not None:
            raise RefusedError(why_not)
        self.kept, self.absorbed = kept, absorbed
        self.our_children, self.children = Child.of_family(kept.id), Child.of_family(absorbed.id)
        self.joinings = Joining.find(self.children, self.our_children)
        known = {_identity(adult): adult for adult in kept.adults}
        self.same = {adult: known[_identity(adult)] for adult in absorbed.adults if _identity(adult) in known}
        """Their adults who are in the kept file already, and as whom."""
        self.newcomers = [adult for adult in absorbed.adults if adult not in self.same]

    @staticmethod
    def why_not(kept: Family, absorbed: Family) -> str | None:
        """Why these two files cannot be merged at all; None when they can."""
        if kept.id == absorbed.id:
            return "Un dossier ne peut pas être réuni à lui-même."
        if absorbed.merged_into == kept.id:
            return f"C’est déjà fait : le dossier n° {absorbed.number} est réuni au dossier n° {kept.number}."
        for family in (absorbed, kept):
            if family.merged_into is not None:
                return f"Le dossier n° {family.number} est déjà réuni à un autre dossier."
        return None

    @property
    def obstacles(self) -> list[str]:
        """What must be settled first, in sentences."""
        found = [self._too_many_adults(), self._changes_waiting()]
        found += [sentence for joining in self.joinings for sentence in joining.conflicts()]
        return [sentence for sentence in found if sentence]

    @property
    def closing(self) -> list[Adult]:
        """Their adults whose login opens nothing any more: the same person has another one in the kept file."""
        return [adult for adult, one in self.same.items() if adult.account_id and one.account_id]

    @property
    def moving_in(self) -> list[Child]:
        """Their children whom the kept file does not know yet."""
        known = {child.id for child in self.our_children} | {joining.other.id for joining in self.joinings}
        return [child for child in self.children if child.id not in known]

    @property
    def in_both(self) -> list[Child]:
        """Children with one record who live in both households: these may be separated parents, not duplicates."""
        known = {child.id for child in self.our_children}
        return [child for child in self.children if child.id in known]

    @cached_property
    def moving(self) -> dict[str, list[int]]:
        """The enrolments, requests and threads that go to the kept file, by id."""
        tables: dict[str, type[Enrolment | Request | Thread]]
        tables = {"enrolments": Enrolment, "requests": Request, "threads": Thread}
        theirs = {name: select(of.id).where(of.family_id == self.absorbed.id) for name, of in tables.items()}
        return {name: list(db.session.scalars(wanted)) for name, wanted in theirs.items()}

    @property
    def notices(self) -> list[str]:
        """What the agent should know, and may still want to settle first."""
        both = ", ".join(child.first_name for child in self.in_both)
        found = [
            f"Ces deux dossiers sont les deux foyers de {both}. Ne les réunissez que si les parents vivent de "
            "nouveau ensemble : chacun verra tout ce que l’autre a demandé, écrit et payé."
            if both
            else ""
        ]
        found += [
            f"{adult.full_name} devient le second adulte du dossier gardé. Si c’est une personne qui y est déjà, "
            "sous un nom écrit autrement, corrigez d’abord ce nom."
            for adult in self.newcomers
        ]
        found += [
            f"{child.first_name} a le même nom dans les deux dossiers, mais une autre date de naissance : il y aura "
            "deux enfants. Si c’est le même, corrigez d’abord la date."
            for child in self.moving_in
            if any(_identity(child) == _identity(other) for other in self.our_children)
        ]
        found += [
            f"{child.first_name} {child.last_name} et {other.first_name} {other.last_name} ont la même date "
            "de naissance\u00a0: si c’est le même enfant, écrivez d’abord son nom de la même façon dans les deux "
            "dossiers."
            for child in self.moving_in
            for other in self.our_children
            if child.birth_date == other.birth_date
            and _identity(child) != _identity(other)
            and may_be_one_child(child.first_name, child.last_name, other.first_name, other.last_name)
        ]
        found += [sentence for joining in self.joinings for sentence in joining.notices()]
        found += [
            f"Les deux dossiers ont des {what} différentes : celles du dossier gardé restent."
            for what in household_property.differing(self.kept.id, self.absorbed.id)
        ]
        found += [f"Il y aura deux inscriptions de {name} : terminez-en une ensuite." for name in self._doubled()]
        return [sentence for sentence in found if sentence]

    def carry_out(self, *, by: Clerk) -> None:
        """Merge, inside a transaction that locked both files (`Family.lock`). Raises RefusedError."""
        if self.obstacles:
            raise RefusedError("Rien n’est changé : il reste un point à régler.")
        before, after = self._told()
        by_rank = {adult.rank: adult for adult in self.absorbed.adults}
        try:
            self._move_children()
            self._move_adults()
            self._move_requests_and_messages(by_rank)
            household_property.pool(self.kept, self.absorbed, {adult.id: one.id for adult, one in self.same.items()})
        except IntegrityError as error:  # a parent booked at this very moment
            raise RefusedError("Une réservation vient d’être faite dans l’un des dossiers : recommencez.") from error
        self.kept.situation = self.kept.situation or self.absorbed.situation
        again = update(Family).where(Family.merged_into == self.absorbed.id).values(merged_into=self.kept.id)
        db.session.execute(again)  # always the last file of a chain, so that one look finds all
        self.absorbed.merged_into = self.kept.id
        db.session.flush()
        db.session.expire(self.kept, ["adults"])
        db.session.expire(self.absorbed, ["adults"])
        search.refresh({self.kept.id})  # it is found by the other number too
        for family in (self.kept, self.absorbed):
            by.note("family_merged", family, family_id=family.id, before=before, after=after)

    def _move_requests_and_messages(self, by_rank: dict[int, Adult]) -> None:
        """`by_rank`: their adults, as they were before."""
        for adult, one in self.same.items():  # the answer goes to the address of the kept file
            sent = update(Request).where(Request.family_id == self.absorbed.id, Request.submitted_by == adult.id)
            db.session.execute(sent.values(submitted_by=one.id))
            db.session.execute(update(RequestLine).where(RequestLine.asked_by == adult.id).values(asked_by=one.id))
        places = {rank: (self.kept.id, self.same.get(adult, adult).rank) for rank, adult in by_rank.items()}
        person_requests.follow(self.absorbed.id, places)
        for of in (Request, Thread):
            db.session.execute(update(of).where(of.family_id == self.absorbed.id).values(family_id=self.kept.id))

    def _move_children(self) -> None:
        """First to the kept record, in whatever household the child lives, then to the kept file."""
        records = {joining.other.id: joining.kept.id for joining in self.joinings}
        concerned = or_(Custody.child_id.in_(records), Custody.family_id == self.absorbed.id)
        for custody in db.session.scalars(select(Custody).where(concerned)).all():
            household = self.kept.id if custody.family_id == self.absorbed.id else custody.family_id
            move_custody(custody, child_id=records.get(custody.child_id, custody.child_id), family_id=household)
        for joining in self.joinings:
            joining.carry_out()
        move_authority(records, {adult.id: one.id for adult, one in self.same.items()})

    def _move_adults(self) -> None:
        taken = {adult.rank for adult in self.kept.adults}
        for adult, one in self.same.items():
            fill_blanks(one, adult, _BLANKS)
            for field in _ALLOWED:  # of two answers, the one that allows less
                said = [getattr(row, field) for row in (one, adult) if getattr(row, field) is not None]
                setattr(one, field, all(said) if said else None)
            if one.account_id is None:
                self._give_login(adult, one)
        for adult in self.newcomers:  # one at most, or two in a file that has no adult left
            adult.family_id = self.kept.id
            adult.rank = next(rank for rank in (1, 2) if rank not in taken)
            taken.add(adult.rank)
        db.session.flush()

    @staticmethod
    def _give_login(adult: Adult, one: Adult) -> None:
        """The account, and the address of the phone's calendar with it."""
        account_id, adult.account_id = adult.account_id, None
        db.session.flush()  # an account has one person at a time
        one.account_id = account_id
        if db.session.get(CalendarFeed, one.id) is None:
            moved = update(CalendarFeed).where(CalendarFeed.adult_id == adult.id).values(adult_id=one.id)
            db.session.execute(moved)

    def _too_many_adults(self) -> str | None:
        people = [*self.kept.adults, *self.newcomers]
        if len(people) <= 2:
            return None
        names = ", ".join(adult.full_name for adult in people)
        return (
            f"Ces deux dossiers nomment {len(people)} adultes : {names}. Un foyer en a deux au plus. Si deux de ces "
            "noms sont ceux d’une même personne, écrivez-les de la même façon ; sinon, ce sont deux familles."
        )

    def _changes_waiting(self) -> str | None:
        """A change request names an adult by rank, which is another in the kept file: it would hit the wrong one."""
        codes = ", ".join(change.waiting(self.absorbed.id))
        number = self.absorbed.number
        return f"Répondez d’abord aux demandes de modification du dossier n° {number} : {codes}." if codes else None

    def _doubled(self) -> list[str]:
        """« LEA à Garderie matin », that both files enrolled, and which has not ended in either."""
        records = {joining.other.id: joining.kept.id for joining in self.joinings}
        wanted = select(Enrolment).where(
            Enrolment.family_id.in_((self.kept.id, self.absorbed.id)),
            Enrolment.lasting(clock.today()),
        )
        payers: dict[tuple[int, int], dict[int, str]] = {}
        for one in db.session.scalars(wanted.options(joinedload(Enrolment.child), joinedload(Enrolment.activity))):
            key = (records.get(one.child_id, one.child_id), one.activity_id)
            payers.setdefault(key, {})[one.family_id] = f"{one.child.first_name} à {one.activity.name}"
        return [names[self.kept.id] for names in payers.values() if len(names) == 2]

    def _told(self) -> tuple[dict[str, object], dict[str, object]]:
        """What the journal keeps: enough to find by hand what came from where."""
        before: dict[str, object] = {
            "number": self.absorbed.number,
            "adults": [adult.full_name for adult in self.absorbed.adults],
            "children": [child.first_name for child in self.children],
            **self.moving,
        }
        after: dict[str, object] = {
            "number": self.kept.number,
            "joined_children": {str(joining.other.id): joining.kept.id for joining in self.joinings},
            "same_adults": {str(adult.id): one.id for adult, one in self.same.items()},
            "newcomers": [adult.full_name for adult in self.newcomers],
            "closed_logins": [adult.full_name for adult in self.closing],
            "restricted": [what for joining in self.joinings for what in joining.disagreements],
        }
        return before, after


def _identity(person: Adult | Child) -> tuple[str, str]:
    """The name, however it is spelt."""
    return spelling.words(person.last_name), spelling.words(person.first_name)
