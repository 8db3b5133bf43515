"""Whether a job names a stored file is found in an index."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_job_outputs_storage_key", "job_outputs", ["storage_key"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_job_outputs_storage_key", table_name="job_outputs")
