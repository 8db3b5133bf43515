"""Jobs: the queue itself, what a run said, what it made.

```
          claim                finish
Queued ──────────► Running ─────────────► Completed (Success | Error)
  │  ▲               │ │
  │  └───────────────┘ └──► Cancelled      finish after a cancel; or the worker of a cancelled job was lost
  │   give_back, or the lease ran out
  └──► Cancelled      cancel
```

A lease that ran out for the last time ends in Completed with Error and the message "worker lost".
"""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Float, ForeignKey, Index, String, Text, TextClause, false, literal, text
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, Sequence, words
from galleria.database.clock import from_now


class State(StrEnum):
    QUEUED = "Queued"
    RUNNING = "Running"
    COMPLETED = "Completed"
    CANCELLED = "Cancelled"


class Disposition(StrEnum):
    NONE = "None"
    SUCCESS = "Success"
    ERROR = "Error"


class Priority(IntEnum):
    LOW = 0
    MEDIUM = 1
    HIGH = 2
    CRITICAL = 3


_FAILED = "disposition = 'Error'"


def _index_of(state: str, name: str, *columns: str | TextClause) -> Index:
    """Index the rows in one state only. It serves queries that say so with `in_state`."""
    condition = text(f"state = '{state}'")
    return Index(name, *columns, postgresql_where=condition, sqlite_where=condition)


class Job(Record):
    __tablename__ = "jobs"
    __table_args__ = (
        # The claim reads the queue in this order; the tag is in the index so that rows of other tags are passed over in it.
        _index_of("Queued", "ix_jobs_queue", text("priority DESC"), "seq", "worker_tag"),
        # Lists of one state: the few rows of these states are found without walking through all that are completed.
        _index_of("Queued", "ix_jobs_queued", "seq"),
        _index_of("Running", "ix_jobs_running", "seq"),
        _index_of("Cancelled", "ix_jobs_cancelled", "seq"),
        # A page of a workflow's jobs is found in this alone, however far it lies, for those who see a studio's or their own.
        Index("ix_jobs_of_workflow", "workflow_id", "seq", "subscription_id", "owner_id"),
        Index(None, "owner_id", "seq"),
        Index(None, "subscription_id", "seq"),
        Index(None, "schedule_id", "seq"),
        Index(None, "ended_at"),
        # What fails is found among the failures alone; how much of a workflow's runs that is, in an index alone.
        Index(None, "workflow_id", "ended_at"),
        Index("ix_jobs_failed", "ended_at", "workflow_id", postgresql_where=text(_FAILED), sqlite_where=text(_FAILED)),
        # Few at any time, and gone in a moment.
        Index("ix_jobs_unheard", "seq", postgresql_where=text("is_unheard"), sqlite_where=text("is_unheard = 1")),
        # A job sets a trigger off once.
        Index(None, "cause_job_id", "trigger_id", unique=True),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    """The order of arrival; the public id is in no order."""
    id: Mapped[str] = mapped_column(Id, unique=True)
    workflow_id: Mapped[str] = mapped_column(Id, ForeignKey("workflows.id"))
    version_id: Mapped[str] = mapped_column(Id, ForeignKey("workflow_versions.id"))
    owner_id: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    """None for a job that a studio's key queued."""
    subscription_id: Mapped[str] = mapped_column(Id, ForeignKey("subscriptions.id"))
    """The studio of whoever queued it."""
    schedule_id: Mapped[str | None] = mapped_column(Id)
    via: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[State] = mapped_column(words(State, "state"), default=State.QUEUED)
    disposition: Mapped[Disposition] = mapped_column(words(Disposition, "disposition"), default=Disposition.NONE)
    priority: Mapped[int] = mapped_column(default=Priority.LOW)
    worker_tag: Mapped[str] = mapped_column(String(100), default="")
    """Empty: any worker that runs unassigned jobs."""
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Answer by question name, as text."""
    credential_id: Mapped[str | None] = mapped_column(Id)
    time_limit_s: Mapped[float | None] = mapped_column(Float)
    """None: the worker's own limit."""

    lease_token: Mapped[str | None] = mapped_column(String(32))
    """Whoever holds it may write; fresh at every claim."""
    lease_expires_at: Mapped[datetime | None]
    worker: Mapped[str] = mapped_column(String(200), default="")
    """The worker that has it or had it last."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often it was claimed; one that was given back does not count."""
    cancel_requested_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None] = mapped_column(Id)

    planned_at: Mapped[datetime | None]
    """For a scheduled job: the time that the schedule had for it."""
    cause_job_id: Mapped[str | None] = mapped_column(Id)
    """For a chained job: the one whose end queued it."""
    trigger_id: Mapped[str | None] = mapped_column(Id)
    chain_depth: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How many jobs come before it in its chain."""
    is_unheard: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It is over, its workflow is watched, and what is to follow has not been seen to."""

    queued_at: Mapped[datetime] = mapped_column(default=from_now())
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    message_count: Mapped[int] = mapped_column(default=0)
    output_count: Mapped[int] = mapped_column(default=0)
    progress: Mapped[dict[str, Any] | None]
    """How far it is, as the run last said: `done` and `steps`, `tools` at work, `records` by tool and anchor, `read` by tool."""
    result: Mapped[dict[str, Any] | None]
    """What the runner reports beside messages: counts, times, peak memory."""

    @property
    def is_over(self) -> bool:
        return self.state in (State.COMPLETED, State.CANCELLED)


def in_state(state: State) -> ColumnElement[bool]:
    """Say that a job is in this state, written out in the statement: only then the indexes of one state serve it."""
    return Job.state == literal(state, Job.state.type, literal_execute=True)


def has_failed() -> ColumnElement[bool]:
    """Say that a job ended in an error, written out in the statement, as `in_state` does and for the same reason."""
    return Job.disposition == literal(Disposition.ERROR, Job.disposition.type, literal_execute=True)


class JobMessage(Record):
    __tablename__ = "job_messages"

    job_seq: Mapped[int] = mapped_column(Sequence, ForeignKey("jobs.seq", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    """From 0 on, in the order in which the run said it."""
    tool_id: Mapped[int | None]
    status: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    path: Mapped[list[Any] | None]
    """For a message from inside a macro: the tool ids from the outermost macro down."""
    at: Mapped[datetime] = mapped_column(default=from_now())


class JobOutput(Record):
    __tablename__ = "job_outputs"
    __table_args__ = (
        Index(None, "job_seq", "position", unique=True),
        # Whether a stored file is anybody's.
        Index(None, "storage_key"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    job_seq: Mapped[int] = mapped_column(Sequence, ForeignKey("jobs.seq", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(1000))
    """The file's name as the run wrote it: `output.yxdb`."""
    storage_key: Mapped[str] = mapped_column(String(200))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    formats: Mapped[list[Any]]
    """In what it can be fetched, the first one the best: `["Raw", "Yxdb", "Csv"]`."""
    tool_id: Mapped[int | None]
    record_count: Mapped[int | None] = mapped_column(BigInteger)


class ResultName(Record):
    """What outputs of a workflow's runs are called, with the last run that made one so: for searches (`names.py`)."""

    __tablename__ = "result_names"
    __table_args__ = (
        # Each holds all that a search reads, in the order of its answer, for one way to see a job; the last for Curators.
        Index("ix_result_names_owner", "owner_id", "last_seq", "name", "workflow_id"),
        Index("ix_result_names_studio", "subscription_id", "last_seq", "name", "workflow_id"),
        Index("ix_result_names_latest", "last_seq", "name", "workflow_id"),
    )

    workflow_id: Mapped[str] = mapped_column(Id, primary_key=True)
    owner_id: Mapped[str] = mapped_column(Id, primary_key=True)
    """Of the job, as the next; empty for one that a studio's key queued."""
    subscription_id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    """The file's own name, in small letters."""
    last_seq: Mapped[int] = mapped_column(Sequence, ForeignKey("jobs.seq", ondelete="CASCADE"))
