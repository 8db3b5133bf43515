"""JSON of collections, insights and data connections in the admin APIs, key by key in the published order."""

from collections.abc import Sequence

from galleria.api.classic import people
from galleria.api.dialects import Dialect, moment_in_milliseconds
from galleria.gallery.connections.records import Connection, ConnectionShare
from galleria.gallery.insights.records import Insight
from galleria.gallery.shares.records import Collection, CollectionItem, CollectionMember, Party, Shared
from galleria.gallery.users.records import User

_ITEM_IDS = {Shared.WORKFLOW: "appId", Shared.SCHEDULE: "scheduleId", Shared.INSIGHT: "insightId"}
_MEMBER_IDS = {Party.USER: "userId", Party.STUDIO: "subscriptionId", Party.GROUP: "userGroupId"}


def collection(
    found: Collection, items: Sequence[CollectionItem], members: Sequence[CollectionMember], dialect: Dialect
) -> dict[str, object]:
    return {
        "id": found.id,
        "collectionId": found.id,
        "name": found.name,
        "ownerId": found.owner_id,
        "dateAdded": dialect.listed_moment(found.created_at),
        "apps": [_item(item, dialect) for item in items if item.kind is Shared.WORKFLOW],
        "schedules": [_item(item, dialect) for item in items if item.kind is Shared.SCHEDULE],
        "insights": [_item(item, dialect) for item in items if item.kind is Shared.INSIGHT],
        "users": [_member(member, dialect) for member in members if member.party is Party.USER],
        "subscriptions": [_member(member, dialect) for member in members if member.party is Party.STUDIO],
        "userGroups": [_member(member, dialect) for member in members if member.party is Party.GROUP],
    }


def _item(item: CollectionItem, dialect: Dialect) -> dict[str, object]:
    return {_ITEM_IDS[item.kind]: item.item_id, "dateAdded": dialect.listed_moment(item.added_at), "addedById": item.added_by}


def _member(member: CollectionMember, dialect: Dialect) -> dict[str, object]:
    return {
        _MEMBER_IDS[member.party]: member.party_id,
        "dateAdded": dialect.listed_moment(member.added_at),
        "addedById": member.added_by,
        **({"activeDirectoryObject": None} if member.party is Party.USER else {}),
        "expirationDate": dialect.listed_moment(member.expires_at),
        **({"optOutUsers": []} if member.party is Party.STUDIO else {}),
        "permissions": _permissions(member),
    }


def _permissions(member: CollectionMember) -> dict[str, object]:
    return {
        "collection": {"isAdmin": member.is_admin},
        "applications": {"canAdd": member.can_add_items, "canRemove": member.can_remove_items, "canUpdate": member.can_update_items},
        "users": {"canAdd": member.can_add_members, "canRemove": member.can_remove_members},
    }


def insight_v1(found: Insight, owner: User | None, dialect: Dialect) -> dict[str, object]:
    return _insight(found, dialect.listed_moment(found.updated_at), None if owner is None else people.insight_owner_v1(owner, dialect))


def insight_v2(found: Insight, owner: User | None, dialect: Dialect) -> dict[str, object]:
    described = None if owner is None else people.insight_owner_v2(owner, dialect)
    return _insight(found, moment_in_milliseconds(found.updated_at), described)


def _insight(found: Insight, updated: str | None, owner: dict[str, object] | None) -> dict[str, object]:
    return {
        "id": found.id,
        "insightId": found.id,
        "name": found.name,
        "lastUpdated": updated,
        "ownerId": found.owner_id,
        "iconId": None,
        "owner": owner,
    }


def connection(found: Connection, shares: Sequence[ConnectionShare], dialect: Dialect) -> dict[str, object]:
    by_party = {party: [share.party_id for share in shares if share.party is party] for party in Party}
    shaped = connection_summary(found) | {
        "subscriptionCount": len(by_party[Party.STUDIO]),
        "userCount": len(by_party[Party.USER]),
        "userGroupCount": len(by_party[Party.GROUP]),
    }
    later: dict[str, object] = {"userIds": by_party[Party.USER], "userGroupIds": by_party[Party.GROUP]}
    return shaped | later if dialect.has_later_members else shaped


def connection_summary(found: Connection) -> dict[str, object]:
    """The connection string is shown without its password."""
    return {
        "connectionId": found.id,
        "connectionString": found.address,
        "connectionName": found.name,
        "connectionType": found.type,
    }
