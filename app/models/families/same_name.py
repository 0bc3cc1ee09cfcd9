"""Whether two names may be one person's, however they are written: in any order, with or without accents, capitals,
titles and particles, whatever parts or joins their words. Pure.
"""

import enum
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, permutations

from app.french_order import WORD, unaccented

_TITLES = re.compile(
    "m|mrs?|mmes?|mlle|melle|madame|mademoiselle|monsieur|messieurs|dr|docteur|me|maitre|pr|professeur|"
    "veuve|vve|epouse|ep|nee?|dite?"
)
PARTICLES = re.compile("d|de|du|des|l|la|le|les|von|van|der|den|del|della|d[aio]|das|dos|e?l|al|ben|ibn|bin")
_MOST_WORDS = 6
"""Beyond, the letters alone are compared: the orders are too many."""


class Alike(enum.Enum):
    NO = 0
    MAYBE = 1
    """A surname in common, and the initial of the first name, or no first name."""
    SAME = 2


def alike(one: str, other: str) -> Alike:
    ours, theirs = _words(one), _words(other)
    if not ours or not theirs:
        return Alike.NO
    if any(_same_letters(left, right) for left in _variants(ours) for right in _variants(theirs)):
        return Alike.SAME
    shared = [word for word in _surnames(one) & _surnames(other) if len(word) > 1 and not PARTICLES.fullmatch(word)]
    return Alike.MAYBE if any(_initials_agree(ours, theirs, word) for word in shared) else Alike.NO


def may_be_one_child(first: str, last: str, other_first: str, other_last: str) -> bool:
    """Of two born on one day: « Léa DUPONT » and « Léa Marie DUPONT-MARTIN ». Twins have names of their own."""
    ours, theirs = set(_words(first)), set(_words(other_first))
    surnames = [{word for word in _words(one) if not PARTICLES.fullmatch(word)} for one in (last, other_last)]
    share = bool(surnames[0] & surnames[1]) or alike(last, other_last) is Alike.SAME
    return share and (ours <= theirs or theirs <= ours or alike(first, other_first) is Alike.SAME)


def _plain(name: str) -> str:
    """Small letters; what is invisible is gone, and an apostrophe of any shape parts words."""
    seen = "".join(letter for letter in name if unicodedata.category(letter) != "Cf")
    return unaccented("".join(" " if unicodedata.category(letter) in ("Lm", "Sk") else letter for letter in seen))


def _words(name: str) -> tuple[str, ...]:
    """Without titles, unless there is nothing else."""
    found = WORD.findall(_plain(name))
    return tuple(word for word in found if not _TITLES.fullmatch(word)) or tuple(found)


def _variants(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """With each of its particles, or without: « de La Fontaine » is « Lafontaine »."""
    particles = [place for place, word in enumerate(words) if PARTICLES.fullmatch(word)][:4]
    for count in range(len(particles) + 1):
        for left_out in combinations(particles, count):
            kept = tuple(word for place, word in enumerate(words) if place not in left_out)
            if kept:
                yield kept


def _same_letters(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """« Anne Marie Petit », « PETIT Annemarie »."""
    if Counter("".join(ours)) != Counter("".join(theirs)):
        return False
    fewer, more = sorted((ours, theirs), key=len)
    if len(more) > _MOST_WORDS:
        return True
    written = {"".join(order) for order in permutations(fewer)}
    return any("".join(order) in written for order in permutations(more))


def _surnames(name: str) -> set[str]:
    """The words in capitals, where some are (« JP » is no surname): French writes surnames so. Else any of them."""
    capitals = " ".join(word for word in name.split() if word.isupper() and len(word) > 2)
    return set(_words(capitals)) or set(_words(name))


def _initials_agree(ours: tuple[str, ...], theirs: tuple[str, ...], surname: str) -> bool:
    firsts = [
        {word[0] for word in words if word != surname and not PARTICLES.fullmatch(word)} for words in (ours, theirs)
    ]
    return not all(firsts) or bool(firsts[0] & firsts[1])
