"""The journal's French: what each kind of event says, by group, and the names of what changed.

Each package declares its words in its `event_words.py`. A new package takes its place here.
"""

import re
from datetime import date
from typing import Any

from app.formats import short_date
from app.models.accounts.event_words import WORDS as ACCOUNTS
from app.models.changes.event_words import WORDS as CHANGES
from app.models.documents.event_words import WORDS as DOCUMENTS
from app.models.event import EventGroup
from app.models.exports.event_words import WORDS as EXPORTS
from app.models.families.event_words import WORDS as FAMILIES
from app.models.households.event_words import WORDS as HOUSEHOLDS
from app.models.journal.event_words import WORDS as JOURNAL
from app.models.letters.event_words import WORDS as LETTERS
from app.models.places.event_words import WORDS as PLACES
from app.models.planning.event_words import WORDS as PLANNING
from app.models.requests.event_words import WORDS as REQUESTS
from app.models.reviews.event_words import WORDS as REVIEWS

PACKAGES = {
    "accounts": ACCOUNTS,
    "families": FAMILIES,
    "documents": DOCUMENTS,
    "letters": LETTERS,
    "requests": REQUESTS,
    "places": PLACES,
    "planning": PLANNING,
    "changes": CHANGES,
    "reviews": REVIEWS,
    "exports": EXPORTS,
    "households": HOUSEHOLDS,
    "journal": JOURNAL,
}
"""From the ground up."""
_ALL = PACKAGES.values()
GROUPS: dict[str, tuple[str, dict[str, str]]] = {
    group.slug: (group.title, {kind: said for words in _ALL for kind, said in words.kinds.get(group, {}).items()})
    for group in EventGroup
}
LABELS = {kind: label for _, kinds in GROUPS.values() for kind, label in kinds.items()}
_NAMES = {detail: name for words in _ALL for detail, name in words.details.items()}
_VALUES = {value: said for words in _ALL for value, said in words.values.items()}
_NEVER = frozenset(detail for words in _ALL for detail in words.never)


def label(kind: str) -> str:
    """What an event says; its bare kind, for one that a newer or older version wrote."""
    return LABELS.get(kind, kind.replace("_", " "))


def changes(before: Any, after: Any) -> list[tuple[str, str, str]]:
    """What changed: its name, what it was, what it became, as texts; « » for nothing."""
    was, now = _as_dict(before), _as_dict(after)
    shown = [key for key in {**was, **now} if key not in _NEVER]
    told = [(_NAMES.get(key, key.replace("_", " ")), said(was.get(key)), said(now.get(key))) for key in shown]
    return [(name, before, after) for name, before, after in told if before != after]


def said(value: Any) -> str:
    """A value as French writes it: oui, 04/05/2015, « a, b », « Léa : chez elle »."""
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case list():
            return ", ".join(said(one) for one in value)
        case dict():
            return ", ".join(f"{key}\u00a0: {said(one)}" for key, one in value.items() if key not in _NEVER)
        case _:
            return _text(str(value))


def _text(text: str) -> str:
    """A day, or a period of two, as French writes them; any other text as it is."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(/\d{4}-\d\d-\d\d)?", text):
        return _VALUES.get(text, text)
    try:
        return " – ".join(short_date(date.fromisoformat(day)) for day in text.split("/"))
    except ValueError:  # somebody wrote it so: it only looks like a day
        return text


def _as_dict(told: Any) -> dict[str, Any]:
    if told is None:
        return {}
    return told if isinstance(told, dict) else {"text": told}
