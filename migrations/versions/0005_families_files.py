"""The files that families may ask to change: finances, health, consents, pieces, the online dossier."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

from app import crypto

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OLD_KINDS = "kind IN ('booking', 'absence', 'proof', 'responsable', 'conjoint')"
NEW = (
    "'fiscales', 'caf', 'banque', 'child', 'contacts', 'glasses', 'health', 'consents', 'insurance', 'new_child', "
    "'enrolment', 'dui'"
)
KINDS = f"{OLD_KINDS[:-1]}, {NEW})"
SECRET = {
    "contact": ("role", "name", "link", "phone"),
    "health_alert": ("kind",),
    "pai": ("ends_on",),
    "request_line": ("decision_reason",),
}
"""What health and custody left in clear until now, table by table."""
ROLES = sa.Enum("emergency", "collects", "forbidden", native_enum=False, create_constraint=False, length=40)
ALERTS = sa.Enum("food", "drug", "other", native_enum=False, create_constraint=False, length=40)


def rewrite(table: str, as_kept: Callable[[str], str]) -> None:
    """Each secret of this table, written another way; NULL stays NULL."""
    names = SECRET[table]
    connection = op.get_bind()
    found = connection.execute(sa.text(f"SELECT id, {', '.join(names)} FROM {table}")).mappings().all()
    told = [
        {name: None if said is None else as_kept(said) for name, said in row.items() if name != "id"} for row in found
    ]
    if told:
        wanted = ", ".join(f"{name} = :{name}" for name in names)
        rows = [{**values, "key": row["id"]} for row, values in zip(found, told, strict=True)]
        connection.execute(sa.text(f"UPDATE {table} SET {wanted} WHERE id = :key"), rows)


def seal_secrets() -> None:
    with op.batch_alter_table("contact") as batch_op:
        batch_op.drop_constraint(op.f("ck_contact_named"), type_="check")
        batch_op.drop_constraint(op.f("ck_contact_contactrole"), type_="check")
        for name in SECRET["contact"]:
            batch_op.alter_column(name, type_=sa.Text(), existing_nullable=False)

    with op.batch_alter_table("health_alert") as batch_op:
        batch_op.drop_constraint(op.f("ck_health_alert_alertkind"), type_="check")
        batch_op.alter_column("kind", type_=sa.Text(), existing_nullable=False)

    with op.batch_alter_table("pai") as batch_op:
        batch_op.alter_column("ends_on", type_=sa.Text(), existing_type=sa.Date(), existing_nullable=True)

    with op.batch_alter_table("request_line") as batch_op:
        batch_op.drop_constraint(op.f("ck_request_line_refused_with_a_reason"), type_="check")
        batch_op.alter_column("decision_reason", type_=sa.Text(), existing_type=sa.String(), nullable=True)
        batch_op.create_check_constraint(
            op.f("ck_request_line_refused_with_a_reason"), "state <> 'refused' OR decision_reason IS NOT NULL"
        )

    op.execute("UPDATE request_line SET decision_reason = NULL WHERE decision_reason = ''")
    for table in SECRET:
        rewrite(table, crypto.encrypt)


def open_secrets() -> None:
    for table in SECRET:
        rewrite(table, crypto.decrypt)
    op.execute("UPDATE request_line SET decision_reason = '' WHERE decision_reason IS NULL")
    with op.batch_alter_table("request_line") as batch_op:
        batch_op.drop_constraint(op.f("ck_request_line_refused_with_a_reason"), type_="check")
        batch_op.alter_column("decision_reason", type_=sa.String(), existing_type=sa.Text(), nullable=False)
        batch_op.create_check_constraint(
            op.f("ck_request_line_refused_with_a_reason"), "state <> 'refused' OR decision_reason <> ''"
        )

    # A text is not made a day by SQLite: its days are put back once the column is one.
    ends = dict(op.get_bind().execute(sa.text("SELECT id, ends_on FROM pai WHERE ends_on IS NOT NULL")).all())
    op.execute("UPDATE pai SET ends_on = NULL")
    with op.batch_alter_table("pai") as batch_op:
        batch_op.alter_column(
            "ends_on", type_=sa.Date(), existing_type=sa.Text(), existing_nullable=True, postgresql_using="NULL"
        )
    pai = sa.table("pai", sa.column("id", sa.Integer()), sa.column("ends_on", sa.Date()))
    for key, day in ends.items():
        op.execute(pai.update().where(pai.c.id == key).values(ends_on=date.fromisoformat(day)))

    with op.batch_alter_table("health_alert") as batch_op:
        batch_op.alter_column("kind", type_=ALERTS, existing_type=sa.Text(), existing_nullable=False)
        batch_op.create_check_constraint(op.f("ck_health_alert_alertkind"), "kind IN ('food', 'drug', 'other')")

    with op.batch_alter_table("contact") as batch_op:
        batch_op.alter_column("role", type_=ROLES, existing_type=sa.Text(), existing_nullable=False)
        for name in ("name", "link", "phone"):
            batch_op.alter_column(name, type_=sa.String(), existing_type=sa.Text(), existing_nullable=False)
        batch_op.create_check_constraint(
            op.f("ck_contact_contactrole"), "role IN ('emergency', 'collects', 'forbidden')"
        )
        batch_op.create_check_constraint(op.f("ck_contact_named"), "name <> ''")


def upgrade() -> None:
    op.create_table(
        "piece_kind",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "subject",
            sa.Enum("family", "child", name="piecesubject", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.Column("with_pai", sa.Boolean(), nullable=False),
        sa.Column("blocking", sa.Boolean(), nullable=False),
        sa.Column("months_valid", sa.Integer(), nullable=True),
        sa.Column("keeps_file", sa.Boolean(), nullable=False),
        sa.Column("is_health", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("months_valid > 0", name=op.f("ck_piece_kind_lasts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_piece_kind")),
        sa.UniqueConstraint("name", name=op.f("uq_piece_kind_name")),
    )
    op.create_table(
        "consent",
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signatory", sa.String(), nullable=False),
        sa.CheckConstraint("signatory <> ''", name=op.f("ck_consent_signed")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_consent_child_id")),
        sa.PrimaryKeyConstraint("child_id", "kind", name=op.f("pk_consent")),
    )
    op.create_table(
        "dui_draft",
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_dui_draft_child_id")),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_dui_draft_family_id")),
        sa.PrimaryKeyConstraint("child_id", "family_id", name=op.f("pk_dui_draft")),
    )
    with op.batch_alter_table("dui_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dui_draft_family_id"), ["family_id"], unique=False)

    op.create_table(
        "finances",
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("tax_income", sa.Text(), nullable=True),
        sa.Column("tax_parts", sa.Text(), nullable=True),
        sa.Column("tax_year", sa.Text(), nullable=True),
        sa.Column("fund", sa.Text(), nullable=True),
        sa.Column("fund_number", sa.Text(), nullable=True),
        sa.Column("regime", sa.Text(), nullable=True),
        sa.Column("quotient", sa.Text(), nullable=True),
        sa.Column("quotient_on", sa.Text(), nullable=True),
        sa.Column("bank_holder", sa.Text(), nullable=True),
        sa.Column("iban", sa.Text(), nullable=True),
        sa.Column("bic", sa.Text(), nullable=True),
        sa.Column("direct_debit", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_finances_family_id")),
        sa.PrimaryKeyConstraint("family_id", name=op.f("pk_finances")),
    )
    op.create_table(
        "health_sheet",
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("glasses", sa.Text(), nullable=True),
        sa.Column("glasses_when", sa.Text(), nullable=True),
        sa.Column("doctor", sa.Text(), nullable=True),
        sa.Column("doctor_phone", sa.Text(), nullable=True),
        sa.Column("treatments", sa.Text(), nullable=True),
        sa.Column("care", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_health_sheet_child_id")),
        sa.PrimaryKeyConstraint("child_id", name=op.f("pk_health_sheet")),
    )
    op.create_table(
        "vaccination",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_vaccination_child_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vaccination")),
    )
    with op.batch_alter_table("vaccination", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vaccination_child_id"), ["child_id"], unique=False)

    op.create_table(
        "data_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("adult_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("storage_key", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("reach", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["adult_id"], ["adult.id"], name=op.f("fk_data_export_adult_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_export")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_data_export_storage_key")),
    )
    with op.batch_alter_table("data_export", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_data_export_adult_id"), ["adult_id"], unique=False)

    op.create_table(
        "piece",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=True),
        sa.Column("given_by", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submission", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "valid",
                "refused",
                "replaced",
                name="piecestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('received', 'replaced')) = (checked_at IS NULL)", name=op.f("ck_piece_checked_when_decided")
        ),
        sa.CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name=op.f("ck_piece_refused_with_a_reason")),
        sa.CheckConstraint("size BETWEEN 1 AND 10000000", name=op.f("ck_piece_size")),
        sa.ForeignKeyConstraint(["checked_by"], ["agent.id"], name=op.f("fk_piece_checked_by")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_piece_child_id")),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_piece_family_id")),
        sa.ForeignKeyConstraint(["given_by"], ["adult.id"], name=op.f("fk_piece_given_by")),
        sa.ForeignKeyConstraint(["kind_id"], ["piece_kind.id"], name=op.f("fk_piece_kind_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_piece")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_piece_storage_key")),
        sa.UniqueConstraint("submission", name=op.f("uq_piece_submission")),
    )
    with op.batch_alter_table("piece", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_piece_child_id"), ["child_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_piece_family_id_piece_kind_id"), ["family_id", "kind_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_piece_state"), ["state"], unique=False)

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("idle_warned_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("adult", schema=None) as batch_op:
        batch_op.add_column(sa.Column("quality", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("csp", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("profession", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("employer", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("employer_address", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("allows_sms", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("allows_email", sa.Boolean(), nullable=True))

    with op.batch_alter_table("child", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sex", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("birth_place", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("insurer", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("insurance_number", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("insured_from", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("insured_until", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("created_on", sa.Date(), server_default=sa.text("CURRENT_DATE"), nullable=False)
        )

    with op.batch_alter_table("family", schema=None) as batch_op:
        batch_op.add_column(sa.Column("attached_to", sa.String(), server_default="0", nullable=False))

    with op.batch_alter_table("standard_reason") as batch_op:  # those that are there were written for days
        batch_op.add_column(
            sa.Column(
                "topic",
                sa.Enum(
                    "days",
                    "changes",
                    "papers",
                    name="reasontopic",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                server_default="days",
                nullable=False,
            )
        )
        batch_op.drop_constraint(op.f("uq_standard_reason_text"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_standard_reason_text_topic"), ["text", "topic"])

    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("child_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_request_child_id"), ["child_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_request_child_id"), "child", ["child_id"], ["id"])
        batch_op.drop_constraint(op.f("ck_request_requestkind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_request_requestkind"), KINDS)

    with op.batch_alter_table("request_line") as batch_op:
        batch_op.add_column(sa.Column("asked_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("entered_by", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_request_line_asked_by"), ["asked_by"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_request_line_asked_by"), "adult", ["asked_by"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_request_line_entered_by"), "agent", ["entered_by"], ["id"])
        batch_op.create_check_constraint(
            op.f("ck_request_line_asked_by_somebody"), "(asked_by IS NULL) = (asked_at IS NULL)"
        )
        batch_op.drop_constraint(op.f("ck_request_line_requestkind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_request_line_requestkind"), KINDS)

    op.create_table(
        "amendment",
        sa.Column("submission", sa.String(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_amendment_request_id")),
        sa.PrimaryKeyConstraint("submission", name=op.f("pk_amendment")),
    )
    with op.batch_alter_table("amendment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_amendment_request_id"), ["request_id"], unique=False)

    seal_secrets()

    # Nobody noted when an account was last used: its two years begin today.
    account = sa.table("account", sa.column("last_login_at", sa.DateTime(timezone=True)))
    op.execute(account.update().values(last_login_at=datetime.now(UTC)))


def downgrade() -> None:
    with op.batch_alter_table("amendment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_amendment_request_id"))

    op.drop_table("amendment")
    op.execute(f"DELETE FROM request_line WHERE kind IN ({NEW})")
    op.execute(f"DELETE FROM proof WHERE request_id IN (SELECT id FROM request WHERE kind IN ({NEW}))")
    op.execute(f"DELETE FROM request WHERE kind IN ({NEW})")
    open_secrets()
    with op.batch_alter_table("request_line") as batch_op:
        batch_op.drop_constraint(op.f("ck_request_line_asked_by_somebody"), type_="check")
        batch_op.drop_constraint(op.f("fk_request_line_entered_by"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_request_line_asked_by"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_request_line_asked_by"))
        batch_op.drop_column("entered_by")
        batch_op.drop_column("asked_at")
        batch_op.drop_column("asked_by")
        batch_op.drop_constraint(op.f("ck_request_line_requestkind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_request_line_requestkind"), OLD_KINDS)

    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_request_requestkind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_request_requestkind"), OLD_KINDS)
        batch_op.drop_constraint(batch_op.f("fk_request_child_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_request_child_id"))
        batch_op.drop_column("child_id")

    op.execute("DELETE FROM standard_reason WHERE id NOT IN (SELECT min(id) FROM standard_reason GROUP BY text)")
    with op.batch_alter_table("standard_reason") as batch_op:
        batch_op.drop_constraint(op.f("uq_standard_reason_text_topic"), type_="unique")
        batch_op.drop_constraint(op.f("ck_standard_reason_reasontopic"), type_="check")
        batch_op.create_unique_constraint(op.f("uq_standard_reason_text"), ["text"])
        batch_op.drop_column("topic")

    with op.batch_alter_table("family", schema=None) as batch_op:
        batch_op.drop_column("attached_to")

    with op.batch_alter_table("child", schema=None) as batch_op:
        batch_op.drop_column("created_on")
        batch_op.drop_column("insured_until")
        batch_op.drop_column("insured_from")
        batch_op.drop_column("insurance_number")
        batch_op.drop_column("insurer")
        batch_op.drop_column("birth_place")
        batch_op.drop_column("sex")

    with op.batch_alter_table("adult", schema=None) as batch_op:
        batch_op.drop_column("allows_email")
        batch_op.drop_column("allows_sms")
        batch_op.drop_column("employer_address")
        batch_op.drop_column("employer")
        batch_op.drop_column("profession")
        batch_op.drop_column("csp")
        batch_op.drop_column("quality")

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_column("idle_warned_at")
        batch_op.drop_column("last_login_at")

    with op.batch_alter_table("piece", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_piece_state"))
        batch_op.drop_index(batch_op.f("ix_piece_family_id_piece_kind_id"))
        batch_op.drop_index(batch_op.f("ix_piece_child_id"))

    op.drop_table("piece")
    with op.batch_alter_table("data_export", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_data_export_adult_id"))

    op.drop_table("data_export")
    with op.batch_alter_table("vaccination", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_vaccination_child_id"))

    op.drop_table("vaccination")
    op.drop_table("health_sheet")
    op.drop_table("finances")
    with op.batch_alter_table("dui_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dui_draft_family_id"))

    op.drop_table("dui_draft")
    op.drop_table("consent")
    op.drop_table("piece_kind")
