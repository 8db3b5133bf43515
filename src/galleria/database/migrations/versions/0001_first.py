"""People, studios, keys, workflows, jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entity", sa.String(length=40), nullable=False),
        sa.Column("entity_id", sa.String(length=24), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=24), nullable=True),
        sa.Column("subscription_id", sa.String(length=24), nullable=True),
        sa.Column("via", sa.String(length=40), nullable=False),
        sa.Column("old_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("new_values", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_events"),
        sa.UniqueConstraint("id", name="uq_audit_events_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at"], unique=False)
    op.create_index("ix_audit_events_entity_entity_id_seq", "audit_events", ["entity", "entity_id", "seq"], unique=False)
    op.create_index("ix_audit_events_entity_seq", "audit_events", ["entity", "seq"], unique=False)
    op.create_index("ix_audit_events_user_id_seq", "audit_events", ["user_id", "seq"], unique=False)
    op.create_table(
        "nonces",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("timestamp_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_nonces"),
    )
    op.create_index("ix_nonces_timestamp_s", "nonces", ["timestamp_s"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("default_worker_tag", sa.String(length=100), nullable=False),
        sa.Column("can_share_schedules", sa.Boolean(), nullable=False),
        sa.Column("default_credential_id", sa.String(length=24), nullable=True),
        sa.Column("contact", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_name", "subscriptions", ["name"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("first_name", sa.String(length=200), nullable=False),
        sa.Column("last_name", sa.String(length=200), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "NoAccess",
                "Viewer",
                "Member",
                "Artisan",
                "Curator",
                "Evaluated",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("subscription_id", sa.String(length=24), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_validated", sa.Boolean(), nullable=False),
        sa.Column("is_api_enabled", sa.Boolean(), nullable=False),
        sa.Column("can_schedule", sa.Boolean(), nullable=False),
        sa.Column("can_set_priority", sa.Boolean(), nullable=False),
        sa.Column("can_assign_jobs", sa.Boolean(), nullable=False),
        sa.Column("can_create_collections", sa.Boolean(), nullable=False),
        sa.Column("default_worker_tag", sa.String(length=100), nullable=False),
        sa.Column("default_credential_id", sa.String(length=24), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("failed_logins", sa.Integer(), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscriptions.id"], name="fk_users_subscription_id"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.create_index("ix_users_role", "users", ["role"], unique=False)
    op.create_index("ix_users_subscription_id", "users", ["subscription_id"], unique=False)
    op.create_index("uq_users_email", "users", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "api_keys",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("user_id", sa.String(length=24), nullable=True),
        sa.Column("subscription_id", sa.String(length=24), nullable=True),
        sa.Column("secret_sealed", sa.String(length=1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(user_id IS NULL) <> (subscription_id IS NULL)", name="ck_api_keys_one_owner"),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscriptions.id"], name="fk_api_keys_subscription_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_api_keys_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name="pk_api_keys"),
    )
    op.create_index("ix_api_keys_subscription_id", "api_keys", ["subscription_id"], unique=True)
    op.create_index("ix_api_keys_user_id", "api_keys", ["user_id"], unique=True)
    op.create_table(
        "workflows",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.String(length=24), nullable=False),
        sa.Column("subscription_id", sa.String(length=24), nullable=False),
        sa.Column(
            "kind", sa.Enum("APP", "WORKFLOW", "MACRO", name="kind", native_enum=False, create_constraint=True, length=10), nullable=False
        ),
        sa.Column("file_name", sa.String(length=300), nullable=False),
        sa.Column("published_version_id", sa.String(length=24), nullable=False),
        sa.Column("published_number", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_id", sa.String(length=100), nullable=False),
        sa.Column("worker_tag", sa.String(length=100), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("made_public_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("can_download", sa.Boolean(), nullable=False),
        sa.Column("is_run_disabled", sa.Boolean(), nullable=False),
        sa.Column("is_ready_to_migrate", sa.Boolean(), nullable=False),
        sa.Column("uses_amp", sa.Boolean(), nullable=False),
        sa.Column("run_count", sa.Integer(), nullable=False),
        sa.Column("last_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("meta", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_workflows_owner_id"),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscriptions.id"], name="fk_workflows_subscription_id"),
        sa.PrimaryKeyConstraint("id", name="pk_workflows"),
    )
    op.create_index("ix_workflows_owner_id", "workflows", ["owner_id"], unique=False)
    op.create_index("ix_workflows_published_at", "workflows", ["published_at"], unique=False)
    op.create_index("ix_workflows_source_id", "workflows", ["source_id"], unique=False)
    op.create_index("ix_workflows_subscription_id_published_at", "workflows", ["subscription_id", "published_at"], unique=False)
    op.create_table(
        "workflow_versions",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("workflow_id", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column(
            "kind", sa.Enum("APP", "WORKFLOW", "MACRO", name="kind", native_enum=False, create_constraint=True, length=10), nullable=False
        ),
        sa.Column("file_name", sa.String(length=300), nullable=False),
        sa.Column("package_key", sa.String(length=200), nullable=False),
        sa.Column("package_size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("package_sha256", sa.String(length=64), nullable=False),
        sa.Column("comments", sa.Text(), nullable=False),
        sa.Column("uses_amp", sa.Boolean(), nullable=False),
        sa.Column("is_supported", sa.Boolean(), nullable=False),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("run_count", sa.Integer(), nullable=False),
        sa.Column("download_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_workflow_versions_author_id"),
        sa.ForeignKeyConstraint(["workflow_id"], ["workflows.id"], name="fk_workflow_versions_workflow_id"),
        sa.PrimaryKeyConstraint("id", name="pk_workflow_versions"),
        sa.UniqueConstraint("workflow_id", "number", name="uq_workflow_versions_workflow_id_number"),
    )
    op.create_index("ix_workflow_versions_created_at", "workflow_versions", ["created_at"], unique=False)
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
        sa.Column(
            "state",
            sa.Enum("Queued", "Running", "Completed", "Cancelled", name="state", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column(
            "disposition",
            sa.Enum("None", "Success", "Error", name="disposition", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
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
        sa.PrimaryKeyConstraint("seq", name="pk_jobs"),
        sa.UniqueConstraint("id", name="uq_jobs_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_ended_at", "jobs", ["ended_at"], unique=False)
    op.create_index(
        "ix_jobs_leases",
        "jobs",
        ["lease_expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'Running'"),
        sqlite_where=sa.text("state = 'Running'"),
    )
    op.create_index("ix_jobs_owner_id_seq", "jobs", ["owner_id", "seq"], unique=False)
    op.create_index(
        "ix_jobs_queue",
        "jobs",
        [sa.literal_column("priority DESC"), "seq", "worker_tag"],
        unique=False,
        postgresql_where=sa.text("state = 'Queued'"),
        sqlite_where=sa.text("state = 'Queued'"),
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
