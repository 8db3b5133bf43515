"""Runs are found by what their outputs are called."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JOBS = sa.table("jobs", *map(sa.column, ("seq", "workflow_id", "owner_id", "subscription_id", "state")))
_OUTPUTS = sa.table("job_outputs", sa.column("job_seq"), sa.column("name"))
_NAMES = sa.table("result_names", *map(sa.column, ("workflow_id", "owner_id", "subscription_id", "name", "last_seq")))
_LONGEST = 200
_BATCH = 1000


def upgrade() -> None:
    op.create_table(
        "result_names",
        sa.Column("workflow_id", sa.String(length=24), nullable=False),
        sa.Column("owner_id", sa.String(length=24), nullable=False),
        sa.Column("subscription_id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("last_seq", _SEQ, nullable=False),
        sa.ForeignKeyConstraint(["last_seq"], ["jobs.seq"], name="fk_result_names_last_seq", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workflow_id", "owner_id", "subscription_id", "name", name="pk_result_names"),
    )
    fill(op.get_bind())
    op.create_index("ix_result_names_owner", "result_names", ["owner_id", "last_seq", "name", "workflow_id"], unique=False)
    op.create_index("ix_result_names_studio", "result_names", ["subscription_id", "last_seq", "name", "workflow_id"], unique=False)
    op.create_index("ix_result_names_latest", "result_names", ["last_seq", "name", "workflow_id"], unique=False)


def fill(connection: sa.Connection) -> None:
    """Note what the runs made that are over."""
    whose = (_JOBS.c.workflow_id, sa.func.coalesce(_JOBS.c.owner_id, ""), _JOBS.c.subscription_id, _OUTPUTS.c.name)
    query = sa.select(*whose, sa.func.max(_JOBS.c.seq)).join_from(_OUTPUTS, _JOBS, _OUTPUTS.c.job_seq == _JOBS.c.seq)
    is_over = _JOBS.c.state.in_(("Completed", "Cancelled"))
    last: dict[tuple[str, str, str, str], int] = {}
    for workflow_id, owner_id, studio_id, name, seq in connection.execute(query.where(is_over).group_by(*whose)):
        key = (workflow_id, owner_id, studio_id, name.replace("\\", "/").rpartition("/")[2].lower()[:_LONGEST])
        last[key] = max(last.get(key, 0), seq)
    rows: list[dict[str, object]] = [
        {"workflow_id": workflow_id, "owner_id": owner_id, "subscription_id": studio_id, "name": name, "last_seq": seq}
        for (workflow_id, owner_id, studio_id, name), seq in last.items()
    ]
    for first in range(0, len(rows), _BATCH):
        connection.execute(sa.insert(_NAMES), rows[first : first + _BATCH])


def downgrade() -> None:
    op.drop_table("result_names")
