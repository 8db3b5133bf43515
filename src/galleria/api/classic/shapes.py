"""JSON of the classic APIs: every key by name, in the published order and type. Shaping never queries."""

from collections.abc import Sequence

from galleria.api.dialects import Dialect, moment_in_milliseconds, moment_in_seconds, moment_in_ticks
from galleria.gallery.jobs.answers import askable
from galleria.gallery.jobs.records import Disposition, Job, JobMessage, JobOutput, Priority, State
from galleria.gallery.jobs.service import Story
from galleria.gallery.workflows.records import PackageKind, Workflow
from galleria.gallery.workflows.report import Question

TYPE_NAMES = {PackageKind.APP: "App", PackageKind.WORKFLOW: "Module", PackageKind.MACRO: "Macro"}
_ENGINE = -1
"""The tool id of messages that no tool sent."""


def workflow(found: Workflow, dialect: Dialect) -> dict[str, object]:
    """One element of the studio's list; a strict client wants exactly this order."""
    shaped: dict[str, object] = {
        "id": found.id,
        "subscriptionId": found.subscription_id,
        "public": found.is_public,
        "runDisabled": found.is_run_disabled,
        "packageType": TYPE_NAMES[found.kind] if dialect.has_named_enums else int(found.kind),
        "uploadDate": moment_in_milliseconds(found.published_at),
        "fileName": found.file_name,
        "metaInfo": meta_info(found),
        "isChained": False,
        "version": found.published_number,
        "runCount": found.run_count,
        "workerTag": found.worker_tag,
    }
    return shaped | {"isE2": found.uses_amp} if dialect.has_amp else shaped


def meta_info(found: Workflow) -> dict[str, object]:
    return {
        "name": found.name,
        "description": found.description,
        "author": found.meta.get("author", ""),
        "copyright": found.meta.get("copyright", ""),
        "url": found.meta.get("url", ""),
        "urlText": found.meta.get("url_text", ""),
        "outputMessage": found.meta.get("output_message", ""),
        "noOutputFilesMessage": found.meta.get("no_output_files_message", ""),
    }


def questions(found: Sequence[Question], dialect: Dialect) -> list[dict[str, object]]:
    return [_question(question, dialect) for question in askable(found)]


def _question(found: Question, dialect: Dialect) -> dict[str, object]:
    is_list = found.multiple is not None or bool(found.items)
    shaped: dict[str, object] = {
        "name": found.name,
        "type": f"Question{found.type}",
        "description": found.description,
        "value": found.value,
        "items": [{"key": key, "value": value} for key, value in found.items] if is_list else None,
        "multiple": None if found.multiple is None else str(found.multiple),
    }
    return shaped if dialect.writes_nulls else {key: value for key, value in shaped.items() if value is not None}


def queued_job(job: Job, dialect: Dialect) -> dict[str, object]:
    """The answer to queueing: nothing said or made yet, the time with all its digits, the tag as text."""
    return _job(job, dialect, moment_in_ticks(job.queued_at), job.worker_tag, [], [])


def last_job(found: Job, story: Story, dialect: Dialect) -> dict[str, object]:
    """As `job`, where a list of many workflows' runs must name the workflow and writes the time as Admin V1 does."""
    shaped = job(found, story.outputs, story.messages, dialect)
    return shaped | {"appId": found.workflow_id, "createDate": dialect.listed_moment(found.queued_at)}


def job(found: Job, outputs: Sequence[JobOutput], messages: Sequence[JobMessage], dialect: Dialect) -> dict[str, object]:
    """The answer to asking: the time in whole seconds, null for no tag."""
    return _job(
        found,
        dialect,
        moment_in_seconds(found.queued_at),
        found.worker_tag or None,
        [{"id": output.id, "formats": list(output.formats), "name": output.name} for output in outputs],
        [{"status": said.status, "text": said.text, "toolId": _ENGINE if said.tool_id is None else said.tool_id} for said in messages],
    )


def listed_job(found: Job, dialect: Dialect) -> dict[str, object]:
    """An element of an app's list of jobs, whose `runWithE2` is a text."""
    shaped: dict[str, object] = {
        "id": found.id,
        "createDate": moment_in_seconds(found.queued_at),
        "status": _status(found),
        "disposition": _disposition(found),
        "priority": dialect.enum(Priority(found.priority)),
        "workerTag": found.worker_tag,
    }
    return shaped | {"runWithE2": "False"} if dialect.has_amp else shaped


def _job(
    found: Job, dialect: Dialect, created: str, worker_tag: str | None, outputs: list[dict[str, object]], messages: list[dict[str, object]]
) -> dict[str, object]:
    shaped: dict[str, object] = {
        "id": found.id,
        # Null in every answer that a real server was seen to give.
        "appId": None,
        "createDate": created,
        "status": _status(found),
        "disposition": _disposition(found),
        "outputs": outputs,
        "messages": messages,
        "priority": dialect.enum(Priority(found.priority)),
        "workerTag": worker_tag,
    }
    # Galleria has one engine, and it is not that one.
    return shaped | {"runWithE2": False} if dialect.has_amp else shaped


def _status(found: Job) -> str:
    """Clients poll until they read Completed, so a cancelled job says so too."""
    return State.COMPLETED.value if found.is_over else found.state.value


def _disposition(found: Job) -> str:
    return Disposition.ERROR.value if found.state is State.CANCELLED else found.disposition.value
