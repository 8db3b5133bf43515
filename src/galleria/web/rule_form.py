"""The fields of a schedule's form: filled from a schedule or from what was sent, and what the rule in them comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from galleria.database.base import now
from galleria.errors import InvalidError
from galleria.gallery.schedules.records import Schedule
from galleria.gallery.schedules.recurrence import LAST, Iteration, Kind, check, iteration_from, next_times
from galleria.web.failures import sentence
from galleria.web.forms import Form
from galleria.web.rules import OCCURRENCES, day_words, in_words, read_rule

_SHOWN_RUNS = 10


@dataclass(frozen=True)
class RuleForm:
    """What the form's fields hold."""

    kind: str = Kind.DAILY.value
    date: str = ""
    time: str = "07:00"
    until: str = ""
    counted: str = "1"
    """Every so many days, weeks or months."""
    every: str = "1"
    unit: str = "hours"
    work_week: bool = False
    days: Sequence[str] = ()
    monthly: str = "day"
    day_of_month: str = "1"
    occurrence: str = "first"
    weekday: str = "Monday"
    days_of_month: str = "1"
    months: Sequence[str] = ()
    cron: str = ""
    timezone: str = ""


@dataclass(frozen=True)
class NextRuns:
    """What a rule comes to."""

    rule: str
    runs: Sequence[datetime]
    problem: str = ""


def next_of(form: Form) -> NextRuns:
    try:
        return next_runs(read_rule(form), form.text("timezone", 64))
    except InvalidError as error:
        return NextRuns("", (), sentence(error.message))


def next_runs(rule: Iteration, timezone: str) -> NextRuns:
    check(rule, timezone)
    return NextRuns(in_words(rule), next_times(rule, timezone, now(), _SHOWN_RUNS))


def sent_rule(form: Form) -> RuleForm:
    return RuleForm(
        kind=form.text("kind"),
        date=form.text("date"),
        time=form.text("time"),
        until=form.text("until"),
        counted=form.text("counted"),
        every=form.text("every"),
        unit=form.text("unit"),
        work_week=form.is_ticked("work_week"),
        days=form.texts("days"),
        monthly=form.text("monthly"),
        day_of_month=form.text("day_of_month"),
        occurrence=form.text("occurrence"),
        weekday=form.text("weekday"),
        days_of_month=form.text("days_of_month"),
        months=form.texts("months"),
        cron=form.text("cron"),
        timezone=form.text("timezone"),
    )


def rule_form(schedule: Schedule) -> RuleForm:
    rule = iteration_from(schedule.iteration)
    is_whole_hours = rule.every_s % 3600 == 0
    return RuleForm(
        kind=rule.kind.value,
        date=rule.starts_at.date().isoformat(),
        time=f"{rule.starts_at:%H:%M}",
        until=rule.ends_at.date().isoformat() if rule.ends_at else "",
        counted=str(rule.every),
        every=str(rule.every_s // (3600 if is_whole_hours else 60) or 1),
        unit="hours" if is_whole_hours else "minutes",
        work_week=rule.only_work_week,
        days=rule.days_of_week,
        monthly="weekday" if rule.occurrence else "last" if rule.day_of_month == LAST else "day",
        day_of_month=str(max(rule.day_of_month, 1)),
        occurrence=OCCURRENCES.get(rule.occurrence, "first"),
        weekday=day_words(rule.days_of_week) or "Monday",
        days_of_month=", ".join(map(str, rule.days_of_month)) or "1",
        months=[str(month) for month in rule.months],
        cron=rule.cron,
        timezone=schedule.timezone,
    )
