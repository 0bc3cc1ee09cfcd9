"""Planning: activities, calendar, children, enrolments, bookings, requests."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "child",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last_name", sa.String(), nullable=False),
        sa.Column("first_name", sa.String(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("class_name", sa.String(), nullable=False),
        sa.Column("diet", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child")),
    )
    op.create_table(
        "public_holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_public_holiday")),
    )
    op.create_table(
        "school_holiday",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "zone",
            sa.Enum("A", "B", "C", name="schoolzone", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("short", "long", name="holidaykind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_school_holiday_ends_after_it_begins")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_holiday")),
        sa.UniqueConstraint("zone", "first_day", name=op.f("uq_school_holiday_zone_first_day")),
    )
    op.create_table(
        "capacity_pool",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_capacity_pool_capacity")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_capacity_pool_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity_pool")),
        sa.UniqueConstraint("structure_id", "name", name=op.f("uq_capacity_pool_structure_id_name")),
    )
    op.create_table(
        "closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_closure_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_closure_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    with op.batch_alter_table("closure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_closure_first_day"), ["first_day"], unique=False)

    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "emergency",
                "collects",
                "forbidden",
                name="contactrole",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_contact_named")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_contact_child_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_child_id"), ["child_id"], unique=False)

    op.create_table(
        "custody",
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_custody_child_id")),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_custody_family_id")),
        sa.PrimaryKeyConstraint("child_id", "family_id", name=op.f("pk_custody")),
    )
    with op.batch_alter_table("custody", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_custody_family_id"), ["family_id"], unique=False)

    op.create_table(
        "health_alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("food", "drug", "other", name="alertkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_health_alert_child_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_alert")),
    )
    with op.batch_alter_table("health_alert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_health_alert_child_id"), ["child_id"], unique=False)

    op.create_table(
        "pai",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_pai_child_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pai")),
    )
    with op.batch_alter_table("pai", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pai_child_id"), ["child_id"], unique=False)

    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("in_school_time", sa.Boolean(), nullable=False),
        sa.Column("in_short_holidays", sa.Boolean(), nullable=False),
        sa.Column("in_long_holidays", sa.Boolean(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=True),
        sa.Column("ends_at", sa.Time(), nullable=True),
        sa.Column("min_age", sa.Integer(), nullable=True),
        sa.Column("max_age", sa.Integer(), nullable=True),
        sa.Column("pool_id", sa.Integer(), nullable=True),
        sa.Column("uses_morning", sa.Boolean(), nullable=False),
        sa.Column("uses_afternoon", sa.Boolean(), nullable=False),
        sa.Column(
            "approval",
            sa.Enum("manual", "automatic", name="approval", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("exclusive_group", sa.String(), nullable=True),
        sa.Column("proof_days", sa.Integer(), nullable=False),
        sa.Column(
            "booking_kind",
            sa.Enum(
                "days",
                "working_days",
                "school_days",
                "week",
                "month",
                name="booking_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("booking_count", sa.Integer(), nullable=False),
        sa.Column("booking_at", sa.Time(), nullable=False),
        sa.Column("booking_weekday", sa.Integer(), nullable=False),
        sa.Column(
            "cancelling_kind",
            sa.Enum(
                "days",
                "working_days",
                "school_days",
                "week",
                "month",
                name="cancelling_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cancelling_count", sa.Integer(), nullable=False),
        sa.Column("cancelling_at", sa.Time(), nullable=False),
        sa.Column("cancelling_weekday", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "booking_count BETWEEN CASE WHEN booking_kind = 'month' THEN 1 ELSE 0 END AND 60 AND booking_weekday BETWEEN 0 AND 6",
            name=op.f("ck_activity_booking_rule"),
        ),
        sa.CheckConstraint(
            "cancelling_count BETWEEN CASE WHEN cancelling_kind = 'month' THEN 1 ELSE 0 END AND 60 AND cancelling_weekday BETWEEN 0 AND 6",
            name=op.f("ck_activity_cancelling_rule"),
        ),
        sa.CheckConstraint("pool_id IS NULL OR uses_morning OR uses_afternoon", name=op.f("ck_activity_pool_used")),
        sa.CheckConstraint("proof_days >= 0", name=op.f("ck_activity_proof_days")),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name=op.f("ck_activity_weekdays")),
        sa.ForeignKeyConstraint(["pool_id"], ["capacity_pool.id"], name=op.f("fk_activity_pool_id")),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_activity_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sa.UniqueConstraint("structure_id", "name", name=op.f("uq_activity_structure_id_name")),
    )
    op.create_table(
        "authority",
        sa.Column("adult_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["adult_id"], ["adult.id"], name=op.f("fk_authority_adult_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_authority_child_id")),
        sa.PrimaryKeyConstraint("adult_id", "child_id", name=op.f("pk_authority")),
    )
    with op.batch_alter_table("authority", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_authority_child_id"), ["child_id"], unique=False)

    op.create_table(
        "calendar_feed",
        sa.Column("adult_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["adult_id"], ["adult.id"], name=op.f("fk_calendar_feed_adult_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("adult_id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_calendar_feed_token_digest")),
    )
    op.create_table(
        "pool_day",
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "half_day",
            sa.Enum("am", "pm", name="halfday", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("forced", sa.Integer(), nullable=False),
        sa.CheckConstraint("forced >= 0", name=op.f("ck_pool_day_forced_positive")),
        sa.CheckConstraint("taken <= capacity + forced", name=op.f("ck_pool_day_never_overbooked")),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_pool_day_taken_positive")),
        sa.ForeignKeyConstraint(["pool_id"], ["capacity_pool.id"], name=op.f("fk_pool_day_pool_id")),
        sa.PrimaryKeyConstraint("pool_id", "day", "half_day", name=op.f("pk_pool_day")),
    )
    op.create_table(
        "request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "booking",
                "absence",
                "proof",
                name="requestkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("submitted_by", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submission", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_request_family_id")),
        sa.ForeignKeyConstraint(["submitted_by"], ["adult.id"], name=op.f("fk_request_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("code", name=op.f("uq_request_code")),
        sa.UniqueConstraint("submission", name=op.f("uq_request_submission")),
    )
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_family_id"), ["family_id"], unique=False)

    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("even_weeks", sa.Integer(), nullable=False),
        sa.Column("odd_weeks", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "even_weeks BETWEEN 0 AND 127 AND odd_weeks BETWEEN 0 AND 127", name=op.f("ck_enrolment_weeks")
        ),
        sa.CheckConstraint(
            "last_day IS NULL OR last_day >= first_day", name=op.f("ck_enrolment_ends_after_it_begins")
        ),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_enrolment_activity_id")),
        sa.ForeignKeyConstraint(
            ["child_id", "family_id"],
            ["custody.child_id", "custody.family_id"],
            name=op.f("fk_enrolment_child_id_family_id"),
        ),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_enrolment_child_id")),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_enrolment_family_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("id", "child_id", "activity_id", name=op.f("uq_enrolment_id_child_id_activity_id")),
    )
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolment_activity_id"), ["activity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolment_child_id"), ["child_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolment_family_id"), ["family_id"], unique=False)

    op.create_table(
        "proof",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size BETWEEN 1 AND 10000000", name=op.f("ck_proof_size")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_proof_request_id")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_proof")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_proof_storage_key")),
    )
    op.create_table(
        "attendance",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_attendance_enrolment_id")),
        sa.PrimaryKeyConstraint("enrolment_id", "day", name=op.f("pk_attendance")),
    )
    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "booked",
                "absent_excused",
                "absent_billed",
                "cancelled_by_town",
                name="bookingstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("exclusive_group", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id", "child_id", "activity_id"],
            ["enrolment.id", "enrolment.child_id", "enrolment.activity_id"],
            name=op.f("fk_booking_enrolment_id_child_id_activity_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("enrolment_id", "day", name=op.f("uq_booking_enrolment_id_day")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_activity_id_booking_day"), ["activity_id", "day"], unique=False)
        batch_op.create_index(
            "uq_booking_child_activity_day",
            ["child_id", "activity_id", "day"],
            unique=True,
            sqlite_where=sa.text("state = 'booked'"),
            postgresql_where=sa.text("state = 'booked'"),
        )
        batch_op.create_index(
            "uq_booking_child_group_day",
            ["child_id", "exclusive_group", "day"],
            unique=True,
            sqlite_where=sa.text("state = 'booked' AND exclusive_group IS NOT NULL"),
            postgresql_where=sa.text("state = 'booked' AND exclusive_group IS NOT NULL"),
        )

    op.create_table(
        "leave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_leave_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_leave_enrolment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave")),
    )
    with op.batch_alter_table("leave", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_leave_enrolment_id"), ["enrolment_id"], unique=False)

    op.create_table(
        "request_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "booking",
                "absence",
                "proof",
                name="requestkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "submitted",
                "in_review",
                "waiting_list",
                "offered",
                "countered",
                "accepted",
                "refused",
                "withdrawn",
                "declined",
                "expired",
                "cancelled_by_town",
                name="linestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("motif", sa.Text(), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('offered', 'countered')) = (answer_until IS NOT NULL)",
            name=op.f("ck_request_line_answer_has_an_end"),
        ),
        sa.CheckConstraint(
            "state <> 'refused' OR decision_reason <> ''", name=op.f("ck_request_line_refused_with_a_reason")
        ),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_request_line_enrolment_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_request_line_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_line")),
    )
    with op.batch_alter_table("request_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_request_line_enrolment_id_request_line_day"), ["enrolment_id", "day"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_request_line_request_id"), ["request_id"], unique=False)
        batch_op.create_index(
            "uq_request_line_open",
            ["enrolment_id", "day"],
            unique=True,
            sqlite_where=sa.text("state IN ('submitted', 'in_review', 'waiting_list', 'offered', 'countered')"),
            postgresql_where=sa.text("state IN ('submitted', 'in_review', 'waiting_list', 'offered', 'countered')"),
        )


def downgrade() -> None:
    with op.batch_alter_table("request_line", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_request_line_open",
            sqlite_where=sa.text("state IN ('submitted', 'in_review', 'waiting_list', 'offered', 'countered')"),
            postgresql_where=sa.text("state IN ('submitted', 'in_review', 'waiting_list', 'offered', 'countered')"),
        )
        batch_op.drop_index(batch_op.f("ix_request_line_request_id"))
        batch_op.drop_index(batch_op.f("ix_request_line_enrolment_id_request_line_day"))

    op.drop_table("request_line")
    with op.batch_alter_table("leave", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_leave_enrolment_id"))

    op.drop_table("leave")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_booking_child_group_day",
            sqlite_where=sa.text("state = 'booked' AND exclusive_group IS NOT NULL"),
            postgresql_where=sa.text("state = 'booked' AND exclusive_group IS NOT NULL"),
        )
        batch_op.drop_index(
            "uq_booking_child_activity_day",
            sqlite_where=sa.text("state = 'booked'"),
            postgresql_where=sa.text("state = 'booked'"),
        )
        batch_op.drop_index(batch_op.f("ix_booking_activity_id_booking_day"))

    op.drop_table("booking")
    op.drop_table("attendance")
    op.drop_table("proof")
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolment_family_id"))
        batch_op.drop_index(batch_op.f("ix_enrolment_child_id"))
        batch_op.drop_index(batch_op.f("ix_enrolment_activity_id"))

    op.drop_table("enrolment")
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_request_family_id"))

    op.drop_table("request")
    op.drop_table("pool_day")
    op.drop_table("calendar_feed")
    with op.batch_alter_table("authority", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_authority_child_id"))

    op.drop_table("authority")
    op.drop_table("activity")
    with op.batch_alter_table("pai", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pai_child_id"))

    op.drop_table("pai")
    with op.batch_alter_table("health_alert", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_health_alert_child_id"))

    op.drop_table("health_alert")
    with op.batch_alter_table("custody", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_custody_family_id"))

    op.drop_table("custody")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_child_id"))

    op.drop_table("contact")
    with op.batch_alter_table("closure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_closure_first_day"))

    op.drop_table("closure")
    op.drop_table("capacity_pool")
    op.drop_table("school_holiday")
    op.drop_table("public_holiday")
    op.drop_table("child")
