"""Seal a word with the town's keys, so that others are found out.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("town", sa.Column("key_witness", sa.Text()))


def downgrade() -> None:
    op.drop_column("town", "key_witness")
