"""`galleria district`: the parts of the gallery that curators lay out, and what lies in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from galleria.cli.acting import As, WorkflowId, acting
from galleria.cli.printing import AsJson, print_record, print_rows
from galleria.errors import NotFoundError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from galleria.gallery.actors import Actor

app = typer.Typer(no_args_is_help=True, help="Districts, which curators lay out, and the workflows in them.")

DistrictName = Annotated[str, typer.Argument(help="The district's id, or its title.")]
Description = Annotated[str | None, typer.Option(help="What is to be found in it, in Markdown.")]


@app.command("add")
def add_district(
    title: Annotated[str, typer.Argument(help="Its title.")], description: Description = None, as_user: As = "", as_json: AsJson = False
) -> None:
    """Add a district with nothing in it."""
    from galleria.gallery.districts.service import create_district

    with acting(as_user) as (db, actor):
        print_record({"district": create_district(db, actor, title, description or "").id}, as_json=as_json)


@app.command("list")
def list_districts(as_user: As = "", as_json: AsJson = False) -> None:
    """List districts, with how many workflows are in each."""
    from galleria.gallery.districts import service
    from galleria.gallery.workflows.placing import counts_in_districts

    with acting(as_user, writes=False) as (db, actor):
        counts = counts_in_districts(db, actor)
        rows = [
            {"id": one.id, "title": one.title, "shown": one.is_active, "workflows": counts.get(one.id, 0)}
            for one in service.list_districts(db, actor)
        ]
    print_rows(rows, ("id", "title", "shown", "workflows"), as_json=as_json)


@app.command("change")
def change_district(
    district: DistrictName,
    title: Annotated[str | None, typer.Option(help="Another title.")] = None,
    description: Description = None,
    show: Annotated[bool | None, typer.Option("--show/--hide", help="Whether everybody finds it, or curators alone.")] = None,
    as_user: As = "",
) -> None:
    """Give a district another title or description, show or hide it."""
    from galleria.gallery.districts import service

    with acting(as_user) as (db, actor):
        service.change_district(db, actor, _find(db, actor, district), service.DistrictChange(title, description, show))


@app.command("put")
def put_workflow(
    district: DistrictName,
    workflow: WorkflowId,
    out: Annotated[bool, typer.Option("--out", help="Take it out.")] = False,
    as_user: As = "",
) -> None:
    """Put a workflow into a district, or take it out."""
    from galleria.gallery.workflows.placing import districts_of, place_workflow

    with acting(as_user) as (db, actor):
        chosen = _find(db, actor, district)
        others = [one.id for one in districts_of(db, actor, [workflow]).get(workflow, ()) if one.id != chosen]
        place_workflow(db, actor, workflow, others if out else [*others, chosen])


@app.command("delete")
def delete_district(district: DistrictName, as_user: As = "") -> None:
    """Remove a district; the workflows in it stay."""
    from galleria.gallery.districts import service

    with acting(as_user) as (db, actor):
        service.delete_district(db, actor, _find(db, actor, district))


def _find(db: Session, actor: Actor, text: str) -> str:
    """The id of the district of that id or title, in any letter case."""
    from galleria.gallery.districts.service import list_districts

    found = [one.id for one in list_districts(db, actor) if text == one.id or text.casefold() == one.title.casefold()]
    if not found:
        raise NotFoundError(f"no district {text!r}; add one with `galleria district add`")
    return found[0]
