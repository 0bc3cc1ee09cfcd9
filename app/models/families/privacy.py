"""People and what is written of them. Children and households go by the rules of app.models.households."""

from typing import Any

from sqlalchemy import ColumnElement, select

from app import db
from app.models.families import (
    Adult,
    AlertKind,
    Authority,
    Child,
    Consent,
    Contact,
    ContactRole,
    Custody,
    Family,
    Finances,
    HealthAlert,
    HealthSheet,
    Pai,
    Vaccination,
)
from app.models.families.sections.catalogue import ACCOUNT, LABELS, OF_CHILD
from app.models.families.sections.child import ALERTS, CONSENTS, CONTACTS
from app.models.families.sections.section import FieldKind
from app.models.personal_data import Chapter, Number, Part, PersonalData, number, of_children, of_family

_FIELDS = [one for section in (*ACCOUNT, *OF_CHILD) for one in section.fields]


def file_number(family_id: Any) -> Any:
    """« dossier n° 1001001818331 », in a query: how a rule names a family."""
    return "dossier n° " + select(Family.number).where(Family.id == family_id).scalar_subquery()


def names_of(which: ColumnElement[bool]) -> dict[int, str]:
    """« JEAN DUPONT », by adult."""
    return {one.id: one.full_name for one in db.session.scalars(select(Adult).where(which))}


DATA = PersonalData(
    parts=(
        Part(
            Chapter.HOUSEHOLD,
            "Famille",
            Family,
            lambda whose: Family.id.in_(whose.families),
            frozenset(("id", "merged_into", "search_text", "sort_key")),
        ),
        of_family(Chapter.HOUSEHOLD, "Responsable et conjoint", Adult, "id", "account_id"),
        of_family(Chapter.RESOURCES, "Ressources et coordonnées bancaires", Finances),
        Part(
            Chapter.CHILDREN,
            "Enfants",
            Child,
            lambda whose: Child.id.in_(whose.entrusted),
            frozenset(("id", "sort_key")),
        ),
        # What an agent noted of a judgment may speak of the other household.
        of_family(Chapter.CHILDREN, "Enfants du foyer", Custody, "note"),
        Part(
            Chapter.CHILDREN,
            "Votre autorité parentale",
            Authority,
            lambda whose: Authority.adult_id == whose.adult.id,
        ),
        # Who must not come is the town hall's to note, from a judgment.
        Part(
            Chapter.CHILDREN,
            "Personnes autorisées",
            Contact,
            lambda whose: Contact.child_id.in_(whose.entrusted),
            frozenset(("id",)),
            tells=lambda contact: not contact.is_barred,
        ),
        of_children("Autorisations", Consent),
        of_children("Données sanitaires", HealthSheet),
        of_children("Allergies", HealthAlert, "id"),
        of_children("Projets d’accueil individualisé (PAI)", Pai, "id"),
        of_children("Vaccinations", Vaccination, "id"),
    ),
    columns=LABELS
    | {
        "attached_to": "Organisme rattachement",
        "created_at": "Créé le",
        "created_on": "Connu depuis le",
        "ends_on": "Jusqu’au",
        "given_on": "Date",
        "granted": "Accordée",
        "instruction": "Que faire",
        "kind": "Type",
        "left_on": "Un enfant en est parti le",
        "link": "Lien avec l’enfant",
        "name": "Nom",
        "number": "Numéro",
        "phone": "Téléphone",
        "rank": "Rang",
        "role": "Rôle",
        "signatory": "Signataire",
        "signed_on": "Date",
        "text": "Texte",
        "wants_reminders": "Rappels par courriel",
    },
    numbers={
        "adult_id": Number("Adulte", lambda whose: names_of(Adult.family_id.in_(whose.families))),
        "child_id": Number(
            "Enfant", lambda whose: {one.id: f"{one.first_name} {one.last_name}" for one in whose.children}
        ),
        "family_id": number("N° Famille", Family.id, Family.number, family_id=Family.id),
    },
    codes={
        AlertKind: {kind: ALERTS[kind.value] for kind in AlertKind},
        ContactRole: {role: CONTACTS[role.value] for role in ContactRole if role.value in CONTACTS},
    },
    choices={"kind": CONSENTS} | {one.name: one.choices for one in _FIELDS if one.kind is FieldKind.CHOICE},
)
