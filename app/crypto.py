"""Encryption of what must not be read in a stolen database file (bank, health, custody, tokens).

Keys come from PREAU_ENCRYPTION_KEYS and live outside the database. The first encrypts; all decrypt, so that
a key is changed by putting a new one first.
"""

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_cipher: MultiFernet | None = None


class UnreadableSecretError(Exception):
    """A stored secret that none of the configured keys opens."""


def configure(keys: Sequence[str]) -> None:
    """Use these keys (any long random texts) from now on; none means that encrypting is refused."""
    global _cipher  # noqa: PLW0603 - one process serves one town
    _cipher = MultiFernet([_fernet(key) for key in keys]) if keys else None


def encrypt(text: str) -> str:
    return _configured().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Raises UnreadableSecretError when the key that wrote it is missing."""
    try:
        return _configured().decrypt(token.encode()).decode()
    except InvalidToken:
        raise UnreadableSecretError("no key of PREAU_ENCRYPTION_KEYS opens this value") from None


def seal(content: bytes) -> bytes:
    """A file, as it is kept."""
    return _configured().encrypt(content)


def unseal(kept: bytes) -> bytes:
    """Raises UnreadableSecretError when the key that sealed it is missing."""
    try:
        return _configured().decrypt(kept)
    except InvalidToken:
        raise UnreadableSecretError("no key of PREAU_ENCRYPTION_KEYS opens this file") from None


def digest(text: str) -> str:
    """A one-way name for a random token, to find it again without storing it."""
    return hashlib.sha256(text.encode()).hexdigest()


def _configured() -> MultiFernet:
    if _cipher is None:
        raise RuntimeError("PREAU_ENCRYPTION_KEYS is not set")
    return _cipher


def _fernet(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))
