"""Everybody who may call, and whose things they may ask for: what `test_who_may_what.py` plays with."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from galleria.database.base import Record, new_id, now
from galleria.database.connect import Database
from galleria.gallery.actors import Actor, Role
from galleria.gallery.collections import service as collections
from galleria.gallery.collections.service import Membership
from galleria.gallery.comments.service import write_comment
from galleria.gallery.connections import service as connections
from galleria.gallery.connections.service import NewConnection
from galleria.gallery.credentials import service as credentials
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.service import NewJob
from galleria.gallery.keys import service as keys
from galleria.gallery.keys.service import Pair
from galleria.gallery.keys.tokens import issue_token
from galleria.gallery.requests.records import AccessRequest
from galleria.gallery.schedules.recurrence import Iteration, Kind
from galleria.gallery.schedules.service import NewSchedule, create_schedule
from galleria.gallery.shares.records import Party, Shared
from galleria.gallery.subscriptions.service import SubscriptionChange, change_subscription
from galleria.gallery.triggers.records import Action, Event
from galleria.gallery.triggers.service import NewTrigger, create_trigger
from galleria.gallery.users.service import NewUser, UserChange, change_user, create_user, find_by_email
from galleria.gallery.workflows.publish import Publication
from tests.api.gallery import run_next
from tests.gallery.scene import SYSTEM, Scene, a_user, a_workflow

OBJECTS = "oscpfu"
"""A caller's own thing, another one's of his studio, one that a collection shares with him, a public one, a foreign one, an unknown one."""
ROLES = {"viewer": Role.VIEWER, "member": Role.MEMBER, "artisan": Role.ARTISAN, "curator": Role.CURATOR}
TURNED_AWAY = ("nobody", "unknown key", "wrong secret", "ended studio", "no access", "disabled", "no api")
"""Those whom no endpoint lets in."""
LIFETIME_S = 3600
_MOVING = ("nonces", "web_sessions")
"""Tables in which a denied call may leave a trace: that it was made, when a session was last used."""


@dataclass(frozen=True)
class Thing:
    app_id: str
    job_id: str
    output_id: str
    credential_id: str
    schedule_id: str
    collection_id: str
    trigger_id: str
    connection_id: str
    comment_id: str
    request_id: str
    """Of somebody who asks for access to it."""


UNKNOWN = Thing(*["0" * 24] * 10)


@dataclass(frozen=True)
class Caller:
    pair: Pair | None
    """None: signs nothing."""
    token: str
    """Empty for those who get none."""
    things: Mapping[str, Thing]
    """By the letter in `OBJECTS`."""
    user_id: str = ""
    """Empty for a studio's key, and for nobody."""


def a_cast(scene: Scene) -> Mapping[str, Caller]:
    """Fill a gallery with two studios and everybody in them; gives the callers by name."""
    studio = scene.anna.subscription_id or ""
    zoe = a_user(scene.database, "zoe@example.com")
    people = {name: a_user(scene.database, f"{name}@example.com", role, subscription_id=studio) for name, role in ROLES.items()}
    common = {
        letter: _a_thing(scene, zoe, name, is_public=letter == "p")
        for letter, name in zip("cpf", ("Shared", "Public", "Foreign"), strict=True)
    }
    _share(scene, zoe, common["c"], [person.user_id or "" for person in people.values()])
    common |= {"s": _a_thing(scene, scene.anna, "Studio"), "u": UNKNOWN}
    own = {name: _a_thing(scene, person, name) for name, person in people.items()}
    with scene.database.write() as db:
        pairs = {name: keys.user_keys(db, person, person.user_id or "") for name, person in people.items()}
        tokens = {name: issue_token(db, pair.key, pair.secret, LIFETIME_S) or "" for name, pair in pairs.items()}
        studios = {"studio": keys.studio_keys(db, scene.anna, studio), "elsewhere": keys.studio_keys(db, zoe, zoe.subscription_id or "")}
    cast = {name: Caller(pairs[name], tokens[name], {**common, "o": own[name]}, person.user_id or "") for name, person in people.items()}
    cast |= {name: Caller(pair, "", {**common, "o": own["artisan"]}) for name, pair in studios.items()}
    return cast | _turned_away(scene, studio, {**common, "o": own["artisan"]}, studios["studio"])


def _a_thing(scene: Scene, owner: Actor, name: str, *, is_public: bool = False) -> Thing:
    app = a_workflow(scene.database, scene.storage, scene.folder, replace(owner, role=Role.ARTISAN), Publication(name, is_public=is_public))
    with scene.database.write() as db:
        jobs.queue(db, owner, NewJob(app))
        credential = credentials.create_credential(db, SYSTEM, f"account of {name}", "secret")
        credentials.share_credential(db, SYSTEM, credential.id, Party.USER, owner.user_id or "")
        daily = NewSchedule(app, Iteration(Kind.DAILY, datetime(2030, 1, 1)), name=name)
        schedule = create_schedule(db, replace(owner, can_schedule=True), daily)
        collection = collections.create_collection(db, SYSTEM, name, owner_id=owner.user_id)
        connection = connections.create_connection(db, SYSTEM, NewConnection(f"database of {name}", "DSN=x"))
        connections.share_connection(db, SYSTEM, connection.id, Party.USER, owner.user_id or "")
        comment = write_comment(db, owner, app, "Mine")
        request = AccessRequest(id=new_id(), user_id=_asker(db), workflow_id=app, name=name)
        db.add(request)
    job_id = run_next(scene, files={"output.yxdb": b"rows"})
    with scene.database.read() as db:
        [output] = jobs.outputs_of(db, jobs.get_job(db, owner, job_id))
    trigger_id = a_trigger(scene, replace(owner, role=Role.CURATOR), app)
    ids = (credential.id, schedule.id, collection.id, trigger_id, connection.id, comment.id, request.id)
    return Thing(app, job_id, output.id, *ids)


def _asker(db: Session) -> str:
    """Somebody who sees nothing but what is public."""
    found = find_by_email(db, "asker@example.com")
    return (found or create_user(db, SYSTEM, NewUser("asker@example.com", Role.VIEWER))).id


def a_trigger(scene: Scene, owner: Actor, app_id: str) -> str:
    with scene.database.write() as db:
        return create_trigger(db, owner, NewTrigger(app_id, Action.MAIL, (Event.FAILURE,), recipients=("zoe@example.com",))).trigger.id


def _share(scene: Scene, owner: Actor, thing: Thing, user_ids: list[str]) -> None:
    with scene.database.write() as db:
        collections.add_item(db, owner, thing.collection_id, Shared.WORKFLOW, thing.app_id)
        collections.add_item(db, owner, thing.collection_id, Shared.SCHEDULE, thing.schedule_id)
        for user_id in user_ids:
            collections.share_collection(db, owner, thing.collection_id, Membership(Party.USER, user_id))
            credentials.share_credential(db, SYSTEM, thing.credential_id, Party.USER, user_id)
            connections.share_connection(db, SYSTEM, thing.connection_id, Party.USER, user_id)


def _turned_away(scene: Scene, studio: str, things: Mapping[str, Thing], pair: Pair) -> Mapping[str, Caller]:
    changes = {
        "no access": UserChange(role=Role.NO_ACCESS),
        "disabled": UserChange(is_active=False),
        "no api": UserChange(is_api_enabled=False),
    }
    found = {
        "nobody": Caller(None, "", things),
        "unknown key": Caller(Pair("ABCDEF", "secret"), "unknown", things),
        "wrong secret": Caller(Pair(pair.key, "wrong"), "wrong", things),
    }
    ended = a_user(scene.database, "ended@example.com", Role.CURATOR)
    with scene.database.write() as db:
        ended_pair = keys.studio_keys(db, ended, ended.subscription_id or "")
        user_pair = keys.user_keys(db, ended, ended.user_id or "")
        # A token that is over, too.
        found["ended studio"] = Caller(ended_pair, issue_token(db, user_pair.key, user_pair.secret, -1) or "", things)
        change_subscription(db, SYSTEM, ended.subscription_id or "", SubscriptionChange(expires_at=now() - timedelta(seconds=1)))
    for name, change in changes.items():
        person = a_user(scene.database, f"{name.replace(' ', '-')}@example.com", Role.CURATOR, subscription_id=studio)
        with scene.database.write() as db:
            mine = keys.user_keys(db, person, person.user_id or "")
            # Given while all was well, and of no use since.
            found[name] = Caller(mine, issue_token(db, mine.key, mine.secret, LIFETIME_S) or "", things, person.user_id or "")
            change_user(db, SYSTEM, person.user_id or "", change)
    return found


def digest(database: Database) -> str:
    """Sum up every row of every table but those that may move."""
    made = hashlib.sha256()
    with database.read() as db:
        for table in Record.metadata.sorted_tables:
            if table.name not in _MOVING:
                for row in db.execute(select(table).order_by(*table.primary_key)):
                    made.update(repr(tuple(row)).encode())
    return made.hexdigest()
