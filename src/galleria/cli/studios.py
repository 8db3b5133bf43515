"""`galleria studio ...`: the groups of people that own workflows, for scripts and for whoever has a shell on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from galleria.cli.gallery import VIA, find_user
from galleria.cli.printing import AsJson, print_key, print_record, print_rows
from galleria.errors import InvalidError, NotFoundError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from galleria.gallery.subscriptions.records import Subscription

app = typer.Typer(no_args_is_help=True, help="Add studios, say who belongs to them, give them keys.")
Studio = Annotated[str, typer.Argument(help="The studio's id, or its name.")]
_COLUMNS = ("id", "name", "active", "members")


@app.command("add")
def add_studio(name: Annotated[str, typer.Argument(help="Its name.")], as_json: AsJson = False) -> None:
    """Add a studio without members; prints its keys, this once with the secret."""
    from galleria.bootstrap import opened
    from galleria.gallery.actors import system
    from galleria.gallery.keys.service import studio_keys
    from galleria.gallery.subscriptions.service import create_subscription
    from galleria.settings import Settings

    with opened(Settings()) as parts, parts.database.write() as db:
        studio = create_subscription(db, system(VIA), name)
        pair = studio_keys(db, system(VIA), studio.id)
        print_record({"studio": studio.id, "studio-key": pair.key, "studio-secret": pair.secret}, as_json=as_json)


@app.command("list")
def list_all(search: Annotated[str, typer.Option(help="Found in the name.")] = "", as_json: AsJson = False) -> None:
    """List studios."""
    from collections import Counter

    from galleria.bootstrap import opened
    from galleria.gallery.actors import system
    from galleria.gallery.subscriptions.service import list_subscriptions
    from galleria.gallery.users.service import list_users
    from galleria.settings import Settings

    with opened(Settings()) as parts, parts.database.read() as db:
        members = Counter(user.subscription_id for user in list_users(db, system(VIA)))
        rows = [_shown(studio) | {"members": members[studio.id]} for studio in list_subscriptions(db, system(VIA), search)]
    print_rows(rows, _COLUMNS, as_json=as_json)


@app.command("member")
def member(
    studio: Studio,
    email: Annotated[str | None, typer.Argument(help="Who moves into it; nobody: list who is in it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Move a user into a studio, out of his old one, where his workflows stay; or list the members of one."""
    from galleria.bootstrap import opened
    from galleria.gallery.actors import system
    from galleria.gallery.users.service import UserChange, UserFilter, change_user, list_users
    from galleria.settings import Settings

    with opened(Settings()) as parts, parts.database.write() as db:
        found = find_studio(db, studio)
        if email is not None:
            change_user(db, system(VIA), find_user(db, email).id, UserChange(subscription_id=found.id))
        users = list_users(db, system(VIA), UserFilter(subscription_id=found.id))
        rows = [{"id": user.id, "email": user.email, "name": user.full_name, "role": user.role.value} for user in users]
    print_rows(rows, ("id", "email", "name", "role"), as_json=as_json)


@app.command("key")
def key(
    studio: Studio,
    new: Annotated[bool, typer.Option("--new", help="Replace the pair: clients that use the old one end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print a studio's key; a secret only when it is made, by `--new` or because there was none."""
    from galleria.bootstrap import opened
    from galleria.gallery.actors import system
    from galleria.gallery.keys.service import find_studio_key, new_pair, set_studio_keys
    from galleria.settings import Settings

    with opened(Settings()) as parts, parts.database.write() as db:
        found = find_studio(db, studio)
        present = None if new else find_studio_key(db, system(VIA), found.id)
        print_key("studio", found.id, present, lambda: set_studio_keys(db, system(VIA), found.id, new_pair()), as_json=as_json)


@app.command("activate")
def activate(studio: Studio, as_json: AsJson = False) -> None:
    """Let a studio's key work again."""
    _set_active(studio, is_active=True, as_json=as_json)


@app.command("deactivate")
def deactivate(studio: Studio, as_json: AsJson = False) -> None:
    """Have a studio's key end; its members and workflows stay."""
    _set_active(studio, is_active=False, as_json=as_json)


def _set_active(name: str, *, is_active: bool, as_json: bool) -> None:
    from galleria.bootstrap import opened
    from galleria.gallery.actors import system
    from galleria.gallery.subscriptions.service import SubscriptionChange, change_subscription
    from galleria.settings import Settings

    with opened(Settings()) as parts, parts.database.write() as db:
        change = SubscriptionChange(is_active=is_active)
        print_record(_shown(change_subscription(db, system(VIA), find_studio(db, name).id, change)), as_json=as_json)


def find_studio(db: Session, text: str) -> Subscription:
    """The studio of that id or name; raises InvalidError where several have the name."""
    from galleria.gallery.actors import system
    from galleria.gallery.subscriptions.service import get_subscription, list_subscriptions

    try:
        return get_subscription(db, system(VIA), text)
    except NotFoundError:
        found = [studio for studio in list_subscriptions(db, system(VIA), text) if studio.name.lower() == text.strip().lower()]
    if len(found) > 1:
        raise InvalidError(f"several studios are called {text}; say which by its id: {', '.join(studio.id for studio in found)}")
    if not found:
        raise NotFoundError(f"no studio has the id or name {text}; `galleria studio list` shows them")
    return found[0]


def _shown(studio: Subscription) -> dict[str, object]:
    return {"id": studio.id, "name": studio.name, "active": studio.is_active}


@app.command("rename")
def rename(studio: Studio, name: Annotated[str, typer.Argument(help="Its new name.")], as_json: AsJson = False) -> None:
    """Give a studio another name."""
    from galleria.cli.acting import acting
    from galleria.gallery.subscriptions.service import SubscriptionChange, change_subscription

    with acting() as (db, actor):
        print_record(_shown(change_subscription(db, actor, find_studio(db, studio).id, SubscriptionChange(name=name))), as_json=as_json)


@app.command("delete")
def delete(studio: Studio) -> None:
    """Remove a studio that has neither users nor workflows."""
    from galleria.cli.acting import acting
    from galleria.gallery.assets.service import delete_subscription

    with acting() as (db, actor):
        delete_subscription(db, actor, find_studio(db, studio).id)
