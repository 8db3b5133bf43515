"""The statements of a job's way through a worker, each built once: to put one together takes longer than to carry it out.

They speak to the tables, not to the records: a `Job` that the same session holds is not brought up to date.
"""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from sqlalchemy import (
    JSON,
    ColumnElement,
    Float,
    Insert,
    Select,
    String,
    Table,
    Update,
    and_,
    bindparam,
    false,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    update,
)

from galleria.database.clock import from_now
from galleria.gallery.jobs.records import Disposition, Job, JobMessage, JobOutput, State
from galleria.gallery.workflows.records import Version, Workflow

JOBS = cast("Table", Job.__table__)
_VERSIONS = cast("Table", Version.__table__)
_WORKFLOWS = cast("Table", Workflow.__table__)

INSERT_MESSAGES: Insert = insert(cast("Table", JobMessage.__table__))
INSERT_OUTPUTS: Insert = insert(cast("Table", JobOutput.__table__))

_UNTIL = from_now(bindparam("lease_s", type_=Float))
_IS_HELD = and_(
    JOBS.c.seq == bindparam("held_seq"), JOBS.c.lease_token == bindparam("held_token"), JOBS.c.state == literal_column(f"'{State.RUNNING}'")
)
IS_WATCHED = select(_WORKFLOWS.c.is_watched).where(_WORKFLOWS.c.id == JOBS.c.workflow_id).scalar_subquery()
"""Whether anything is to follow the end of the job that is being changed."""


@cache
def _takes(*, has_tags: bool, runs_unassigned: bool, is_kept: bool) -> ColumnElement[bool]:
    """Which jobs a worker may run: those of `tags`, and none below `least` where it is kept free for urgent ones."""
    allowed: list[ColumnElement[bool]] = [JOBS.c.worker_tag.in_(bindparam("tags", expanding=True))] if has_tags else []
    allowed += [JOBS.c.worker_tag == literal_column("''")] if runs_unassigned else []
    urgent = [JOBS.c.priority >= bindparam("least")] if is_kept else []
    # Written out, as `records.in_state` does: only then the index of one state serves it.
    return and_(JOBS.c.state == literal_column(f"'{State.QUEUED}'"), or_(*allowed), *urgent)


@cache
def waiting(*, has_tags: bool, runs_unassigned: bool, is_kept: bool) -> Select[Any]:
    """Look for a job that a worker of this kind may run."""
    return select(JOBS.c.seq).where(_takes(has_tags=has_tags, runs_unassigned=runs_unassigned, is_kept=is_kept)).limit(1)


@cache
def claim(*, has_tags: bool, runs_unassigned: bool, is_kept: bool) -> Update:
    """Take the most urgent `most` jobs under the lease `new_token` for `lease_s`; gives what a run needs to know, in no order."""
    due = (
        select(JOBS.c.seq)
        .where(_takes(has_tags=has_tags, runs_unassigned=runs_unassigned, is_kept=is_kept))
        .order_by(JOBS.c.priority.desc(), JOBS.c.seq)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    # In the same statement, which a join would not do on SQLite.
    version = select(_VERSIONS.c.package_key).where(_VERSIONS.c.id == JOBS.c.version_id)
    return (
        update(JOBS)
        .where(JOBS.c.seq.in_(select(due.c.seq)))
        .values(
            state=State.RUNNING,
            lease_token=bindparam("new_token"),
            lease_expires_at=_UNTIL,
            worker=bindparam("new_worker"),
            attempts=JOBS.c.attempts + 1,
            started_at=from_now(),
        )
        .returning(
            *(JOBS.c[name] for name in _CLAIMED),
            version.scalar_subquery(),
            version.with_only_columns(_VERSIONS.c.file_name).scalar_subquery(),
            select(_WORKFLOWS.c.name).where(_WORKFLOWS.c.id == JOBS.c.workflow_id).scalar_subquery(),
        )
    )


_CLAIMED = (
    *("seq", "id", "workflow_id", "version_id", "owner_id", "subscription_id"),
    *("priority", "answers", "credential_id", "time_limit_s", "attempts"),
)

RENEW: Update = (
    update(JOBS).where(_IS_HELD).values(lease_expires_at=_UNTIL).returning(JOBS.c.id, JOBS.c.lease_token, JOBS.c.cancel_requested_at)
)
"""The one lease `held_seq`, `held_token`, for `lease_s`."""

RENEW_MANY: Update = (
    update(JOBS)
    .where(
        JOBS.c.seq.in_(bindparam("held_seqs", expanding=True)),
        JOBS.c.lease_token.in_(bindparam("held_tokens", expanding=True)),
        JOBS.c.state == literal_column(f"'{State.RUNNING}'"),
    )
    .values(lease_expires_at=_UNTIL)
    .returning(JOBS.c.id, JOBS.c.lease_token, JOBS.c.cancel_requested_at)
)


@cache
def hear(*, has_moved: bool) -> Update:
    """Count `said` further messages, and keep `new_progress` where the run has moved."""
    far = {"progress": bindparam("new_progress", type_=JSON(none_as_null=True))} if has_moved else {}
    changed = update(JOBS).where(_IS_HELD).values(message_count=JOBS.c.message_count + bindparam("said"), **far)
    return changed.returning(JOBS.c.message_count)


@cache
def finish(*, is_cancelled: bool, has_moved: bool, bell: str) -> Update:
    """End a held job with `new_disposition` and `new_result`, and count the `said` messages and `made` outputs that go with it.

    `bell` is the channel that rings with it, on PostgreSQL, which saves a statement; empty on others.
    """
    json = JSON(none_as_null=True)
    ended: dict[str, Any] = {
        "state": State.CANCELLED if is_cancelled else State.COMPLETED,
        "disposition": Disposition.NONE if is_cancelled else bindparam("new_disposition", type_=JOBS.c.disposition.type),
        "ended_at": from_now(),
        "lease_token": null(),
        "lease_expires_at": null(),
        "result": bindparam("new_result", type_=json),
        "message_count": JOBS.c.message_count + bindparam("said"),
        "output_count": JOBS.c.output_count + bindparam("made"),
        "is_unheard": false() if is_cancelled else IS_WATCHED,
        **({"progress": bindparam("new_progress", type_=json)} if has_moved else {}),
    }
    columns = (JOBS.c[name] for name in _ENDED)
    rings = [func.pg_notify(literal_column(f"'{bell}'"), literal_column("''"), type_=String)] if bell else []
    return update(JOBS).where(_IS_HELD).values(ended).returning(*columns, *rings)


_ENDED = ("seq", "workflow_id", "owner_id", "subscription_id", "message_count", "output_count", "is_unheard")
