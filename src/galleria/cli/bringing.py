"""`galleria import folder | server`: bring what people have into the gallery on this machine."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galleria.cli.gallery import VIA, find_user
from galleria.cli.printing import AsJson
from galleria.errors import InvalidError

if TYPE_CHECKING:
    from galleria.gallery.bringing.server import Access

app = typer.Typer(no_args_is_help=True, help="Bring workflows along, from a folder or with everything around them from another server.")


@app.command()
def folder(
    path: Annotated[Path, typer.Argument(help="A folder with workflow files, at any depth.")],
    owner: Annotated[str, typer.Option(help="The owner's e-mail address.")],
) -> int:
    """Publish every .yxmd, .yxwz and .yxzp below a folder; run again, only what has changed. Ends with what will run and what not."""
    from galleria.bootstrap import opened
    from galleria.gallery.groups.service import actor_for
    from galleria.gallery.workflows.bring import Deed, bring_folder
    from galleria.settings import Settings

    if not path.is_dir():
        raise InvalidError(f"{path} is no folder")
    deeds: Counter[str] = Counter()
    stopped_by: Counter[str] = Counter()
    with opened(Settings()) as parts:
        with parts.database.read() as db:
            actor = actor_for(db, find_user(db, owner), VIA)
        for brought in bring_folder(parts.database, actor, parts.storage, path):
            deeds[brought.deed] += 1
            features = {one.feature for one in brought.report.unsupported} if brought.report else set[str]()
            stopped_by.update(features)
            state = brought.reason or ("will run" if not features else f"will not run: {', '.join(sorted(features))}")
            typer.echo(f"{brought.deed:11} {brought.workflow_id:24} {brought.file.relative_to(path)}: {state}")
    typer.echo("\n" + ", ".join(f"{count} {deed}" for deed, count in sorted(deeds.items())))
    for feature, count in stopped_by.most_common():
        typer.echo(f"{count:5} stopped by {feature}")
    return 1 if deeds[Deed.REFUSED] else 0


@app.command()
def server(
    url: Annotated[
        str, typer.Argument(help="The other gallery's address, https://example.com/gallery; or .../webapi, with a bearer token.")
    ],
    key: Annotated[str, typer.Option(envvar="GALLERIA_IMPORT_KEY", help="Key of a curator there.")],
    secret: Annotated[
        str, typer.Option(envvar="GALLERIA_IMPORT_SECRET", show_default=False, help="Its secret; best in the variable, or asked for.")
    ] = "",
    keep_ids: Annotated[bool, typer.Option("--keep-ids", help="Workflows and all else keep their ids; what cannot is refused.")] = False,
    keys: Annotated[Path | None, typer.Option(help="CSV or JSON: e-mail or studio, key, secret, which go on working here.")] = None,
    owner: Annotated[
        list[str] | None,
        typer.Option(help="'theirs=ours': whose things become whose; 'ours' alone: everybody else's, so that nobody is added."),
    ] = None,
    paused: Annotated[bool, typer.Option("--paused", help="Schedules come paused: the other server goes on running them.")] = False,
    known_as: Annotated[str, typer.Option(help="The other server's name in imports before, if its address has changed.")] = "",
    authority: Annotated[Path | None, typer.Option(help="Certificates to trust, of a server whose own is signed by nobody known.")] = None,
    timeout: Annotated[float, typer.Option(min=1, max=3600, help="Seconds to wait for an answer.")] = 60,
    as_json: AsJson = False,
) -> int:
    """Read a live server through its admin APIs and bring everything along: studios, users, workflows, schedules, collections.

    Run again, it changes only what has changed there. Ends with what will run, what not, and what no API tells.
    """
    from galleria.gallery.bringing.server import Access

    access = Access(url, key, secret or _asked("Secret of that key"), authority, timeout)
    return _bring(access, keep_ids, keys, owner or [], paused, known_as, as_json)


def _asked(what: str) -> str:
    if not sys.stdin.isatty():
        raise InvalidError(f"{what.lower()} is missing: set GALLERIA_IMPORT_SECRET")
    return str(typer.prompt(what, hide_input=True))


def _bring(access: Access, keep_ids: bool, keys: Path | None, owners: list[str], are_paused: bool, known_as: str, as_json: bool) -> int:
    from dataclasses import replace

    from galleria.bootstrap import opened
    from galleria.cli.story import Story
    from galleria.gallery.actors import system
    from galleria.gallery.bringing.lists import Reader
    from galleria.gallery.bringing.notes import Move
    from galleria.gallery.bringing.pairs import read_keys
    from galleria.gallery.bringing.server import reading
    from galleria.gallery.bringing.world import bring_world, owners_from
    from galleria.settings import Settings

    settings = Settings()
    wanted = read_keys(keys) if keys else ()
    with opened(settings) as parts, reading(access) as there:
        move = Move(
            parts.database,
            parts.storage,
            system(VIA),
            known_as or access.name,
            keep_ids=keep_ids,
            package_limit_bytes=settings.upload_limit_bytes,
            are_paused=are_paused,
        )
        move = replace(move, owners=owners_from(move, owners))
        typer.echo(f"reading {access.base}", err=True)
        world = Reader(there).world()
        story = Story(world, is_quiet=as_json)
        try:
            for line in bring_world(move, there, world, wanted):
                story.tell(line)
        finally:
            # Also when the other server is lost half-way: what came until then is here.
            typer.echo(json.dumps(story.as_json(), indent=1, ensure_ascii=False) if as_json else "\n".join(story.ending()))
    return 1 if story.has_refusals else 0
