"""Mon compte: its five sections, with the guide's labels and order. Pure."""

from app.models.families.sections.section import Field, FieldKind, Section, Where
from app.models.families.situation import SITUATIONS
from app.models.request_kind import RequestKind

CIVILITIES = {"Madame": "Madame", "Monsieur": "Monsieur"}
"""What a form proposes; a file may say something else, that another program wrote."""
QUALITIES = {one: one for one in ("Père", "Mère", "Tuteur", "Tutrice", "Autre")}
FUNDS = {"caf": "CAF", "msa": "MSA", "autre": "Autre"}
REGIMES = {"general": "Régime général", "agricole": "Régime agricole", "autre": "Autre régime"}


def _adult(name: str, label: str, kind: FieldKind = FieldKind.TEXT, choices: dict[str, str] | None = None) -> Field:
    return Field(name, label, Where.ADULT, kind, choices or {})


def _finances(
    name: str, label: str, kind: FieldKind = FieldKind.TEXT, choices: dict[str, str] | None = None
) -> Field:
    return Field(name, label, Where.FINANCES, kind, choices or {})


_PERSON = (
    _adult("civility", "Civilité", FieldKind.CHOICE, CIVILITIES),
    _adult("last_name", "Nom"),
    _adult("first_name", "Prénom"),
    _adult("quality", "Qualité", FieldKind.CHOICE, QUALITIES),
    _adult("address", "Adresse"),
    _adult("postal_code", "Code postal"),
    _adult("city", "Ville"),
    _adult("phone_home", "Téléphone domicile"),
    _adult("phone_work", "Téléphone prof."),
    _adult("phone_mobile", "Mobile"),
    _adult("email", "Email"),
    _adult("csp", "CSP"),
    _adult("profession", "Profession"),
    _adult("employer", "Employeur"),
    _adult("employer_address", "Adresse employeur"),
    _adult("allows_sms", "Autorisation SMS", FieldKind.YES),
    _adult("allows_email", "Autorisation courriel", FieldKind.YES),
)
SITUATION = Field("situation", "Situation", Where.FAMILY, FieldKind.CHOICE, SITUATIONS)

RESPONSABLE = Section(RequestKind.RESPONSABLE, "responsable", (*_PERSON[:4], SITUATION, *_PERSON[4:]))
CONJOINT = Section(
    RequestKind.CONJOINT,
    "conjoint",
    _PERSON,
    makes=Field("conjoint", "Nouveau conjoint", Where.NOWHERE, FieldKind.RECORD, columns=_PERSON),
)
FISCALES = Section(
    RequestKind.FISCALES,
    "fiscales",
    (
        _finances("tax_income", "Revenu fiscal de référence", FieldKind.EUROS),
        _finances("tax_parts", "Nombre de parts"),
        _finances("tax_year", "Année"),
    ),
    is_secret=True,
    attests="tax_income",
)
CAF = Section(
    RequestKind.CAF,
    "caf",
    (
        _finances("fund", "Caisse", FieldKind.CHOICE, FUNDS),
        _finances("fund_number", "N° allocataire"),
        _finances("regime", "Régime", FieldKind.CHOICE, REGIMES),
        _finances("quotient", "Quotient familial", FieldKind.EUROS),
        _finances("quotient_on", "Date du quotient familial", FieldKind.DAY),
    ),
    is_secret=True,
    attests="quotient",
)
BANQUE = Section(
    RequestKind.BANQUE,
    "banque",
    (
        _finances("bank_holder", "Titulaire du compte"),
        _finances("iban", "IBAN", FieldKind.IBAN),
        _finances("bic", "BIC"),
        _finances("direct_debit", "Mise en prélèvement automatique", FieldKind.YES),
    ),
    is_secret=True,
)
