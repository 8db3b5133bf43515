"""Turns the JSON of Admin V1 and V2 into records; raises InvalidError for what cannot be one."""

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import available_timezones

from galleria.errors import InvalidError
from galleria.gallery.actors import Role
from galleria.gallery.bringing.there import CollectionThere, InsightThere, MemberThere, ScheduleThere, StudioThere, UserThere, WorkflowThere
from galleria.gallery.bringing.values import flag, id_of, mapping, mappings, moment, text, whole
from galleria.gallery.collections.service import Rights
from galleria.gallery.jobs.records import Priority
from galleria.gallery.shares.records import Party, Shared

Raw = Mapping[str, Any]
_ROLES = {role.value.lower(): role for role in Role}
_PRIORITIES = {priority.name.lower(): priority for priority in Priority}
_CONTACT = ("name", "email", "company")
_ADDRESS = ("country", "addressLine1", "addressLine2", "city", "state", "postalCode")


def studio(raw: Raw, contact: object) -> StudioThere:
    return StudioThere(
        id=_own_id(raw),
        name=text(raw, "name", 255) or "Studio",
        is_active=flag(raw, "active", True),
        worker_tag=text(raw, "defaultWorkerTag", 100),
        contact=_contact(mapping(contact)),
        expires_at=moment(raw.get("expirationDate")),
    )


def _own_id(raw: Raw) -> str:
    found = id_of(raw)
    if not found:
        raise InvalidError("it has no id")
    return found


def _contact(raw: Raw) -> Mapping[str, Any] | None:
    lines = {name: text(mapping(raw.get("address")), name) for name in _ADDRESS}
    contact: dict[str, Any] = {name: text(raw, name) for name in _CONTACT if text(raw, name)}
    if any(lines.values()):
        contact["address"] = {name: line for name, line in lines.items() if line}
    return contact or None


def user(raw: Raw) -> UserThere:
    timezone = text(raw, "timezone", 64)
    return UserThere(
        id=_own_id(raw),
        email=text(raw, "email", 320),
        first_name=text(raw, "firstName", 200),
        last_name=text(raw, "lastName", 200),
        role=_role(raw),
        studio_id=id_of(raw, "subscriptionId"),
        is_active=flag(raw, "active", True),
        is_validated=flag(raw, "validated", True),
        can_schedule=flag(raw, "canSchedule", False),
        can_set_priority=flag(raw, "canSetPriority", False),
        can_assign_jobs=flag(raw, "canSetWorkerAssignment", False),
        timezone=timezone if timezone in available_timezones() else "",
        language=text(raw, "language", 20),
        expires_at=moment(raw.get("expirationDate")),
    )


def _role(raw: Raw) -> Role:
    """V1 knows only whether somebody is a curator; whoever is not gets what the default role and groups give."""
    if "role" in raw:
        return _ROLES.get(text(raw, "role").replace(" ", "").lower(), Role.EVALUATED)
    return Role.CURATOR if flag(raw, "curator", False) else Role.EVALUATED


def workflow(raw: Raw, history: Raw) -> WorkflowThere:
    """Read a workflow from the list of Admin V1; `history` is what `workflows/all` says of it, empty where it says nothing."""
    version_id = id_of(raw, "publishedVersionId")
    versions = mappings(history.get("revisions"))
    published = next((one for one in versions if one.get("id") == version_id), mapping(versions[-1] if versions else None))
    return WorkflowThere(
        id=_own_id(raw),
        name=text(mapping(raw.get("metaInfo")), "name"),
        studio_id=id_of(raw, "subscriptionId"),
        owner_id=id_of(mapping(raw.get("publishedVersionOwner"))) or id_of(mapping(history.get("creator"))),
        version_id=version_id,
        is_public=flag(raw, "public", False),
        is_run_disabled=flag(raw, "runDisabled", False),
        worker_tag=text(raw, "workerTag", 100),
        can_download=flag(published, "canDownload", True),
        is_ready_to_migrate=flag(history, "isReadyForMigration", False),
        comments=text(published, "comments", 10_000),
        version_count=max(1, len(versions)),
    )


def insight(raw: Raw) -> InsightThere:
    return InsightThere(_own_id(raw), text(raw, "name"), id_of(raw, "ownerId"))


def schedule(raw: Raw) -> ScheduleThere:
    credential = mapping(raw.get("credential"))
    return ScheduleThere(
        id=_own_id(raw),
        name=text(raw, "name", 256),
        comment=text(raw, "comment", 1024),
        workflow_id=id_of(mapping(raw.get("application"))),
        owner_id=id_of(mapping(raw.get("owner"))),
        is_enabled=flag(raw, "enabled", True),
        priority=_priority(raw.get("priority")),
        worker_tag=text(raw, "workerTag", 100),
        account=text(credential, "username"),
        timezone=text(raw, "timezone", 64),
        frequency=text(raw, "frequency", 60),
        iteration=mapping(raw.get("iteration")),
        next_run_at=moment(raw.get("nextRunTime")),
    )


def _priority(value: object) -> Priority | None:
    number = whole(value)
    if number is not None:
        return Priority(number) if number in set(Priority) else None
    return _PRIORITIES.get(value.strip().lower()) if isinstance(value, str) else None


def collection(raw: Raw) -> CollectionThere:
    members = list(_members(raw))
    return CollectionThere(
        id=id_of(raw, "collectionId") or _own_id(raw),
        name=text(raw, "name", 255) or "Collection",
        owner_id=id_of(raw, "ownerId"),
        items=tuple(_items(raw)),
        members=tuple(member for member in members if member.id),
        unknown_members=sum(1 for member in members if not member.id),
    )


def _items(raw: Raw) -> Iterator[tuple[Shared, str]]:
    for kind, name, id_name in (
        (Shared.WORKFLOW, "apps", "appId"),
        (Shared.SCHEDULE, "schedules", "scheduleId"),
        (Shared.INSIGHT, "insights", "insightId"),
    ):
        for item in mappings(raw.get(name)):
            item_id = id_of(item, id_name)
            if item_id:
                yield kind, item_id


def _members(raw: Raw) -> Iterator[MemberThere]:
    for party, name, id_name in (
        (Party.USER, "users", "userId"),
        (Party.STUDIO, "subscriptions", "subscriptionId"),
        (Party.GROUP, "userGroups", "userGroupId"),
    ):
        for member in mappings(raw.get(name)):
            yield MemberThere(
                party, id_of(member, id_name), _rights(mapping(member.get("permissions"))), moment(member.get("expirationDate"))
            )


def _rights(permissions: Raw) -> Rights:
    whole_, things, people = (mapping(permissions.get(name)) for name in ("collection", "applications", "users"))
    return Rights(
        is_admin=flag(whole_, "isAdmin", False),
        can_add_items=flag(things, "canAdd", False),
        can_remove_items=flag(things, "canRemove", False),
        can_update_items=flag(things, "canUpdate", False),
        can_add_members=flag(people, "canAdd", False),
        can_remove_members=flag(people, "canRemove", False),
    )
