"""The agents' desk: taking and deciding requests, change requests, lots, files found and joined, locked accounts."""

import sqlalchemy as sa
from alembic import op

from app.models.families.spelling import words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


OLD_KINDS = "kind IN ('booking', 'absence', 'proof')"
KINDS = "kind IN ('booking', 'absence', 'proof', 'responsable', 'conjoint')"
A_DAY_OR_A_FIELD = "(enrolment_id IS NULL) = (day IS NULL) AND (day IS NULL) <> (field IS NULL)"


def fill_search_text() -> None:
    """What the session keeps from now on, for the families that exist."""
    connection = op.get_bind()
    found: dict[int, list[str]] = {}
    for family_id, number in connection.execute(sa.text("SELECT id, number FROM family")):
        found[family_id] = [number]
    named = (
        "SELECT family_id, last_name, first_name FROM adult UNION ALL SELECT custody.family_id, child.last_name, "
        "child.first_name FROM child JOIN custody ON custody.child_id = child.id"
    )
    for family_id, last_name, first_name in connection.execute(sa.text(named)):
        found[family_id] += [last_name, first_name]
    for family_id, texts in found.items():
        values = {"text": words(*texts), "id": family_id}
        connection.execute(sa.text("UPDATE family SET search_text = :text WHERE id = :id"), values)


def upgrade() -> None:
    op.create_table(
        "standard_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_standard_reason_says_something")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard_reason")),
        sa.UniqueConstraint("text", name=op.f("uq_standard_reason_text")),
    )
    op.create_table(
        "agent_structure",
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_agent_structure_agent_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_agent_structure_structure_id")),
        sa.PrimaryKeyConstraint("agent_id", "structure_id", name=op.f("pk_agent_structure")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_batch_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_agent_id"), ["agent_id"], unique=False)

    op.create_table(
        "batch_line",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_line_batch_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["line_id"], ["request_line.id"], name=op.f("fk_batch_line_line_id")),
        sa.PrimaryKeyConstraint("batch_id", "line_id", name=op.f("pk_batch_line")),
    )
    with op.batch_alter_table("batch_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_line_line_id"), ["line_id"], unique=False)

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("adult", schema=None) as batch_op:
        batch_op.add_column(sa.Column("address", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("postal_code", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("city", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("phone_home", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("phone_work", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("phone_mobile", sa.String(), server_default="", nullable=False))

    with op.batch_alter_table("booking") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_booking_enrolment_id_child_id_activity_id"), type_="foreignkey")
        batch_op.create_foreign_key(
            batch_op.f("fk_booking_enrolment_id_child_id_activity_id"),
            "enrolment",
            ["enrolment_id", "child_id", "activity_id"],
            ["id", "child_id", "activity_id"],
            onupdate="CASCADE",
        )

    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("family_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_event_family_id_event_id"), ["family_id", "id"], unique=False)

    with op.batch_alter_table("family") as batch_op:
        batch_op.add_column(sa.Column("merged_into", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("search_text", sa.String(), server_default="", nullable=False))
        batch_op.create_index(batch_op.f("ix_family_merged_into"), ["merged_into"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_family_merged_into"), "family", ["merged_into"], ["id"])

    with op.batch_alter_table("request") as batch_op:
        batch_op.drop_constraint(op.f("ck_request_requestkind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_request_requestkind"), KINDS)
        batch_op.add_column(sa.Column("entered_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("taken_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_request_taken_by"), ["taken_by"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_request_taken_by"), "agent", ["taken_by"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_request_entered_by"), "agent", ["entered_by"], ["id"])

    with op.batch_alter_table("request_line") as batch_op:
        batch_op.drop_constraint(op.f("ck_request_line_requestkind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_request_line_requestkind"), KINDS)
        batch_op.add_column(sa.Column("field", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("before", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("after", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("decided_by", sa.Integer(), nullable=True))
        batch_op.alter_column("enrolment_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.alter_column("day", existing_type=sa.DATE(), nullable=True)
        batch_op.create_check_constraint(op.f("ck_request_line_a_day_or_a_field"), A_DAY_OR_A_FIELD)
        batch_op.create_index(
            "ix_request_line_pending",
            ["state"],
            unique=False,
            sqlite_where=sa.text("state IN ('submitted', 'in_review', 'waiting_list')"),
            postgresql_where=sa.text("state IN ('submitted', 'in_review', 'waiting_list')"),
        )
        batch_op.create_unique_constraint(batch_op.f("uq_request_line_request_id_field"), ["request_id", "field"])
        batch_op.create_foreign_key(batch_op.f("fk_request_line_decided_by"), "agent", ["decided_by"], ["id"])

    fill_search_text()


def downgrade() -> None:
    op.execute("DELETE FROM request_line WHERE field IS NOT NULL")
    op.execute("DELETE FROM request WHERE kind IN ('responsable', 'conjoint')")
    with op.batch_alter_table("request_line") as batch_op:
        batch_op.drop_constraint(op.f("ck_request_line_a_day_or_a_field"), type_="check")
        batch_op.drop_constraint(op.f("ck_request_line_requestkind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_request_line_requestkind"), OLD_KINDS)
        batch_op.drop_constraint(batch_op.f("fk_request_line_decided_by"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_request_line_request_id_field"), type_="unique")
        batch_op.drop_index(
            "ix_request_line_pending",
            sqlite_where=sa.text("state IN ('submitted', 'in_review', 'waiting_list')"),
            postgresql_where=sa.text("state IN ('submitted', 'in_review', 'waiting_list')"),
        )
        batch_op.alter_column("day", existing_type=sa.DATE(), nullable=False)
        batch_op.alter_column("enrolment_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("decided_by")
        batch_op.drop_column("after")
        batch_op.drop_column("before")
        batch_op.drop_column("field")

    with op.batch_alter_table("request") as batch_op:
        batch_op.drop_constraint(op.f("ck_request_requestkind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_request_requestkind"), OLD_KINDS)
        batch_op.drop_constraint(batch_op.f("fk_request_entered_by"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_request_taken_by"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_request_taken_by"))
        batch_op.drop_column("taken_at")
        batch_op.drop_column("taken_by")
        batch_op.drop_column("entered_by")

    with op.batch_alter_table("family") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_family_merged_into"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_family_merged_into"))
        batch_op.drop_column("search_text")
        batch_op.drop_column("merged_into")

    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_family_id_event_id"))
        batch_op.drop_column("family_id")

    with op.batch_alter_table("booking") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_booking_enrolment_id_child_id_activity_id"), type_="foreignkey")
        batch_op.create_foreign_key(
            batch_op.f("fk_booking_enrolment_id_child_id_activity_id"),
            "enrolment",
            ["enrolment_id", "child_id", "activity_id"],
            ["id", "child_id", "activity_id"],
        )

    with op.batch_alter_table("adult", schema=None) as batch_op:
        batch_op.drop_column("phone_mobile")
        batch_op.drop_column("phone_work")
        batch_op.drop_column("phone_home")
        batch_op.drop_column("city")
        batch_op.drop_column("postal_code")
        batch_op.drop_column("address")

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_column("locked_at")

    with op.batch_alter_table("batch_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batch_line_line_id"))

    op.drop_table("batch_line")
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batch_agent_id"))

    op.drop_table("batch")
    op.drop_table("agent_structure")
    op.drop_table("standard_reason")
