"""What a parent wants of a section, beside what stands there: what the file says, or would say once what waits is
accepted. A page that shows something else is of another time: it changes nothing that it did not show.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.models.families.sections.editing import remembered
from app.models.families.sections.section import Field, FieldKind
from app.models.families.sections.values import Sheet
from app.models.request_kind import RequestKind
from app.models.requests import RequestLine
from app.models.stale import ChangedMeanwhileError, Texts

FieldKey = tuple[RequestKind, str]
"""Of a field among all that a file holds: its section's kind, and its name."""
PendingLines = Mapping[FieldKey, RequestLine]


@dataclass(frozen=True)
class Wish:
    """What a parent sent of one section."""

    sheet: Sheet
    wanted: Texts
    """By field, the text that the form holds."""
    seen: Texts
    """By field, what the form said when it was shown: what was not touched is not asked."""


def standing(sheet: Sheet, waiting: PendingLines) -> Texts:
    """By field, what the file says, or would say once what waits is accepted."""
    kind = sheet.section.kind
    return {
        field.name: _stands(field, sheet.text(field), waiting.get((kind, field.name)))
        for field in sheet.section.fields
    }


def _stands(field: Field, now: str, line: RequestLine | None) -> str:
    if line is None or line.confirms:
        return now
    if field.kind is FieldKind.ROWS:  # what the file gained since it was asked is not to go
        return field.joined(now, line.before or "", line.after or "")
    return line.after or ""


def touched(wish: Wish, waiting: PendingLines) -> Texts:
    """What the parent changed since the page was shown, and that does not stand already; of rows, within what stands.
    What stands is wanted again where the file changed since it was asked: as it is, nobody could accept it.

    Raises ChangedMeanwhileError.
    """
    found: Texts = {}
    meanwhile: Texts = {}
    for name, stands in standing(wish.sheet, waiting).items():
        field, text = wish.sheet.section.field(name), wish.wanted.get(name, stands)
        known = remembered(field, stands)
        seen = wish.seen.get(name, known)
        if text in (seen, stands):
            if seen == known and _is_to_ask_again(wish, field, waiting):
                found[name] = stands
            continue
        if field.kind is FieldKind.ROWS:
            text = field.joined(stands, seen, text)
            if text == stands:
                continue
        elif seen != known:
            meanwhile[name] = known
        found[name] = text
    if meanwhile:
        raise ChangedMeanwhileError(meanwhile)
    return found


def _is_to_ask_again(wish: Wish, field: Field, waiting: PendingLines) -> bool:
    """Whether the form bears this field, or keeps it by leaving it blank, and what waits is of another time."""
    line = waiting.get((wish.sheet.section.kind, field.name))
    if line is None or not (field.name in wish.wanted or field.kind is FieldKind.IBAN):
        return False
    return line.is_overtaken_by(wish.sheet.text(field))
