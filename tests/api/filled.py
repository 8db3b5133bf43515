"""A gallery with one of everything that the admin APIs list."""

from dataclasses import dataclass
from datetime import datetime

from galleria.gallery.actors import Role
from galleria.gallery.collections import service as collections
from galleria.gallery.collections.service import Membership, Rights
from galleria.gallery.connections import service as connections
from galleria.gallery.connections.records import Origin
from galleria.gallery.connections.service import NewConnection
from galleria.gallery.groups.service import create_group
from galleria.gallery.insights.service import import_insight
from galleria.gallery.schedules.recurrence import Iteration, Kind
from galleria.gallery.schedules.service import NewSchedule, create_schedule
from galleria.gallery.shares.records import Party, Shared
from galleria.gallery.subscriptions.service import SubscriptionChange, change_subscription
from tests.api.gallery import Gallery
from tests.gallery.scene import SYSTEM


@dataclass(frozen=True)
class Filled:
    collection_id: str
    schedule_id: str
    insight_id: str
    group_id: str
    server_connection_id: str
    system_connection_id: str


def fill(gallery: Gallery) -> Filled:
    scene, boss = gallery.scene, gallery.boss
    anna_id, studio_id = scene.anna.user_id or "", scene.anna.subscription_id or ""
    with scene.database.write() as db:
        contact = {"name": "Ann", "address": {"city": "Bonn"}}
        change_subscription(db, boss, studio_id, SubscriptionChange(default_worker_tag="big", contact=contact))
        group = create_group(db, boss, "Group", Role.VIEWER)
        collection = collections.create_collection(db, SYSTEM, "Shared", owner_id=boss.user_id)
        rights = Rights(can_add_items=True)
        for party, party_id in ((Party.USER, anna_id), (Party.STUDIO, studio_id), (Party.GROUP, group.id)):
            collections.share_collection(db, boss, collection.id, Membership(party, party_id, rights))
        schedule = create_schedule(
            db,
            boss,
            NewSchedule(scene.workflow_id, Iteration(Kind.DAILY, datetime(2024, 1, 1, 6)), name="Daily rates", timezone="Europe/Berlin"),
        )
        insight = import_insight(db, boss, "Insight", anna_id, {})
        for kind, item_id in ((Shared.WORKFLOW, scene.workflow_id), (Shared.SCHEDULE, schedule.id), (Shared.INSIGHT, insight.id)):
            collections.add_item(db, boss, collection.id, kind, item_id)
        server = connections.create_connection(db, boss, NewConnection("Sales", "Driver=x;Server=s;PWD=secret;", "ODBC"))
        connections.share_connection(db, boss, server.id, Party.USER, anna_id)
        system = connections.create_connection(db, boss, NewConnection("Local", "Driver=y;", "ODBC", Origin.SYSTEM))
        return Filled(collection.id, schedule.id, insight.id, group.id, server.id, system.id)
