"""Column types of our own: instants in UTC, encrypted texts."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, String, Text
from sqlalchemy.types import TypeDecorator

from app import crypto

ERASED_WITH = {"erased_with": True}
"""For `mapped_column(ForeignKey(…), info=ERASED_WITH)`: the purge erases the row with the one that this column names
(see app.models.jobs.erase).
"""
ByteOrder = String().with_variant(String(collation="C"), "postgresql")
"""A text that sorts byte by byte, whatever the locale of the server (see app.french_order); SQLite always does."""


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database (SQLite keeps no zone, so it is put back on reading)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Encrypted(TypeDecorator[str]):
    """A text that the database file alone does not tell (see app.crypto)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else crypto.encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else crypto.decrypt(value)


class EncryptedValue(TypeDecorator[Any]):
    """A day or a code kept as an encrypted text; `read` makes it of its text, and raises ValueError for any other.

    No query can look for it, nor sort by it.
    """

    impl = Text
    cache_ok = True

    def __init__(self, read: Callable[[str], Any]) -> None:
        super().__init__()
        self.read = read

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else crypto.encrypt(str(self.read(str(value))))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else self.read(crypto.decrypt(value))


class EncryptedJSON(TypeDecorator[Any]):
    """A JSON value kept as an encrypted text. Assign a new value to change it: mutation is not followed."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else crypto.encrypt(json.dumps(value, ensure_ascii=False, sort_keys=True))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(crypto.decrypt(value))
