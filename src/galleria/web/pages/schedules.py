"""Schedules: listed with what comes next, made and changed by a form in plain words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.errors import ForbiddenError, GalleriaError, InvalidError
from galleria.gallery.schedules import service as schedules
from galleria.gallery.schedules.explain import Reason, explain
from galleria.gallery.schedules.records import Schedule
from galleria.gallery.schedules.recurrence import DAYS, Kind, Missed, Overlap, iteration_from
from galleria.gallery.schedules.service import NewSchedule, ScheduleChange, ScheduleFilter
from galleria.gallery.users.service import users_by_id
from galleria.gallery.workflows.access import get_workflow
from galleria.gallery.workflows.service import get_version, workflows_by_id
from galleria.web.answers import read_answers
from galleria.web.door import door_of
from galleria.web.failures import sentence
from galleria.web.forms import Form, Sent
from galleria.web.lines import app_path
from galleria.web.page import Page, go, show
from galleria.web.pages.home import Choice, choices
from galleria.web.pages.workflow_head import WorkflowHead, workflow_head
from galleria.web.paging import Listing, listing, number_of, window
from galleria.web.questions import Asked, asked, filled
from galleria.web.rule_form import NextRuns, RuleForm, next_of, next_runs, rule_form, sent_rule
from galleria.web.rules import DAY_SETS, MONTHS, OCCURRENCES, in_words, read_rule
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()

KIND_WORDS = (
    (Kind.ONCE, "Once"),
    (Kind.HOURLY, "Every few minutes or hours"),
    (Kind.DAILY, "Every day"),
    (Kind.WEEKLY, "On days of the week"),
    (Kind.MONTHLY, "Once a month"),
    (Kind.CUSTOM, "On days of chosen months"),
    (Kind.CRON, "By a cron expression"),
)


MISSED_WORDS = (
    (Missed.ONCE, "are made up for by one run"),
    (Missed.SKIP, "are left out"),
    (Missed.CATCH_UP, "are made up for one by one"),
)
_MOST_MISSES = 5


@dataclass(frozen=True)
class ScheduleLine:
    schedule_id: str
    name: str
    workflow_name: str
    rule: str
    timezone: str
    owner: str
    is_enabled: bool
    next_run_at: datetime | None
    last_run_at: datetime | None
    last_job_id: str
    last_error: str


@dataclass(frozen=True)
class MissLine:
    """A planned time that brought no run, or several that were missed together."""

    planned_at: datetime
    count: int
    reason: str


@dataclass(frozen=True)
class SchedulesPage(Page):
    template: ClassVar[str] = "schedules.html"
    section: ClassVar[str] = "schedules"

    schedules: Listing[ScheduleLine]

    @property
    def title(self) -> str:
        return "Schedules"


@dataclass(frozen=True)
class WorkflowSchedulesPage(Page):
    template: ClassVar[str] = "workflow_schedules.html"
    section: ClassVar[str] = "workflows"

    head: WorkflowHead
    schedules: Listing[ScheduleLine]
    can_schedule: bool

    @property
    def title(self) -> str:
        return f"Schedules of {self.head.name}"


@dataclass(frozen=True)
class SchedulePage(Page):
    template: ClassVar[str] = "schedule.html"
    section: ClassVar[str] = "schedules"

    schedule_id: str
    """Empty for one that is being made."""
    workflow_id: str
    workflow_name: str
    workflow_path: str
    name: str
    comment: str
    rule: RuleForm
    kinds: Sequence[Choice]
    questions: Sequence[Asked]
    skips: bool
    """Leaves a run out while the one before goes on."""
    missed: Sequence[Choice]
    """What is done about times that passed while nothing could run them."""
    time_limit: str
    """In minutes; empty for none of its own."""
    is_enabled: bool
    can_change: bool
    next: NextRuns
    why: Sequence[Reason]
    """What keeps it from running, or that nothing does; nothing for one that is being made."""
    is_in_order: bool
    misses: Sequence[MissLine]
    line: ScheduleLine | None
    problem: str = ""
    days: Sequence[str] = DAYS
    months: Sequence[str] = MONTHS
    month_days: Sequence[str] = (*DAYS, *DAY_SETS)
    occurrences: Sequence[str] = field(default_factory=lambda: list(OCCURRENCES.values()))

    @property
    def title(self) -> str:
        return self.name or f"Schedule {self.workflow_name}"


@dataclass(frozen=True)
class NextRunsPage(Page):
    """The part of the form that shows the next runs."""

    template: ClassVar[str] = "parts/next_runs.html"

    next: NextRuns

    @property
    def title(self) -> str:
        return "Next runs"


@router.get("/schedules")
def list_schedules(request: Request, visitor: SignedIn, page: str = "") -> Response:
    number = number_of(page)
    with door_of(request).parts.database.read() as db:
        found = schedules.list_schedules(db, visitor.actor, None, window(number))
        lines = _lines(db, found)
    return show(request, SchedulesPage(listing(lines, number, "/schedules")))


@router.get("/app/{name}/{app_id}/schedules")
def list_of_workflow(request: Request, visitor: SignedIn, app_id: str, page: str = "") -> Response:
    number = number_of(page)
    with door_of(request).parts.database.read() as db:
        workflow = get_workflow(db, visitor.actor, app_id)
        found = schedules.list_schedules(db, visitor.actor, ScheduleFilter(workflow_id=app_id), window(number))
        shown = WorkflowSchedulesPage(
            workflow_head(db, visitor, workflow, "schedules"),
            listing(_lines(db, found), number, f"{app_path(workflow.name, app_id)}/schedules"),
            visitor.actor.can_schedule,
        )
    return show(request, shown)


@router.get("/app/{name}/{app_id}/schedules/new")
def show_new(request: Request, visitor: SignedIn, app_id: str) -> Response:
    tomorrow = (now().astimezone(visitor.zone) + timedelta(days=1)).date()
    rule = RuleForm(date=tomorrow.isoformat(), timezone=visitor.zone_name)
    with door_of(request).parts.database.read() as db:
        page = _form_page(db, visitor, app_id, rule, _questions(db, visitor, app_id))
    return show(request, page)


@router.post("/app/{name}/{app_id}/schedules/new")
def create(request: Request, visitor: SignedIn, form: Sent, app_id: str) -> Response:
    parts = door_of(request).parts
    with parts.database.read() as db:
        questions = _questions(db, visitor, app_id)
    given = read_answers(parts, visitor.actor, form, questions)
    again = [question.again(given.answers.get(question.name), given.problems.get(question.name, "")) for question in questions]
    try:
        if given.problems:
            raise InvalidError("not everything could be taken; see the fields below")
        with parts.database.write() as db:
            made = schedules.create_schedule(
                db,
                visitor.actor,
                NewSchedule(
                    workflow_id=app_id,
                    iteration=read_rule(form),
                    name=form.text("name"),
                    comment=form.text("comment"),
                    timezone=form.text("timezone", 64),
                    answers=given.answers,
                    overlap=_overlap(form),
                    missed=_missed(form),
                    time_limit_s=_time_limit_s(form) or None,
                ),
            )
    except GalleriaError as error:
        with parts.database.read() as db:
            page = _form_page(db, visitor, app_id, sent_rule(form), again, form=form, problem=sentence(error.message))
        return show(request, page, 400)
    return go(request, f"/schedules/{made.id}", "created")


@router.post("/schedules/next")
def show_next(request: Request, visitor: SignedIn, form: Sent) -> Response:
    return show(request, NextRunsPage(next_of(form)))


@router.get("/schedules/{schedule_id}")
def show_schedule(request: Request, visitor: SignedIn, schedule_id: str) -> Response:
    with door_of(request).parts.database.read() as db:
        page = _page_of(db, visitor, schedule_id)
    return show(request, page)


@router.post("/schedules/{schedule_id}")
def change(request: Request, visitor: SignedIn, form: Sent, schedule_id: str) -> Response:
    parts = door_of(request).parts
    with parts.database.read() as db:
        schedule = schedules.get_schedule(db, visitor.actor, schedule_id)
        questions = filled(_questions(db, visitor, schedule.workflow_id), schedule.answers, keeps_passwords=True)
    given = read_answers(parts, visitor.actor, form, questions)
    again = [question.again(given.answers.get(question.name), given.problems.get(question.name, "")) for question in questions]
    try:
        if given.problems:
            raise InvalidError("not everything could be taken; see the fields below")
        change = ScheduleChange(
            iteration=read_rule(form),
            name=form.text("name"),
            comment=form.text("comment"),
            timezone=form.text("timezone", 64),
            answers=_changed_answers(form, schedule, questions, given.answers),
            overlap=_overlap(form),
            missed=_missed(form),
            time_limit_s=_time_limit_s(form),
            is_enabled=form.is_ticked("is_enabled"),
        )
        with parts.database.write() as db:
            schedules.change_schedule(db, visitor.actor, schedule_id, change)
    except ForbiddenError:
        # Nothing in the form makes good for that.
        raise
    except GalleriaError as error:
        with parts.database.read() as db:
            page = _page_of(db, visitor, schedule_id, form, again, sentence(error.message))
        return show(request, page, 400)
    return go(request, f"/schedules/{schedule_id}", "saved")


@router.post("/schedules/{schedule_id}/delete")
def delete(request: Request, visitor: SignedIn, form: Sent, schedule_id: str) -> Response:
    with door_of(request).parts.database.write() as db:
        schedules.delete_schedule(db, visitor.actor, schedule_id)
    return go(request, "/schedules", "deleted")


def _changed_answers(form: Form, schedule: Schedule, questions: Sequence[Asked], given: Mapping[str, str]) -> dict[str, str | None]:
    """All its answers: those of before stay but for what was written, and for passwords that are to be forgotten."""
    forgotten = {question.name for question in questions if question.is_kept and form.is_ticked(f"{question.field}-forget")}
    return {name: text for name, text in {**dict.fromkeys(schedule.answers), **given}.items() if name not in forgotten}


def _overlap(form: Form) -> Overlap:
    return Overlap.SKIP if form.is_ticked("skips") else Overlap.QUEUE


def _missed(form: Form) -> Missed:
    word = form.text("missed", 20)
    return Missed(word) if word in set(Missed) else Missed.ONCE


def _time_limit_s(form: Form) -> float:
    """0 for none of its own."""
    text = form.text("time_limit", 10)
    if text and not (text.isascii() and text.isdigit()):
        raise InvalidError("the time limit is a whole number of minutes")
    return int(text or 0) * 60.0


def _limit_words(schedule: Schedule | None) -> str:
    return f"{max(1, round(schedule.time_limit_s / 60))}" if schedule and schedule.time_limit_s else ""


def _questions(db: Session, visitor: Visitor, workflow_id: str) -> list[Asked]:
    """What the workflow asks, but for files: one that was uploaded is gone when the schedule fires."""
    return [question for question in asked(get_version(db, visitor.actor, workflow_id).report) if question.kind != "file"]


def _lines(db: Session, found: Sequence[Schedule]) -> list[ScheduleLine]:
    workflows = workflows_by_id(db, [schedule.workflow_id for schedule in found])
    owners = users_by_id(db, [schedule.owner_id for schedule in found])
    return [
        ScheduleLine(
            schedule_id=schedule.id,
            name=schedule.name,
            workflow_name=workflows[schedule.workflow_id].name if schedule.workflow_id in workflows else "a workflow that is gone",
            rule=in_words(iteration_from(schedule.iteration)),
            timezone=schedule.timezone or "UTC",
            owner=owners[schedule.owner_id].full_name if schedule.owner_id in owners else "",
            is_enabled=schedule.is_enabled,
            next_run_at=schedule.next_run_at if schedule.is_enabled else None,
            last_run_at=schedule.last_run_at,
            last_job_id=schedule.last_job_id or "",
            last_error=schedule.last_error,
        )
        for schedule in found
    ]


def _page_of(
    db: Session, visitor: Visitor, schedule_id: str, form: Form | None = None, again: Sequence[Asked] | None = None, problem: str = ""
) -> SchedulePage:
    schedule = schedules.get_schedule(db, visitor.actor, schedule_id)
    rule = sent_rule(form) if form is not None else rule_form(schedule)
    questions = again
    if questions is None:
        questions = filled(_questions(db, visitor, schedule.workflow_id), schedule.answers, keeps_passwords=True)
    return _form_page(db, visitor, schedule.workflow_id, rule, questions, schedule, form, problem)


def _form_page(
    db: Session,
    visitor: Visitor,
    workflow_id: str,
    rule: RuleForm,
    questions: Sequence[Asked],
    schedule: Schedule | None = None,
    form: Form | None = None,
    problem: str = "",
) -> SchedulePage:
    workflow = get_workflow(db, visitor.actor, workflow_id)
    found = explain(db, visitor.actor, schedule.id) if schedule else None
    may_change = schedule is None or visitor.is_curator or schedule.owner_id == visitor.user_id
    return SchedulePage(
        schedule_id=schedule.id if schedule else "",
        workflow_id=workflow_id,
        workflow_name=workflow.name,
        workflow_path=app_path(workflow.name, workflow.id),
        name=form.text("name") if form else schedule.name if schedule else "",
        comment=form.text("comment") if form else schedule.comment if schedule else "",
        rule=rule,
        kinds=choices(KIND_WORDS, rule.kind),
        questions=questions,
        skips=form.is_ticked("skips") if form else schedule is not None and schedule.overlap is Overlap.SKIP,
        missed=choices(MISSED_WORDS, form.text("missed") if form else schedule.missed.value if schedule else Missed.ONCE.value),
        time_limit=form.text("time_limit") if form else _limit_words(schedule),
        is_enabled=form.is_ticked("is_enabled") if form else schedule is None or schedule.is_enabled,
        can_change=may_change and visitor.actor.can_schedule,
        next=next_of(form) if form else next_runs(iteration_from(schedule.iteration), rule.timezone) if schedule else NextRuns("", ()),
        why=found.told if found else (),
        is_in_order=found is not None and found.is_in_order,
        misses=[MissLine(miss.planned_at, miss.count, miss.reason) for miss in found.misses[:_MOST_MISSES]] if found else (),
        line=_lines(db, [schedule])[0] if schedule else None,
        problem=problem,
    )
