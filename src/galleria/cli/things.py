"""`galleria workflow`: change, hand on, follow, talk about and share published workflows."""

from __future__ import annotations

from typing import Annotated

import typer

from galleria.cli.acting import As, AsUser, ToGroup, ToStudio, ToUser, WorkflowId, acting, party_of
from galleria.cli.gallery import find_user
from galleria.cli.printing import AsJson, print_record, print_rows

app = typer.Typer(no_args_is_help=True, help="Change, hand on, follow, talk about and share published workflows.")
Switch = bool | None


@app.command("change")
def change_workflow(
    workflow: WorkflowId,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    description: Annotated[str | None, typer.Option(help="Another description, in Markdown.")] = None,
    tags: Annotated[str | None, typer.Option(help="Its tags, with commas between; these and no others.")] = None,
    run: Annotated[Switch, typer.Option("--run/--no-run", help="Whether it can be run.")] = None,
    download: Annotated[Switch, typer.Option("--download/--no-download", help="Whether whoever sees it may have the file.")] = None,
    public: Annotated[Switch, typer.Option("--public/--not-public", help="Whether everybody sees it.")] = None,
    worker_tag: Annotated[str | None, typer.Option(help="The worker tag of its runs.")] = None,
    as_user: As = "",
) -> None:
    """Change what a workflow is called, says and allows."""
    from galleria.gallery.workflows import changes

    wanted = changes.WorkflowChange(
        name=name,
        description=description,
        can_download=download,
        is_run_disabled=None if run is None else not run,
        is_public=public,
        worker_tag=worker_tag,
    )
    with acting(as_user) as (db, actor):
        changes.change_workflow(db, actor, workflow, wanted)
        if tags is not None:
            changes.set_tags(db, actor, workflow, tags.split(","))


@app.command("owner")
def give_away(
    workflow: WorkflowId,
    email: Annotated[str, typer.Argument(help="The new owner's e-mail address.")],
    with_schedules: Annotated[bool, typer.Option(help="Whether its schedules go along.")] = True,
) -> None:
    """Give a workflow to somebody else."""
    from galleria.gallery.assets.service import transfer_workflow

    with acting() as (db, actor):
        transfer_workflow(db, actor, workflow, find_user(db, email).id, with_schedules=with_schedules)


@app.command("version")
def show_version(workflow: WorkflowId, version: Annotated[str, typer.Argument(help="The version's id.")], as_user: As = "") -> None:
    """Make another version the published one."""
    from galleria.gallery.workflows import publish

    with acting(as_user) as (db, actor):
        publish.show_version(db, actor, workflow, version)


@app.command("delete")
def delete_workflow(
    workflow: WorkflowId,
    with_schedules: Annotated[bool, typer.Option(help="With the schedules that run it.")] = False,
    as_user: As = "",
) -> None:
    """Remove a workflow from every list; its runs and their outputs stay."""
    from galleria.gallery.assets import service

    with acting(as_user) as (db, actor):
        service.delete_workflow(db, actor, workflow, with_schedules=with_schedules)


@app.command("follow")
def follow(workflow: WorkflowId, as_user: AsUser, end: Annotated[bool, typer.Option("--end", help="Follow it no longer.")] = False) -> None:
    """Have a user told of failures and changes of a workflow."""
    from galleria.gallery.workflows import followers

    with acting(as_user) as (db, actor):
        (followers.unfollow if end else followers.follow)(db, actor, workflow)


@app.command("comments")
def list_comments(workflow: WorkflowId, as_user: As = "", as_json: AsJson = False) -> None:
    """List what was said about a workflow, the latest first."""
    from galleria.gallery.comments import service
    from galleria.gallery.users.service import users_by_id

    with acting(as_user, writes=False) as (db, actor):
        found = service.list_comments(db, actor, workflow)
        authors = users_by_id(db, [one.author_id for one in found])
        rows = [{"id": one.id, "author": authors[one.author_id].email, "at": one.created_at.isoformat(), "text": one.text} for one in found]
    print_rows(rows, ("id", "author", "at", "text"), as_json=as_json)


@app.command("comment")
def comment(
    text: Annotated[str, typer.Argument(help="What is said, in Markdown.")],
    as_user: AsUser,
    workflow: Annotated[str, typer.Option(help="The id of the workflow that it is about.")] = "",
    change: Annotated[str, typer.Option(help="The id of the comment that is to say this instead.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say something about a workflow, or say it in other words."""
    from galleria.errors import InvalidError
    from galleria.gallery.comments.service import change_comment, write_comment

    if bool(workflow) == bool(change):
        raise InvalidError("name one of --workflow and --change")
    with acting(as_user) as (db, actor):
        said = write_comment(db, actor, workflow, text) if workflow else change_comment(db, actor, change, text)
        print_record({"comment": said.id}, as_json=as_json)


@app.command("uncomment")
def uncomment(comment_id: Annotated[str, typer.Argument(help="The comment's id.")], as_user: As = "") -> None:
    """Delete a comment."""
    from galleria.gallery.comments.service import delete_comment

    with acting(as_user) as (db, actor):
        delete_comment(db, actor, comment_id)


@app.command("ask")
def ask(workflow: WorkflowId, as_user: AsUser, text: Annotated[str, typer.Option(help="What it is needed for.")] = "") -> None:
    """Ask a workflow's owner for access; nobody learns by it whether there is such a workflow."""
    from galleria.gallery.requests import service

    with acting(as_user) as (db, actor):
        service.ask(db, actor, workflow, text=text)


@app.command("requests")
def list_requests(as_user: As = "", as_json: AsJson = False) -> None:
    """List who waits for access."""
    from galleria.gallery.requests.service import requests_to
    from galleria.gallery.users.service import users_by_id

    with acting(as_user, writes=False) as (db, actor):
        found = requests_to(db, actor)
        askers = users_by_id(db, [one.user_id for one, _ in found])
        rows = [{"id": one.id, "asker": askers[one.user_id].email, "workflow": workflow.name, "text": one.text} for one, workflow in found]
    print_rows(rows, ("id", "asker", "workflow", "text"), as_json=as_json)


@app.command("answer")
def answer(
    request: Annotated[str, typer.Argument(help="The request's id.")],
    grant: Annotated[bool, typer.Option("--grant/--decline", help="Whether access is given.")],
    text: Annotated[str, typer.Option(help="What to say to it.")] = "",
    as_user: As = "",
) -> None:
    """Grant or decline access; both who asked and the owner hear of it."""
    from galleria.gallery.requests.records import Outcome
    from galleria.gallery.requests.service import answer_request

    with acting(as_user) as (db, actor):
        answer_request(db, actor, request, Outcome.GRANTED if grant else Outcome.DECLINED, text)


@app.command("share")
def share(
    workflow: WorkflowId,
    user: ToUser = "",
    group: ToGroup = "",
    studio: ToStudio = "",
    update: Annotated[bool, typer.Option("--update", help="They may also publish new versions.")] = False,
    as_user: As = "",
) -> None:
    """Let somebody see and run a workflow."""
    from galleria.gallery.sharing.service import share_workflow

    with acting(as_user) as (db, actor):
        share_workflow(db, actor, workflow, *party_of(db, user, group, studio), can_update=update)


@app.command("unshare")
def unshare(
    workflow: WorkflowId,
    user: ToUser = "",
    group: ToGroup = "",
    studio: ToStudio = "",
    collection: Annotated[str, typer.Option(help="The id of a collection to take it out of, instead.")] = "",
    as_user: As = "",
) -> None:
    """Take back what `share` gave, or take a workflow out of a collection."""
    from galleria.gallery.sharing.service import unshare_workflow, withdraw

    with acting(as_user) as (db, actor):
        if collection:
            withdraw(db, actor, workflow, collection)
        else:
            unshare_workflow(db, actor, workflow, *party_of(db, user, group, studio))


@app.command("seen-by")
def seen_by(workflow: WorkflowId, as_user: As = "", as_json: AsJson = False) -> None:
    """List who sees a workflow, and why."""
    from galleria.gallery.sharing.reach import reach_of

    with acting(as_user, writes=False) as (db, actor):
        found = reach_of(db, actor, workflow)
        members = [(member, "shared with them") for member in found.alone]
        members += [(member, f"collection {one.collection.name}") for one in found.through for member in one.members]
        rows = [{"who": "everybody", "why": "public"}] if found.is_public else []
        rows += [
            {"who": found.names.get(found.owner_id, ""), "why": "owner"},
            {"who": f"studio {found.names.get(found.studio_id, '')}", "why": "its studio"},
            {"who": "curators", "why": "see everything"},
        ]
        rows += [{"who": f"{member.party.value} {found.names.get(member.party_id, '')}", "why": why} for member, why in members]
    print_rows(rows, ("who", "why"), as_json=as_json)
