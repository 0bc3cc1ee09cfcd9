"""Remember when the name or the hours of an activity last changed: a calendar feed says so once.

Revision ID: 0016
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("activity", sa.Column("revised_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("activity", "revised_at")
