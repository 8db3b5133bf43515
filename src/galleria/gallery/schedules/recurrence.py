"""When a schedule fires: rules on the wall clock of a time zone, turned into moments.

A wall-clock time that a change of clocks leaves out fires when the clocks have jumped (02:30 becomes 03:30); one that comes
twice fires once, the first time. "Every n minutes or hours" counts real time from the start, not the wall clock: over a
change of clocks the distance stays the same. A cron expression whose minute or hour is `*` goes by real time, too, as cron does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError
from dateutil.rrule import DAILY, MO, MONTHLY, WEEKLY, rrule
from whenever import PlainDateTime

from galleria.errors import InvalidError

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WORK_WEEK = range(5)
LAST = -1


class Overlap(StrEnum):
    """What to do when the run before is not over yet."""

    QUEUE = "queue"
    SKIP = "skip"


class Missed(StrEnum):
    """What to do about times that passed while nothing could run them."""

    SKIP = "skip"
    ONCE = "once"
    """One run makes up for all of them."""
    CATCH_UP = "catch up"
    """A run for each."""


class Kind(StrEnum):
    """The words of the published API."""

    ONCE = "Once"
    HOURLY = "Hourly"
    DAILY = "Daily"
    WEEKLY = "Weekly"
    MONTHLY = "Monthly"
    CUSTOM = "Custom"
    CRON = "Cron"


@dataclass(frozen=True)
class Iteration:
    kind: Kind
    starts_at: datetime
    """Wall-clock time in the schedule's zone, naive; the first run, where the rule has one then."""
    ends_at: datetime | None = None
    """Wall-clock time, inclusive; None: never."""
    every: int = 1
    """For Daily, Weekly, Monthly: every so many days, weeks (from Monday) or months, counted from the start's."""
    every_s: int = 0
    """For Hourly: the distance between two runs."""
    only_work_week: bool = False
    """For Daily: Monday to Friday."""
    days_of_week: tuple[str, ...] = ()
    """For Weekly; for Monthly, if `occurrence` is given: one, or several that stand for each other, as the five of the work week do."""
    day_of_month: int = 0
    """For Monthly: 1 to 31, or -1 for the last; a month that has no such day is left out."""
    occurrence: int = 0
    """For Monthly: 1 to 4, or -1 for the last day that is one of these weekdays; 0: `day_of_month` counts."""
    days_of_month: tuple[int, ...] = ()
    """For Custom, as `months`."""
    months: tuple[int, ...] = ()
    cron: str = ""
    """For Cron: `minute hour day month weekday`."""

    def to_json(self) -> dict[str, Any]:
        """Write it down, what says nothing left out; `iteration_from` reads it."""
        values: dict[str, Any] = {"kind": self.kind.value, "starts_at": self.starts_at.isoformat()}
        if self.ends_at is not None:
            values["ends_at"] = self.ends_at.isoformat()
        if self.every != 1:
            values["every"] = self.every
        for name in ("every_s", "only_work_week", "day_of_month", "occurrence", "cron"):
            if getattr(self, name):
                values[name] = getattr(self, name)
        for name in ("days_of_week", "days_of_month", "months"):
            if getattr(self, name):
                values[name] = list(getattr(self, name))
        return values


def iteration_from(values: Mapping[str, Any]) -> Iteration:
    ends_at = values.get("ends_at")
    return Iteration(
        kind=Kind(values["kind"]),
        starts_at=datetime.fromisoformat(values["starts_at"]),
        ends_at=None if ends_at is None else datetime.fromisoformat(ends_at),
        every=values.get("every", 1),
        every_s=values.get("every_s", 0),
        only_work_week=values.get("only_work_week", False),
        days_of_week=tuple(values.get("days_of_week", ())),
        day_of_month=values.get("day_of_month", 0),
        occurrence=values.get("occurrence", 0),
        days_of_month=tuple(values.get("days_of_month", ())),
        months=tuple(values.get("months", ())),
        cron=values.get("cron", ""),
    )


def check(iteration: Iteration, timezone: str) -> None:
    """Raise InvalidError for a rule that makes no sense or never fires."""
    if timezone and timezone not in available_timezones():
        raise InvalidError(f"{timezone[:80]!r} is no time zone; one is written like Europe/Berlin")
    if iteration.starts_at.tzinfo is not None or (iteration.ends_at is not None and iteration.ends_at.tzinfo is not None):
        raise InvalidError("start and end of a schedule are times of its own zone, without an offset")
    if iteration.ends_at is not None and iteration.ends_at < iteration.starts_at:
        raise InvalidError("the schedule ends before it starts")
    complaint = _about_every(iteration) or _complaint(iteration) or _about_never(iteration)
    if complaint:
        raise InvalidError(f"{iteration.kind.value}: {complaint}")


def _complaint(iteration: Iteration) -> str:
    match iteration.kind:
        case Kind.HOURLY:
            return "" if iteration.every_s >= 60 else "the distance between runs is a minute or more"
        case Kind.WEEKLY:
            return _about_days(iteration.days_of_week)
        case Kind.MONTHLY if iteration.occurrence:
            if iteration.occurrence not in (1, 2, 3, 4, -1):
                return "the occurrence is 1 to 4, or -1 for the last"
            return _about_days(iteration.days_of_week)
        case Kind.MONTHLY:
            is_day = 1 <= iteration.day_of_month <= 31 or iteration.day_of_month == LAST
            return "" if is_day else "the day of the month is 1 to 31, or -1 for the last"
        case Kind.CUSTOM:
            return _about_dates(iteration.days_of_month, iteration.months)
        case Kind.CRON:
            return _about_cron(iteration)
        case _:
            return ""


def _about_every(iteration: Iteration) -> str:
    if iteration.every != 1 and iteration.kind not in (Kind.DAILY, Kind.WEEKLY, Kind.MONTHLY):
        return "only days, weeks and months are counted"
    return "" if 1 <= iteration.every <= MOST_EVERY else f"every 1 to {MOST_EVERY} of them"


MOST_EVERY = 999


def _about_never(iteration: Iteration) -> str:
    """A 31st in every twelfth month from February on, say."""
    never = iteration.kind is Kind.MONTHLY and next(iter(_walls(iteration, iteration.starts_at)), None) is None
    return "no such day ever comes" if never else ""


def _about_days(days: tuple[str, ...]) -> str:
    wrong = [day for day in days if day not in DAYS]
    if wrong:
        return f"{wrong[0][:40]!r} is no weekday; they are written {', '.join(DAYS)}"
    return "" if days else "name a weekday at least"


def _about_dates(days: tuple[int, ...], months: tuple[int, ...]) -> str:
    if not days or not all(1 <= day <= 31 for day in days):
        return "name days of the month, from 1 to 31"
    if not months or not all(1 <= month <= 12 for month in months):
        return "name months, from 1 to 12"
    longest = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
    return "" if min(days) <= max(longest.get(month, 31) for month in months) else "none of these months has such a day"


def _about_cron(iteration: Iteration) -> str:
    if len(iteration.cron.split()) != 5:
        return "the expression has five fields: minute, hour, day, month, weekday"
    try:
        next(CronSim(iteration.cron, iteration.starts_at))
    except (CronSimError, StopIteration):
        return f"{iteration.cron[:80]!r} is no expression that ever fires"
    return ""


def next_times(iteration: Iteration, timezone: str, after: datetime, count: int = 1) -> list[datetime]:
    """Give the next `count` moments, in UTC, strictly after a moment; fewer when the schedule ends."""
    return list(islice(_moments(iteration, timezone or "UTC", after), count))


def times_between(iteration: Iteration, timezone: str, since: datetime, until: datetime, most: int = 100_000) -> list[datetime]:
    """Give the moments from `since` on, inclusive, and before `until`."""
    found: list[datetime] = []
    for moment in islice(_moments(iteration, timezone or "UTC", since - timedelta(microseconds=1)), most):
        if moment >= until:
            break
        found.append(moment)
    return found


def _moments(iteration: Iteration, timezone: str, after: datetime) -> Iterator[datetime]:
    last = after.astimezone(UTC)
    end = None if iteration.ends_at is None else _moment(iteration.ends_at, timezone)
    if iteration.kind is Kind.HOURLY:
        candidates = _by_distance(iteration, timezone, last)
    elif iteration.kind is Kind.CRON and any(part.startswith("*") for part in iteration.cron.split()[:2]):
        candidates = _by_real_time(iteration, timezone, last)
    else:
        candidates = _by_clock(iteration, timezone, last)
    for moment in candidates:
        if end is not None and moment > end:
            return
        # Two wall-clock times can be one moment where the clocks jump.
        if moment > last:
            last = moment
            yield moment


def _moment(wall: datetime, timezone: str) -> datetime:
    zoned = PlainDateTime(wall).assume_tz(timezone, disambiguation="compatible")  # pyright: ignore[reportUnknownMemberType] - untyped there
    return zoned.to_instant().to_stdlib()


def _by_distance(iteration: Iteration, timezone: str, after: datetime) -> Iterator[datetime]:
    start = _moment(iteration.starts_at, timezone)
    step = timedelta(seconds=iteration.every_s)
    moment = start + max(0, (after - start) // step) * step
    while True:
        yield moment
        moment += step


def _by_real_time(iteration: Iteration, timezone: str, after: datetime) -> Iterator[datetime]:
    first = max(_moment(iteration.starts_at, timezone) - timedelta(minutes=1), after - timedelta(minutes=1))
    for moment in CronSim(iteration.cron, first.astimezone(ZoneInfo(timezone))):
        yield moment.astimezone(UTC)


def _by_clock(iteration: Iteration, timezone: str, after: datetime) -> Iterator[datetime]:
    # No rule counts its runs, so it may as well begin shortly before the moments that are asked for.
    shortly_before = (after - timedelta(days=2)).replace(tzinfo=None)
    first = iteration.starts_at
    if iteration.kind is not Kind.ONCE and shortly_before > first:
        first = _aligned(iteration, shortly_before.date())
    for wall in _walls(iteration, first):
        yield _moment(wall, timezone)


def _aligned(iteration: Iteration, day: date) -> datetime:
    """Give a wall-clock time not long before `day` from which on the rule counts as it does from its start."""
    start, every = iteration.starts_at, iteration.every
    match iteration.kind:
        case Kind.DAILY:
            return start + timedelta(days=(day - start.date()).days // every * every)
        case Kind.WEEKLY:
            monday = start - timedelta(days=start.weekday())
            return max(start, monday + timedelta(weeks=(day - monday.date()).days // 7 // every * every))
        case Kind.MONTHLY:
            months = (day.year * 12 + day.month - start.year * 12 - start.month) // every * every
            year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
            return max(start, start.replace(year=year, month=month + 1, day=1))
        case _:
            return datetime.combine(day, start.time())


def _walls(iteration: Iteration, first: datetime) -> Iterator[datetime]:
    match iteration.kind:
        case Kind.ONCE:
            return iter([iteration.starts_at])
        case Kind.DAILY:
            return iter(rrule(DAILY, dtstart=first, interval=iteration.every, byweekday=_WORK_WEEK if iteration.only_work_week else None))
        case Kind.WEEKLY:
            return iter(rrule(WEEKLY, dtstart=first, interval=iteration.every, wkst=MO, byweekday=_weekdays(iteration)))
        case Kind.MONTHLY if iteration.occurrence:
            days = _weekdays(iteration)
            return iter(rrule(MONTHLY, dtstart=first, interval=iteration.every, byweekday=days, bysetpos=iteration.occurrence))
        case Kind.MONTHLY:
            return iter(rrule(MONTHLY, dtstart=first, interval=iteration.every, bymonthday=iteration.day_of_month))
        case Kind.CUSTOM:
            return iter(rrule(MONTHLY, dtstart=first, bymonthday=iteration.days_of_month, bymonth=iteration.months))
        case _:
            # The rule names minutes; the first of them may be the start itself.
            return CronSim(iteration.cron, first - timedelta(minutes=1))


def _weekdays(iteration: Iteration) -> list[int]:
    return [DAYS.index(day) for day in iteration.days_of_week]
