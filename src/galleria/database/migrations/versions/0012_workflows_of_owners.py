"""A list by owners counts the workflows of each in an index alone."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_IS_THERE = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_workflows_of_owner", "workflows", ["owner_id", "id"], unique=False, postgresql_where=_IS_THERE, sqlite_where=_IS_THERE
    )


def downgrade() -> None:
    op.drop_index("ix_workflows_of_owner", table_name="workflows")
