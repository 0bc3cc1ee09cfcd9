"""What a family is found by, however it is written or said: names, numbers, telephones, e-mails, addresses. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from app.french_order import WORD, unaccented
from app.models.families.same_name import PARTICLES

Way = tuple[str, ...]
"""Beginnings of words, all of them wanted."""
BAR = "|"
"""Stands between the names and numbers of a family and the words by which it is reached."""

_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s./\u2010-\u2015-]+(?=\d)")
_TRUNK_ZERO = re.compile(r"(?<=\d)\s*\(0\)\s*(?=\d)")
_ABROAD = re.compile(r"\A(?:\+|00(?=[1-9]))(?=\d)")
_OF_FRANCE = re.compile(r"\A(?:33|262|508|590|594|596|687|689)0?(?=\d)")
_CALLED = re.compile("mr?|mmes?|mlles?|melle|(?:ma|mes)dames?|mademoiselle|(?:mon|mes)sieurs?|familles?|foyers?|et")
"""What is said before a name: « M. et Mme Martin », « la famille Martin »."""
_SHORT = {
    "saint": "st",
    "sainte": "ste",
    "docteur": "dr",
    "general": "gal",
    "marechal": "mal",
    "boulevard": "bd bld blvd",
    "avenue": "av",
    "route": "rte",
    "place": "pl",
    "chemin": "ch che",
    "allee": "all",
    "impasse": "imp",
    "faubourg": "fg",
    "square": "sq",
    "rue": "r",
}
_IN_FULL = {short: long for long, ways in _SHORT.items() for short in ways.split()}
_MOST_WORDS = 12
"""Of what is typed: each costs a look at every family."""


def words(*texts: str) -> str:
    """« Lefèvre », « Jean-Pierre » → « jean jeanpierre lefevre pierre », a blank before each word.

    What a hyphen, an apostrophe or a blank joins is found by its parts and as one word, with its particles or
    without; « St » as « Saint » too.
    """
    return _listed({word for text in texts for word in _words_of(text, as_one=True)})


def found_by(
    *names: str, phones: Iterable[str] = (), emails: Iterable[str] = (), addresses: Iterable[str] = ()
) -> str:
    """All the words of a family: those of its names and numbers, the bar, then what they do not say of the rest."""
    named = words(*names)
    others = {_dialled(phone) for phone in phones}
    for email in map(unaccented, emails):
        others |= {*WORD.findall(email.partition("@")[0]), "".join(WORD.findall(email))}
    for address in addresses:
        others |= set(_words_of(address, as_one=False))
    return named + BAR + _listed(others - set(named.split()))


def _listed(found: set[str]) -> str:
    return "".join(f" {word}" for word in sorted(found - {""}))


def _words_of(text: str, *, as_one: bool) -> Iterator[str]:
    plain = unaccented(text)
    for name in (*plain.split(), *([plain] if as_one else [])):
        parts = WORD.findall(name)
        yield from (*parts, "".join(parts), *(full := _in_full(parts)), "".join(full))
    for group in map(_parts, _groups(plain.split())):
        yield from ("".join(group[start:]) for start in range(len(group) - 1))


def _groups(names: Iterable[str]) -> Iterator[list[str]]:
    """Each name behind the particles that are said before it: « de », « la », « Fontaine »."""
    group: list[str] = []
    for name in names:
        group.append(name)
        if not PARTICLES.fullmatch(WORD.findall(name)[-1] if WORD.search(name) else ""):
            yield group
            group = []
    if group:
        yield group


def _parts(group: Iterable[str]) -> list[str]:
    return WORD.findall(" ".join(group))


def _in_full(parts: Iterable[str]) -> list[str]:
    return [_IN_FULL.get(part, part) for part in parts]


def _dialled(written: str) -> str:
    """« +33 (0)6 12 34 56 78 » → « 0612345678 »; of another country, its digits."""
    digits = re.sub(r"[^\d+]", "", _TRUNK_ZERO.sub("", written))
    abroad = _ABROAD.sub("", digits, count=1)
    if abroad == digits and not re.fullmatch(r"33[1-9]\d{8}", digits):
        return digits.replace("+", "")
    return _OF_FRANCE.sub("0", abroad)


@dataclass(frozen=True)
class Asked:
    """What is typed to find families."""

    parts: tuple[tuple[Way, ...], ...]
    """In any order: each is wanted, in any one of its ways."""
    as_one: str = ""
    """All of it joined, as it may be one name: « jean pierre » for « Jeanpierre »."""

    @classmethod
    def of(cls, typed: str) -> "Asked":
        """Without a part: signs alone, without a letter or a digit. A number may be typed in groups."""
        plain = _BETWEEN_DIGITS.sub("", _TRUNK_ZERO.sub("", unaccented(typed)))
        said = [name for name in plain.split() if WORD.search(name)]
        names = [name for name in said if not _CALLED.fullmatch("".join(WORD.findall(name)))] or said
        groups = list(_groups(names[:_MOST_WORDS]))
        parts = tuple(tuple(dict.fromkeys(_ways(group))) for group in groups)
        return cls(parts, "".join(_parts(names[:_MOST_WORDS])) if len(groups) > 1 else "")

    @property
    def common(self) -> str:
        """Letters that are in every family found: the end of what was typed, however it is spelt."""
        end = self.parts[-1][-1][-1]
        return end if all(way[-1].endswith(end) for way in self.parts[-1]) and self.as_one.endswith(end) else ""

    def unsaid(self, known: Collection[str]) -> list[tuple[Way, ...]]:
        """The parts that these words do not hold."""
        if self.as_one and any(word.startswith(self.as_one) for word in known):
            return []
        return [part for part in self.parts if not says(known, part)]


def says(known: Collection[str], part: tuple[Way, ...]) -> bool:
    """Whether these words hold it, in one of its ways."""
    return any(all(any(word.startswith(start) for word in known) for start in way) for way in part)


def _ways(group: list[str]) -> Iterator[Way]:
    parts = _parts(group)
    yield ("".join(parts),)
    if parts[0] in ("d", "de", "du", "des") and len(parts) > 1:
        yield ("".join(parts[1:]),)  # « de la Fontaine », written LAFONTAINE
    number = _dialled(group[0]) if re.fullmatch(r"[+\d]+", group[0]) else ""
    if number and number != parts[0]:
        yield (number,)
    full = _in_full(parts)
    if any(not long.startswith(part) for part, long in zip(parts, full, strict=True)):
        yield ("".join(full),)
        yield tuple(full)
    yield tuple(parts)
