"""A row of « Liste des demandes »: what a request asked, under the guide's columns. Pure."""

import enum
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app import clock
from app.formats import NBSP, long_date, short_date
from app.models.families.sections.account import PERSON
from app.models.families.sections.catalogue import ACCOUNT, of_kind
from app.models.families.sections.section import FieldKind
from app.models.request_kind import RequestKind
from app.models.requests.line_state import LineState
from app.models.requests.request import Request, RequestLine


class LineOutcome(enum.Enum):
    """What became of a line: the table in which it stands. Its name in an address, title, word and date."""

    WAITING = ("attente", "Demandes en attente", "en attente", "")
    REFUSED = ("refusees", "Demandes refusées", "refusée", "Date.refus")
    ACCEPTED = ("acceptees", "Demandes acceptées", "acceptée", "Date.acceptation")
    WITHDRAWN = ("retirees", "Demandes retirées", "retirée", "Date.retrait")

    def __init__(self, slug: str, title: str, word: str, date_label: str) -> None:
        self.slug, self.title, self.word, self.date_label = slug, title, word, date_label

    @classmethod
    def of(cls, state: LineState) -> "LineOutcome":
        return _OUTCOMES.get(state, cls.WAITING)


_OUTCOMES = {
    LineState.ACCEPTED: LineOutcome.ACCEPTED,
    LineState.REFUSED: LineOutcome.REFUSED,
    LineState.EXPIRED: LineOutcome.REFUSED,
    LineState.CANCELLED_BY_TOWN: LineOutcome.REFUSED,
    LineState.WITHDRAWN: LineOutcome.WITHDRAWN,
    LineState.DECLINED: LineOutcome.WITHDRAWN,
}
Columns = Sequence[tuple[str, tuple[str, ...]]]
"""A label, and the fields that stand under it."""
_PERSON: Columns = [
    (label, tuple(field.name for field in PERSON if field.listed_under == label))
    for label in dict.fromkeys(field.listed_under for field in PERSON if field.listed_under)
]
_CHILDREN: Columns = (("Enfant", ()), ("Demande", ()), ("Détail", ()))
_BRIEF: Columns = (("Responsable", ()), ("Champs", ()))
_FEW = 6
COLUMNS: dict[RequestKind, Columns] = {
    section.kind: _PERSON
    if section.kind in (RequestKind.RESPONSABLE, RequestKind.CONJOINT)
    else (("Responsable", ()), *((field.label, (field.name,)) for field in section.fields))
    for section in ACCOUNT
}


def columns(kind: RequestKind, outcome: LineOutcome) -> Columns:
    """The columns that say what was asked; the dates come after them."""
    if kind not in COLUMNS:
        return _CHILDREN
    return _BRIEF if outcome is LineOutcome.WITHDRAWN else COLUMNS[kind]


@dataclass(frozen=True)
class AskedChange:
    """A field, from what it said to what it should say; or a thing, which has no past."""

    name: str
    label: str
    was: Sequence[str]
    wanted: Sequence[str]
    replaces: bool
    """Whether it had a value before, be it none; not so for what is part of something new, or only confirmed."""

    @classmethod
    def of(cls, line: RequestLine) -> "list[AskedChange]":
        """The field of this line, or each part of the new thing that it asks for."""
        field = line.asked_field
        if line.confirms:
            told = [f"{said}, confirmé par un document" for said in line.wanted] or ["à lire sur le document joint"]
            return [cls(field.name, field.label, [], told, replaces=False)]
        if field.kind is not FieldKind.RECORD:
            return [cls(field.name, field.label, line.was, line.wanted, replaces=True)]
        record = json.loads(line.after or "{}")
        parts = [(one, record.get(one.name, "")) for one in field.columns]
        return [cls(one.name, one.label, [], one.shown(text), replaces=False) for one, text in parts if text]


@dataclass(frozen=True)
class Row:
    """A request in one of the tables, with its lines that belong there."""

    request: Request
    outcome: LineOutcome
    responsable: str
    """Of whom the file speaks."""
    readable: frozenset[int]
    """Ids of the lines of which whoever looks at it may know why they were refused."""

    @property
    def lines(self) -> list[RequestLine]:
        return [line for line in self.request.lines if LineOutcome.of(line.state) is self.outcome]

    @property
    def head(self) -> str:
        """What names the row, where no change is asked of it: the responsable, or the children."""
        if self.request.kind in COLUMNS:
            return self.responsable
        return ", ".join(dict.fromkeys(filter(None, map(_child, self.lines))))

    @property
    def cells(self) -> list[list[AskedChange]]:
        """What is asked, column by column."""
        shown = columns(self.request.kind, self.outcome)
        if shown is _CHILDREN:
            return [[], [_thing(self.request.kind.label)], _things([self._named(line) for line in self.lines])]
        if shown is _BRIEF:
            return [[], _things([line.asked_field.label for line in self.lines])]
        return [[one for one in self._asked if one.name in names] for _, names in shown]

    @property
    def others(self) -> list[AskedChange]:
        """What is asked beside the guide's columns."""
        shown = columns(self.request.kind, self.outcome)
        if shown is _CHILDREN or shown is _BRIEF:
            return []
        named = {name for _, names in shown for name in names}
        return [one for one in self._asked if one.name not in named]

    @property
    def verdicts(self) -> list[str]:
        """What the table's title does not say: « en cours de traitement », « en liste d’attente : 1 sur 3 »…"""
        counts = Counter(line.verdict for line in self.lines)
        told = [(verdict, count) for verdict, count in counts.items() if verdict != self.outcome.word]
        total = len(self.lines)
        return [v if count == total else f"{v}{NBSP}: {count} sur {total}" for v, count in told]

    @property
    def decided_on(self) -> list[date]:
        """The days on which the lines were decided."""
        return sorted({clock.local_day(line.decided_at) for line in self.lines if line.decided_at})

    @property
    def reasons(self) -> list[str]:
        """Why it was refused; which of the lines, where their reasons differ."""
        said = {line: line.decision_reason if line.id in self.readable else None for line in self.lines}
        if len(set(said.values())) < 2:
            return [one for one in dict.fromkeys(said.values()) if one]
        return [f"{self._named(line)}{NBSP}: {reason}" for line, reason in said.items() if reason]

    def _named(self, line: RequestLine) -> str:
        """What is asked, of which child where the row is about several."""
        children = {one.enrolment.child_id for one in self.lines if one.enrolment}
        return f"{_child(line)}, {_detail(line)}" if len(children) > 1 else _detail(line)

    @property
    def _asked(self) -> list[AskedChange]:
        return [one for line in self.lines for one in AskedChange.of(line)]


def _thing(text: str) -> AskedChange:
    return AskedChange("", "", [], [text], replaces=False)


def _things(texts: list[str]) -> list[AskedChange]:
    """The first few; all of them stand on the request's own page."""
    more = len(texts) - _FEW
    shown = texts if more < 2 else [*texts[:_FEW], f"et {more} autres"]
    return [_thing(text) for text in shown]


def _child(line: RequestLine) -> str:
    if line.enrolment is not None:
        return line.enrolment.child.first_name
    if line.request.child is not None:
        return line.request.child.first_name
    return str(json.loads(line.after or "{}").get("first_name", ""))


def _detail(line: RequestLine) -> str:
    """The day, the name of the field, or what would be made; never a value of the child's file: health is there."""
    if line.enrolment is not None and line.day is not None:
        asked = f"{line.enrolment.activity.name}, {long_date(line.day)}"
        return f"{asked}\u202f; proposé à la place{NBSP}: {line.instead}" if line.instead else asked
    if line.kind is RequestKind.ENROLMENT:
        told = json.loads(line.after or "{}")
        return f"{told.get('activity', '')}, à partir du {short_date(date.fromisoformat(told['first_day']))}"
    return line.asked_field.label


def section_of(kind: RequestKind) -> str | None:
    """In which sub-tab of Mon compte it stands; None for Mes enfants."""
    return of_kind(kind).slug if kind in COLUMNS else None
