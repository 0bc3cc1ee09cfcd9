"""Several days at once, offers with an end, other proposals, exchanges, reminders."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OFFERED = "state IN ('offered', 'countered')"
PROPOSED = "proposed_enrolment_id IS NOT NULL"


def upgrade() -> None:
    with op.batch_alter_table("activity") as batch_op:
        batch_op.add_column(sa.Column("offer_hours", sa.Integer(), server_default="24", nullable=False))
        batch_op.create_check_constraint(op.f("ck_activity_offer_hours"), "offer_hours > 0")

    with op.batch_alter_table("adult") as batch_op:
        batch_op.add_column(sa.Column("wants_reminders", sa.Boolean(), server_default=sa.true(), nullable=False))

    with op.batch_alter_table("request") as batch_op:
        batch_op.add_column(sa.Column("left_out", sa.Text(), nullable=True))

    with op.batch_alter_table("request_line") as batch_op:
        batch_op.add_column(sa.Column("waiting_from", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("proposed_enrolment_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("proposed_day", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("gives_up", sa.Date(), nullable=True))

    # Its turn so far was that of its submission.
    op.execute(
        "UPDATE request_line SET waiting_from = "
        "(SELECT submitted_at FROM request WHERE request.id = request_line.request_id)"
    )
    with op.batch_alter_table("request_line") as batch_op:
        batch_op.alter_column("waiting_from", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_request_line_proposed_enrolment_id"), "enrolment", ["proposed_enrolment_id"], ["id"]
        )
        batch_op.create_check_constraint(
            op.f("ck_request_line_proposes_a_day"), "(proposed_enrolment_id IS NULL) = (proposed_day IS NULL)"
        )
        batch_op.create_index(
            "ix_request_line_offered",
            ["answer_until"],
            unique=False,
            sqlite_where=sa.text(OFFERED),
            postgresql_where=sa.text(OFFERED),
        )
        batch_op.create_index(
            "ix_request_line_proposed",
            ["proposed_enrolment_id"],
            unique=False,
            sqlite_where=sa.text(PROPOSED),
            postgresql_where=sa.text(PROPOSED),
        )


def downgrade() -> None:
    with op.batch_alter_table("request_line") as batch_op:
        batch_op.drop_index(
            "ix_request_line_proposed", sqlite_where=sa.text(PROPOSED), postgresql_where=sa.text(PROPOSED)
        )
        batch_op.drop_index(
            "ix_request_line_offered", sqlite_where=sa.text(OFFERED), postgresql_where=sa.text(OFFERED)
        )
        batch_op.drop_constraint(op.f("ck_request_line_proposes_a_day"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_request_line_proposed_enrolment_id"), type_="foreignkey")
        batch_op.drop_column("gives_up")
        batch_op.drop_column("proposed_day")
        batch_op.drop_column("proposed_enrolment_id")
        batch_op.drop_column("waiting_from")

    with op.batch_alter_table("request") as batch_op:
        batch_op.drop_column("left_out")

    with op.batch_alter_table("adult") as batch_op:
        batch_op.drop_column("wants_reminders")

    with op.batch_alter_table("activity") as batch_op:
        batch_op.drop_constraint(op.f("ck_activity_offer_hours"), type_="check")
        batch_op.drop_column("offer_hours")
