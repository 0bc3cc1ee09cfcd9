"""The stage on PostgreSQL: one database, put back in place before each test.

Copying a database took longer than most tests. Here its first rows are kept beside it, in a schema of its own, and
only the tables that a test wrote are filled again. Everything is read from the catalogue: a new table needs nothing.
"""

import time

import psycopg
from psycopg import sql

from tests import servers

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""
_CATALOGUES = (
    *("pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_trigger", "pg_proc", "pg_sequence"),
    *("pg_namespace", "pg_rewrite", "pg_type"),
)
_OTHERS_END = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_SEQUENCES_BACK = """
SELECT setval(format('public.%I', sequencename)::regclass, coalesce(kept.last_value, kept.start_value),
              kept.last_value IS NOT NULL)
FROM pristine._sequences kept JOIN pg_sequences now USING (schemaname, sequencename)
WHERE kept.last_value IS DISTINCT FROM now.last_value
"""


def keep(address: str) -> None:
    """Keep the rows of this database, as they are now, in its schema `pristine`."""
    with psycopg.connect(address) as connection:
        connection.execute("CREATE SCHEMA pristine")
        for (table,) in connection.execute(_TABLES).fetchall():
            copy = sql.SQL("CREATE TABLE pristine.{0} AS TABLE public.{0}").format(sql.Identifier(table))
            connection.execute(copy)
        connection.execute("CREATE TABLE pristine._sequences AS TABLE pg_sequences")


class Stage:
    """The database that each test finds as `keep` left its model."""

    def __init__(self, server: str, model: str, name: str = "stage") -> None:
        self.server, self.model, self.name = server, model, name
        self.address = ""
        self._connection: psycopg.Connection | None = None

    def put_back(self) -> str:
        """End whoever is still connected, and make the database new; answers its address."""
        while self._connection and self._connection.execute(_OTHERS_END).fetchall():
            time.sleep(0.001)
        if not self._connection or self._marks_of_the_schema() != self._schema:
            self._copy_the_model()
        else:
            self._refill()
        return self.address

    def _copy_the_model(self) -> None:
        """The first time, and after a test that changed the schema itself."""
        self.close()
        servers.postgres_drop(self.server, self.name)
        self.address = servers.postgres_copy(self.server, self.name, self.model)
        self._connection = psycopg.connect(self.address, autocommit=True)
        self._schema = self._marks_of_the_schema()
        tables = [sql.Identifier(name) for (name,) in self._connection.execute(_TABLES)]
        self._refills = {table.as_string(): self._refill_of(table) for table in tables}
        self._marks_query = _marks((table.as_string(), sql.SQL("public.{}").format(table)) for table in tables)
        self._marks = self._marks_of_the_rows()

    def _refill_of(self, table: sql.Identifier) -> sql.Composed:
        row = self._connection.execute(_COLUMNS, [sql.SQL("public.{}").format(table).as_string()]).fetchone()
        names = {"table": table, "columns": sql.SQL(row[0])}
        return sql.SQL(
            "DELETE FROM public.{table};"
            "INSERT INTO public.{table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM pristine.{table}"
        ).format(**names)

    def _refill(self) -> None:
        now = self._marks_of_the_rows()
        touched = [table for table, mark in now.items() if mark != self._marks[table]]
        with self._connection.transaction():
            # No trigger fires, neither of ours (rows that are never changed) nor of the foreign keys.
            self._connection.execute("SET LOCAL session_replication_role = replica")
            for table in touched:
                self._connection.execute(self._refills[table])
            self._connection.execute(_SEQUENCES_BACK)
        if touched:
            self._marks = self._marks_of_the_rows()

    def _marks_of_the_rows(self) -> dict[str, tuple]:
        return {name: mark for name, *mark in self._connection.execute(self._marks_query)}

    def _marks_of_the_schema(self) -> list[tuple]:
        return self._connection.execute(_marks((name, sql.SQL(name)) for name in _CATALOGUES)).fetchall()

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None


def _marks(named) -> sql.Composed:
    """How many rows each table has, and the sum of the transactions that wrote them: a later one has a larger number,
    so no change leaves both as they were.
    """
    mark = sql.SQL("SELECT {}, count(*), sum(xmin::text::bigint) FROM {}")
    return sql.SQL(" UNION ALL ").join(mark.format(name, table) for name, table in named)
