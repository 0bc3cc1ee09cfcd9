"""Mon compte, as the guide shows it: each block's fields, by the guide's labels and in its order."""

from dataclasses import dataclass
from functools import cached_property

from app.models import change
from app.models.account_sections import BANQUE, CAF, CONJOINT, FISCALES, RESPONSABLE
from app.models.family import Family
from app.models.request import RequestLine
from app.models.section import Section
from app.models.sheet import Sheet

_HOLDERS = {"situation": RESPONSABLE, "iban": BANQUE, "bank_holder": BANQUE}
_GUIDE_LABELS = {"iban": "Num banque"}
_READ_ONLY = {"number": "N° Famille", "attached_to": "Organisme rattachement"}
_RESPONSABLE = (
    "civility", "last_name", "quality", "address", "city", "phone_work", "email", "iban", "csp", "employer_address",
    "allows_sms", "number", "first_name", "situation", "postal_code", "phone_home", "phone_mobile", "bank_holder",
    "profession", "employer", "allows_email", "attached_to",
)  # fmt: skip
_CONJOINT = (
    "last_name", "address", "city", "phone_work", "email", "csp", "employer_address", "allows_sms", "first_name",
    "postal_code", "phone_home", "phone_mobile", "profession", "employer", "allows_email",
)  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A field, what the file says of it, and the change that waits, if one does."""

    label: str
    said: list[str]
    line: RequestLine | None = None


@dataclass
class AccountPage:
    family: Family

    @cached_property
    def pending(self) -> dict[change.Key, RequestLine]:
        return change.pending(self.family.id)

    @cached_property
    def responsable(self) -> list[Shown]:
        """In two columns of one height."""
        return [self._shown(name, _HOLDERS.get(name, RESPONSABLE)) for name in _RESPONSABLE]

    @cached_property
    def conjoint(self) -> list[Shown]:
        """Empty for a file that has none."""
        if not self._sheet(CONJOINT).exists:
            return []
        return [self._shown(name, CONJOINT) for name in _CONJOINT]

    @property
    def conjoint_asked(self) -> RequestLine | None:
        return self.pending.get((CONJOINT.kind, "conjoint"))

    @cached_property
    def more(self) -> dict[Section, list[Shown]]:
        """What the guide's screen does not show, by section."""
        bank = [one for one in BANQUE.fields if one.name not in _HOLDERS]
        wanted = {FISCALES: FISCALES.fields, CAF: CAF.fields, BANQUE: bank}
        return {section: [self._shown(one.name, section) for one in fields] for section, fields in wanted.items()}

    def _shown(self, name: str, section: Section) -> Shown:
        if name in _READ_ONLY:
            return Shown(_READ_ONLY[name], [getattr(self.family, name)])
        field, texts = section.field(name), self._texts[section.kind]
        label = _GUIDE_LABELS.get(name, field.label)
        return Shown(label, field.shown(texts[name]), self.pending.get((section.kind, name)))

    @cached_property
    def _texts(self) -> dict[str, dict[str, str]]:
        return {one.kind: self._sheet(one).texts() for one in (RESPONSABLE, CONJOINT, FISCALES, CAF, BANQUE)}

    def _sheet(self, section: Section) -> Sheet:
        return Sheet(section, self.family.id)
