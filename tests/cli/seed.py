"""A gallery worth moving: people, studios, workflows of several kinds, schedules of each, a collection."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from galleria.bootstrap import opened
from galleria.gallery.actors import Role
from galleria.gallery.collections.service import Membership, Rights, add_item, create_collection, share_collection
from galleria.gallery.connections.service import NewConnection, create_connection
from galleria.gallery.groups.service import actor_for, create_group
from galleria.gallery.insights.service import import_insight
from galleria.gallery.keys.service import Pair, studio_keys, user_keys
from galleria.gallery.schedules.recurrence import Iteration, Kind
from galleria.gallery.schedules.service import NewSchedule, create_schedule
from galleria.gallery.shares.records import Party, Shared
from galleria.gallery.subscriptions.service import SubscriptionChange, change_subscription
from galleria.gallery.users.service import NewUser, UserChange, change_user, create_user
from galleria.gallery.workflows.changes import WorkflowChange, change_workflow, delete_workflow
from galleria.gallery.workflows.file import publish_file
from galleria.gallery.workflows.publish import Publication
from galleria.http.parts import Parts
from galleria.settings import Settings
from tests.clients.test_the_whole_way import WORKFLOW
from tests.gallery.scene import SYSTEM

UNSUPPORTED = WORKFLOW.replace("AlteryxBasePluginsGui.TextInput.TextInput", "Vendor.Special.Special").replace(
    'EngineDllEntryPoint="AlteryxTextInput"', 'EngineDllEntryPoint="Special"'
)
ASKING = WORKFLOW.replace(
    "</Nodes>",
    """<Node ToolID="9">
      <GuiSettings Plugin="AlteryxGuiToolkit.Questions.TextBox.QuestionTextBox"><Position x="54" y="154"/></GuiSettings>
      <Properties><Configuration/></Properties>
    </Node></Nodes>""",
).replace(
    "<Properties/>\n</AlteryxDocument>",
    """<Properties><RuntimeProperties><Questions><Question>
      <Type>TextBox</Type><Description>Which?</Description><Name>Region</Name><ToolId value="9"/><Default>East</Default>
    </Question></Questions></RuntimeProperties></Properties>
</AlteryxDocument>""",
)


@dataclass(frozen=True)
class Seeded:
    boss: Pair
    anna: Pair
    studio: Pair
    studio_id: str
    sales: str
    """The id of Anna's workflow that runs."""
    vendor: str
    app: str
    schedule: str


@contextmanager
def gallery_in(folder: Path) -> Generator[Parts]:
    with opened(Settings(data_dir=folder)) as parts:
        yield parts


def seed(parts: Parts, files: Path) -> Seeded:
    with parts.database.write() as db:
        new = NewUser("anna@example.com", Role.ARTISAN, "Anna", "Ärmel", can_schedule=True, timezone="Europe/Berlin")
        anna = create_user(db, SYSTEM, new)
        boss = create_user(db, SYSTEM, NewUser("boss@example.com", Role.CURATOR, "Bo"))
        change_subscription(
            db,
            SYSTEM,
            anna.subscription_id,
            SubscriptionChange(name="Sales", default_worker_tag="big", contact={"name": "Ann", "address": {"city": "Bonn"}}),
        )
        vera = create_user(db, SYSTEM, NewUser("vera@example.com", Role.VIEWER, subscription_id=anna.subscription_id))
        change_user(db, SYSTEM, vera.id, UserChange(is_active=False, can_schedule=True))
        owner = actor_for(db, anna, "test")
        pairs = user_keys(db, SYSTEM, boss.id), user_keys(db, SYSTEM, anna.id), studio_keys(db, SYSTEM, anna.subscription_id)
    documents = {"Sales.yxmd": WORKFLOW, "Vendor.yxmd": UNSUPPORTED, "Region.yxwz": ASKING, "Gone.yxmd": WORKFLOW}
    ids: dict[str, str] = {}
    for name, text in documents.items():
        (files / name).write_text(text, "utf-8")
        publication = Publication(comments=f"about {name}", can_download=name != "Vendor.yxmd")
        ids[name] = publish_file(parts.database, owner, parts.storage, files / name, publication).id
    with parts.database.write() as db:
        delete_workflow(db, SYSTEM, ids["Gone.yxmd"])
        change_workflow(db, SYSTEM, ids["Sales.yxmd"], WorkflowChange(is_public=True, is_ready_to_migrate=True))
        change_workflow(db, SYSTEM, ids["Vendor.yxmd"], WorkflowChange(is_run_disabled=True, worker_tag="gpu"))
        made = [
            create_schedule(db, SYSTEM, NewSchedule(ids["Sales.yxmd"], rule, name=rule.kind.value, timezone=zone, owner_id=anna.id))
            for rule, zone in RULES
        ]
        create_schedule(db, SYSTEM, NewSchedule(ids["Region.yxwz"], RULES[0][0], name="asks", owner_id=anna.id, answers={"Region": "West"}))
        insight = import_insight(db, SYSTEM, "Chart", anna.id, {})
        group = create_group(db, SYSTEM, "Readers", Role.VIEWER)
        collection = create_collection(db, SYSTEM, "Shared", owner_id=boss.id)
        for kind, item in ((Shared.WORKFLOW, ids["Sales.yxmd"]), (Shared.SCHEDULE, made[0].id), (Shared.INSIGHT, insight.id)):
            add_item(db, SYSTEM, collection.id, kind, item)
        rights = Rights(can_add_items=True, can_add_members=True)
        for party, party_id in ((Party.USER, vera.id), (Party.STUDIO, anna.subscription_id), (Party.GROUP, group.id)):
            share_collection(db, SYSTEM, collection.id, Membership(party, party_id, rights, datetime.fromisoformat("2099-01-01T00:00:00Z")))
        create_connection(db, SYSTEM, NewConnection("Warehouse", "Driver=x;PWD=hidden;", "ODBC"))
    return Seeded(*pairs, anna.subscription_id, ids["Sales.yxmd"], ids["Vendor.yxmd"], ids["Region.yxwz"], made[0].id)


_START = datetime(2024, 1, 31, 2, 30)
RULES = (
    (Iteration(Kind.DAILY, _START, only_work_week=True), "Europe/Berlin"),
    (Iteration(Kind.HOURLY, _START, every_s=5400), ""),
    (Iteration(Kind.WEEKLY, _START, days_of_week=("Monday", "Friday")), "America/New_York"),
    (Iteration(Kind.MONTHLY, _START, day_of_month=31), ""),
    (Iteration(Kind.MONTHLY, _START, days_of_week=("Friday",), occurrence=-1), "Europe/Berlin"),
    (Iteration(Kind.CUSTOM, _START, days_of_month=(1, 15), months=tuple(range(1, 13))), ""),
    (Iteration(Kind.CRON, _START, cron="0 2 * * 1"), "Asia/Kolkata"),
    (Iteration(Kind.ONCE, datetime(2099, 1, 1)), ""),
)
