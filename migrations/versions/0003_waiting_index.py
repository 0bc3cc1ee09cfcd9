"""Find who waits for a day without reading every request.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting_list'")


def upgrade() -> None:
    op.create_index(
        "ix_request_line_waiting", "request_line", ["day"], sqlite_where=WAITING, postgresql_where=WAITING
    )


def downgrade() -> None:
    op.drop_index("ix_request_line_waiting", "request_line")
