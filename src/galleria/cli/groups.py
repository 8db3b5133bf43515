"""`galleria group | collection`: who belongs together, and what is shared with whom."""

from __future__ import annotations

from typing import Annotated

import typer

from galleria.cli.acting import As, ToGroup, ToStudio, ToUser, acting, find_group, party_of
from galleria.cli.gallery import find_user
from galleria.cli.people import RoleName, role_named
from galleria.cli.printing import AsJson, print_record, print_rows

groups = typer.Typer(no_args_is_help=True, help="Groups of users, and the roles that they give.")
collections = typer.Typer(no_args_is_help=True, help="Collections: what lies in them, and with whom they are shared.")

GroupName = Annotated[str, typer.Argument(help="The group's id, or its name.")]
CollectionId = Annotated[str, typer.Argument(help="The collection's id.")]
Name = Annotated[str, typer.Argument(help="Its name.")]


@groups.command("add")
def add_group(name: Name, role: RoleName = "Evaluated", as_json: AsJson = False) -> None:
    """Add a group without members."""
    from galleria.gallery.groups.service import create_group

    with acting() as (db, actor):
        print_record({"group": create_group(db, actor, name, role_named(role)).id}, as_json=as_json)


@groups.command("list")
def list_groups(as_json: AsJson = False) -> None:
    """List groups."""
    from galleria.gallery.groups import service

    with acting(writes=False) as (db, actor):
        found = service.list_groups(db, actor)
        counts = service.member_counts(db, [group.id for group in found])
        rows = [{"id": one.id, "name": one.name, "role": one.role.value, "members": counts.get(one.id, 0)} for one in found]
    print_rows(rows, ("id", "name", "role", "members"), as_json=as_json)


@groups.command("change")
def change_group(
    group: GroupName, name: Annotated[str, typer.Option(help="Another name.")] = "", role: Annotated[str, typer.Option(help="Role.")] = ""
) -> None:
    """Give a group another name or role."""
    from galleria.gallery.groups import service

    with acting() as (db, actor):
        found = service.get_group(db, actor, find_group(db, group))
        service.change_group(db, actor, found.id, name or found.name, role_named(role) if role else found.role)


@groups.command("member")
def change_member(
    group: GroupName,
    email: Annotated[str, typer.Argument(help="The user's e-mail address.")],
    out: Annotated[bool, typer.Option("--out", help="Take him out.")] = False,
) -> None:
    """Put a user into a group, or take him out."""
    from galleria.gallery.groups.service import add_members, remove_member

    with acting() as (db, actor):
        user, group_id = find_user(db, email), find_group(db, group)
        if out:
            remove_member(db, actor, group_id, user.id)
        else:
            add_members(db, actor, group_id, [user.id])


@groups.command("delete")
def delete_group(group: GroupName) -> None:
    """Remove a group; its members stay users."""
    from galleria.gallery.groups import service

    with acting() as (db, actor):
        service.delete_group(db, actor, find_group(db, group), with_members=True)


@collections.command("add")
def add_collection(name: Name, owner: Annotated[str, typer.Option(help="Its owner's e-mail address.")], as_json: AsJson = False) -> None:
    """Add an empty collection."""
    from galleria.gallery.collections.service import create_collection

    with acting() as (db, actor):
        print_record({"collection": create_collection(db, actor, name, owner_id=find_user(db, owner).id).id}, as_json=as_json)


@collections.command("list")
def list_collections(as_user: As = "", as_json: AsJson = False) -> None:
    """List collections."""
    from galleria.gallery.collections import service

    with acting(as_user, writes=False) as (db, actor):
        rows = [{"id": one.id, "name": one.name, "owner": one.owner_id} for one in service.list_collections(db, actor)]
    print_rows(rows, ("id", "name", "owner"), as_json=as_json)


@collections.command("rename")
def rename_collection(collection: CollectionId, name: Name, as_user: As = "") -> None:
    """Give a collection another name."""
    from galleria.gallery.collections.service import change_collection, get_collection

    with acting(as_user) as (db, actor):
        change_collection(db, actor, collection, name, get_collection(db, actor, collection).owner_id)


@collections.command("put")
def put_item(
    collection: CollectionId,
    item: Annotated[str, typer.Argument(help="The id of a workflow, or of what --kind says.")],
    kind: Annotated[str, typer.Option(help="workflow, schedule or insight.")] = "workflow",
    out: Annotated[bool, typer.Option("--out", help="Take it out.")] = False,
    as_user: As = "",
) -> None:
    """Put something into a collection, or take it out."""
    from galleria.errors import InvalidError
    from galleria.gallery.collections.service import add_item, remove_item
    from galleria.gallery.shares.records import Shared

    if kind not in [one.value for one in Shared]:
        raise InvalidError(f"a kind is one of {', '.join(Shared)}, not {kind!r}")
    with acting(as_user) as (db, actor):
        (remove_item if out else add_item)(db, actor, collection, Shared(kind), item)


@collections.command("share")
def share_collection(
    collection: CollectionId,
    user: ToUser = "",
    group: ToGroup = "",
    studio: ToStudio = "",
    right: Annotated[list[str] | None, typer.Option(help="is_admin, can_add_items ...; several times for several.")] = None,
    as_user: As = "",
) -> None:
    """Share a collection with somebody, to see and run what it holds, or change what a member may do."""
    from dataclasses import fields

    from galleria.errors import InvalidError
    from galleria.gallery.collections import service
    from galleria.gallery.collections.service import Membership, Rights

    known = [one.name for one in fields(Rights)]
    if wrong := [one for one in right or [] if one not in known]:
        raise InvalidError(f"a right is one of {', '.join(known)}, not {wrong[0]!r}")
    rights = Rights(**dict.fromkeys(right or [], True))
    with acting(as_user) as (db, actor):
        service.share_collection(db, actor, collection, Membership(*party_of(db, user, group, studio), rights))


@collections.command("unshare")
def unshare_collection(collection: CollectionId, user: ToUser = "", group: ToGroup = "", studio: ToStudio = "", as_user: As = "") -> None:
    """Take a member out."""
    from galleria.gallery.collections import service

    with acting(as_user) as (db, actor):
        service.unshare_collection(db, actor, collection, *party_of(db, user, group, studio))


@collections.command("delete")
def delete_collection(collection: CollectionId, as_user: As = "") -> None:
    """Remove a collection; what it held stays."""
    from galleria.gallery.collections import service

    with acting(as_user) as (db, actor):
        service.delete_collection(db, actor, collection, with_content=True)
