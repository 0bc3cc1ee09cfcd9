"""Editing a row of a file: only while it still says what the agent saw, and telling the journal what changed."""

import json
from collections.abc import Iterable
from typing import Any

from app import db

Texts = dict[str, str]


class ChangedMeanwhileError(Exception):
    """The row changed since the page was opened: `now` holds what differs, as texts."""

    def __init__(self, now: Texts) -> None:
        super().__init__(", ".join(now))
        self.now = now


def texts(row: db.Base, fields: Iterable[str]) -> Texts:
    """What these fields say, as they travel in a form and stand in the journal; a day is written in ISO."""
    return {field: text(getattr(row, field)) for field in fields}


def sent_back(told: str | None) -> Texts:
    """What a page told of a file, as it comes back with the form; nothing for what no page of ours tells."""
    try:
        found = json.loads(told or "")
        json.dumps(found, ensure_ascii=False).encode()  # half of a character cannot be kept, nor shown
    except (ValueError, RecursionError):
        return {}
    return {name: str(text) for name, text in found.items()} if isinstance(found, dict) else {}


def text(value: Any) -> str:
    return "" if value is None else str(value)


def write(row: db.Base, values: dict[str, Any], *, seen: Texts) -> tuple[Texts, Texts]:
    """Set these fields of a row that the caller locked; what changed, before and after, both empty when nothing did.

    Raises ChangedMeanwhileError when one of them no longer says what was `seen`.
    """
    before = texts(row, values)
    now = {field: said for field, said in before.items() if seen.get(field) != said}
    if now:
        raise ChangedMeanwhileError(now)
    for field, value in values.items():
        setattr(row, field, value)
    after = {field: said for field, said in texts(row, values).items() if said != before[field]}
    return {field: before[field] for field in after}, after
