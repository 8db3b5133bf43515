"""The rule of a schedule: read from its form, and told in plain words."""

from datetime import date, datetime, time

from galleria.errors import InvalidError
from galleria.gallery.schedules.recurrence import DAYS, LAST, Iteration, Kind
from galleria.web.forms import Form
from galleria.web.words import counted

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
OCCURRENCES = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
UNITS = {"minutes": 60, "hours": 3600}
WORKING_DAY = "working day"
DAY_SETS = {WORKING_DAY: DAYS[:5], "day of the weekend": DAYS[5:]}
"""What a month can have a first or last of beside single weekdays."""


def read_rule(form: Form) -> Iteration:
    """Read a rule; InvalidError in words for what is missing or odd. Whether it ever fires is the verb's to check."""
    kind = _kind(form.text("kind"))
    start = datetime.combine(_date(form.text("date"), "the first day"), _time(form.text("time")))
    end = form.text("until")
    is_by_weekday = form.text("monthly") == "weekday"
    is_counted = kind in (Kind.DAILY, Kind.WEEKLY, Kind.MONTHLY) and form.text("counted") != ""
    return Iteration(
        kind=kind,
        starts_at=start,
        ends_at=datetime.combine(_date(end, "the last day"), time(23, 59, 59)) if end else None,
        every=_whole(form.text("counted"), "every how many") if is_counted else 1,
        every_s=_whole(form.text("every"), "every how many") * UNITS.get(form.text("unit"), 60) if kind is Kind.HOURLY else 0,
        only_work_week=kind is Kind.DAILY and form.is_ticked("work_week"),
        days_of_week=_weekdays(form, kind, is_by_weekday=is_by_weekday),
        day_of_month=_day_of_month(form) if kind is Kind.MONTHLY and not is_by_weekday else 0,
        occurrence=_occurrence(form.text("occurrence")) if kind is Kind.MONTHLY and is_by_weekday else 0,
        days_of_month=_numbers(form.text("days_of_month")) if kind is Kind.CUSTOM else (),
        months=tuple(_whole(month, "a month") for month in form.texts("months")) if kind is Kind.CUSTOM else (),
        cron=form.text("cron", 200) if kind is Kind.CRON else "",
    )


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        raise InvalidError("choose how often it is to run") from None


def _date(text: str, what: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidError(f"{what} is a date like 2025-12-31") from None


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise InvalidError("the time is written like 07:30") from None


def _whole(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise InvalidError(f"{what} is a whole number")
    return int(text)


def _occurrence(text: str) -> int:
    return next((number for number, word in OCCURRENCES.items() if word == text), 1)


def _weekdays(form: Form, kind: Kind, *, is_by_weekday: bool) -> tuple[str, ...]:
    if kind is Kind.WEEKLY:
        return tuple(day for day in DAYS if day in form.texts("days"))
    return DAY_SETS.get(form.text("weekday", 20), (form.text("weekday", 20),)) if kind is Kind.MONTHLY and is_by_weekday else ()


def _day_of_month(form: Form) -> int:
    return LAST if form.text("monthly") == "last" else _whole(form.text("day_of_month"), "the day of the month")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(sorted({_whole(part, "a day") for part in text.replace(",", " ").split()}))


def in_words(rule: Iteration) -> str:
    """Tell a rule: `Every Monday and Friday at 07:30`, `Once, on 5 March 2025 at 14:00`."""
    at = f"at {rule.starts_at:%H:%M}"
    until = f", until {_day(rule.ends_at)}" if rule.ends_at is not None else ""
    return f"{_often(rule, at)}{until}"


def _often(rule: Iteration, at: str) -> str:
    match rule.kind:
        case Kind.ONCE:
            return f"Once, on {_day(rule.starts_at)} {at}"
        case Kind.HOURLY:
            return f"Every {_distance(rule.every_s)}, from {_day(rule.starts_at)} {at} on"
        case Kind.DAILY:
            every = "Every day" if rule.every == 1 else f"Every {rule.every} days"
            weekdays = ", from Monday to Friday only" if rule.every > 1 else ""
            return f"{'Every weekday' if rule.only_work_week and rule.every == 1 else every} {at}{weekdays if rule.only_work_week else ''}"
        case Kind.WEEKLY:
            weeks = "" if rule.every == 1 else f"{rule.every} weeks on "
            return f"Every {weeks}{_listed(rule.days_of_week)} {at}"
        case Kind.MONTHLY if rule.occurrence:
            return f"On the {OCCURRENCES[rule.occurrence]} {day_words(rule.days_of_week)} of {_months(rule)} {at}"
        case Kind.MONTHLY:
            return f"On {'the last day' if rule.day_of_month == LAST else f'day {rule.day_of_month}'} of {_months(rule)} {at}"
        case Kind.CUSTOM:
            days = _listed([str(day) for day in rule.days_of_month])
            months = _listed([MONTHS[month - 1] for month in rule.months])
            return f"On {'day' if len(rule.days_of_month) == 1 else 'days'} {days} of {months} {at}"
        case _:
            return f"By the expression {rule.cron}"


def day_words(days: tuple[str, ...]) -> str:
    """`Monday`, or what several days together are called in the form."""
    return next((words for words, some in DAY_SETS.items() if some == days), " or ".join(days))


def _months(rule: Iteration) -> str:
    return "each month" if rule.every == 1 else f"every {rule.every} months"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def _distance(seconds: int) -> str:
    if seconds % 3600 == 0:
        return "hour" if seconds == 3600 else counted(seconds // 3600, "hour")
    return "minute" if seconds == 60 else counted(seconds // 60, "minute")


def _listed(words: tuple[str, ...] | list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
