"""`galleria job | schedule | trigger | workers`: what waits, what is to come, what follows a run, who works."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from galleria.cli.answering import Answers, SecretAnswers, given_answers
from galleria.errors import InvalidError

if TYPE_CHECKING:
    from collections.abc import Generator

    from sqlalchemy.orm import Session

    from galleria.gallery.actors import Actor

VIA = "command line"

jobs = typer.Typer(no_args_is_help=True, help="Queue jobs, wait for them, ask why one waits.")
schedules = typer.Typer(no_args_is_help=True, help="What schedules are about to do, and why one has not run.")
triggers = typer.Typer(no_args_is_help=True, help="What happens when a run of a workflow is over.")
workers = typer.Typer(no_args_is_help=True, help="Who works, pause and drain.")

JobId = Annotated[str, typer.Argument(help="The job's id.")]
ScheduleId = Annotated[str, typer.Argument(help="The schedule's id.")]
WorkerName = Annotated[str, typer.Argument(help="The worker's name, as `galleria workers list` shows it.")]


@contextmanager
def _gallery(*, writes: bool = False) -> Generator[tuple[Session, Actor]]:
    from galleria.bootstrap import opened
    from galleria.gallery.actors import system
    from galleria.settings import Settings

    with opened(Settings()) as parts, parts.database.write() if writes else parts.database.read() as db:
        yield db, system(VIA)


@jobs.command("queue")
def queue_job(
    workflow: Annotated[str, typer.Argument(help="The workflow's id.")],
    owner: Annotated[str, typer.Option(help="The e-mail address of whoever runs it.")],
    answer: Answers = None,
    secret_answer: SecretAnswers = None,
    priority: Annotated[str, typer.Option(help="Low, Medium, High or Critical.")] = "Low",
    tag: Annotated[str, typer.Option(help="The worker tag.")] = "",
    time_limit: Annotated[float | None, typer.Option(help="Seconds after which the run is stopped.")] = None,
) -> None:
    """Put a run into the queue; prints the job's id."""
    from dataclasses import replace

    from galleria.cli.gallery import find_user
    from galleria.gallery.groups.service import actor_for
    from galleria.gallery.jobs.records import Priority
    from galleria.gallery.jobs.service import NewJob, queue

    if priority.upper() not in Priority.__members__:
        raise InvalidError(f"a priority is Low, Medium, High or Critical, not {priority!r}")
    answers = given_answers(answer, secret_answer)
    with _gallery(writes=True) as (db, _):
        # Whoever has a shell here decides about the queue; what may be run is the owner's right.
        actor = replace(actor_for(db, find_user(db, owner), VIA), can_set_priority=True, can_assign_jobs=True)
        new = NewJob(workflow, answers=answers, priority=Priority[priority.upper()], worker_tag=tag or None, time_limit_s=time_limit)
        typer.echo(queue(db, actor, new).id)


@jobs.command("wait")
def wait_for_job(job: JobId, seconds: Annotated[float, typer.Option(help="How long at most.")] = 3600) -> int:
    """Wait until a job is over and print how it ended. Exit code 0: success; 1: error or cancelled; 2: not over yet."""
    import time

    from galleria.bootstrap import opened
    from galleria.database.wake import Bell
    from galleria.gallery.actors import system
    from galleria.gallery.jobs.records import Disposition, State
    from galleria.gallery.jobs.service import HEARD, get_job
    from galleria.settings import Settings

    until = time.monotonic() + seconds
    with opened(Settings()) as parts:
        bell = Bell(parts.database, HEARD)
        try:
            while True:
                bell.listen()
                with parts.database.read() as db:
                    found = get_job(db, system(VIA), job)
                left_s = until - time.monotonic()
                if found.is_over or left_s <= 0:
                    break
                bell.wait(min(left_s, 5.0))
        finally:
            bell.close()
    typer.echo(found.disposition.value if found.state is State.COMPLETED else found.state.value)
    return 2 if not found.is_over else 0 if found.disposition is Disposition.SUCCESS else 1


@jobs.command("why")
def why_job_waits(job: JobId) -> None:
    """Say where a job is in the queue and what holds it."""
    from galleria.gallery.jobs.service import get_job
    from galleria.gallery.workers.waiting import explain_waiting

    with _gallery() as (db, actor):
        waiting = explain_waiting(db, actor, job)
        if waiting is None:
            typer.echo(f"It does not wait: {get_job(db, actor, job).state.value}.")
            return
    ahead = ", ".join(f"{count} {priority.name.capitalize()}" for priority, count in waiting.before_by_priority.items())
    typer.echo(f"position {waiting.position}{f'; before it: {ahead}' if ahead else ''}; {waiting.busy} of {waiting.slots} slots are busy")
    if waiting.reason:
        typer.echo(waiting.reason)


@schedules.command("next")
def next_runs(schedule: ScheduleId, count: Annotated[int, typer.Option(help="How many.")] = 10) -> None:
    """Print the next runs of a schedule, in UTC."""
    from galleria.gallery.schedules.explain import forecast_of

    with _gallery() as (db, actor):
        for moment in forecast_of(db, actor, schedule, count):
            typer.echo(moment.isoformat())


@schedules.command("why")
def why_schedule(schedule: ScheduleId, at: Annotated[str, typer.Option(help="A moment: 2025-12-31T07:30+01:00.")] = "") -> None:
    """Say why a schedule has not run, or what became of one of its times."""
    from datetime import UTC, datetime

    from galleria.gallery.schedules.explain import explain, explain_at

    with _gallery() as (db, actor):
        if at:
            try:
                moment = datetime.fromisoformat(at)
            except ValueError:
                raise InvalidError(f"{at[:40]!r} is no moment; one is written like 2025-12-31T07:30+01:00") from None
            reasons = explain_at(db, actor, schedule, moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        else:
            found = explain(db, actor, schedule)
            reasons = [*found.reasons, *(f"{miss.planned_at.isoformat(timespec='minutes')}: {miss.reason}" for miss in found.misses)]
    for reason in reasons:
        typer.echo(reason)


@triggers.command("list")
def list_triggers(workflow: Annotated[str, typer.Argument(help="The workflow's id.")]) -> None:
    """Print what happens when a run of a workflow is over."""
    from galleria.gallery.triggers import service

    with _gallery() as (db, actor):
        for one in service.list_triggers(db, actor, workflow):
            where = one.url or one.target_id or ", ".join(map(str, one.recipients))
            typer.echo(f"{one.id}  {'on ' if one.is_enabled else 'off'}  {', '.join(map(str, one.events))}: {one.action.value} {where}")


@triggers.command("add")
def add_trigger(
    workflow: Annotated[str, typer.Argument(help="The workflow's id.")],
    owner: Annotated[str, typer.Option(help="The e-mail address of whoever it acts for.")],
    on: Annotated[list[str], typer.Option(help="success, failure or recovery.")],
    mail: Annotated[list[str] | None, typer.Option(help="Send a mail to this address.")] = None,
    webhook: Annotated[str, typer.Option(help="Call this address.")] = "",
    run: Annotated[str, typer.Option(help="Run the workflow of this id.")] = "",
    answer: Annotated[list[str] | None, typer.Option(help='For a run: "Question=text", with {answer:Name}, {output:name} ...')] = None,
    secret_answer: SecretAnswers = None,
) -> None:
    """Have something happen when a run is over; prints the trigger's id, and the secret of a webhook."""
    from galleria.cli.gallery import find_user
    from galleria.gallery.groups.service import actor_for
    from galleria.gallery.triggers.records import Action, Event
    from galleria.gallery.triggers.service import NewTrigger, create_trigger

    chosen = [action for action, given in ((Action.MAIL, mail), (Action.WEBHOOK, webhook), (Action.RUN, run)) if given]
    if len(chosen) != 1:
        raise InvalidError("say what is to happen: one of --mail, --webhook and --run")
    unknown = [word for word in on if word not in set(Event)]
    if unknown:
        raise InvalidError(f"--on is one of {', '.join(Event)}, not {unknown[0]!r}")
    answers = given_answers(answer, secret_answer)
    with _gallery(writes=True) as (db, _):
        actor = actor_for(db, find_user(db, owner), VIA)
        new = NewTrigger(workflow, chosen[0], [Event(word) for word in on], run, answers, webhook, mail or ())
        made = create_trigger(db, actor, new)
    typer.echo(made.trigger.id)
    if made.secret:
        typer.echo(f"secret: {made.secret}")


@triggers.command("remove")
def remove_trigger(trigger: Annotated[str, typer.Argument(help="The trigger's id.")]) -> None:
    """Remove a trigger with its log."""
    from galleria.gallery.triggers.service import delete_trigger

    with _gallery(writes=True) as (db, actor):
        delete_trigger(db, actor, trigger)


@triggers.command("log")
def trigger_log(trigger: Annotated[str, typer.Argument(help="The trigger's id.")]) -> None:
    """Print what became of a trigger, the latest 50 first."""
    from galleria.gallery.pages import Page
    from galleria.gallery.triggers.service import deliveries_of

    with _gallery() as (db, actor):
        for one in deliveries_of(db, actor, trigger, Page(limit=50)):
            at = one.created_at.isoformat(timespec="seconds")
            typer.echo(f"{at}  {one.progress.value}  {one.event.value}  job {one.job_id}  {one.made_job_id or one.answer}")


@workers.command("list")
def list_workers() -> None:
    """Print who works, on what, and since when nothing was heard."""
    from galleria.database.base import now
    from galleria.gallery.jobs.records import Priority
    from galleria.gallery.workers.service import list_workers as all_workers

    with _gallery() as (db, actor):
        for one in all_workers(db, actor):
            tags = [*map(str, one.tags), *(["jobs without a tag"] if one.runs_unassigned else [])]
            doing = len((one.doing or {}).get("jobs") or ())
            state = "draining" if one.is_drained else "paused" if one.is_paused else "at work"
            least = f", {Priority(one.least_priority).name.capitalize()} and above" if one.least_priority else ""
            heard_s = (now() - one.seen_at).total_seconds()
            typer.echo(f"{one.name}  {state}  {doing} of {one.slots} slots  {', '.join(tags)}{least}  heard of {heard_s:.0f} s ago")


@workers.command("pause")
def pause(worker: WorkerName) -> None:
    """Let a worker take no further jobs."""
    _pause(worker, paused=True)


@workers.command("resume")
def resume(worker: WorkerName) -> None:
    """Let a paused worker go on."""
    _pause(worker, paused=False)


def _pause(worker: str, *, paused: bool) -> None:
    from galleria.gallery.workers.service import find_worker, pause_worker

    with _gallery(writes=True) as (db, actor):
        pause_worker(db, actor, find_worker(db, actor, worker).id, paused=paused)


@workers.command("drain")
def drain(worker: WorkerName) -> None:
    """End a worker once its jobs are over."""
    from galleria.gallery.workers.service import drain_worker, find_worker

    with _gallery(writes=True) as (db, actor):
        drain_worker(db, actor, find_worker(db, actor, worker).id)
