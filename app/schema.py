"""The shape of the database: fresh installs, upgrades, and the photograph schema.sql.

The models are the truth. schema.sql is what SQLite answers once they are created; Alembic brings existing
towns there. Tests compare the three, column by column and trigger by trigger.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, inspect, text

import app.models  # noqa: F401 - fills the metadata
from app import db, triggers
from app.turns import LONGEST

ROOT = Path(__file__).resolve().parent.parent
PHOTOGRAPH = ROOT / "schema.sql"


def alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The newest migration."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head() or ""


def current(connection: Connection) -> str | None:
    """The migration that this database has reached; None when it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def is_empty(connection: Connection) -> bool:
    return not inspect(connection).get_table_names()


def upgrade(engine: Engine) -> None:
    """Bring a database to today's shape: a fresh SQLite file from the photograph, others by migrations."""
    with engine.execution_options(preau_writes=LONGEST).connect() as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        with _foreign_keys_off(connection) if on_sqlite else nullcontext(), connection.begin():
            if on_sqlite and is_empty(connection):
                load_photograph(connection)
            else:
                command.upgrade(alembic_config(connection), "head")


@contextmanager
def _foreign_keys_off(connection: Connection) -> Iterator[None]:
    """A batch migration on SQLite drops and renames tables: with foreign keys on, that would cascade.

    The switch is mute inside a transaction, so it goes straight to the driver, before and after.
    """
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = driver.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the migration leaves {len(broken)} broken references")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def load_photograph(connection: Connection) -> None:
    """Run schema.sql on an empty SQLite database, inside the caller's transaction, and note its migration."""
    for statement in PHOTOGRAPH.read_text(encoding="utf-8").split(";\n\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)
    command.stamp(alembic_config(connection), "head")


def create_from_models(connection: Connection) -> None:
    """Tables and triggers straight from the models."""
    db.Base.metadata.create_all(connection)
    triggers.recreate(connection)


def erase(connection: Connection) -> None:
    """Drop everything. Only for a demonstration (see app.demo)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        return
    found = MetaData()
    found.reflect(connection)
    found.drop_all(connection)


def photograph(engine: Engine) -> str:
    """The text of schema.sql, from a fresh in-memory SQLite."""
    with engine.connect() as connection, connection.begin():
        create_from_models(connection)
        rows = connection.execute(
            text(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' "
                "ORDER BY tbl_name, CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, name"
            )
        )
        statements = [row.sql.strip() for row in rows]
    tidy = ("\n".join(line.rstrip() for line in statement.splitlines()) for statement in statements)
    return "".join(f"{statement};\n\n" for statement in tidy)


def write_migration(engine: Engine, message: str) -> None:
    """Autogenerate a migration from what this (upgraded) database lacks."""
    with engine.execution_options(preau_writes=LONGEST).connect() as connection, connection.begin():
        config = alembic_config(connection)
        command.revision(config, message, autogenerate=True, rev_id=f"{int(head() or 0) + 1:04d}")
