"""`galleria import folder PATH`: bring the workflow files that people have into the gallery on this machine."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from galleria.cli.gallery import VIA, find_user
from galleria.errors import InvalidError

app = typer.Typer(no_args_is_help=True, help="Bring workflows along.")


@app.callback()
def _group() -> None:
    """Keeps `folder` a command of its own."""


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
