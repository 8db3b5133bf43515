"""`galleria serve | worker | publish | migrate`: the gallery on this machine, by whoever has a shell on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galleria.errors import InvalidError, NotFoundError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from galleria.gallery.users.records import User

VIA = "command line"


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    worker: Annotated[bool | None, typer.Option("--worker/--no-worker", help="Start a worker as a child.")] = None,
) -> None:
    """Serve the gallery and its APIs, with a worker beside it unless told otherwise."""
    from galleria.bootstrap import serve_forever
    from galleria.settings import Settings

    given = {"host": host, "port": port, "worker": worker}
    serve_forever(Settings.model_validate({name: value for name, value in given.items() if value is not None}))


def worker(
    tags: Annotated[str | None, typer.Option(help="Tags of the jobs that it takes, with commas between.")] = None,
    run_unassigned: Annotated[bool | None, typer.Option(help="Whether it takes jobs without a tag, too.")] = None,
    slots: Annotated[int | None, typer.Option(help="Jobs at once.")] = None,
    name: Annotated[str | None, typer.Option(help="Unique among workers.")] = None,
    least_priority: Annotated[str | None, typer.Option(help="Take no job that is less urgent: Low, Medium, High or Critical.")] = None,
    beside: Annotated[bool, typer.Option("--beside", hidden=True, help="End when standard input ends.")] = False,
) -> None:
    """Claim jobs and run them here, for the gallery whose database and storage the settings name."""
    from galleria.bootstrap import worker as run_worker
    from galleria.settings import Settings

    given = {
        "worker_tags": tags,
        "worker_runs_unassigned": run_unassigned,
        "worker_slots": slots,
        "worker_name": name,
        "worker_least_priority": None if least_priority is None else least_priority.capitalize(),
    }
    run_worker(Settings.model_validate({name: value for name, value in given.items() if value is not None}), is_beside=beside)


def migrate() -> None:
    """Bring the database's schema up to date."""
    from galleria.bootstrap import opened
    from galleria.settings import Settings

    with opened(Settings()):
        typer.echo("the database is up to date")


def publish(
    file: Annotated[Path, typer.Argument(help="A .yxmd, .yxmc, .yxwz or .yxzp file.")],
    owner: Annotated[str, typer.Option(help="The owner's e-mail address.")],
    workflow: Annotated[str | None, typer.Option(help="The id of the workflow that gets a new version.")] = None,
) -> None:
    """Publish a workflow file to the gallery on this machine; prints the workflow's id."""
    from galleria.bootstrap import opened
    from galleria.gallery.groups.service import actor_for
    from galleria.gallery.workflows.file import publish_file
    from galleria.gallery.workflows.service import report_of
    from galleria.settings import Settings

    if not file.is_file():
        raise InvalidError(f"{file} is not there")
    with opened(Settings()) as parts:
        with parts.database.read() as db:
            actor = actor_for(db, find_user(db, owner), VIA)
        published = publish_file(parts.database, actor, parts.storage, file, version_of=workflow)
        with parts.database.read() as db:
            found = report_of(db, actor, published.id)
    for one in found.unsupported:
        typer.echo(f"not supported: tool {one.tool_id}: {one.feature}: {one.detail}", err=True)
    for path in found.missing:
        typer.echo(f"not found, so not in the package: {path}", err=True)
    typer.echo(published.id)


def find_user(db: Session, email: str) -> User:
    """The user of that e-mail; raises NotFoundError with what would help."""
    from galleria.gallery.users.service import find_by_email

    user = find_by_email(db, email)
    if user is None:
        raise NotFoundError(f"no user has the e-mail {email}; add one with `galleria user add {email}`")
    return user
