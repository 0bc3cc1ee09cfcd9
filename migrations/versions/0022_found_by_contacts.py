"""Find families by telephone, e-mail and address too, and by names as they are said.

Revision ID: 0022
Revises: 0018
"""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.models.families.spelling import found_by

revision = "0022"
down_revision = "0018"
branch_labels = None
depends_on = None

BATCH = 1000
FAMILIES = sa.text("SELECT id, merged_into, number FROM family")
ADULTS = sa.text(
    "SELECT family_id, last_name, first_name, phone_mobile, phone_home, phone_work, email, address, postal_code, city "
    "FROM adult"
)
CHILDREN = sa.text(
    "SELECT custody.family_id, child.last_name, child.first_name FROM custody JOIN child ON child.id = custody.child_id"
)
WRITE = sa.text("UPDATE family SET search_text = :words WHERE id = :number")


def upgrade() -> None:
    """Write anew the words of every family, in batches."""
    connection = op.get_bind()
    names: dict[int, list[str]] = {}
    reached: dict[int, list[Any]] = defaultdict(list)
    files = connection.execute(FAMILIES).all()
    for one in files:
        names.setdefault(one.id, []).append(one.number)
        if one.merged_into is not None:
            names.setdefault(one.merged_into, []).append(one.number)
    for one in connection.execute(ADULTS):
        names[one.family_id] += [one.last_name, one.first_name]
        reached[one.family_id].append(one)
    for one in connection.execute(CHILDREN):
        names[one.family_id] += [one.last_name, one.first_name]
    ids = list(names)
    for first in range(0, len(ids), BATCH):
        rows = [{"number": one, "words": words(names[one], reached[one])} for one in ids[first : first + BATCH]]
        connection.execute(WRITE, rows)


def words(names: list[str], adults: list[Any]) -> str:
    return found_by(
        *names,
        phones=[phone for one in adults for phone in (one.phone_mobile, one.phone_home, one.phone_work)],
        emails=[one.email for one in adults],
        addresses=[text for one in adults for text in (one.address, one.postal_code, one.city)],
    )


def downgrade() -> None:
    """The words stay: names are found among them as before."""
