"""JSON of workflows and of what happened in the admin APIs, key by key in the published order."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from galleria.api.classic.shapes import TYPE_NAMES, meta_info
from galleria.api.dialects import Dialect, moment_in_milliseconds, moment_in_words, moment_or_null
from galleria.gallery.audit.records import AuditEvent
from galleria.gallery.shares.records import Collection
from galleria.gallery.subscriptions.records import Subscription
from galleria.gallery.users.records import User
from galleria.gallery.workflows.records import Version, Workflow


@dataclass(frozen=True)
class Around:
    """What an answer names beside its workflows or schedules, by id, found in a few queries for the whole list."""

    users: Mapping[str, User]
    studios: Mapping[str, Subscription]


def audit_event(event: AuditEvent) -> dict[str, object]:
    return {
        "id": event.id,
        "entity": event.entity,
        "entityId": event.entity_id,
        "userId": event.user_id,
        "timestamp": moment_in_milliseconds(event.at),
        "event": event.event,
        "oldValues": _values(event.old_values),
        "newValues": _values(event.new_values),
    }


def _values(values: Mapping[str, object] | None) -> str | None:
    return None if values is None else json.dumps(values, ensure_ascii=False)


def admin_workflow(found: Workflow, collections: Sequence[Collection], around: Around, dialect: Dialect) -> dict[str, object]:
    """An element of the server's list; a strict client wants exactly this order."""
    shaped: dict[str, object] = {
        "fileName": found.file_name,
        "id": found.id,
        "isChained": False,
        "metaInfo": meta_info(found),
        "packageType": TYPE_NAMES[found.kind] if dialect.has_named_enums else int(found.kind),
        "public": found.is_public,
        "runCount": found.run_count,
        "runDisabled": found.is_run_disabled,
        "subscriptionId": found.subscription_id,
        "uploadDate": moment_in_milliseconds(found.published_at),
        "version": found.published_number,
        "workerTag": found.worker_tag,
        "collections": [{"collectionName": collection.name, "collectionId": collection.id} for collection in collections],
        "lastRunDate": moment_or_null(found.last_run_at),
        "publishedVersionId": found.published_version_id,
        "publishedVersionNumber": found.published_number,
        "publishedVersionOwner": _owner(around.users.get(found.owner_id)),
        "subscriptionName": _studio_name(around, found.subscription_id),
    }
    return shaped | {"isE2": found.uses_amp} if dialect.has_amp else shaped


def _owner(user: User | None) -> dict[str, object] | None:
    if user is None:
        return None
    return {
        "id": user.id,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "sId": None,
        "subscriptionId": user.subscription_id,
        "email": user.email,
        "active": user.is_active,
    }


def whole_workflow(
    found: Workflow, versions: Sequence[Version], events: Sequence[AuditEvent], around: Around, dialect: Dialect
) -> dict[str, object]:
    """A workflow with its whole history."""
    return {
        "id": found.id,
        "revisions": [_revision(version, found, around, dialect) for version in versions],
        "creator": _reference(versions[0].author_id if versions else found.owner_id, around),
        "subscription": _studio(around, found.subscription_id),
        "events": [_event(event, around) for event in events],
        "runDisabled": found.is_run_disabled,
        "isPublic": found.is_public,
        "dateMadePublic": moment_in_words(found.made_public_at),
        "isDeleted": found.deleted_at is not None,
        "runCount": found.run_count,
        "iconId": None,
        "workerTag": found.worker_tag,
        "isReadyForMigration": found.is_ready_to_migrate,
    }


def _revision(version: Version, workflow: Workflow, around: Around, dialect: Dialect) -> dict[str, object]:
    return {
        "id": version.id,
        "version": version.number,
        "author": _reference(version.author_id, around),
        "dateCreated": moment_in_words(version.created_at),
        "executionMode": "Standard",
        "isChunkedPackage": False,
        "runCount": version.run_count,
        "downloadCount": version.download_count,
        "packageType": TYPE_NAMES[version.kind],
        "hasPrivateDataExemption": False,
        "uploadDate": moment_in_words(version.created_at),
        "credentialType": "Default",
        **({"isE2": version.uses_amp} if dialect.has_amp else {}),
        "canDownload": workflow.can_download,
        "allowVersionHistory": True,
        "showVersionHistory": True,
        "applications": [{"name": version.name, "filename": version.file_name, "nextApp": None}],
        "comments": version.comments,
    }


def _event(event: AuditEvent, around: Around) -> dict[str, object]:
    return {
        "user": _reference(event.user_id, around),
        "timestamp": moment_in_words(event.at),
        "event": event.event,
        "oldValues": _values(event.old_values),
        "newValues": _values(event.new_values),
    }


def _reference(user_id: str | None, around: Around) -> dict[str, object] | None:
    user = around.users.get(user_id) if user_id else None
    if user is None:
        return None
    return {
        "id": user.id,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "email": user.email,
        "subscription": _studio(around, user.subscription_id),
    }


def _studio(around: Around, subscription_id: str) -> dict[str, object]:
    return {"id": subscription_id, "name": _studio_name(around, subscription_id)}


def _studio_name(around: Around, subscription_id: str) -> str | None:
    studio = around.studios.get(subscription_id)
    return None if studio is None else studio.name


def migratable(found: Workflow) -> dict[str, object]:
    return {"id": found.id, "publishedVersionId": found.published_version_id, "subscriptionId": found.subscription_id}
