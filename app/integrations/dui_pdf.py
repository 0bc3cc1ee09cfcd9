"""The dossier unique d'inscription on paper: what the town hall knows, and blanks to fill in by hand.

Of the parent's own household only: what the other one says of itself is never read here.
"""

from typing import Any

from sqlalchemy import select

from app import clock, db
from app.formats import long_date, short_date
from app.integrations import pdf
from app.models.documents import DocumentSubject
from app.models.documents.checklist import Expected, expected
from app.models.families import Adult, Authority, Child, Family
from app.models.families.sections.account import CAF, CONJOINT, RESPONSABLE, SITUATION
from app.models.families.sections.child import AUTHORISATIONS, CHILD, GLASSES, HEALTH, INSURANCE, PERSONS
from app.models.families.sections.section import Field, FieldKind, Section
from app.models.families.sections.values import Sheet
from app.models.town import Town

_BLANK_ROWS = {"contacts": 3, "alerts": 2, "pais": 1, "vaccinations": 4}
"""How many rows a list has at least, to be filled in by hand."""
_FUND = ("fund", "fund_number", "quotient", "quotient_on")
_OF_SHEET = ("situation",)
"""Of the household, though it stands in a responsable's section."""


def render(child: Child, family: Family) -> bytes:
    return pdf.render("dui", data(child, family))


def data(child: Child, family: Family) -> dict[str, Any]:
    """What `templates/pdf/dui.typ` shows."""
    town, sheets = Town.current(), _sheets(child, family)
    health = sheets[HEALTH.slug]
    return {
        "town": town.name,
        "service": town.service_name,
        "contacts": [one for one in (town.contact_phone, town.contact_email) if one],
        "day": long_date(clock.today()),
        "child": f"{child.first_name} {child.last_name}",
        "number": family.number,
        "household": [[SITUATION.label, family.situation_said, ""], *_pairs(CAF, sheets[CAF.slug], only=_FUND)],
        "adults": _adults(child, family),
        "identity": _pairs(CHILD, sheets[CHILD.slug]),
        "persons": _table(PERSONS.fields[0], sheets[PERSONS.slug]),
        "doctor": _pairs(HEALTH, health, only=("doctor", "doctor_phone")),
        "lists": [_table(field, health) for field in HEALTH.fields if field.kind is FieldKind.ROWS],
        "care": _pairs(HEALTH, health, only=("treatments", "care")) + _pairs(GLASSES, sheets[GLASSES.slug]),
        "consents": [
            {"label": field.label, "answer": sheets[AUTHORISATIONS.slug][field.name]}
            for field in AUTHORISATIONS.fields
        ],
        "insurance": _pairs(INSURANCE, sheets[INSURANCE.slug]),
        "documents": [_document(one) for one in expected(child, family.id)],
    }


def _sheets(child: Child, family: Family) -> dict[str, dict[str, str]]:
    of_child = (CHILD, PERSONS, GLASSES, HEALTH, AUTHORISATIONS, INSURANCE)
    found = {section.slug: Sheet(section, family.id, child.id).texts() for section in of_child}
    return {**found, CAF.slug: Sheet(CAF, family.id).texts()}


def _adults(child: Child, family: Family) -> list[dict[str, Any]]:
    """Those of the household who have authority; a blank one where the child has no other home."""
    with_authority = set(db.session.scalars(select(Authority.adult_id).where(Authority.child_id == child.id)))
    found = [_adult(adult) for adult in family.adults if adult.id in with_authority]
    if len(found) == 1 and len(family.adults) == 1 and len(Child.homes(child.id)) == 1:
        found.append({"title": "Second responsable, s’il y a lieu", "name": "", "pairs": _person(CONJOINT, {})})
    return found


def _adult(adult: Adult) -> dict[str, Any]:
    section = RESPONSABLE if adult.rank == 1 else CONJOINT
    texts = Sheet(section, adult.family_id).texts()
    name = f"{adult.first_name} {adult.last_name}"
    return {"title": name, "name": name, "pairs": _person(section, texts)}


def _person(section: Section, texts: dict[str, str]) -> list[list[str]]:
    return _pairs(section, texts, only=tuple(name for name in section.names if name not in _OF_SHEET))


def _pairs(section: Section, texts: dict[str, str], *, only: tuple[str, ...] | None = None) -> list[list[str]]:
    fields = [field for field in section.fields if only is None or field.name in only]
    return [_pair(field, texts.get(field.name, "")) for field in fields]


def _pair(field: Field, text: str) -> list[str]:
    """A question without an answer has its boxes to tick: « Oui », « Non »."""
    if not text and field.kind is FieldKind.YES:
        return [field.label, "", "oui-non"]
    return [field.label, ", ".join(field.shown(text)), ""]


def _table(field: Field, texts: dict[str, str]) -> dict[str, Any]:
    rows = [
        [", ".join(column.shown(column.text(row[column.name]))) for column in field.columns]
        for row in field.value(texts[field.name])
    ]
    blank = [""] * len(field.columns)
    rows += [blank] * (_BLANK_ROWS[field.name] - len(rows))
    return {"title": field.label, "head": [column.label for column in field.columns], "rows": rows}


def _document(one: Expected) -> dict[str, Any]:
    about = "du foyer" if one.kind.subject is DocumentSubject.FAMILY else "de l’enfant"
    until = f", jusqu’au {short_date(one.valid_until)}" if one.valid_until and one.standing.is_valid else ""
    return {
        "name": one.kind.name,
        "about": f"{about}, {'obligatoire' if one.is_due else 's’il y a lieu'}",
        "state": f"{one.label}{until}",
        "ticked": not one.standing.is_missing,
    }
