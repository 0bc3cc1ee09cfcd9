"""Whatever a test does to the database, the next one finds it as it was."""

import psycopg
import pytest
from psycopg import sql

from tests import pristine


@pytest.fixture
def stage(postgres_stage: pristine.Stage) -> pristine.Stage:
    postgres_stage.put_back()
    yield postgres_stage
    postgres_stage.put_back()


def told(stage: pristine.Stage) -> dict[str, object]:
    """Every row of every table, what each sequence gives next, and which triggers watch."""
    with psycopg.connect(stage.address) as reader:
        tables = [name for (name,) in reader.execute(pristine._TABLES).fetchall()]
        rows = {name: reader.execute(sql.SQL("TABLE {}").format(sql.Identifier(name))).fetchall() for name in tables}
        sequences = reader.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
        triggers = reader.execute("SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1")
        contents = {name: sorted(map(repr, found)) for name, found in rows.items()}
        return {**contents, **dict(sequences.fetchall()), "triggers": triggers.fetchall()}


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO worker_beat (worker, seen_at) VALUES ('test', now())",
        "UPDATE account SET password_hash = 'x' WHERE id = (SELECT min(id) FROM account)",
        "DELETE FROM booking WHERE id = (SELECT max(id) FROM booking)",
        "SET session_replication_role = replica; UPDATE ledger_entry SET day = day - 1; DELETE FROM invoice",
        "SET session_replication_role = replica; DELETE FROM family",
        "TRUNCATE account CASCADE",
        "SELECT nextval('event_id_seq'), setval('booking_id_seq', 1)",
        "ALTER TABLE account ADD COLUMN nickname text DEFAULT 'x'",
        "ALTER TABLE invoice DISABLE TRIGGER ALL",
        "DROP TRIGGER invoice_no_update ON invoice",
        "CREATE TABLE public.more (n integer); INSERT INTO public.more VALUES (1)",
        "DROP TABLE proof CASCADE",
    ],
)
def test_it_is_put_back(stage, change):
    before = told(stage)
    with psycopg.connect(stage.address) as writer:
        writer.execute(change)
    changed = told(stage)
    stage.put_back()
    assert told(stage) == before
    assert changed != before


def test_it_is_put_back_under_whoever_holds_a_row(stage):
    before = told(stage)
    held = psycopg.connect(stage.address)
    held.execute("UPDATE account SET password_hash = 'x'")
    stage.put_back()
    with pytest.raises(psycopg.OperationalError):
        held.execute("SELECT 1")
    assert told(stage) == before


def test_immutable_rows_are_still_immutable(stage):
    stage.put_back()
    with psycopg.connect(stage.address) as writer, pytest.raises(psycopg.IntegrityError, match="never changed"):
        writer.execute("UPDATE ledger_entry SET day = day - 1")
