"""Say of a late absence whether it was excused or billed, and keep the note of who passed it on.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("request_line", sa.Column("excused", sa.Boolean()))
    op.add_column("request_line", sa.Column("passed_on", sa.Text()))


def downgrade() -> None:
    op.drop_column("request_line", "passed_on")
    op.drop_column("request_line", "excused")
