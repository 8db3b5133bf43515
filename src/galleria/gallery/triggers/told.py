"""What webhooks and mails tell about a job that is over: plain JSON, no rows of data and no answers, which may be secret."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from galleria.gallery.jobs.records import Job, JobMessage, JobOutput
from galleria.gallery.workflows.records import Workflow
from galleria.messages import Status

_MOST_ERRORS = 5
_LONGEST_ERROR = 1000
_MOST_OUTPUTS = 100


def told(db: Session, job: Job) -> dict[str, Any]:
    """Describe a job that is over, as it is at this moment."""
    errors = select(JobMessage.tool_id, JobMessage.text).where(JobMessage.job_seq == job.seq, JobMessage.status == int(Status.ERROR))
    outputs = select(JobOutput.id, JobOutput.name, JobOutput.size_bytes, JobOutput.record_count).where(JobOutput.job_seq == job.seq)
    return {
        "job": {
            "id": job.id,
            "status": job.state.value,
            "disposition": job.disposition.value,
            "via": job.via,
            "queuedAt": _moment(job.queued_at),
            "startedAt": _moment(job.started_at),
            "endedAt": _moment(job.ended_at),
        },
        "workflow": {"id": job.workflow_id, "name": db.scalar(select(Workflow.name).where(Workflow.id == job.workflow_id)) or ""},
        "scheduleId": job.schedule_id,
        "errors": [
            {"toolId": tool_id, "text": text[:_LONGEST_ERROR]}
            for tool_id, text in db.execute(errors.order_by(JobMessage.position).limit(_MOST_ERRORS))
        ],
        "outputs": [
            {"id": output_id, "name": name, "sizeBytes": size_bytes, "records": records}
            for output_id, name, size_bytes, records in db.execute(outputs.order_by(JobOutput.position).limit(_MOST_OUTPUTS))
        ],
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds")


def in_words(event: str, body: Mapping[str, Any], address: str) -> tuple[str, str]:
    """Give subject and text of a mail; `address` is where the run can be seen, or empty."""
    name = " ".join(str(body["workflow"]["name"]).split())[:150]
    deed = {"failure": "failed", "recovery": "runs again"}.get(event, "succeeded")
    lines = [f"The workflow {name} {'ran again without an error' if event == 'recovery' else deed}.", ""]
    lines += [f"{_tool(error['toolId'])}{error['text']}" for error in body["errors"]]
    lines += [f"Output: {output['name']}{_records(output['records'])}" for output in body["outputs"][:20]]
    lines += ["", f"Started {body['job']['startedAt'] or 'never'}, ended {body['job']['endedAt']}."]
    lines += [f"The run: {address}"] if address else []
    return f"{name} {deed}", "\n".join(lines)


def _tool(tool_id: int | None) -> str:
    return "" if tool_id is None else f"Tool {tool_id}: "


def _records(count: int | None) -> str:
    return "" if count is None else f", {count:,} records"
