"""What lists show of workflows and runs: plain data, read in as few queries as the list has kinds of things."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.gallery.jobs.fetch import RAW
from galleria.gallery.jobs.records import Disposition, Job, JobOutput, State
from galleria.gallery.users.service import users_by_id
from galleria.gallery.workflows.changes import tags_of, unsupported_among
from galleria.gallery.workflows.records import PackageKind, Workflow
from galleria.gallery.workflows.service import workflows_by_id

KINDS: Mapping[PackageKind, str] = {PackageKind.WORKFLOW: "Workflow", PackageKind.APP: "App", PackageKind.MACRO: "Macro"}
NOBODY = "a studio's key"
"""Who owns a run that no person queued."""


def app_path(name: str, workflow_id: str) -> str:
    """Give the path of a workflow's page. The name in it is for people; the id says which one it is."""
    slug = re.sub(r"[\s/\\?#%]+", "-", name).strip("-.")[:80] or "workflow"
    return f"/app/{quote(slug)}/{workflow_id}"


@dataclass(frozen=True)
class WorkflowLine:
    workflow_id: str
    name: str
    path: str
    kind: str
    description: str
    """Markdown."""
    owner: str
    version: int
    run_count: int
    published_at: datetime
    last_run_at: datetime | None
    is_public: bool
    tags: Sequence[str]
    is_supported: bool


def workflow_lines(db: Session, workflows: Sequence[Workflow]) -> list[WorkflowLine]:
    owners = users_by_id(db, [workflow.owner_id for workflow in workflows])
    tags = tags_of(db, [workflow.id for workflow in workflows])
    unsupported = unsupported_among(db, workflows)
    return [
        WorkflowLine(
            workflow_id=workflow.id,
            name=workflow.name,
            path=app_path(workflow.name, workflow.id),
            kind=KINDS[workflow.kind],
            description=workflow.description,
            owner=owner.full_name if (owner := owners.get(workflow.owner_id)) else "",
            version=workflow.published_number,
            run_count=workflow.run_count,
            published_at=workflow.published_at,
            last_run_at=workflow.last_run_at,
            is_public=workflow.is_public,
            tags=tags.get(workflow.id, ()),
            is_supported=workflow.id not in unsupported,
        )
        for workflow in workflows
    ]


@dataclass(frozen=True)
class Outcome:
    """State and disposition of a run as one word, and the colour that goes with it."""

    word: str
    tone: str
    """`waiting`, `busy`, `good`, `bad` or `off`."""
    is_over: bool


def outcome_of(job: Job) -> Outcome:
    match job.state, job.disposition:
        case State.QUEUED, _:
            return Outcome("Queued", "waiting", False)
        case State.RUNNING, _:
            return Outcome("Stopping" if job.cancel_requested_at else "Running", "busy", False)
        case State.CANCELLED, _:
            return Outcome("Cancelled", "off", True)
        case _, Disposition.ERROR:
            return Outcome("Failed", "bad", True)
        case _:
            return Outcome("Succeeded", "good", True)


@dataclass(frozen=True)
class RunLine:
    job_id: str
    workflow_name: str
    workflow_path: str
    """Empty when the workflow was removed or is not the reader's to see."""
    outcome: Outcome
    owner: str
    queued_at: datetime
    took_s: float | None
    """From its start; None before."""
    output_count: int
    is_scheduled: bool


def run_lines(db: Session, jobs: Sequence[Job]) -> list[RunLine]:
    workflows = workflows_by_id(db, [job.workflow_id for job in jobs])
    owners = users_by_id(db, [job.owner_id for job in jobs if job.owner_id])
    names = {user_id: user.full_name for user_id, user in owners.items()}
    return [_run_line(job, workflows.get(job.workflow_id), names.get(job.owner_id or "", NOBODY)) for job in jobs]


def _run_line(job: Job, workflow: Workflow | None, owner: str) -> RunLine:
    is_there = workflow is not None and workflow.deleted_at is None
    return RunLine(
        job_id=job.id,
        workflow_name=workflow.name if workflow is not None else "a workflow that is gone",
        workflow_path=app_path(workflow.name, workflow.id) if workflow is not None and is_there else "",
        outcome=outcome_of(job),
        owner=owner,
        queued_at=job.queued_at,
        took_s=took_s(job),
        output_count=job.output_count,
        is_scheduled=job.schedule_id is not None,
    )


def took_s(job: Job) -> float | None:
    """How long a run has been running, or ran."""
    return ((job.ended_at or now()) - job.started_at).total_seconds() if job.started_at else None


def other_formats(output: JobOutput) -> list[str]:
    """List the formats of an output but the one that it was written in."""
    own = output.name.rpartition(".")[2].lower()
    return [str(name) for name in output.formats if str(name).lower() not in (RAW.lower(), own)]
