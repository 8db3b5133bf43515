"""`galleria schedule add | change | delete`, `galleria job cancel`, `galleria settings`: what runs by itself, and what holds for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from galleria.cli.acting import As, AsUser, WorkflowId, acting
from galleria.cli.answering import Answers, SecretAnswers, given_answers
from galleria.cli.people import role_named
from galleria.cli.printing import AsJson, print_record

if TYPE_CHECKING:
    from galleria.gallery.schedules.recurrence import Iteration

settings = typer.Typer(no_args_is_help=True, help="What Curators decide while the server runs.")
ScheduleId = Annotated[str, typer.Argument(help="The schedule's id.")]
Cron = Annotated[str, typer.Option(help='When: "minute hour day month weekday", as in "0 6 * * 1-5".')]


def add_schedule(
    workflow: WorkflowId,
    cron: Cron,
    as_user: AsUser,
    name: Annotated[str, typer.Option(help="What it is called.")] = "",
    timezone: Annotated[str, typer.Option(help="Time zone, like Europe/Berlin; otherwise UTC.")] = "",
    answer: Answers = None,
    secret_answer: SecretAnswers = None,
    as_json: AsJson = False,
) -> None:
    """Have a workflow run by itself."""
    from galleria.gallery.schedules.service import NewSchedule, create_schedule

    answers = given_answers(answer, secret_answer)
    with acting(as_user) as (db, actor):
        made = create_schedule(db, actor, NewSchedule(workflow, _by_cron(cron), name=name, timezone=timezone, answers=answers))
        print_record({"schedule": made.id}, as_json=as_json)


def change_schedule(
    schedule: ScheduleId,
    cron: Annotated[str | None, typer.Option(help="Another rule.")] = None,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Whether it runs anything.")] = None,
    answer: Answers = None,
    secret_answer: SecretAnswers = None,
    forget_answer: Annotated[list[str] | None, typer.Option(help="A question that is answered no longer.")] = None,
    as_user: As = "",
) -> None:
    """Change when and whether a schedule runs its workflow, and with which answers; those that are not named stay."""
    from dataclasses import replace

    from galleria.gallery.schedules import service
    from galleria.gallery.schedules.service import ScheduleChange

    given, forgotten = given_answers(answer, secret_answer), forget_answer or []
    wanted = ScheduleChange(iteration=None if cron is None else _by_cron(cron), name=name, is_enabled=on)
    with acting(as_user) as (db, actor):
        if given or forgotten:
            stay = dict.fromkeys(name for name in service.get_schedule(db, actor, schedule).answers if name not in forgotten)
            wanted = replace(wanted, answers={**stay, **given})
        service.change_schedule(db, actor, schedule, wanted)


def _by_cron(text: str) -> Iteration:
    from datetime import UTC, datetime

    from galleria.gallery.schedules.recurrence import Iteration, Kind

    return Iteration(Kind.CRON, datetime.now(UTC).replace(tzinfo=None, microsecond=0), cron=text)


def delete_schedule(schedule: ScheduleId, as_user: As = "") -> None:
    """Remove a schedule; what it ran stays."""
    from galleria.gallery.schedules import service

    with acting(as_user) as (db, actor):
        service.delete_schedule(db, actor, schedule)


def cancel_job(job: Annotated[str, typer.Argument(help="The job's id.")], as_user: As = "") -> None:
    """Cancel a job that waits or runs."""
    from galleria.gallery.jobs.service import cancel

    with acting(as_user) as (db, actor):
        cancel(db, actor, job)


@settings.command("default-role")
def set_default_role(role: Annotated[str, typer.Argument(help="NoAccess, Viewer, Member, Artisan or Curator.")]) -> None:
    """Decide what Evaluated users may do whom no group gives a role."""
    from galleria.gallery.preferences import service

    with acting() as (db, actor):
        service.set_default_role(db, actor, role_named(role))
