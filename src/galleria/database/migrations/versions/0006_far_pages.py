"""Far pages of lists are found in an index alone."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_IS_THERE = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    op.drop_index("ix_jobs_workflow_id_seq", table_name="jobs")
    op.create_index("ix_jobs_of_workflow", "jobs", ["workflow_id", "seq", "subscription_id", "owner_id"], unique=False)
    op.drop_index("ix_workflows_subscription_id_published_at", table_name="workflows")
    _of_those_there("ix_workflows_of_studio", "subscription_id", "published_at", "id")
    _of_those_there("ix_workflows_names_of_studio", "subscription_id", sa.literal_column("lower(name)"), "id")


def downgrade() -> None:
    op.drop_index("ix_workflows_names_of_studio", table_name="workflows")
    op.drop_index("ix_workflows_of_studio", table_name="workflows")
    op.create_index("ix_workflows_subscription_id_published_at", "workflows", ["subscription_id", "published_at"], unique=False)
    op.drop_index("ix_jobs_of_workflow", table_name="jobs")
    op.create_index("ix_jobs_workflow_id_seq", "jobs", ["workflow_id", "seq"], unique=False)


def _of_those_there(name: str, *columns: str | sa.ColumnClause[str]) -> None:
    op.create_index(name, "workflows", list(columns), unique=False, postgresql_where=_IS_THERE, sqlite_where=_IS_THERE)
