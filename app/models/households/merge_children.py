"""Two records of one child, made one. All that hangs on `other` goes to `kept`; nothing of it is deleted."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import aliased

from app import db
from app.formats import NBSP, short_date
from app.models.changes import DuiDraft
from app.models.documents import Document
from app.models.enrolments import Booking, BookingState, Enrolment
from app.models.families import (
    Authority,
    Child,
    Consent,
    Contact,
    Custody,
    HealthAlert,
    HealthSheet,
    Pai,
    Vaccination,
    spelling,
)
from app.models.families.sections.child import CONSENTS
from app.models.households import household_property
from app.models.requests import Request
from app.models.town import Activity

_SHOWN = 8
"""Days that a sentence names before it counts the others."""
_BLANKS = (
    ("school",), ("level",), ("class_name",), ("sex",), ("birth_place",),
    ("insurer", "insurance_number", "insured_from", "insured_until"),
)  # fmt: skip
"""What the kept record takes from the other where it is blank; an insurance goes as a whole."""


@dataclass(frozen=True)
class Joining:
    kept: Child
    other: Child

    @classmethod
    def find(cls, theirs: list[Child], ours: list[Child]) -> list["Joining"]:
        """Which of their children ours already hold: same names, however they are spelt, and same birth date."""
        known = {_identity(child): child for child in ours}
        return [
            cls(known[_identity(child)], child)
            for child in theirs
            if _identity(child) in known and known[_identity(child)].id != child.id
        ]

    def conflicts(self) -> list[str]:
        """Days booked in both records, that one child cannot have, past ones included: a sentence for each pair."""
        mine, theirs = aliased(Booking), aliased(Booking)
        ours, other = aliased(Activity), aliased(Activity)
        same_group = and_(mine.exclusive_group.is_not(None), mine.exclusive_group == theirs.exclusive_group)
        clashing = (
            select(ours.name, other.name, mine.day)
            .join(theirs, mine.day == theirs.day)
            .join(ours, ours.id == mine.activity_id)
            .join(other, other.id == theirs.activity_id)
            .where(
                mine.child_id == self.kept.id,
                theirs.child_id == self.other.id,
                mine.state == BookingState.BOOKED,
                theirs.state == BookingState.BOOKED,
                or_(mine.activity_id == theirs.activity_id, same_group),
            )
            .order_by(mine.day)
        )
        found: dict[tuple[str, str], list[date]] = defaultdict(list)
        for one, another, day in db.session.execute(clashing):
            found[one, another].append(day)
        return [self._sentence(one, another, days) for (one, another), days in found.items()]

    def _sentence(self, one: str, another: str, days: list[date]) -> str:
        what = one if one == another else f"{one} et {another}"
        listed = ", ".join(short_date(day) for day in days[:_SHOWN])
        more = f" et {len(days) - _SHOWN} autres jours, jusqu’au {short_date(days[-1])}" if len(days) > _SHOWN else ""
        return (
            f"{self.kept.first_name} a une réservation dans chaque dossier, pour {what}, le : {listed}{more}. "
            "Il ne doit en rester qu’une par jour : déclarez une absence pour l’autre."
        )

    def carry_out(self) -> None:
        """Fill the blanks of the kept record and take over what it does not say yet. Households are moved apart."""
        fill_blanks(self.kept, self.other, _BLANKS)
        self.kept.diet = _both(self.kept.diet, self.other.diet)  # what a child must not eat is never lost
        self._join_health()
        self._join_consents()
        self._take_over(Contact, lambda row: (row.role, row.name, row.link, row.phone))
        self._take_over(HealthAlert, lambda row: (row.kind, row.text))
        self._take_over(Pai, lambda row: (row.ends_on, row.instruction))
        self._take_over(Vaccination, lambda row: (row.name, row.given_on))
        for of in (Request, Document):
            db.session.execute(update(of).where(of.child_id == self.other.id).values(child_id=self.kept.id))
        for draft in db.session.scalars(select(DuiDraft).where(DuiDraft.child_id == self.other.id)).all():
            household_property.move_draft(draft, child_id=self.kept.id, family_id=draft.family_id)

    @property
    def disagreements(self) -> list[str]:
        """The authorisations that one record gives and the other refuses: « Peut partir seul »."""
        ours, theirs = self._consents(self.kept), self._consents(self.other)
        return [
            CONSENTS.get(kind, kind)
            for kind in ours.keys() & theirs.keys()
            if ours[kind].granted != theirs[kind].granted
        ]

    def notices(self) -> list[str]:
        """What the agent should know: of two answers, the one that allows less stands."""
        return [
            f"{self.kept.first_name} : les deux dossiers ne disent pas la même chose de «{NBSP}{what}{NBSP}» : c’est "
            f"«{NBSP}non{NBSP}» qui reste."
            for what in self.disagreements
        ]

    def _join_consents(self) -> None:
        ours = self._consents(self.kept)
        for kind, one in self._consents(self.other).items():
            there = ours.get(kind)
            if there is None:
                there = Consent(child_id=self.kept.id, kind=kind)
                db.session.add(there)
            elif one.granted or not there.granted:
                continue
            there.granted, there.signed_on, there.signatory = one.granted, one.signed_on, one.signatory

    @staticmethod
    def _consents(child: Child) -> dict[str, Consent]:
        given = select(Consent).where(Consent.child_id == child.id)
        return {one.kind: one for one in db.session.scalars(given)}

    def _join_health(self) -> None:
        """Both are kept where both speak; glasses that one record names are worn."""
        theirs = db.session.get(HealthSheet, self.other.id)
        if theirs is None:
            return
        ours = db.session.get(HealthSheet, self.kept.id)
        if ours is None:
            ours = HealthSheet(child_id=self.kept.id)
            db.session.add(ours)
        ours.glasses = "oui" if "oui" in (ours.glasses, theirs.glasses) else ours.glasses or theirs.glasses
        for field in ("glasses_when", "treatments", "care"):
            setattr(ours, field, _both(getattr(ours, field), getattr(theirs, field)))
        if ours.doctor and theirs.doctor and ours.doctor != theirs.doctor:
            ours.doctor = _both(ours.doctor, " ".join(filter(None, (theirs.doctor, theirs.doctor_phone))))
        else:
            fill_blanks(ours, theirs, (("doctor",), ("doctor_phone",)))

    def _take_over(self, of: type[Contact | HealthAlert | Pai | Vaccination], says: Callable[[Any], Any]) -> None:
        rows: list[Any] = list(db.session.scalars(select(of).where(of.child_id.in_((self.kept.id, self.other.id)))))
        known = {says(row) for row in rows if row.child_id == self.kept.id}
        for row in rows:
            if row.child_id == self.other.id and says(row) not in known:
                row.child_id = self.kept.id


def fill_blanks(ours: Any, theirs: Any, groups: Iterable[tuple[str, ...]]) -> None:
    """Take each group of fields that is blank from the other row, as a whole."""
    for fields in groups:
        if not any(getattr(ours, field) for field in fields):
            for field in fields:
                setattr(ours, field, getattr(theirs, field))


def _both(ours: str | None, theirs: str | None) -> str | None:
    """Both texts, once where they are the same."""
    return " ; ".join(dict.fromkeys(text for text in (ours, theirs) if text)) or None


def move_custody(custody: Custody, *, child_id: int, family_id: int) -> None:
    """Give a household's link to a child, and the enrolments it pays, to another record or another file.

    Bookings follow by themselves (their key cascades). The journal keeps what was.
    """
    there = db.session.get(Custody, (child_id, family_id))
    if there is None:
        db.session.add(Custody(child_id=child_id, family_id=family_id, note=custody.note))
    elif custody.note and custody.note != there.note:
        there.note = "\n".join(note for note in (there.note, custody.note) if note)
    db.session.flush()  # an enrolment needs the link before it goes there
    db.session.execute(
        update(Enrolment)
        .where(Enrolment.child_id == custody.child_id, Enrolment.family_id == custody.family_id)
        .values(child_id=child_id, family_id=family_id)
    )
    db.session.delete(custody)
    db.session.flush()


def move_authority(records: dict[int, int], people: dict[int, int]) -> None:
    """Give to the kept record of a child, and to the kept file of an adult, the authority written on the other."""
    concerned = or_(Authority.child_id.in_(records), Authority.adult_id.in_(people))
    for row in db.session.scalars(select(Authority).where(concerned)).all():
        child_id, adult_id = records.get(row.child_id, row.child_id), people.get(row.adult_id, row.adult_id)
        if db.session.get(Authority, (adult_id, child_id)) is None:
            db.session.add(Authority(adult_id=adult_id, child_id=child_id))
        db.session.delete(row)
        db.session.flush()


def _identity(child: Child) -> tuple[str, str, date]:
    return spelling.words(child.last_name), spelling.words(child.first_name), child.birth_date
