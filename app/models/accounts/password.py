"""Passwords: the guide's rules, what is refused besides, Argon2id, and one-time passwords. Pure."""

import secrets
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import argon2

MIN_LENGTH = 8
# 38 ms and 19 MiB a login: the library's defaults take five times as much, which opening day cannot afford.
_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# No i, l, o: a letter is read aloud over the phone and typed from paper.
_LETTERS = "abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True)
class Criterion:
    """One rule, as a sentence, and whether a password meets it (None: nothing typed yet)."""

    key: str
    text: str
    met: bool | None = None


def criteria(password: str | None = None, identifiant: str = "") -> list[Criterion]:
    """The rules in the guide's order and words, then ours."""

    def judged(key: str, text: str, met: bool) -> Criterion:
        return Criterion(key, text, met if password else None)

    typed = password or ""
    return [
        judged("length", "8 caractères minimum", len(typed) >= MIN_LENGTH),
        judged("upper", "Au moins 1 majuscule", any(c.isupper() for c in typed)),
        judged("lower", "Au moins 1 minuscule", any(c.islower() for c in typed)),
        judged("digit", "Au moins 1 caractère numérique", any(c.isdecimal() for c in typed)),
        judged("known", "Pas un mot de passe trop connu", typed.casefold() not in well_known()),
        judged("identifiant", "Pas votre identifiant", not _is_identifiant(typed, identifiant)),
    ]


def failures(password: str, identifiant: str) -> list[str]:
    """The rules that this password breaks, as sentences; empty when it is good."""
    return [
        f"Règle non respectée\u00a0: {rule.text[0].lower()}{rule.text[1:]}."
        for rule in criteria(password or " ", identifiant)
        if not rule.met
    ]


@cache
def well_known() -> frozenset[str]:
    """Passwords that attackers try first, lower case (only those the other rules would let through)."""
    listed = Path(__file__).with_name("well_known_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in listed.splitlines() if line and not line.startswith("#"))


def hash_password(password: str) -> str:
    """Argon2id. Takes 40 ms: never inside a transaction."""
    return _hasher.hash(_normal(password))


def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password opens the hash. Takes the same time when there is none to compare with."""
    try:
        return _hasher.verify(password_hash or _nobody(), _normal(password)) and password_hash is not None
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def _normal(password: str) -> str:
    """Keyboards write « é » in two ways; it is one password."""
    return unicodedata.normalize("NFKC", password)


def one_time() -> str:
    """A password of letters for a first login: 12 of 23 letters, 54 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(12))


def _is_identifiant(password: str, identifiant: str) -> bool:
    """Own identifiant, as such, backwards, or with digits and punctuation around."""
    own = identifiant.strip().casefold()
    core = password.casefold().strip("0123456789 !?.,;:*$@#-_+=&/")
    return bool(own) and (password.casefold() in (own, own[::-1]) or core in (own, own.strip("0123456789 -_.")))


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex(16))
