"""Versions that can run are found in an index alone, without reading their large reports."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_workflow_versions_is_supported_id", "workflow_versions", ["is_supported", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_workflow_versions_is_supported_id", table_name="workflow_versions")
