"""What a package says of its tables: what « Mes données » tells of each, how long it is kept, and why not.

Each package declares it in its `privacy.py`, and app.models.privacy gathers them all: a new table is one folder's
affair.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app import db
from app.models.retention_rule import Rule

if TYPE_CHECKING:
    from app.models.requests.reader import Whose

Words = Mapping[str, str]


class Chapter(enum.IntEnum):
    """The order in which « Mes données » tells its parts; within a chapter, the packages from the ground up."""

    HOUSEHOLD = 1
    LOGIN = 2
    RESOURCES = 3
    CHILDREN = 4
    ENROLMENTS = 5
    REQUESTS = 6
    DOCUMENTS = 7
    MONEY = 8
    MESSAGES = 9
    COPIES = 10


@dataclass(frozen=True)
class Part:
    """A table of which « Mes données » tells one adult's rows, column by column."""

    chapter: Chapter
    title: str
    of: type[Any]
    rows: "Callable[[Whose], Any]"
    """The condition that makes a row this adult's."""
    hidden: frozenset[str] = frozenset()
    """Columns that are not told: numbers of our own, secrets, what another household may not know."""
    tells: Callable[[Any], bool] = lambda row: True
    """Which of these rows are told, where no query can say it: what it goes by is encrypted."""
    adds: Callable[[Any], dict[str, Any]] = lambda row: {}
    """What is told besides its columns, or instead of one."""
    instead: "Callable[[Any, Whose], dict[str, Any]] | None" = None
    """What is told instead of all its columns."""
    loads: tuple[Any, ...] = ()
    """The options of the query, where telling a row reads others."""
    filename: Callable[[Any], str] | None = None
    """The name of a row's file, joined to the copy."""


def of_family(chapter: Chapter, title: str, of: type[Any], *hidden: str) -> Part:
    """A part that tells what the household has."""
    return Part(chapter, title, of, lambda whose: of.family_id.in_(whose.families), frozenset(hidden))


def of_children(title: str, of: type[Any], *hidden: str) -> Part:
    """A part that tells what is written of the children over whom the adult has authority."""
    return Part(Chapter.CHILDREN, title, of, lambda whose: of.child_id.in_(whose.entrusted), frozenset(hidden))


@dataclass(frozen=True)
class Number:
    """A column that holds the number of another row: its name, and the words for the numbers of one adult's rows."""

    label: str
    words: "Callable[[Whose], Mapping[int, str]]"


def number(label: str, key: Any, text: Any, *, family_id: Any = None) -> Number:
    """Where one column says which row it is: of all the town's, or of those whose `family_id` is the household's."""

    def words(whose: "Whose") -> dict[int, str]:
        named = select(key, text)
        rows: Any = named if family_id is None else named.where(family_id.in_(whose.families))
        return dict(iter(db.session.execute(rows)))

    return Number(label, words)


@dataclass(frozen=True)
class PersonalData:
    """A test asks that each table is told, or is not for a reason; and is erased in the end, or is not for one."""

    parts: tuple[Part, ...] = ()
    not_told: Words = field(default_factory=dict)
    """By table, why « Mes données » tells nothing of it."""
    columns: Words = field(default_factory=dict)
    """The French of the columns that are told."""
    numbers: Mapping[str, Number] = field(default_factory=dict)
    """By column, those of this package's rows, in whatever table they stand."""
    codes: Mapping[type[enum.Enum], Mapping[Any, str]] = field(default_factory=dict)
    """The French of the values that the database keeps as a code."""
    choices: Mapping[str, Words] = field(default_factory=dict)
    """By column, the French of the texts that stand for another one."""
    rules: tuple[Rule, ...] = ()
    not_purged: Words = field(default_factory=dict)
    """By table, why no rule has to erase its rows."""


OF_THE_TOWN = "de la commune, la même pour toutes les familles"
INTERNAL = "travail interne des agents ou du portail, sans rien de plus sur la famille"
"""Why a table is not told."""
