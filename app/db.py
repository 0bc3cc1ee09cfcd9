"""The database: Base, the session of the moment, and transaction(), the only place that commits.

One process serves one town, so it holds one engine. Reading needs nothing: `session` opens a read
transaction by itself and the request's end closes it. Writing happens inside `transaction()` alone: a flush
or a bulk statement outside of it raises, which is how a GET that writes is found out.
"""

import enum
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, Engine, Enum, Index, MetaData, TextClause, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import (
    DeclarativeBase,
    ORMExecuteState,
    Session,
    SessionTransaction,
    scoped_session,
    sessionmaker,
)

from app.columns import UTCDateTime
from app.turns import LONGEST, BusyError, Turns

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def text_enum(values: type[enum.Enum], name: str | None = None) -> Enum:
    """A text and a CHECK, not a native type: PostgreSQL's enums are awkward to change, SQLite has none.

    `name` is the CHECK's, where one table has two columns of these values.
    """
    return Enum(
        values,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def partial_index(name: str, *columns: str, where: TextClause, unique: bool = False) -> Index:
    """An index of the rows that `where` keeps, the same on both engines."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UTCDateTime, enum.Enum: text_enum(enum.Enum)}


class _Session(Session):
    """A session that writes only inside `transaction()`."""


session: scoped_session[_Session] = scoped_session(sessionmaker(class_=_Session, expire_on_commit=False))


@event.listens_for(_Session, "before_flush")
def _no_flush_outside_a_transaction(current: Session, context: Any, instances: Any) -> None:
    if not current.info.get("writing") and (current.new or current.dirty or current.deleted):
        raise RuntimeError("a change outside db.transaction()")


@event.listens_for(_Session, "do_orm_execute")
def _no_bulk_write_outside_a_transaction(state: ORMExecuteState) -> None:
    writes = state.is_insert or state.is_update or state.is_delete
    if writes and not state.session.info.get("writing"):
        raise RuntimeError("a change outside db.transaction()")


def kept() -> dict[Any, Any]:
    """What this transaction reads once for all. One that writes keeps nothing: it reads as they stand what it changes
    itself, and what others changed before it got its locks."""
    current = session()
    return {} if current.info.get("writing") else current.info.setdefault("kept", {})


def locked() -> set[Any]:
    """What this transaction locked already, by names that its callers give: it stays so until the end."""
    names: set[Any] = session().info.setdefault("locked", set())
    return names


@event.listens_for(_Session, "after_transaction_end")
def _keep_no_longer(current: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        current.info.pop("kept", None)
        current.info.pop("locked", None)


@event.listens_for(_Session, "after_soft_rollback")
def _lock_again(current: Session, ended: SessionTransaction) -> None:
    """Back to a savepoint, PostgreSQL releases what was locked since."""
    current.info.pop("locked", None)


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit what the block did, or nothing at all when it raises. Does not nest.

    Begins afresh: what was read before is read again inside, under the lock (on SQLite the whole file's,
    taken at once so that two writers wait in line instead of failing with « database is locked »).

    Raises BusyError when others held what it needs for too long.
    """
    current = session()
    if current.info.get("writing"):
        raise RuntimeError("db.transaction() does not nest")
    if current.new or current.dirty or current.deleted:
        raise RuntimeError("a change was made before db.transaction()")
    current.rollback()
    current.expire_all()  # after a commit there is nothing to roll back, and nothing would be read again
    turns: Turns | None = current.get_bind().get_execution_options().get("preau_turns")
    with turns.taken() if turns else nullcontext(LONGEST) as patience:
        current.info["writing"] = True
        try:
            current.connection(execution_options={"preau_writes": patience})
            yield current
            current.commit()
        except BaseException as error:
            current.rollback()
            if isinstance(error, OperationalError) and _is_busy(error):
                raise BusyError from error
            raise
        finally:
            current.info.pop("writing", None)


def _is_busy(error: OperationalError) -> bool:
    """Whether another transaction held a lock for too long."""
    sqlite_code: int = getattr(error.orig, "sqlite_errorcode", 0)
    sqlstate: str = getattr(error.orig, "sqlstate", None) or ""
    return sqlite_code & 0xFF == sqlite3.SQLITE_BUSY or sqlstate == "55P03"


@contextmanager
def aside() -> Iterator[None]:
    """Work on a copy of the database, in memory and soon forgotten: SQLite has one writer at a time, and this one may
    take long. PostgreSQL has many: there it is the database itself.
    """
    if engine().dialect.name != "sqlite":
        yield
        return
    copy = make_engine("sqlite://")
    session.remove()
    try:
        here: Any = engine().raw_connection()
        here.backup(copy.raw_connection().driver_connection)
        here.close()
        session().bind = copy
        yield
    finally:
        session.remove()
        copy.dispose()


def connect(url: str) -> Engine:
    """Bind the process to this database, replacing the one it had."""
    disconnect()
    session.configure(bind=make_engine(url))
    return engine()


def disconnect() -> None:
    """Forget the database: close this thread's session and the pool."""
    bound = session.session_factory.kw.get("bind")
    session.remove()
    if bound is not None:
        bound.dispose()
        session.configure(bind=None)


def engine() -> Engine:
    """The engine of this process; raises RuntimeError before `connect`."""
    bound = session.session_factory.kw.get("bind")
    if bound is None:
        raise RuntimeError("no database: app.db.connect() was not called")
    return bound  # type: ignore[no-any-return]


def make_engine(url: str) -> Engine:
    """An engine set up as both dialects need. Statements in errors never show their values (personal data)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        made = create_engine(parsed, hide_parameters=True, pool_pre_ping=True, pool_size=8)
        event.listen(made, "connect", _set_up_postgresql)
        return made
    turns = {"preau_turns": Turns(parsed.database if parsed.database != ":memory:" else None)}
    made = create_engine(
        parsed, hide_parameters=True, pool_size=8, connect_args={"timeout": LONGEST}, execution_options=turns
    )
    event.listen(made, "connect", _set_up_sqlite)
    event.listen(made, "begin", _begin_on_sqlite)
    return made


def _set_up_postgresql(connection: Any, record: Any) -> None:
    connection.autocommit = True
    connection.execute(f"SET lock_timeout = '{LONGEST:.0f}s'")
    connection.autocommit = False


def _set_up_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_on_sqlite(connection: Connection) -> None:
    patience: float = connection.get_execution_options().get("preau_writes", 0)
    if patience:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={patience * 1000:.0f}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if patience else "BEGIN")


def insert(entity: type[Base]) -> Any:
    """INSERT of this engine's dialect, the one that knows ON CONFLICT."""
    on_postgresql = engine().dialect.name == "postgresql"
    return postgresql.insert(entity) if on_postgresql else sqlite.insert(entity)


def answers() -> bool:
    """Whether the database can be reached now."""
    try:
        with engine().connect() as connection:
            connection.execute(text("SELECT 1"))
    except Exception:  # whatever the driver raises, the answer is the same
        return False
    return True
