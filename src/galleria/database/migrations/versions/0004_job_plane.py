"""Triggers and their deliveries, what a job follows and how far it is, what a schedule missed, which jobs a worker leaves."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("jobs", sa.Column("cause_job_id", sa.String(length=24), nullable=True))
    op.add_column("jobs", sa.Column("trigger_id", sa.String(length=24), nullable=True))
    op.add_column("jobs", sa.Column("chain_depth", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("jobs", sa.Column("is_unheard", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("jobs", sa.Column("progress", sa.JSON(none_as_null=True), nullable=True))
    op.create_index(
        "ix_jobs_unheard",
        "jobs",
        ["seq"],
        unique=False,
        postgresql_where=sa.text("is_unheard"),
        sqlite_where=sa.text("is_unheard = 1"),
    )
    op.create_index("ix_jobs_cause_job_id_trigger_id", "jobs", ["cause_job_id", "trigger_id"], unique=True)
    op.add_column("workflows", sa.Column("is_watched", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("workers", sa.Column("is_drained", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("workers", sa.Column("least_priority", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("schedules", sa.Column("missed", sa.String(length=20), server_default="once", nullable=False))
    op.add_column("schedules", sa.Column("time_limit_s", sa.Float(), nullable=True))
    _make_misses()
    _make_triggers()


def _make_misses() -> None:
    op.create_table(
        "schedule_misses",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("schedule_id", sa.String(length=24), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedules.id"], name="fk_schedule_misses_schedule_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_misses"),
    )
    op.create_index("ix_schedule_misses_noted_at", "schedule_misses", ["noted_at"], unique=False)
    op.create_index("ix_schedule_misses_schedule_id_planned_at", "schedule_misses", ["schedule_id", "planned_at"], unique=False)


def _make_triggers() -> None:
    op.create_table(
        "triggers",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("workflow_id", sa.String(length=24), nullable=False),
        sa.Column("owner_id", sa.String(length=24), nullable=False),
        sa.Column("events", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("target_id", sa.String(length=24), nullable=True),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("recipients", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("action IN ('run', 'webhook', 'mail')", name="ck_triggers_action"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_triggers_owner_id"),
        sa.ForeignKeyConstraint(["target_id"], ["workflows.id"], name="fk_triggers_target_id"),
        sa.ForeignKeyConstraint(["workflow_id"], ["workflows.id"], name="fk_triggers_workflow_id"),
        sa.PrimaryKeyConstraint("id", name="pk_triggers"),
    )
    op.create_index("ix_triggers_target_id", "triggers", ["target_id"], unique=False)
    op.create_index("ix_triggers_workflow_id", "triggers", ["workflow_id"], unique=False)
    op.create_table(
        "trigger_deliveries",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("trigger_id", sa.String(length=24), nullable=False),
        sa.Column("job_id", sa.String(length=24), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("progress", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("made_job_id", sa.String(length=24), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("event IN ('success', 'failure', 'recovery')", name="ck_trigger_deliveries_event"),
        sa.CheckConstraint("progress IN ('waiting', 'sent', 'failed')", name="ck_trigger_deliveries_progress"),
        sa.ForeignKeyConstraint(["trigger_id"], ["triggers.id"], name="fk_trigger_deliveries_trigger_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_trigger_deliveries"),
    )
    op.create_index(
        "ix_trigger_deliveries_due",
        "trigger_deliveries",
        ["next_try_at"],
        unique=False,
        postgresql_where=sa.text("progress = 'waiting'"),
        sqlite_where=sa.text("progress = 'waiting'"),
    )
    op.create_index("ix_trigger_deliveries_job_id_trigger_id", "trigger_deliveries", ["job_id", "trigger_id"], unique=True)
    op.create_index("ix_trigger_deliveries_trigger_id_created_at", "trigger_deliveries", ["trigger_id", "created_at"], unique=False)
