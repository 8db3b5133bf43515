"""Reads how a schedule of another server repeats.

Three ways to say it are known: Galleria's own (`iterationType` and flat members), the contracts of the V3 APIs, and the flat
`day days hours minutes weekday` of older servers. Those names are from a client that reads them; their meaning is unverified, so
`plans` compares what comes out with the times that the server itself forecasts.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo, available_timezones

from galleria.errors import InvalidError
from galleria.gallery.bringing.values import flag, mapping, text, wall_time, whole
from galleria.gallery.schedules.recurrence import DAYS, Iteration, Kind, check

_FROM_SUNDAY = ("Sunday", *DAYS[:6])
"""As .NET numbers weekdays, from 0 on."""


def iteration_there(raw: Mapping[str, Any], frequency: str, timezone: str) -> Iteration:
    """Read a rule; raises InvalidError saying what is unknown. Times with an offset become wall-clock times of the zone."""
    if timezone and timezone not in available_timezones():
        raise InvalidError(f"the time zone {timezone[:60]!r} is unknown here")
    zone = ZoneInfo(timezone or "UTC")
    starts_at = wall_time(raw.get("startTime"), zone)
    if starts_at is None:
        raise InvalidError("the server does not say when it starts")
    kind = _kind(raw, frequency)
    read = _rule(kind, raw, starts_at, None if kind is Kind.ONCE else wall_time(raw.get("endTime"), zone))
    check(read, timezone)
    return read


def _kind(raw: Mapping[str, Any], frequency: str) -> Kind:
    for word in (text(raw, "iterationType"), frequency, text(raw, "__type")):
        for kind in Kind:
            if kind.value.lower() in word.lower():
                return kind
    raise InvalidError(f"the server does not say how it repeats; it calls it {frequency[:60]!r}")


def _rule(kind: Kind, raw: Mapping[str, Any], starts_at: datetime, ends_at: datetime | None) -> Iteration:
    said = {**raw, **mapping(raw.get(f"{kind.value.lower()}Contract"))}
    match kind:
        case Kind.HOURLY:
            every = whole(said.get("everyS"))
            hours, minutes = whole(said.get("hours")) or 0, whole(said.get("minutes")) or 0
            return Iteration(kind, starts_at, ends_at, every_s=every if every is not None else hours * 3600 + minutes * 60)
        case Kind.DAILY:
            only = flag(said, "runOnlyWorkWeek", False) or flag(said, "onlyWorkWeek", False)
            return Iteration(kind, starts_at, ends_at, only_work_week=only)
        case Kind.WEEKLY:
            return Iteration(kind, starts_at, ends_at, days_of_week=_days(said.get("daysOfWeek") or said.get("days")))
        case Kind.MONTHLY:
            return _monthly(said, starts_at, ends_at)
        case Kind.CUSTOM:
            days, months = _numbers(said.get("daysOfMonth") or said.get("days")), _numbers(said.get("months"))
            return Iteration(kind, starts_at, ends_at, days_of_month=days, months=months)
        case Kind.CRON:
            return Iteration(kind, starts_at, ends_at, cron=text(said, "cronExpression") or text(said, "cron"))
        case Kind.ONCE:
            return Iteration(kind, starts_at)


def _monthly(said: Mapping[str, Any], starts_at: datetime, ends_at: datetime | None) -> Iteration:
    occurrence = whole(said.get("occurrence")) or 0
    weekday = said.get("dayOfWeek", said.get("weekday"))
    days = _days(said.get("daysOfWeek") if weekday is None else [weekday])
    day = whole(said.get("dayOfMonth")) or whole(said.get("day")) or 0
    if flag(said, "simpleDayOfMonth", not days) or not days:
        return Iteration(Kind.MONTHLY, starts_at, ends_at, day_of_month=day)
    return Iteration(Kind.MONTHLY, starts_at, ends_at, days_of_week=days, occurrence=occurrence or day)


def _days(value: object) -> tuple[str, ...]:
    """Weekdays by name or number, as our names."""
    found = cast("list[object]", value) if isinstance(value, list) else []
    numbers = [whole(one) for one in found]
    names = [str(one) if number is None else _FROM_SUNDAY[number % 7] for one, number in zip(found, numbers, strict=True)]
    return tuple(dict.fromkeys(name.strip().capitalize() for name in names if name.strip()))


def _numbers(value: object) -> tuple[int, ...]:
    found = cast("list[object]", value) if isinstance(value, list) else []
    return tuple(number for number in map(whole, found) if number is not None)
