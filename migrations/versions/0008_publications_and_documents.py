"""What the town publishes is a publication; what families give, a document.

A table is made anew under its name and filled from the old one: its constraints, its indexes and its sequence carry the
name too, and SQLite renames none of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    let_the_journal_be_written_again()
    fill(publication("publication"), "document")
    op.drop_table("document")
    fill(kind("document_kind", "documentsubject"), "piece_kind")
    fill(document("document", "documentstate", kinds="document_kind"), "piece")
    op.drop_table("piece")
    op.drop_table("piece_kind")
    name_the_check("ck_throttle_throttlekind", "ck_throttle_kind")


def downgrade() -> None:
    name_the_check("ck_throttle_kind", "ck_throttle_throttlekind")
    let_the_journal_be_written_again()
    fill(kind("piece_kind", "piecesubject"), "document_kind")
    fill(document("piece", "piecestate", kinds="piece_kind"), "document")
    op.drop_table("document")
    op.drop_table("document_kind")
    fill(publication("document"), "publication")
    op.drop_table("publication")


def let_the_journal_be_written_again() -> None:
    """A line says of which table's row it speaks. The trigger that forbids to change it is put back by env.py."""
    where = " ON event" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute(f"DROP TRIGGER IF EXISTS event_no_update{where}")


def fill(table: sa.Table, old: str) -> None:
    """Copy the rows of the old table, with their ids, and make the journal speak of the new one."""
    columns = ", ".join(column.name for column in table.columns)
    op.execute(f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {old}")
    if op.get_bind().dialect.name == "postgresql":  # the id of an erased row is never given again
        op.execute(f"SELECT setval('{table.name}_id_seq', last_value, is_called) FROM {old}_id_seq")
    op.execute(f"UPDATE event SET subject_kind = '{table.name}' WHERE subject_kind = '{old}'")


def name_the_check(name: str, old: str) -> None:
    """It is called after its class."""
    with op.batch_alter_table("throttle") as batch_op:
        batch_op.drop_constraint(op.f(old), type_="check")
        batch_op.create_check_constraint(
            op.f(name), "kind IN ('identifiant', 'address', 'confirmation', 'code', 'reset')"
        )


def publication(name: str) -> sa.Table:
    return op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "withdrawn_on IS NULL OR withdrawn_on > published_on", name=op.f(f"ck_{name}_withdrawn_after_published")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("storage_key", name=op.f(f"uq_{name}_storage_key")),
    )


def kind(name: str, subject: str) -> sa.Table:
    subjects = sa.Enum("family", "child", name=subject, native_enum=False, create_constraint=True, length=40)
    return op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("subject", subjects, nullable=False),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.Column("with_pai", sa.Boolean(), nullable=False),
        sa.Column("blocking", sa.Boolean(), nullable=False),
        sa.Column("months_valid", sa.Integer(), nullable=True),
        sa.Column("keeps_file", sa.Boolean(), nullable=False),
        sa.Column("is_health", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("months_valid > 0", name=op.f(f"ck_{name}_lasts")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("name", name=op.f(f"uq_{name}_name")),
    )


def document(name: str, state: str, *, kinds: str) -> sa.Table:
    values = ("received", "valid", "refused", "replaced")
    states = sa.Enum(*values, name=state, native_enum=False, create_constraint=True, length=40)
    decided = "(state IN ('received', 'replaced')) = (checked_at IS NULL)"
    made = op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=True),
        sa.Column("given_by", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submission", sa.String(), nullable=False),
        sa.Column("state", states, nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(decided, name=op.f(f"ck_{name}_checked_when_decided")),
        sa.CheckConstraint(
            "(state = 'refused') = (reason IS NOT NULL)", name=op.f(f"ck_{name}_refused_with_a_reason")
        ),
        sa.CheckConstraint("size BETWEEN 1 AND 10000000", name=op.f(f"ck_{name}_size")),
        sa.ForeignKeyConstraint(["checked_by"], ["agent.id"], name=op.f(f"fk_{name}_checked_by")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f(f"fk_{name}_child_id")),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f(f"fk_{name}_family_id")),
        sa.ForeignKeyConstraint(["given_by"], ["adult.id"], name=op.f(f"fk_{name}_given_by")),
        sa.ForeignKeyConstraint(["kind_id"], [f"{kinds}.id"], name=op.f(f"fk_{name}_kind_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("storage_key", name=op.f(f"uq_{name}_storage_key")),
        sa.UniqueConstraint("submission", name=op.f(f"uq_{name}_submission")),
    )
    op.create_index(op.f(f"ix_{name}_child_id"), name, ["child_id"])
    op.create_index(op.f(f"ix_{name}_family_id_{kinds}_id"), name, ["family_id", "kind_id"])
    op.create_index(op.f(f"ix_{name}_state"), name, ["state"])
    return made
