"""The queue, workers and schedules."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workers",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("tags", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("runs_unassigned", sa.Boolean(), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("doing", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workers"),
        sa.UniqueConstraint("name", name="uq_workers_name"),
    )
    op.create_index("ix_workers_seen_at", "workers", ["seen_at"], unique=False)
    op.create_table(
        "schedules",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("workflow_id", sa.String(length=24), nullable=False),
        sa.Column("owner_id", sa.String(length=24), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("iteration", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("overlap", sa.String(length=20), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("worker_tag", sa.String(length=100), nullable=False),
        sa.Column("credential_id", sa.String(length=24), nullable=True),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("next_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_job_id", sa.String(length=24), nullable=True),
        sa.Column("run_count", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_schedules_owner_id"),
        sa.ForeignKeyConstraint(["workflow_id"], ["workflows.id"], name="fk_schedules_workflow_id"),
        sa.CheckConstraint("overlap IN ('queue', 'skip')", name="ck_schedules_overlap"),
        sa.PrimaryKeyConstraint("id", name="pk_schedules"),
    )
    op.create_index(
        "ix_schedules_due",
        "schedules",
        ["next_run_at"],
        unique=False,
        postgresql_where=sa.text("is_enabled"),
        sqlite_where=sa.text("is_enabled = 1"),
    )
    op.create_index("ix_schedules_owner_id", "schedules", ["owner_id"], unique=False)
    op.create_index("ix_schedules_workflow_id", "schedules", ["workflow_id"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("workflow_id", sa.String(length=24), nullable=False),
        sa.Column("version_id", sa.String(length=24), nullable=False),
        sa.Column("owner_id", sa.String(length=24), nullable=True),
        sa.Column("subscription_id", sa.String(length=24), nullable=False),
        sa.Column("schedule_id", sa.String(length=24), nullable=True),
        sa.Column("via", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("disposition", sa.String(length=20), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("worker_tag", sa.String(length=100), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("credential_id", sa.String(length=24), nullable=True),
        sa.Column("time_limit_s", sa.Float(), nullable=True),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(length=200), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.String(length=24), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_count", sa.Integer(), nullable=False),
        sa.Column("output_count", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_jobs_owner_id"),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscriptions.id"], name="fk_jobs_subscription_id"),
        sa.ForeignKeyConstraint(["version_id"], ["workflow_versions.id"], name="fk_jobs_version_id"),
        sa.ForeignKeyConstraint(["workflow_id"], ["workflows.id"], name="fk_jobs_workflow_id"),
        sa.CheckConstraint("state IN ('Queued', 'Running', 'Completed', 'Cancelled')", name="ck_jobs_state"),
        sa.CheckConstraint("disposition IN ('None', 'Success', 'Error')", name="ck_jobs_disposition"),
        sa.PrimaryKeyConstraint("seq", name="pk_jobs"),
        sa.UniqueConstraint("id", name="uq_jobs_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_jobs_cancelled",
        "jobs",
        ["seq"],
        unique=False,
        postgresql_where=sa.text("state = 'Cancelled'"),
        sqlite_where=sa.text("state = 'Cancelled'"),
    )
    op.create_index("ix_jobs_ended_at", "jobs", ["ended_at"], unique=False)
    op.create_index("ix_jobs_owner_id_seq", "jobs", ["owner_id", "seq"], unique=False)
    op.create_index(
        "ix_jobs_queue",
        "jobs",
        [sa.literal_column("priority DESC"), "seq", "worker_tag"],
        unique=False,
        postgresql_where=sa.text("state = 'Queued'"),
        sqlite_where=sa.text("state = 'Queued'"),
    )
    op.create_index(
        "ix_jobs_queued",
        "jobs",
        ["seq"],
        unique=False,
        postgresql_where=sa.text("state = 'Queued'"),
        sqlite_where=sa.text("state = 'Queued'"),
    )
    op.create_index(
        "ix_jobs_running",
        "jobs",
        ["seq"],
        unique=False,
        postgresql_where=sa.text("state = 'Running'"),
        sqlite_where=sa.text("state = 'Running'"),
    )
    op.create_index("ix_jobs_schedule_id_seq", "jobs", ["schedule_id", "seq"], unique=False)
    op.create_index("ix_jobs_subscription_id_seq", "jobs", ["subscription_id", "seq"], unique=False)
    op.create_index("ix_jobs_workflow_id_seq", "jobs", ["workflow_id", "seq"], unique=False)
    op.create_table(
        "job_messages",
        sa.Column("job_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("tool_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("path", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["job_seq"], ["jobs.seq"], name="fk_job_messages_job_seq", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_seq", "position", name="pk_job_messages"),
    )
    op.create_table(
        "job_outputs",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("job_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=1000), nullable=False),
        sa.Column("storage_key", sa.String(length=200), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("formats", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("tool_id", sa.Integer(), nullable=True),
        sa.Column("record_count", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["job_seq"], ["jobs.seq"], name="fk_job_outputs_job_seq", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_job_outputs"),
    )
    op.create_index("ix_job_outputs_job_seq_position", "job_outputs", ["job_seq", "position"], unique=True)
