"""JSON of schedules and of runs to come in the admin APIs, key by key in the published order."""

from galleria.api.classic.assets import Around
from galleria.api.dialects import Dialect, moment_in_seconds, moment_or_null
from galleria.gallery.credentials.records import Credential
from galleria.gallery.jobs.records import Priority
from galleria.gallery.schedules.records import Schedule
from galleria.gallery.schedules.service import Forecast
from galleria.gallery.users.records import User
from galleria.gallery.workflows.records import Workflow


def schedule(
    found: Schedule, workflow: Workflow | None, credential: Credential | None, around: Around, dialect: Dialect
) -> dict[str, object]:
    owner = around.users.get(found.owner_id)
    return {
        "id": found.id,
        "application": None if workflow is None else _application(workflow, dialect),
        "owner": None if owner is None else _schedule_owner(owner),
        "name": found.name,
        "comment": found.comment,
        "enabled": found.is_enabled,
        "priority": dialect.enum(Priority(found.priority)),
        "workerTag": found.worker_tag,
        "status": "Error" if found.last_error else "Active" if found.is_enabled else "Disabled",
        "credential": None if credential is None else _credential(credential),
        "creationTime": moment_in_seconds(found.created_at),
        "lastRunTime": moment_or_null(found.last_run_at),
        "nextRunTime": moment_or_null(found.next_run_at),
        "state": "Expired" if found.next_run_at is None else "Active",
        "runCount": found.run_count,
        "iteration": _iteration(found),
        "frequency": found.iteration["kind"],
        "timezone": found.timezone,
        "lastError": found.last_error,
        "cpuName": "",
        "lastModifiedId": found.changed_by,
        "lastModifiedDate": moment_in_seconds(found.changed_at),
        "canEdit": True,
    }


def _application(workflow: Workflow, dialect: Dialect) -> dict[str, object]:
    shaped: dict[str, object] = {
        "id": workflow.id,
        "revisionId": workflow.published_version_id,
        "name": workflow.name,
        "iconId": None,
        "canExecute": not workflow.is_run_disabled,
    }
    return shaped | {"amp": workflow.uses_amp} if dialect.has_amp else shaped


def _schedule_owner(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "role": user.role.value,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "email": user.email,
        "sortName": f"{user.last_name} {user.first_name}".strip() or user.email,
        "isActive": user.is_active,
        "credentialWorkFlowCount": 0,
    }


def _credential(credential: Credential) -> dict[str, object]:
    return {"credentialId": credential.id, "username": credential.user_name, "source": None}


def _iteration(found: Schedule) -> dict[str, object]:
    """Start and end are the documented members; the rest tells how the schedule repeats."""
    values = dict(found.iteration)
    return {
        "startTime": values.pop("starts_at"),
        "endTime": values.pop("ends_at", None),
        "iterationType": values.pop("kind"),
        **{_camel(name): value for name, value in values.items()},
    }


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def forecast(run: Forecast, workflow: Workflow | None, around: Around) -> dict[str, object]:
    owner = around.users.get(run.schedule.owner_id)
    return {
        "id": run.schedule.id,
        "appEstimatedCompletionTime": 0,
        "scheduleName": run.schedule.name,
        "startTime": moment_in_seconds(run.at),
        "frequency": run.schedule.iteration["kind"],
        "workflowName": "" if workflow is None else workflow.name,
        "owner": None if owner is None else _forecast_owner(owner),
        "priority": run.schedule.priority,
    }


def _forecast_owner(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "email": user.email,
        "subscriptionId": user.subscription_id,
    }
