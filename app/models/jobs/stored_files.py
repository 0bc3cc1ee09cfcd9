"""The files that rows name, whatever their table: the column is always called `storage_key`."""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from sqlalchemy import select, union_all

from app import db


def named(keys: Collection[str]) -> set[str]:
    """Those of these keys that a row names."""
    asked = [select(of.storage_key).where(of.storage_key.in_(keys)) for of in _naming()]
    return set(db.session.scalars(union_all(*asked)))


def all_named() -> Iterator[str]:
    """All that rows name, each once a row."""
    for of in _naming():
        yield from db.session.scalars(select(of.storage_key).where(of.storage_key.is_not(None)))


@cache
def _naming() -> list[Any]:
    return [mapper.class_ for mapper in db.Base.registry.mappers if "storage_key" in mapper.columns]
