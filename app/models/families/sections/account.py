"""Mon compte: its five sections, with the guide's labels and order. Pure."""

from app.models.families.sections.section import Field, FieldKind, Section, Where
from app.models.families.situation import SITUATIONS
from app.models.request_kind import RequestKind
from app.models.stale import Texts

CIVILITIES = {"Madame": "Madame", "Monsieur": "Monsieur"}
"""What a form proposes; a file may say something else, that another program wrote."""
QUALITIES = {one: one for one in ("Père", "Mère", "Tuteur", "Tutrice", "Autre")}
FUNDS = {"caf": "CAF", "msa": "MSA", "autre": "Autre"}
REGIMES = {"general": "Régime général", "agricole": "Régime agricole", "autre": "Autre régime"}


def _adult(
    name: str,
    label: str,
    listed_under: str = "",
    *,
    kind: FieldKind = FieldKind.TEXT,
    choices: dict[str, str] | None = None,
) -> Field:
    return Field(name, label, Where.ADULT, kind, choices or {}, listed_under=listed_under)


def _finances(
    name: str, label: str, kind: FieldKind = FieldKind.TEXT, choices: dict[str, str] | None = None
) -> Field:
    return Field(name, label, Where.FINANCES, kind, choices or {})


IDENTITY = (
    _adult("civility", "Civilité", kind=FieldKind.CHOICE, choices=CIVILITIES),
    _adult("last_name", "Nom", "Responsable"),
    _adult("first_name", "Prénom", "Responsable"),
)
_QUALITY = _adult("quality", "Qualité", "Qualité", kind=FieldKind.CHOICE, choices=QUALITIES)
REACH = (
    _adult("address", "Adresse", "Adresse"),
    _adult("postal_code", "Code postal", "Adresse"),
    _adult("city", "Ville", "Adresse"),
    _adult("phone_home", "Téléphone domicile", "Tél.domicile"),
    _adult("phone_work", "Téléphone prof.", "Tél.Prof."),
    _adult("phone_mobile", "Mobile", "Mobile"),
    _adult("email", "Email", "Email"),
)
WORK = (
    _adult("csp", "CSP"),
    _adult("profession", "Profession", "Profession"),
    _adult("employer", "Employeur", "Employeur"),
    _adult("employer_address", "Adresse employeur", "Adresse employeur"),
)
ALLOWED = (
    _adult("allows_sms", "Autorisation SMS", kind=FieldKind.YES),
    _adult("allows_email", "Autorisation courriel", kind=FieldKind.YES),
)
PERSON = (*IDENTITY, _QUALITY, *REACH, *WORK, *ALLOWED)
"""All that a file says of an adult. Agents' forms, the guide's lists and screens, and merges go by it."""
AS_A_WHOLE = (("address", "postal_code", "city"), ("employer", "employer_address"))
"""What says something only together."""
SITUATION = Field("situation", "Situation", Where.FAMILY, FieldKind.CHOICE, SITUATIONS)

RESPONSABLE = Section(
    RequestKind.RESPONSABLE, "responsable", (*IDENTITY, _QUALITY, SITUATION, *REACH, *WORK, *ALLOWED)
)
CONJOINT = Section(
    RequestKind.CONJOINT,
    "conjoint",
    PERSON,
    makes=Field("conjoint", "Nouveau conjoint", Where.NOWHERE, FieldKind.RECORD, columns=PERSON),
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


def _debit_without_account(field: Field, said: Texts, asked: Texts) -> str:
    if field.name == "direct_debit" and said["direct_debit"] == "oui" and not said["iban"]:
        return "Un prélèvement demande un IBAN, et le dossier n’en a pas."
    stays_debited = said["direct_debit"] == "oui" and asked.get("direct_debit", "oui") == "oui"
    if field.name == "iban" and not said["iban"] and stays_debited:
        return "Le dossier dit encore que ce compte est prélevé."
    return ""


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
    why_not=_debit_without_account,
)
