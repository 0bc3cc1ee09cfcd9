"""Rules that only a trigger can keep: rows that never change, rows that stay for as long as the law says.

A trigger is declared beside its model and written for both engines. Alembic's batch mode copies a SQLite
table and loses its triggers: `recreate` puts them back after each migration (see migrations/env.py).
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Trigger:
    name: str
    table: str
    sqlite: str
    postgresql: str


DECLARED: dict[str, Trigger] = {}

_REFUSE_FUNCTION = """
CREATE OR REPLACE FUNCTION preau_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def refuse_updates(table: str) -> None:
    """Rows of this table are written once: an UPDATE of any of them fails."""
    _declare(f"{table}_no_update", table, "UPDATE", f"{table}: a row is never changed")


def refuse_early_deletes(table: str, day_column: str, *, years: int) -> None:
    """Rows of this table stay for `years` whole years after `day_column`: an earlier DELETE fails."""
    _declare(
        f"{table}_no_early_delete",
        table,
        "DELETE",
        f"{table}: kept {years} years",
        when=(
            f"date(OLD.{day_column}) > date('now', '-{years} years')",
            f"OLD.{day_column} > CURRENT_DATE - INTERVAL '{years} years'",
        ),
    )


def _declare(name: str, table: str, verb: str, message: str, when: tuple[str, str] | None = None) -> None:
    sqlite_when, postgresql_when = (f"WHEN {when[0]} ", f"WHEN ({when[1]}) ") if when else ("", "")
    DECLARED[name] = Trigger(
        name,
        table,
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {sqlite_when}BEGIN SELECT RAISE(ABORT, '{message}'); END",
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW {postgresql_when}"
        f"EXECUTE FUNCTION preau_refuse('{message}')",
    )


def recreate(connection: Connection) -> None:
    """Drop and create every declared trigger whose table exists, on the connection's engine."""
    on_postgresql = connection.dialect.name == "postgresql"
    tables = set(connection.dialect.get_table_names(connection))
    if on_postgresql:
        connection.execute(text(_REFUSE_FUNCTION))
    for trigger in DECLARED.values():
        if trigger.table not in tables:
            continue
        where = f" ON {trigger.table}" if on_postgresql else ""
        connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger.name}{where}"))
        connection.exec_driver_sql(trigger.postgresql if on_postgresql else trigger.sqlite)
