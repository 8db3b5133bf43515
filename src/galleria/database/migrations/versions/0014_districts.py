"""Districts, and which workflows lie in them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "districts",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_districts"),
    )
    op.create_table(
        "district_workflows",
        sa.Column("district_id", sa.String(length=24), nullable=False),
        sa.Column("workflow_id", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["districts.id"], name="fk_district_workflows_district_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workflow_id"], ["workflows.id"], name="fk_district_workflows_workflow_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("district_id", "workflow_id", name="pk_district_workflows"),
    )
    op.create_index("ix_district_workflows_workflow_id", "district_workflows", ["workflow_id"], unique=False)


def downgrade() -> None:
    op.drop_table("district_workflows")
    op.drop_table("districts")
