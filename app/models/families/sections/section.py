"""A section of a file (« Infos responsable », « Données sanitaires »): its fields, and how each is written. Pure.

Every field travels and is kept as a text: in a form, in a request's line, in the journal. What stands in the database
and that text are turned into each other here; `Sheet` says where they stand.
"""

import enum
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.formats import NBSP, NNBSP, short_date
from app.models.request_kind import RequestKind
from app.models.stale import Texts

YES = {"oui": "Oui", "non": "Non"}


class FieldKind(enum.Enum):
    """What a field holds."""

    TEXT = "text"
    CHOICE = "choice"
    YES = "yes"
    """« oui », « non », or nothing said yet."""
    DAY = "day"
    EUROS = "euros"
    """Whole euros."""
    IBAN = "iban"
    """Shown by its last four characters, but to the agent who decides."""
    ROWS = "rows"
    """Several of the same (allergies…). JSON: a list of rows, each a list of texts in the order of `columns`."""
    RECORD = "record"
    """A whole new thing to be made, with what it needs. JSON: an object."""


class Where(enum.Enum):
    """The row that holds a field."""

    ADULT = "adult"
    FAMILY = "family"
    FINANCES = "finances"
    CHILD = "child"
    HEALTH = "health"
    CONSENT = "consent"
    ROWS = "rows"
    NOWHERE = "nowhere"
    """It makes something new."""


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    where: Where
    kind: FieldKind = FieldKind.TEXT
    choices: Mapping[str, str] = field(default_factory=dict, hash=False)
    columns: tuple["Field", ...] = ()
    """Of ROWS and RECORD: what each holds."""
    listed_under: str = ""
    """The guide's name of the column of « Liste des demandes » where it stands; empty where the guide has none."""

    def value(self, text: str) -> Any:
        """What the database keeps for this text. Raises ValueError for a text that this field cannot hold."""
        if self.kind is FieldKind.YES:
            return {"oui": True, "non": False, "": None}[text]
        if self.kind is FieldKind.DAY:
            return date.fromisoformat(text) if text else None
        if self.kind is FieldKind.ROWS:
            rows = _list(text or "[]")
            return [{one.name: one.value(said) for one, said in zip(self.columns, row, strict=True)} for row in rows]
        if self.kind is FieldKind.RECORD:
            return json.loads(text or "{}")
        return text

    def text(self, value: Any) -> str:
        """The text of what the database keeps."""
        if value is None or value == []:
            return ""
        if isinstance(value, bool):
            return "oui" if value else "non"
        if self.kind is FieldKind.ROWS:
            rows = [[column.text(row.get(column.name)) for column in self.columns] for row in value]
            return json.dumps(rows, ensure_ascii=False)
        if self.kind is FieldKind.RECORD:
            return json.dumps(value, ensure_ascii=False)
        return str(value)

    def shown(self, text: str, *, whole: bool = False) -> list[str]:
        """What a person reads, one item for each row; empty when there is nothing. `whole`: account numbers too."""
        if not text:
            return []
        if self.kind is FieldKind.ROWS:
            rows = [
                [column.shown(said) for column, said in zip(self.columns, row, strict=True)] for row in _list(text)
            ]
            return [", ".join(part for parts in row for part in parts) for row in rows]
        if self.kind is FieldKind.RECORD:
            told = json.loads(text)
            return [
                f"{column.label}{NBSP}: {', '.join(column.shown(told[column.name]))}"
                for column in self.columns
                if told.get(column.name)
            ]
        return [last_four(text) if self.kind is FieldKind.IBAN and not whole else self._said(text)]

    def joined(self, stands: str, seen: str, wanted: str) -> str:
        """Of ROWS: those that stand now, without what was taken off a page that showed the rows `seen`, and with what
        was added to it.
        """
        now, before, after = (rows(text) for text in (stands, seen, wanted))
        kept = [row for row in now if row in after or row not in before]
        found = kept + [row for row in after if row not in before and row not in now]
        return json.dumps(found, ensure_ascii=False) if found else ""

    def _said(self, text: str) -> str:
        if self.kind is FieldKind.CHOICE:
            return self.choices.get(text, text)
        if self.kind is FieldKind.YES:
            return YES.get(text, text)
        if self.kind is FieldKind.DAY:
            return short_date(date.fromisoformat(text))
        if self.kind is FieldKind.EUROS and text.isdecimal():
            return f"{int(text):,}".replace(",", NNBSP) + f"{NBSP}€"
        return " ".join(text[at : at + 4] for at in range(0, len(text), 4)) if self.kind is FieldKind.IBAN else text


def _list(text: str) -> list[list[str]]:
    found: list[list[str]] = json.loads(text)
    return found


def rows(text: str) -> list[Any]:
    """The rows of a field's text, as far as it is one: a page may send anything."""
    try:
        found = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else []


def last_four(text: str) -> str:
    """« •••• 0189 »: what a page shows of an account number."""
    return f"••••{NBSP}{text[-4:]}" if text else ""


@dataclass(frozen=True)
class Section:
    kind: RequestKind
    slug: str
    """In the address of its pages."""
    fields: tuple[Field, ...]
    of_child: bool = False
    is_health: bool = False
    """Read by few agents, each reading noted; never in the journal."""
    is_secret: bool = False
    """Its values are never in the journal."""
    makes: Field | None = None
    """The record of what it asks to be made, instead of fields to change."""
    attests: str = ""
    """The field that a paper joined to it proves: a paper that comes alone confirms it."""
    name: str = ""
    """Of one that no parent may ask for."""
    why_not: Callable[[Field, Texts, Texts], str] | None = None
    """Why a change of this field is not accepted, empty when it is: from what the file would say with it, and from
    what the same request asks besides. None where each field stands by itself.
    """

    @property
    def title(self) -> str:
        return self.name or self.kind.label

    def field(self, name: str) -> Field:
        return next(one for one in (*self.fields, *filter(None, [self.makes])) if one.name == name)

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.fields]
