"""JSON of the Web API, v3: every key by name, nulls written, enums as names. Shaping never queries."""

from collections.abc import Sequence

from galleria.api.dialects import moment_in_milliseconds, moment_in_seconds
from galleria.gallery.districts.records import District
from galleria.gallery.users.records import User
from galleria.gallery.workflows.records import PackageKind, Version, Workflow

_KINDS = {PackageKind.APP: "App", PackageKind.WORKFLOW: "Module", PackageKind.MACRO: "Macro"}
_MODE = "Standard"


def reduced_workflow(found: Workflow) -> dict[str, object]:
    return {
        "id": found.id,
        "sourceAppId": found.source_id,
        "name": found.name,
        "ownerId": found.owner_id,
        "dateCreated": moment_in_seconds(found.created_at),
        "publishedVersionNumber": found.published_number,
        "isAmp": found.uses_amp,
        "executionMode": _MODE,
    }


def workflow(found: Workflow, versions: Sequence[Version], districts: Sequence[District]) -> dict[str, object]:
    published = next((version for version in versions if version.id == found.published_version_id), None)
    return {
        "id": found.id,
        "sourceAppId": found.source_id,
        "dateCreated": moment_in_milliseconds(found.created_at),
        "runCount": found.run_count,
        "versions": [_version(version, found) for version in versions],
        "name": found.name,
        "ownerId": found.owner_id,
        "workerTag": found.worker_tag,
        "districtTags": [district.id for district in districts],
        "comments": "" if published is None else published.comments,
        "isPublic": found.is_public,
        "isReadyForMigration": found.is_ready_to_migrate,
        "publishedVersionId": found.published_version_id,
        "othersMayDownload": found.can_download,
        "othersCanViewHistory": True,
        "othersCanExecute": not found.is_run_disabled,
        "executionMode": _MODE,
        "hasPrivateDataExemption": None,
    }


def _version(version: Version, found: Workflow) -> dict[str, object]:
    is_published = version.id == found.published_version_id
    return {
        "versionId": version.id,
        "versionNumber": version.number,
        "dateCreated": moment_in_milliseconds(version.created_at),
        "uploadSource": "Direct",
        "uploadDate": moment_in_milliseconds(version.created_at),
        "packageWorkflowType": _KINDS[version.kind],
        "published": is_published,
        "comments": version.comments or None,
        "runDisabled": found.is_run_disabled,
        "executionMode": _MODE,
        "workflowCredentialType": "Default",
        "credentialId": "",
        "hasPrivateDataExemption": None,
        "othersMayDownload": found.can_download,
        "othersCanViewHistory": True,
        "details": _details(version, found, is_published=is_published),
    }


def _details(version: Version, found: Workflow, *, is_published: bool) -> dict[str, object]:
    # What a workflow says about itself is kept of its published version only.
    meta = found.meta if is_published else {}
    return {
        "isAmp": version.uses_amp,
        "fileName": version.file_name,
        "author": meta.get("author", ""),
        "copyright": meta.get("copyright", ""),
        "description": found.description if is_published else "",
        "name": version.name,
        "noOutputFilesMessage": meta.get("no_output_files_message", ""),
        "outputMessage": meta.get("output_message", ""),
        "url": meta.get("url", ""),
        "urlText": meta.get("url_text", ""),
    }


def reduced_user(found: User) -> dict[str, object]:
    return {
        "id": found.id,
        "firstName": found.first_name,
        "lastName": found.last_name,
        "email": found.email,
        "isActive": found.is_active,
        "role": found.role.value,
        "dateCreated": moment_in_seconds(found.created_at),
    }


def user(found: User) -> dict[str, object]:
    return {
        "id": found.id,
        "firstName": found.first_name,
        "lastName": found.last_name,
        "email": found.email,
        "role": found.role.value,
        "defaultWorkerTag": found.default_worker_tag,
        "canScheduleJobs": found.can_schedule,
        "canPrioritizeJobs": found.can_set_priority,
        "canAssignJobs": found.can_assign_jobs,
        "canCreateCollections": found.can_create_collections,
        "isApiEnabled": found.is_api_enabled,
        "defaultCredentialId": found.default_credential_id or "",
        "isAccountLocked": found.locked_at is not None,
        "isActive": found.is_active,
        "lastLoginDateTime": None if found.last_login_at is None else moment_in_seconds(found.last_login_at),
        "isValidated": found.is_validated,
        "sharedCredentialIds": [],
        "dataConnectionIds": [],
        "timeZone": found.timezone,
        "language": found.language,
        "canCreateAndUpdateDcm": False,
        "canShareForExecutionDcm": False,
        "canShareForCollaborationDcm": False,
        "canManageGenericVaultsDcm": False,
    }
