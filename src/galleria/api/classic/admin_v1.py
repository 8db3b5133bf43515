"""The Admin API, v1: what a Curator reads about the whole gallery. Its workflows are in `admin_v1_workflows`."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from galleria.api.classic import assets, people, sharing, timing
from galleria.api.classic.assets import Around
from galleria.api.doors import Curator, Here
from galleria.api.grouping import grouped
from galleria.api.queries import Limit, Offset, PageNumber, PageSize, Search, Word, page_from_number, page_from_offset
from galleria.gallery.audit.service import AuditFilter, audit_log
from galleria.gallery.collections import service as collections
from galleria.gallery.connections import service as connections
from galleria.gallery.connections.records import ConnectionShare, Origin
from galleria.gallery.credentials.service import list_credentials
from galleria.gallery.insights.service import list_insights
from galleria.gallery.schedules import service as schedules
from galleria.gallery.shares.lending import shares_of
from galleria.gallery.subscriptions.service import list_subscriptions
from galleria.gallery.users.service import list_users, users_by_id
from galleria.gallery.workflows import service as workflows

router = APIRouter()

_AUDIT_PAGE = 10
"""Events a page when nothing is said: the log has no end."""


@router.get("/admin/v1/auditlog")
def list_events(door: Here, actor: Curator, entity: Word = None, page: PageNumber = None, page_size: PageSize = None) -> Response:
    """List who changed what, the latest first."""
    wanted = page_from_number(page, page_size or _AUDIT_PAGE, first=1)
    with door.parts.database.read() as db:
        return JSONResponse([assets.audit_event(event) for event in audit_log(db, actor, AuditFilter(entity=entity), wanted)])


@router.get("/admin/v1/collections")
def show_collections(door: Here, actor: Curator, page: PageNumber = None, page_size: PageSize = None) -> Response:
    """List collections: what they hold, whom they are shared with, what each may do."""
    with door.parts.database.read() as db:
        found = collections.list_collections(db, actor, page_from_number(page, page_size, first=1))
        ids = [collection.id for collection in found]
        items = grouped(collections.items_of(db, ids), lambda item: item.collection_id)
        members = grouped(collections.members_of(db, ids), lambda member: member.collection_id)
        return JSONResponse([sharing.collection(one, items.get(one.id, []), members.get(one.id, []), door.dialect) for one in found])


@router.get("/admin/v1/insights")
def show_insights(door: Here, actor: Curator, search: Search = None, offset: Offset = None, limit: Limit = None) -> Response:
    """List insights that were brought along from another server."""
    with door.parts.database.read() as db:
        found = list_insights(db, actor, search or "", page_from_offset(offset, limit))
        owners = users_by_id(db, [insight.owner_id for insight in found])
        return JSONResponse([sharing.insight_v1(insight, owners.get(insight.owner_id), door.dialect) for insight in found])


@router.get("/admin/v1/schedules")
def show_schedules(door: Here, actor: Curator, page: PageNumber = None, page_size: PageSize = None) -> Response:
    """List schedules, the oldest first."""
    with door.parts.database.read() as db:
        found = schedules.list_schedules(db, actor, page=page_from_number(page, page_size, first=1))
        apps = workflows.workflows_by_id(db, [schedule.workflow_id for schedule in found])
        accounts = {credential.id: credential for credential in list_credentials(db, actor)}
        around = Around(users_by_id(db, [schedule.owner_id for schedule in found]), {})
        return JSONResponse(
            [timing.schedule(one, apps.get(one.workflow_id), accounts.get(one.credential_id or ""), around, door.dialect) for one in found]
        )


@router.get("/admin/v1/serverdataconnections")
def show_server_connections(door: Here, actor: Curator, offset: Offset = None, limit: Limit = None) -> Response:
    """List the data connections that were made in the gallery; passwords are not shown."""
    with door.parts.database.read() as db:
        found = connections.list_connections(db, actor, Origin.SERVER, page_from_offset(offset, limit))
        shares = grouped(shares_of(db, ConnectionShare, [one.id for one in found]), lambda share: share.thing_id)
        return JSONResponse([sharing.connection(one, shares.get(one.id, []), door.dialect) for one in found])


@router.get("/admin/v1/subscriptions")
def show_subscriptions(door: Here, actor: Curator, page: PageNumber = None, page_size: PageSize = None) -> Response:
    """List studios, the oldest first."""
    with door.parts.database.read() as db:
        found = list_subscriptions(db, actor, page=page_from_number(page, page_size, first=1))
        return JSONResponse([people.subscription_v1(studio, door.dialect) for studio in found])


@router.get("/admin/v1/systemdataconnections")
def show_system_connections(door: Here, actor: Curator, offset: Offset = None, limit: Limit = None) -> Response:
    """List the data connections that were made on the machine; passwords are not shown."""
    with door.parts.database.read() as db:
        found = connections.list_connections(db, actor, Origin.SYSTEM, page_from_offset(offset, limit))
        if door.dialect.has_later_members:
            return JSONResponse([sharing.connection_summary(connection) for connection in found])
        return JSONResponse([sharing.connection(connection, [], door.dialect) for connection in found])


@router.get("/admin/v1/users")
def show_users(door: Here, actor: Curator, page: PageNumber = None, page_size: PageSize = None) -> Response:
    """List users, the first to come first."""
    with door.parts.database.read() as db:
        found = list_users(db, actor, page=page_from_number(page, page_size, first=1))
        return JSONResponse([people.user_v1(user, door.dialect) for user in found])
