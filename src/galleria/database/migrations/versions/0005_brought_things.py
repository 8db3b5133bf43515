"""What was brought along from other servers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "brought_things",
        sa.Column("thing", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.String(length=24), nullable=False),
        sa.Column("local_id", sa.String(length=24), nullable=False),
        sa.Column("server", sa.String(length=300), nullable=False),
        sa.Column("state", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("brought_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("thing IN ('studio', 'user', 'workflow', 'insight', 'schedule', 'collection')", name="ck_brought_things_thing"),
        sa.PrimaryKeyConstraint("thing", "source_id", name="pk_brought_things"),
    )
    op.create_index("ix_brought_things_server_thing", "brought_things", ["server", "thing"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_brought_things_server_thing", table_name="brought_things")
    op.drop_table("brought_things")
