"""Postal codes and their towns, from the Base Adresse Nationale's table (see bin/vendor). Offline; read once."""

import gzip
import re
from functools import cache
from pathlib import Path

from app.formats import NNBSP
from app.french_order import unaccented

_TABLE = Path(__file__).parent / "postal_codes.txt.gz"
_SHORT = {"st": "saint", "ste": "sainte", "s": "sur"}
_MOST_NAMED = 3


def doubt(code: str, town: str) -> str:
    """The sentence that says why this code and this town do not go together; empty when they may.

    Of a town that is nowhere in the table (a hamlet, a former commune) nothing can be said.
    """
    if not code or code.startswith("98"):  # the Pacific's are not in the table
        return ""
    if code not in _table():
        return f"Le code postal {code} ne figure pas dans la liste des codes postaux français."
    names, others = _table()[code]
    said = _plain(town)
    if not said or said in {_plain(one) for one in (*names, *others)} or said not in _codes():
        return ""
    return f"{code} est le code postal de {_some(names)}{NNBSP}; celui de {town} est {_some(sorted(_codes()[said]))}."


def _some(names: list[str]) -> str:
    """« 31000, 31100 ou 31200 »; of many, the first ones."""
    if len(names) > _MOST_NAMED:
        return ", ".join(names[:_MOST_NAMED]) + ", etc"
    return " ou ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


@cache
def _table() -> dict[str, tuple[list[str], list[str]]]:
    """Code → its communes, and what else the post calls them."""
    found = {}
    for line in gzip.decompress(_TABLE.read_bytes()).decode().splitlines():
        code, _, names = line.partition(";")
        communes, _, others = names.partition("/")
        found[code] = (communes.split("|"), others.split("|"))
    return found


@cache
def _codes() -> dict[str, set[str]]:
    """A commune's plain name → its codes."""
    found: dict[str, set[str]] = {}
    for code, (communes, _) in _table().items():
        for name in communes:
            found.setdefault(_plain(name), set()).add(code)
    return found


def _plain(name: str) -> str:
    """« ST-JEAN », « Saint - Jean » → « saint jean »; without arrondissement or CEDEX."""
    letters = re.sub(r"[^a-z0-9]+", " ", unaccented(name)).strip()
    bare = re.sub(r" cedex( \d+)?$| \d+( ?(er|e|eme|ieme))?( arrondissement)?$", "", letters)
    return " ".join(_SHORT.get(word, word) for word in bare.split())
