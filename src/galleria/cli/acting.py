"""On whose behalf a command acts: a user's, with his rights, or that of whoever has a shell on the server."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from galleria.cli.gallery import VIA, find_user
from galleria.errors import InvalidError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Generator

    from sqlalchemy.orm import Session

    from galleria.gallery.actors import Actor
    from galleria.gallery.shares.records import Party

As = Annotated[str, typer.Option("--as", help="The e-mail address of the user whose rights count; nobody's: those of the server itself.")]
AsUser = Annotated[str, typer.Option("--as", help="The e-mail address of the user who does it.")]
ToUser = Annotated[str, typer.Option("--user", help="A user's e-mail address.")]
ToGroup = Annotated[str, typer.Option("--group", help="A group's id, or its name.")]
ToStudio = Annotated[str, typer.Option("--studio", help="A studio's id, or its name.")]
WorkflowId = Annotated[str, typer.Argument(help="The workflow's id.")]


@contextmanager
def acting(email: str = "", *, writes: bool = True) -> Generator[tuple[Session, Actor]]:
    """Open the gallery for one transaction."""
    from galleria.bootstrap import opened
    from galleria.gallery.actors import system
    from galleria.gallery.groups.service import actor_for
    from galleria.settings import Settings

    with opened(Settings()) as parts, parts.database.write() if writes else parts.database.read() as db:
        yield db, actor_for(db, find_user(db, email), VIA) if email else system(VIA)


def party_of(db: Session, user: str, group: str, studio: str) -> tuple[Party, str]:
    """Read whom options name; raises InvalidError unless it is exactly one."""
    from galleria.cli.studios import find_studio
    from galleria.gallery.shares.records import Party

    if [bool(user), bool(group), bool(studio)].count(True) != 1:
        raise InvalidError("name one of --user, --group and --studio")
    if user:
        return Party.USER, find_user(db, user).id
    return (Party.GROUP, find_group(db, group)) if group else (Party.STUDIO, find_studio(db, studio).id)


def find_group(db: Session, text: str) -> str:
    """The id of the group of that id or name."""
    from galleria.gallery.actors import system
    from galleria.gallery.groups.service import list_groups

    found = [group.id for group in list_groups(db, system(VIA)) if text in (group.id, group.name)]
    if not found:
        raise NotFoundError(f"no group {text!r}; add one with `galleria group add`")
    if len(found) > 1:
        raise InvalidError(f"{len(found)} groups are named {text!r}; name one by its id")
    return found[0]
