"""What fails is found among the failures alone, and how much of a workflow's runs that is in an index alone."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_FAILED = sa.text("disposition = 'Error'")


def upgrade() -> None:
    op.create_index("ix_jobs_workflow_id_ended_at", "jobs", ["workflow_id", "ended_at"], unique=False)
    op.create_index("ix_jobs_failed", "jobs", ["ended_at", "workflow_id"], unique=False, postgresql_where=_FAILED, sqlite_where=_FAILED)


def downgrade() -> None:
    op.drop_index("ix_jobs_failed", table_name="jobs")
    op.drop_index("ix_jobs_workflow_id_ended_at", table_name="jobs")
