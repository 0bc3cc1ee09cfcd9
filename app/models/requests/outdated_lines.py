"""What waits, though the file says something else now than it did when the family asked. Reads only."""

from collections.abc import Sequence

from app.models.families.sections.catalogue import of_kind
from app.models.families.sections.values import Sheet
from app.models.request_kind import RequestKind
from app.models.requests.request import RequestLine


def overtaken(lines: Sequence[RequestLine]) -> dict[int, list[str]]:
    """By the id of the line, of those that cannot be accepted as they are: what the file says now."""
    sheets: dict[RequestKind, Sheet] = {}
    found = {}
    for line in lines:
        section = of_kind(line.kind) if line.field else None
        if section is None or (section.makes is not None and line.field == section.makes.name):
            continue
        asked = line.request
        sheet = sheets.setdefault(line.kind, Sheet(section, asked.family_id, asked.child_id))
        now = sheet.text(line.asked_field) if sheet.exists else ""
        if sheet.exists and line.is_overtaken_by(now):
            found[line.id] = line.asked_field.shown(now)
    return found
