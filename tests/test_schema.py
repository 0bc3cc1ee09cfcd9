"""Models == schema.sql == migrations, on both engines; and the rules that only the database can keep."""

import shutil
from contextlib import contextmanager
from datetime import date

import pytest
from alembic import command
from sqlalchemy import create_engine, delete, inspect, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app import clock, crypto, db, schema
from app.models.billing import Invoice, LedgerEntry, LedgerKind, Payment, PaymentMeans
from app.models.event import Event
from app.models.families import Adult, Contact, Family, HealthAlert, Pai
from app.models.requests import RequestLine
from app.models.town import Town
from tests import servers
from tests.conftest import GUIDE_DAY


def portrait(connection) -> dict[str, object]:
    """All that makes a schema: columns, keys, CHECKs, indexes, defaults, triggers. Order does not count."""
    seen, found = inspect(connection), {}
    for table in sorted(set(seen.get_table_names()) - {"alembic_version"}):
        found[table] = {
            "columns": sorted(
                (
                    c["name"],
                    str(c["type"]),
                    c["nullable"],
                    c["default"],
                    c.get("primary_key"),
                )
                for c in seen.get_columns(table)
            ),
            "key": seen.get_pk_constraint(table),
            "foreign": sorted(map(str, seen.get_foreign_keys(table))),
            "unique": sorted(map(str, seen.get_unique_constraints(table))),
            "checks": sorted(
                (c["name"] or "", " ".join(c["sqltext"].split())) for c in seen.get_check_constraints(table)
            ),
            "indexes": sorted(_index(i) for i in seen.get_indexes(table)),
        }
    return found | {"triggers": _triggers(connection)}


def _index(index) -> str:
    where = {k: str(v) for k, v in index.get("dialect_options", {}).items() if k.endswith("_where")}
    return str((index["name"], index["column_names"], bool(index["unique"]), where))


def _triggers(connection) -> list[str]:
    if connection.dialect.name == "postgresql":
        return sorted(
            connection.scalars(text("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"))
        )
    return sorted(connection.scalars(text("SELECT sql FROM sqlite_master WHERE type = 'trigger'")))


def by_models(engine):
    with engine.connect() as connection, connection.begin():
        schema.create_from_models(connection)


def by_photograph(engine):
    with engine.connect() as connection, connection.begin():
        schema.load_photograph(connection)


def by_migrations(engine):
    with engine.connect() as connection, connection.begin():
        command.upgrade(schema.alembic_config(connection), "head")


@pytest.fixture
def fresh(engine_name, tmp_path, request):
    """Makes databases on the engine: empty, or with the guide's town."""
    made = []

    def make(name, *, filled=False):
        town = request.getfixturevalue("guide_town")(engine_name) if filled else None
        if engine_name == "postgresql":
            template = "guide" if filled else "template1"
            url = servers.postgres_copy(request.getfixturevalue("postgres_address"), f"schema_{name}", template)
            made.append(f"schema_{name}")
            return db.make_engine(url)
        if filled:
            shutil.copy(town / "preau.db", tmp_path / f"{name}.db")
        return db.make_engine(f"sqlite:///{tmp_path / name}.db")

    yield make
    for name in made:
        servers.postgres_drop(request.getfixturevalue("postgres_address"), name)


def test_models_photograph_and_migrations_are_one(fresh, engine_name):
    ways = [by_models, by_migrations] + ([by_photograph] if engine_name == "sqlite" else [])
    portraits = []
    for way in ways:
        engine = fresh(way.__name__)
        way(engine)
        with engine.connect() as connection:
            portraits.append(portrait(connection))
        engine.dispose()
    assert len(portraits[0]) > 15
    assert portraits[0]["triggers"]
    for other in portraits[1:]:
        assert other == portraits[0]


def test_the_portrait_sees_a_lost_trigger_and_a_lost_check(fresh):
    """The proof above can fail: it notices what Alembic alone does not compare."""
    engine = fresh("altered")
    by_models(engine)
    with engine.connect() as connection, connection.begin():
        whole = portrait(connection)
        on = " ON invoice" if connection.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER invoice_no_update{on}"))
        assert portrait(connection) != whole
    engine.dispose()


@pytest.mark.sqlite_only
def test_the_photograph_is_up_to_date(engine_name):
    assert schema.PHOTOGRAPH.read_text() == schema.photograph(create_engine("sqlite://"))


def test_migrations_go_down_and_up_again_with_their_triggers(fresh):
    engine = fresh("down")
    by_migrations(engine)
    with engine.connect() as connection, connection.begin():
        before = portrait(connection)
        command.downgrade(schema.alembic_config(connection), "base")
        assert len(portrait(connection)) == 1
    by_migrations(engine)
    with engine.connect() as connection:
        assert portrait(connection) == before
    engine.dispose()


@contextmanager
def taken_down(engine, revision):
    """The database at an older migration, as schema.upgrade goes: without foreign keys on SQLite."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            command.downgrade(schema.alembic_config(connection), revision)
            yield connection


BEFORE_FILES = (
    "INSERT INTO family (id, number, situation, search_text, created_at) VALUES (1, '1001001818331', '', '', :at)",
    "INSERT INTO adult (id, family_id, rank, civility, last_name, first_name, email) "
    "VALUES (1, 1, 1, 'Madame', 'PETIT', 'Rose', '')",
    "INSERT INTO child (id, last_name, first_name, birth_date, school, level, class_name) "
    "VALUES (1, 'PETIT', 'Zoé', '2008-01-01', '', '', '')",
    "INSERT INTO contact (id, child_id, role, name, link, phone) VALUES (1, 1, 'forbidden', 'Jo NOIR', 'oncle', '')",
    "INSERT INTO health_alert (id, child_id, kind, text) VALUES (1, 1, 'drug', :sealed)",
    "INSERT INTO pai (id, child_id, ends_on, instruction) "
    "VALUES (1, 1, '2015-07-01', :sealed), (2, 1, NULL, :sealed)",
    "INSERT INTO request (id, code, kind, family_id, submitted_by, submitted_at, submission) "
    "VALUES (1, 'AAA-AAA', 'responsable', 1, 1, :at, 'one')",
    "INSERT INTO request_line (id, request_id, field, kind, state, late, decision_reason, version) VALUES "
    "(1, 1, 'city', 'responsable', 'refused', :no, 'Il manque un papier.', 1), "
    "(2, 1, 'email', 'responsable', 'submitted', :no, '', 1)",
)
IN_CLEAR = {
    "contact": [{"role": "forbidden", "name": "Jo NOIR", "link": "oncle", "phone": ""}],
    "health_alert": [{"kind": "drug"}],
    "pai": [{"ends_on": "2015-07-01"}, {"ends_on": "None"}],
    "request_line": [{"decision_reason": "Il manque un papier."}, {"decision_reason": ""}],
}


def kept(connection) -> dict[str, list[dict[str, str]]]:
    """What the tables hold as it is written there."""
    found = {}
    for table, rows in IN_CLEAR.items():
        names = ", ".join(rows[0])
        read = connection.execute(text(f"SELECT {names} FROM {table} ORDER BY id")).mappings()
        found[table] = [{name: str(value) for name, value in row.items()} for row in read]
    return found


def test_what_was_in_clear_of_health_and_custody_is_sealed_by_the_upgrade_and_nothing_is_lost(fresh):
    crypto.configure(["a key of this test alone, 32 characters"])
    engine = fresh("sealed")
    with engine.connect() as connection, connection.begin():
        command.upgrade(schema.alembic_config(connection), "0004")
        values = {"at": clock.now(), "sealed": crypto.encrypt("stylo dans le sac"), "no": False}
        for statement in BEFORE_FILES:
            connection.execute(text(statement), values)
        assert kept(connection) == IN_CLEAR
    schema.upgrade(engine)
    with Session(engine) as session:
        told = str(kept(session.connection()))
        assert not [word for word in ("forbidden", "NOIR", "oncle", "drug", "2015-07", "papier") if word in told]
        contact = session.scalars(select(Contact)).one()
        assert (contact.role, contact.name, contact.link, contact.phone) == ("forbidden", "Jo NOIR", "oncle", "")
        assert session.scalars(select(HealthAlert.kind)).one() == "drug"
        assert session.scalars(select(Pai.ends_on).order_by(Pai.id)).all() == [date(2015, 7, 1), None]
        reasons = session.scalars(select(RequestLine.decision_reason).order_by(RequestLine.id)).all()
        assert reasons == ["Il manque un papier.", None]
    with taken_down(engine, "0004") as connection:
        assert kept(connection) == IN_CLEAR
    engine.dispose()
    crypto.configure(())


def test_reasons_were_for_days_and_none_is_lost_on_the_way_up_and_down(fresh):
    engine = fresh("reasons")
    with engine.connect() as connection, connection.begin():
        command.upgrade(schema.alembic_config(connection), "0004")
        connection.execute(text("INSERT INTO standard_reason (id, text) VALUES (1, 'Trop tard'), (2, 'Complet')"))
    schema.upgrade(engine)
    with engine.connect() as connection, connection.begin():
        read = text("SELECT text, topic FROM standard_reason ORDER BY id")
        assert connection.execute(read).all() == [("Trop tard", "days"), ("Complet", "days")]
        more = "(3, 'Trop tard', 'papers'), (4, 'Flou', 'papers')"
        connection.execute(text(f"INSERT INTO standard_reason (id, text, topic) VALUES {more}"))
    with taken_down(engine, "0004") as connection:
        left = connection.execute(text("SELECT text FROM standard_reason ORDER BY id"))
        assert left.scalars().all() == ["Trop tard", "Complet", "Flou"]
    engine.dispose()


def every_row(connection) -> dict[str, list[str]]:
    """All that the database holds, table by table, as it is written there; and the numbers that come next."""
    found = {}
    for table in inspect(connection).get_table_names():
        rows = connection.execute(text(f"SELECT * FROM {table}")).mappings()
        found[table] = sorted(str(sorted(row.items())) for row in rows)
    if connection.dialect.name == "postgresql":
        counted = connection.execute(text("SELECT sequencename, last_value FROM pg_sequences"))
        found["sequences"] = sorted(map(str, counted))
    return found


def test_a_filled_town_keeps_its_publications_and_documents_when_their_tables_change_names(fresh):
    """Down to the old names and up again: no row is lost, and the journal speaks of the table that is there."""
    engine = fresh("named", filled=True)
    with engine.connect() as connection, connection.begin():
        told = "INSERT INTO event (at, kind, subject_kind, subject_id, address) VALUES (:at, 'told', :of, 1, '')"
        now = [{"at": clock.now(), "of": of} for of in ("publication", "document", "document_kind", "child")]
        connection.execute(text(told), now)
        connection.execute(text("UPDATE document_kind SET name = 'Le dernier' WHERE id = 5"))
        connection.execute(text("UPDATE town SET key_witness = NULL"))  # which no older shape has
        shape, before = portrait(connection), every_row(connection)
    named_before = {"publication": "document", "document": "piece", "document_kind": "piece_kind"}
    with taken_down(engine, "0007") as connection:
        there = every_row(connection)
        for table, old in named_before.items():
            assert there[old] == before[table] != []
        spoken_of = text("SELECT subject_kind FROM event WHERE kind = 'told' ORDER BY id")
        assert connection.scalars(spoken_of).all() == ["document", "piece", "piece_kind", "child"]
    schema.upgrade(engine)
    with engine.connect() as connection:
        assert portrait(connection) == shape
        assert every_row(connection) == before
        with pytest.raises(DBAPIError):
            connection.execute(text("UPDATE event SET subject_kind = 'piece'"))
    engine.dispose()


def test_upgrading_twice_changes_nothing(fresh):
    engine = fresh("twice")
    schema.upgrade(engine)
    with engine.connect() as connection:
        before = portrait(connection)
    schema.upgrade(engine)
    with engine.connect() as connection:
        assert portrait(connection) == before
        assert schema.current(connection) == schema.head()
    engine.dispose()


def refused(statement) -> bool:
    try:
        with db.transaction() as writing:
            writing.execute(statement)
    except DBAPIError:
        return True
    return False


@pytest.fixture
def inside(app):
    with app.app_context():
        yield app


def test_an_issued_invoice_never_changes(inside):
    assert refused(update(Invoice).values(total_cents=1))
    assert db.session.scalar(select(Invoice.total_cents)) == 12060


def test_the_ledger_never_changes(inside):
    assert refused(update(LedgerEntry).values(amount_cents=-1))


def test_the_journal_never_changes(inside):
    with db.transaction():
        Event.record("test")
    assert refused(update(Event).values(kind="other"))


def test_an_invoice_is_kept_ten_years_then_may_be_purged(inside):
    recent = date(clock.now().year - 9, 1, 1)
    with db.transaction() as writing:
        family = writing.scalars(select(Family)).first()
        kept = Invoice.issue(family, series="AL", issued_on=recent, due_on=recent, total_cents=100).id
    assert refused(delete(LedgerEntry).where(LedgerEntry.invoice_id == kept))
    assert refused(delete(Invoice).where(Invoice.id == kept))
    old = select(Invoice.id).where(Invoice.issued_on == date(2015, 4, 8)).scalar_subquery()
    assert not refused(delete(LedgerEntry).where(LedgerEntry.invoice_id == old))
    assert not refused(delete(Invoice).where(Invoice.issued_on == date(2015, 4, 8)))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda family: Family(number="123"),
        lambda family: Adult(family_id=family, rank=3, civility="Madame", last_name="X", first_name="Y"),
        lambda family: Adult(family_id=family, rank=1, civility="Madame", last_name="TWICE", first_name="FIRST"),
        lambda family: Adult(family_id=999_999, rank=1, civility="Madame", last_name="NO", first_name="FAMILY"),
        lambda family: Town(id=2, name="a second town"),
        lambda family: LedgerEntry(family_id=family, day=GUIDE_DAY, kind=LedgerKind.PAYMENT, amount_cents=100),
        lambda family: LedgerEntry(family_id=family, day=GUIDE_DAY, kind=LedgerKind.INVOICE, amount_cents=-1),
        lambda family: LedgerEntry(family_id=family, day=GUIDE_DAY, kind=LedgerKind.CREDIT, amount_cents=0),
        lambda family: Payment(family_id=family, received_on=GUIDE_DAY, means=PaymentMeans.CASH, amount_cents=0),
        lambda family: Invoice(
            series="AL", number=36, family_id=family, issued_on=GUIDE_DAY, due_on=GUIDE_DAY, total_cents=1
        ),
        lambda family: Invoice(
            series="AL", number=99, family_id=family, issued_on=GUIDE_DAY, due_on=date(2015, 1, 1), total_cents=1
        ),
    ],
)
def test_what_must_never_be_is_refused_by_the_database(inside, wrong):
    family = db.session.scalar(select(Adult.family_id).where(Adult.last_name == "DUPONT", Adult.rank == 1))
    with pytest.raises(IntegrityError), db.transaction() as writing:
        writing.add(wrong(family))


def test_a_value_outside_its_list_is_refused(inside):
    assert refused(text("UPDATE agent SET role = 'maire'"))
    assert refused(text("UPDATE job SET state = 'running'")) is False  # no job: nothing to refuse


def test_an_error_never_shows_the_values(inside):
    with pytest.raises(IntegrityError) as caught, db.transaction() as writing:
        writing.add(Family(number="SECRET"))
    assert "SECRET" not in str(caught.value.statement)
    assert "SECRET" not in str(caught.value).partition("DETAIL")[0]
