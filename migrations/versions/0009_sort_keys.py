"""List children and families by a key that both engines sort alike, without reading all of them.

Revision ID: 0009
Revises: 0008
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.french_order import sort_key

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BATCH = 1000
MERGED = sa.text("merged_into IS NOT NULL")
CHILDREN = "SELECT id, last_name, first_name FROM child ORDER BY id"
FAMILIES = "SELECT family_id, last_name, first_name FROM adult WHERE rank = 1 ORDER BY family_id"


def upgrade() -> None:
    kind = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    for table, names in (("child", CHILDREN), ("family", FAMILIES)):
        op.add_column(table, sa.Column("sort_key", kind, server_default="", nullable=False))
        fill(table, op.get_bind().execute(sa.text(names)).all())
    op.create_index("ix_child_sort_key", "child", ["sort_key", "id"])
    op.create_index("ix_child_school", "child", ["school"])
    op.create_index("ix_family_sort_key", "family", ["sort_key", "id"])
    op.drop_index("ix_family_merged_into", "family")
    op.create_index("ix_family_merged_into", "family", ["merged_into"], sqlite_where=MERGED, postgresql_where=MERGED)
    op.drop_index("ix_enrolment_child_id", "enrolment")
    op.create_index("ix_enrolment_child_id", "enrolment", ["child_id", "first_day"])
    op.create_index("ix_enrolment_first_day", "enrolment", ["first_day"])
    op.create_index("ix_enrolment_last_day", "enrolment", ["last_day"])


def fill(table: str, rows: Sequence[Any]) -> None:
    """Write the key of each row, from its names."""
    write = sa.text(f"UPDATE {table} SET sort_key = :name WHERE id = :number")
    for first in range(0, len(rows), BATCH):
        keys = [{"number": number, "name": sort_key(*names)} for number, *names in rows[first : first + BATCH]]
        op.get_bind().execute(write, keys)


def downgrade() -> None:
    op.drop_index("ix_enrolment_last_day", "enrolment")
    op.drop_index("ix_enrolment_first_day", "enrolment")
    op.drop_index("ix_enrolment_child_id", "enrolment")
    op.create_index("ix_enrolment_child_id", "enrolment", ["child_id"])
    op.drop_index("ix_family_merged_into", "family")
    op.create_index("ix_family_merged_into", "family", ["merged_into"])
    op.drop_index("ix_family_sort_key", "family")
    op.drop_index("ix_child_school", "child")
    op.drop_index("ix_child_sort_key", "child")
    op.drop_column("family", "sort_key")
    op.drop_column("child", "sort_key")
