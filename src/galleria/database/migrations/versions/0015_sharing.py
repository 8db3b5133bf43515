"""A collection may be made to share one workflow, from its page."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("collections", sa.Column("made_for", sa.String(length=24), nullable=True))
    op.create_index("ix_collections_made_for", "collections", ["made_for"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_collections_made_for", table_name="collections")
    op.drop_column("collections", "made_for")
