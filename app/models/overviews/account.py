"""Mon compte, as the guide shows it: each block's fields, by the guide's labels and in its order."""

from dataclasses import dataclass, replace
from functools import cached_property

from app.models.changes import change
from app.models.changes.three_way import FieldKey
from app.models.families import Family
from app.models.families.sections.account import BANQUE, CAF, CONJOINT, FISCALES, RESPONSABLE, WORK
from app.models.families.sections.section import Field, Section
from app.models.families.sections.values import Sheet
from app.models.requests import RequestLine

_HOLDERS = {"situation": RESPONSABLE, "iban": BANQUE, "bank_holder": BANQUE}
_GUIDE_LABELS = {"iban": "Num banque"}
_READ_ONLY = {"number": "N° Famille", "attached_to": "Organisme rattachement"}
_BANK_STANDS_BEFORE = RESPONSABLE.names.index(WORK[0].name)
_RESPONSABLE = (
    *("number", *RESPONSABLE.names[:_BANK_STANDS_BEFORE]),
    *("iban", "bank_holder", *RESPONSABLE.names[_BANK_STANDS_BEFORE:], "attached_to"),
)
_CONJOINT_ASKED = ("civility", "quality")
"""What the guide's block has not: shown while a change of it waits, which nothing here would say otherwise."""
_CONJOINT = [name for name in CONJOINT.names if name not in _CONJOINT_ASKED]
_PERSON = (("first_name", "last_name"), ("address",), ("postal_code", "city"), ("phone_mobile",), ("email",))
_SUMMED = {RESPONSABLE: _PERSON, CONJOINT: _PERSON, CAF: (("fund", "fund_number"), ("quotient",))}
"""What a few words say of a section; what goes together, together."""
_SECOND = frozenset(
    (
        "number", "first_name", "situation", "postal_code", "phone_home", "phone_mobile", "bank_holder", "profession",
        "employer", "allows_email", "attached_to",
    )
)  # fmt: skip
"""What the guide's screen has in its second column; each column in the order of reading."""


@dataclass(frozen=True)
class Shown:
    """A field, what the file says of it, and the change that waits, if one does."""

    label: str
    said: list[str]
    section: Section | None = None
    """Whose form changes it; None for what no form does."""
    line: RequestLine | None = None
    is_overtaken: bool = False
    """Whether the file changed since that was asked."""
    column: int = 1
    """Of the guide's two."""


@dataclass(frozen=True)
class Summed:
    """A section in a few words, for who is to read it again."""

    section: Section
    said: str
    """Empty for what the file does not know."""
    waits: bool
    """Whether a change of it waits for its answer."""


@dataclass
class AccountPage:
    family: Family

    @cached_property
    def pending(self) -> dict[FieldKey, RequestLine]:
        return change.pending(self.family.id)

    @cached_property
    def responsable(self) -> list[Shown]:
        """In the order of reading; the guide's columns are for a screen that is wide enough."""
        return [self._shown(name, _HOLDERS.get(name, RESPONSABLE)) for name in _RESPONSABLE]

    @cached_property
    def conjoint(self) -> list[Shown]:
        """Empty for a file that has none."""
        if not self._sheet(CONJOINT).exists:
            return []
        asked = [name for name in _CONJOINT_ASKED if (CONJOINT.kind, name) in self.pending]
        return [self._shown(name, CONJOINT) for name in (*asked, *_CONJOINT)]

    @property
    def conjoint_asked(self) -> RequestLine | None:
        return self.pending.get((CONJOINT.kind, "conjoint"))

    @cached_property
    def more(self) -> dict[Section, list[Shown]]:
        """The sections that the guide's screen shows in part, or not at all."""
        return {section: [self._told(one, section) for one in section.fields] for section in (FISCALES, CAF, BANQUE)}

    @property
    def summary(self) -> list[Summed]:
        """What the file of a child needs to know of its household."""
        kinds = {kind for kind, _ in self.pending}
        return [Summed(section, self._summed(section), section.kind in kinds) for section in _SUMMED]

    def _summed(self, section: Section) -> str:
        if not self._sheet(section).exists:
            return ""
        texts = self._texts[section.kind]
        parts = [
            " ".join(said for name in names for said in section.field(name).shown(texts[name]))
            for names in _SUMMED[section]
        ]
        return ", ".join(filter(None, parts))

    def _shown(self, name: str, section: Section) -> Shown:
        """As the guide names it, and where it puts it."""
        column = 2 if name in _SECOND else 1
        if name in _READ_ONLY:
            return Shown(_READ_ONLY[name], [getattr(self.family, name)], column=column)
        told = self._told(section.field(name), section)
        said = list(filter(None, [self.family.situation_said])) if name == "situation" else told.said
        return replace(told, label=_GUIDE_LABELS.get(name, told.label), said=said, column=column)

    def _told(self, field: Field, section: Section) -> Shown:
        now, line = self._texts[section.kind][field.name], self.pending.get((section.kind, field.name))
        overtaken = line is not None and line.is_overtaken_by(now)
        return Shown(field.label, field.shown(now), section, line, overtaken)

    @cached_property
    def _texts(self) -> dict[str, dict[str, str]]:
        return {one.kind: self._sheet(one).texts() for one in (RESPONSABLE, CONJOINT, FISCALES, CAF, BANQUE)}

    def _sheet(self, section: Section) -> Sheet:
        return Sheet(section, self.family.id)
