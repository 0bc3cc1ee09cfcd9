"""A section of one file as it stands: read as texts, and written field by field. Inside a transaction to write."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import select

from app import db
from app.models.families.child import Child, Contact, ContactRole
from app.models.families.consent import Consent
from app.models.families.family import Adult, Family
from app.models.families.finances import Finances
from app.models.families.health import HealthAlert, HealthSheet, Pai, Vaccination
from app.models.families.sections.section import Field, Section, Where
from app.models.request_kind import RequestKind

RANKS = {RequestKind.RESPONSABLE: 1, RequestKind.CONJOINT: 2}
"""The rank of the adult of whom each speaks."""
_ROWS: dict[str, tuple[type[Any], Callable[[Any], bool], dict[str, Any]]] = {
    "contacts": (Contact, lambda one: not one.is_barred, {}),
    "forbidden": (Contact, lambda one: one.is_barred, {"role": ContactRole.FORBIDDEN}),
    "alerts": (HealthAlert, lambda one: True, {}),
    "pais": (Pai, lambda one: True, {}),
    "vaccinations": (Vaccination, lambda one: True, {}),
}
"""What the rows of a field are, which ones (they are encrypted: no query can tell), and what they all say."""


@dataclass(frozen=True)
class Signature:
    """Who gives an authorisation, and on which local day."""

    name: str
    on: date


@dataclass
class Sheet:
    section: Section
    family_id: int
    child_id: int | None = None
    """Of a child's section."""
    is_locked: bool = False
    _read: dict[Any, Any] = dataclasses.field(default_factory=dict, init=False, repr=False)
    """Rows read already, by class and key; None for one that is not there."""

    def lock(self) -> None:
        """Lock the file until the transaction ends, and read it afresh."""
        of: type[Any] = Child if self.child_id is not None else Family
        number = self.family_id if self.child_id is None else self.child_id
        db.session.flush()  # what this transaction wrote so far is not to be lost by reading afresh
        db.session.scalar(select(of.id).where(of.id == number).with_for_update(key_share=True))
        self.__dict__.pop("adult", None)
        self._read.clear()
        self.is_locked = True

    @property
    def exists(self) -> bool:
        """Whether there is somebody to speak of: a file may have no conjoint."""
        return self.section.kind not in RANKS or self.adult is not None

    def texts(self) -> dict[str, str]:
        """What each field says, by name, in the section's order."""
        return {field.name: self.text(field) for field in self.section.fields}

    def text(self, field: Field) -> str:
        if field.where is Where.ROWS:
            return field.text(
                [{one.name: getattr(row, one.name) for one in field.columns} for row in self._rows(field)]
            )
        if field.where is Where.CONSENT:
            consent = self._consents.get(field.name)
            return field.text(consent.granted if consent else None)
        row = self._row(field.where)
        return field.text(getattr(row, field.name) if row is not None else None)

    def write(self, field: Field, text: str, *, signed: Signature) -> None:
        """Set one field. Raises ValueError for a text that it cannot hold, LookupError where nobody is there."""
        if field.where is Where.ROWS:
            of, _, all_say = _ROWS[field.name]
            for row in self._rows(field):
                db.session.delete(row)
            db.session.add_all(of(child_id=self.child_id, **all_say, **values) for values in field.value(text))
            return
        if field.where is Where.CONSENT:
            self._sign(field, text, signed)
            return
        row = self._row(field.where) or self._new_row(field.where)
        as_text = field.where in (Where.FINANCES, Where.HEALTH)
        setattr(row, field.name, text or None if as_text else field.value(text))

    def _sign(self, field: Field, text: str, signed: Signature) -> None:
        consent = self._consents.pop(field.name, None)
        if not text:
            if consent is not None:
                db.session.delete(consent)
            return
        if consent is None:
            consent = Consent(child_id=self.child_id, kind=field.name)
            db.session.add(consent)
        self._consents[field.name] = consent
        consent.granted, consent.signed_on, consent.signatory = text == "oui", signed.on, signed.name

    @cached_property
    def adult(self) -> Adult | None:
        rank = RANKS[self.section.kind]
        wanted = select(Adult).where(Adult.family_id == self.family_id, Adult.rank == rank)
        return db.session.scalars(wanted.execution_options(populate_existing=self.is_locked)).first()

    def _row(self, where: Where) -> Any:
        match where:
            case Where.ADULT:
                return self.adult
            case Where.FAMILY:
                return self._get(Family, self.family_id)
            case Where.FINANCES:
                return self._get(Finances, self.family_id)
            case Where.CHILD:
                return self._get(Child, self.child_id)
            case Where.HEALTH:
                return self._get(HealthSheet, self.child_id)
            case _:
                raise AssertionError(where)

    def _get(self, of: type[Any], key: Any) -> Any:
        if (of, key) not in self._read:
            self._read[of, key] = db.session.get(of, key, populate_existing=self.is_locked)
        return self._read[of, key]

    @property
    def _consents(self) -> dict[str, Consent]:
        """The child's, by kind."""
        if Consent not in self._read:
            wanted = select(Consent).where(Consent.child_id == self.child_id)
            found = db.session.scalars(wanted.execution_options(populate_existing=self.is_locked))
            self._read[Consent] = {one.kind: one for one in found}
        consents: dict[str, Consent] = self._read[Consent]
        return consents

    def _new_row(self, where: Where) -> Any:
        if where is Where.FINANCES:
            made: Any = Finances(family_id=self.family_id)
        elif where is Where.HEALTH:
            made = HealthSheet(child_id=self.child_id)
        else:
            raise LookupError(where)
        self._read[type(made), self.family_id if where is Where.FINANCES else self.child_id] = made
        db.session.add(made)
        return made

    def _rows(self, field: Field) -> list[Any]:
        of, only, _ = _ROWS[field.name]
        wanted = select(of).where(of.child_id == self.child_id).order_by(of.id)
        found = db.session.scalars(wanted.execution_options(populate_existing=self.is_locked))
        return [row for row in found if only(row)]
