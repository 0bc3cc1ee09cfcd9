"""Erasing rows for good: with those that go with them, and the files that they name.

A column with `info=ERASED_WITH` says of its row that it goes with the one that the column names.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, delete, select
from sqlalchemy.orm import InstrumentedAttribute

from app import db
from app.models.jobs.job import Job


def rows(of: type[Any], which: ColumnElement[bool]) -> None:
    """Erase these rows, inside a transaction. The worker deletes their files once it commits."""
    for other, column, key in going_with(of):
        rows(other, column.in_(select(key).where(which)))
    erased = delete(of).where(which)
    if "storage_key" not in of.__table__.columns:
        db.session.execute(erased)
        return
    for storage_key in db.session.scalars(erased.returning(of.storage_key)).all():
        if storage_key is not None:
            Job.forget_file(storage_key)


def by(key: InstrumentedAttribute[int]) -> Callable[[Sequence[int], date], None]:
    """How a rule erases the rows of which this column holds one of its keys."""
    of: Any = key.class_
    return lambda keys, cutoff: rows(of, key.in_(keys))


def going_with(of: type[Any]) -> list[tuple[type[Any], Column[Any], Column[Any]]]:
    """The classes of the rows that go with these, each with its column and the key that it holds."""
    if len(of.__table__.primary_key) > 1:
        return []  # no single column names such a row
    return [one for one in _marked() if one[2].table is of.__table__]


@cache
def _marked() -> list[tuple[type[Any], Column[Any], Column[Any]]]:
    """Every column that is marked so; of two tables, the one that names the other comes first."""
    classes = {mapper.local_table: mapper.class_ for mapper in db.Base.registry.mappers}
    return [
        (classes[table], column, foreign.column)
        for table in reversed(db.Base.metadata.sorted_tables)
        for column in table.columns
        for foreign in column.foreign_keys
        if "erased_with" in column.info
    ]
