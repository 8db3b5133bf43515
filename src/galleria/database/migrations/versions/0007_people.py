"""Mails to people, accounts of identity providers, followers, comments, requests for access, whose a connection is."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_IS_WAITING = sa.text("progress = 'waiting'")


def upgrade() -> None:
    _make_mails()
    _make_identities()
    _make_followers()
    _make_comments()
    _make_requests()
    op.add_column("connections", sa.Column("created_by", sa.String(length=24), nullable=True))
    op.create_index("ix_connections_created_by", "connections", ["created_by"], unique=False)
    op.create_index("ix_credentials_created_by", "credentials", ["created_by"], unique=False)


def _make_mails() -> None:
    kinds = "'invitation', 'reset', 'failure', 'change', 'comment', 'request'"
    op.create_table(
        "mails",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("user_id", sa.String(length=24), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about_id", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("text_sealed", sa.Text(), nullable=False),
        sa.Column("progress", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"kind IN ({kinds})", name="ck_mails_kind"),
        sa.CheckConstraint("progress IN ('waiting', 'sent', 'failed')", name="ck_mails_progress"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_mails_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
    )
    op.create_index("ix_mails_user_id_kind_created_at", "mails", ["user_id", "kind", "created_at"], unique=False)
    op.create_index("ix_mails_created_at", "mails", ["created_at"], unique=False)
    op.create_index("ix_mails_due", "mails", ["next_try_at"], unique=False, postgresql_where=_IS_WAITING, sqlite_where=_IS_WAITING)
    op.create_table(
        "muted_mails",
        sa.Column("user_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.CheckConstraint(f"kind IN ({kinds})", name="ck_muted_mails_kind"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_muted_mails_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "kind", name="pk_muted_mails"),
    )


def _make_identities() -> None:
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=24), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_identities_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
    )
    op.create_index("ix_identities_user_id", "identities", ["user_id"], unique=False)


def _make_followers() -> None:
    op.create_table(
        "workflow_followers",
        sa.Column("workflow_id", sa.String(length=24), nullable=False),
        sa.Column("user_id", sa.String(length=24), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_workflow_followers_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workflow_id"], ["workflows.id"], name="fk_workflow_followers_workflow_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workflow_id", "user_id", name="pk_workflow_followers"),
    )
    op.create_index("ix_workflow_followers_user_id", "workflow_followers", ["user_id"], unique=False)


def _make_comments() -> None:
    op.create_table(
        "comments",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("workflow_id", sa.String(length=24), nullable=False),
        sa.Column("author_id", sa.String(length=24), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_comments_author_id"),
        sa.ForeignKeyConstraint(["workflow_id"], ["workflows.id"], name="fk_comments_workflow_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
    )
    op.create_index("ix_comments_workflow_id_created_at", "comments", ["workflow_id", "created_at"], unique=False)
    op.create_index("ix_comments_author_id", "comments", ["author_id"], unique=False)


def _make_requests() -> None:
    op.create_table(
        "access_requests",
        sa.Column("user_id", sa.String(length=24), nullable=False),
        sa.Column("workflow_id", sa.String(length=24), nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(length=24), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("outcome IN ('waiting', 'granted', 'declined')", name="ck_access_requests_outcome"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_access_requests_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "workflow_id", name="pk_access_requests"),
        sa.UniqueConstraint("id", name="uq_access_requests_id"),
    )
    op.create_index("ix_access_requests_workflow_id_outcome", "access_requests", ["workflow_id", "outcome"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_credentials_created_by", table_name="credentials")
    op.drop_index("ix_connections_created_by", table_name="connections")
    op.drop_column("connections", "created_by")
    for table in ("access_requests", "comments", "workflow_followers", "identities", "muted_mails", "mails"):
        op.drop_table(table)
