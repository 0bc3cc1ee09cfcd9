"""Mes enfants: the sections of a child's file, and what a parent may ask to be made. Pure."""

from app.models.families.sections.section import Field, FieldKind, Section, Where
from app.models.request_kind import RequestKind

SEXES = {"fille": "Fille", "garçon": "Garçon"}
_BORN = {"fille": "née", "garçon": "né"}
ALERTS = {"food": "Allergie alimentaire", "drug": "Allergie à un médicament", "other": "Autre allergie"}
CONTACTS = {"collects": "Peut venir chercher l’enfant", "emergency": "À prévenir en cas d’urgence"}
"""What a parent may say. Who must not come is for the town hall to note, from a judgment."""
CONSENTS = {
    "image_internal": "Photos dans la structure (murs, cahier de vie)",
    "image_press": "Photos dans le bulletin et la presse",
    "image_web": "Photos sur le site de la commune",
    "image_social": "Photos sur les réseaux sociaux de la commune",
    "leaves_alone": "Peut partir seul",
    "emergency_care": "Soins d’urgence et hospitalisation",
    "transport": "Transport en car ou en minibus",
    "swimming": "Baignade et piscine",
    "outings": "Sorties",
    "rules": "Règlement intérieur lu et accepté",
}


def _child(name: str, label: str, kind: FieldKind = FieldKind.TEXT, choices: dict[str, str] | None = None) -> Field:
    return Field(name, label, Where.CHILD, kind, choices or {})


def born(sex: str) -> str:
    """As it agrees with a child: « née »; both ways where the file does not say."""
    return _BORN.get(sex, "né(e)")


def _health(name: str, label: str, kind: FieldKind = FieldKind.TEXT) -> Field:
    return Field(name, label, Where.HEALTH, kind)


def _rows(name: str, label: str, *columns: tuple[str, str] | Field) -> Field:
    made = [one if isinstance(one, Field) else Field(*one, Where.ROWS) for one in columns]
    return Field(name, label, Where.ROWS, FieldKind.ROWS, columns=tuple(made))


_IDENTITY = (
    _child("last_name", "Nom"),
    _child("first_name", "Prénom"),
    _child("sex", "Sexe", FieldKind.CHOICE, SEXES),
    _child("birth_date", "Date de naissance", FieldKind.DAY),
    _child("birth_place", "Lieu de naissance"),
    _child("school", "École"),
    _child("level", "Niveau"),
    _child("class_name", "Classe"),
)

CHILD = Section(
    RequestKind.CHILD,
    "informations",
    (*_IDENTITY, _child("diet", "Régime alimentaire")),
    of_child=True,
    is_secret=True,
)
PERSONS = Section(
    RequestKind.CONTACTS,
    "personnes-autorisees",
    (
        _rows(
            "contacts",
            "Personnes autorisées",
            Field("role", "Rôle", Where.ROWS, FieldKind.CHOICE, CONTACTS),
            ("name", "Nom et prénom"),
            ("link", "Lien avec l’enfant"),
            ("phone", "Téléphone"),
        ),
    ),
    of_child=True,
)
FORBIDDEN = Section(
    RequestKind.CONTACTS,
    "personnes-interdites",
    (
        _rows(
            "forbidden",
            "Ne doit pas venir chercher l’enfant",
            ("name", "Nom et prénom"),
            ("link", "Lien avec l’enfant"),
            ("phone", "Téléphone"),
        ),
    ),
    of_child=True,
    is_secret=True,
    name="Personnes interdites",
)
"""From a judgment: the town hall notes it, and no parent asks for it."""
GLASSES = Section(
    RequestKind.GLASSES,
    "lunettes",
    (_health("glasses", "Porte des lunettes", FieldKind.YES), _health("glasses_when", "Quand les porter")),
    of_child=True,
    is_health=True,
    is_secret=True,
)
HEALTH = Section(
    RequestKind.HEALTH,
    "sante",
    (
        _health("doctor", "Médecin traitant"),
        _health("doctor_phone", "Téléphone du médecin"),
        _rows(
            "alerts",
            "Allergies",
            Field("kind", "Type", Where.ROWS, FieldKind.CHOICE, ALERTS),
            ("text", "À quoi, et que faire"),
        ),
        _rows(
            "pais",
            "Projet d’accueil individualisé (PAI)",
            Field("ends_on", "Jusqu’au", Where.ROWS, FieldKind.DAY),
            ("instruction", "Que faire"),
        ),
        _rows(
            "vaccinations",
            "Vaccinations",
            ("name", "Vaccin"),
            Field("given_on", "Date", Where.ROWS, FieldKind.DAY),
        ),
        _health("treatments", "Traitements en cours"),
        _health("care", "Besoin d’une attention particulière"),
    ),
    of_child=True,
    is_health=True,
    is_secret=True,
)
AUTHORISATIONS = Section(
    RequestKind.CONSENTS,
    "autorisations",
    tuple(Field(name, label, Where.CONSENT, FieldKind.YES) for name, label in CONSENTS.items()),
    of_child=True,
)
INSURANCE = Section(
    RequestKind.INSURANCE,
    "assurance",
    (
        _child("insurer", "Compagnie d’assurance"),
        _child("insurance_number", "N° de contrat"),
        _child("insured_from", "Valable du", FieldKind.DAY),
        _child("insured_until", "Jusqu’au", FieldKind.DAY),
    ),
    of_child=True,
)
NEW_CHILD = Section(
    RequestKind.NEW_CHILD,
    "ajout",
    (),
    makes=Field("child", "Nouvel enfant", Where.NOWHERE, FieldKind.RECORD, columns=_IDENTITY),
)
ENROLMENT = Section(
    RequestKind.ENROLMENT,
    "inscription",
    (),
    of_child=True,
    makes=Field(
        "enrolment",
        "Nouvelle inscription",
        Where.NOWHERE,
        FieldKind.RECORD,
        columns=(
            Field("activity", "Prestation", Where.NOWHERE),
            Field("structure", "Structure", Where.NOWHERE),
            Field("first_day", "À partir du", Where.NOWHERE, FieldKind.DAY),
            Field("last_day", "Jusqu’au", Where.NOWHERE, FieldKind.DAY),
            Field("usual", "Jours habituels", Where.NOWHERE),
            Field("note", "Précision", Where.NOWHERE),
        ),
    ),
)
