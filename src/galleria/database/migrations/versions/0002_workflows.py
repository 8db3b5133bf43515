"""Workflows, and what runs of them may use and share."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connections",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_sealed", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("origin IN ('server', 'system')", name="ck_connections_origin"),
        sa.PrimaryKeyConstraint("id", name="pk_connections"),
    )
    op.create_index("ix_connections_origin_name", "connections", ["origin", "name"], unique=False)
    op.create_table(
        "credentials",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("user_name", sa.String(length=300), nullable=False),
        sa.Column("password_sealed", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=24), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_credentials"),
    )
    op.create_index("ix_credentials_user_name", "credentials", ["user_name"], unique=False)
    op.create_table(
        "connection_shares",
        sa.Column("connection_id", sa.String(length=24), nullable=False),
        sa.Column("party", sa.String(length=20), nullable=False),
        sa.Column("party_id", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_connection_shares_connection_id", ondelete="CASCADE"),
        sa.CheckConstraint("party IN ('user', 'group', 'studio')", name="ck_connection_shares_party"),
        sa.PrimaryKeyConstraint("connection_id", "party", "party_id", name="pk_connection_shares"),
    )
    op.create_index("ix_connection_shares_party_party_id", "connection_shares", ["party", "party_id"], unique=False)
    op.create_table(
        "credential_shares",
        sa.Column("credential_id", sa.String(length=24), nullable=False),
        sa.Column("party", sa.String(length=20), nullable=False),
        sa.Column("party_id", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["credential_id"], ["credentials.id"], name="fk_credential_shares_credential_id", ondelete="CASCADE"),
        sa.CheckConstraint("party IN ('user', 'group', 'studio')", name="ck_credential_shares_party"),
        sa.PrimaryKeyConstraint("credential_id", "party", "party_id", name="pk_credential_shares"),
    )
    op.create_index("ix_credential_shares_party_party_id", "credential_shares", ["party", "party_id"], unique=False)
    op.create_table(
        "collections",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("owner_id", sa.String(length=24), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_collections_owner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_collections"),
    )
    op.create_index("ix_collections_name", "collections", ["name"], unique=False)
    op.create_index("ix_collections_owner_id", "collections", ["owner_id"], unique=False)
    op.create_table(
        "input_files",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("owner_id", sa.String(length=24), nullable=True),
        sa.Column("subscription_id", sa.String(length=24), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("storage_key", sa.String(length=200), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_input_files_owner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_input_files"),
    )
    op.create_index("ix_input_files_expires_at", "input_files", ["expires_at"], unique=False)
    op.create_table(
        "insights",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("owner_id", sa.String(length=24), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_insights_owner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_insights"),
    )
    op.create_index("ix_insights_name", "insights", ["name"], unique=False)
    op.create_index("ix_insights_owner_id", "insights", ["owner_id"], unique=False)
    op.create_table(
        "workflows",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.String(length=24), nullable=False),
        sa.Column("subscription_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
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
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("inside_text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_workflows_owner_id"),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscriptions.id"], name="fk_workflows_subscription_id"),
        sa.CheckConstraint("kind IN ('APP', 'WORKFLOW', 'MACRO')", name="ck_workflows_kind"),
        sa.PrimaryKeyConstraint("id", name="pk_workflows"),
    )
    op.create_index(
        "ix_workflows_latest",
        "workflows",
        ["published_at", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_workflows_names",
        "workflows",
        [sa.literal_column("lower(name)"), "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_workflows_owner_id", "workflows", ["owner_id"], unique=False)
    op.create_index("ix_workflows_source_id", "workflows", ["source_id"], unique=False)
    op.create_index("ix_workflows_subscription_id_published_at", "workflows", ["subscription_id", "published_at"], unique=False)
    op.create_table(
        "collection_items",
        sa.Column("collection_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("item_id", sa.String(length=24), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["collection_id"], ["collections.id"], name="fk_collection_items_collection_id", ondelete="CASCADE"),
        sa.CheckConstraint("kind IN ('workflow', 'schedule', 'insight')", name="ck_collection_items_kind"),
        sa.PrimaryKeyConstraint("collection_id", "kind", "item_id", name="pk_collection_items"),
    )
    op.create_index("ix_collection_items_kind_item_id", "collection_items", ["kind", "item_id"], unique=False)
    op.create_table(
        "collection_members",
        sa.Column("collection_id", sa.String(length=24), nullable=False),
        sa.Column("party", sa.String(length=20), nullable=False),
        sa.Column("party_id", sa.String(length=24), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("can_add_items", sa.Boolean(), nullable=False),
        sa.Column("can_remove_items", sa.Boolean(), nullable=False),
        sa.Column("can_update_items", sa.Boolean(), nullable=False),
        sa.Column("can_add_members", sa.Boolean(), nullable=False),
        sa.Column("can_remove_members", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["collection_id"], ["collections.id"], name="fk_collection_members_collection_id", ondelete="CASCADE"),
        sa.CheckConstraint("party IN ('user', 'group', 'studio')", name="ck_collection_members_party"),
        sa.PrimaryKeyConstraint("collection_id", "party", "party_id", name="pk_collection_members"),
    )
    op.create_index("ix_collection_members_party_party_id", "collection_members", ["party", "party_id"], unique=False)
    op.create_table(
        "workflow_tags",
        sa.Column("workflow_id", sa.String(length=24), nullable=False),
        sa.Column("tag", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["workflow_id"], ["workflows.id"], name="fk_workflow_tags_workflow_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workflow_id", "tag", name="pk_workflow_tags"),
    )
    op.create_index("ix_workflow_tags_tag", "workflow_tags", ["tag"], unique=False)
    op.create_table(
        "workflow_versions",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("workflow_id", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
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
        sa.CheckConstraint("kind IN ('APP', 'WORKFLOW', 'MACRO')", name="ck_workflow_versions_kind"),
        sa.PrimaryKeyConstraint("id", name="pk_workflow_versions"),
        sa.UniqueConstraint("workflow_id", "number", name="uq_workflow_versions_workflow_id_number"),
    )
    op.create_index("ix_workflow_versions_created_at", "workflow_versions", ["created_at"], unique=False)
