"""Remember when a child was taken out of a household.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("family", sa.Column("left_on", sa.Date()))


def downgrade() -> None:
    op.drop_column("family", "left_on")
