"""The order of a French list of names, whatever the engine and the server's locale: texts compared byte by byte."""

import re
import unicodedata

WORD = re.compile(r"[^\W_]+")
_SPELT_OUT = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})


def unaccented(text: str) -> str:
    """Small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_SPELT_OUT))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def sort_key(*names: str) -> str:
    """« D’ANGELO », « Éloïse » → « d-angelo eloise ».

    Accents and capitals do not count. Blanks, hyphens and apostrophes count alike, before any letter: « LE GALL »,
    « LEBRUN ». What parts two names comes before what joins one: all of « DE » stand before « DE SOUZA ».
    """
    return " ".join("-".join(WORD.findall(unaccented(name))) for name in names)
