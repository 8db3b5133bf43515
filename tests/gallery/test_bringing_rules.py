"""How other servers say when a schedule runs. What only a client's code names, and no source explains, is unverified."""

from datetime import datetime
from typing import Any

import pytest

from galleria.errors import InvalidError
from galleria.gallery.bringing.rules import iteration_there
from galleria.gallery.schedules.recurrence import Iteration, Kind

START = {"startTime": "2024-01-31T02:30:00"}
AT = datetime(2024, 1, 31, 2, 30)

CASES: list[tuple[dict[str, Any], str, str, Iteration]] = [
    (START | {"iterationType": "Once"}, "", "", Iteration(Kind.ONCE, AT)),
    (START | {"iterationType": "Hourly", "everyS": 5400}, "", "", Iteration(Kind.HOURLY, AT, every_s=5400)),
    (START | {"iterationType": "Hourly", "hourlyContract": {"hours": 1, "minutes": 30}}, "", "", Iteration(Kind.HOURLY, AT, every_s=5400)),
    (START | {"hours": 2, "minutes": 0}, "Hourly", "", Iteration(Kind.HOURLY, AT, every_s=7200)),  # unverified
    (START | {"iterationType": "Daily", "onlyWorkWeek": True}, "", "", Iteration(Kind.DAILY, AT, only_work_week=True)),
    (
        START | {"iterationType": "Daily", "dailyContract": {"runOnlyWorkWeek": True}},
        "",
        "",
        Iteration(Kind.DAILY, AT, only_work_week=True),
    ),
    (START | {"__type": "IterationDaily:#Example"}, "", "", Iteration(Kind.DAILY, AT)),  # unverified
    (
        START | {"iterationType": "Weekly", "weeklyContract": {"daysOfWeek": ["monday", "Friday"]}},
        "",
        "",
        Iteration(Kind.WEEKLY, AT, days_of_week=("Monday", "Friday")),
    ),
    (START | {"days": [0, 6]}, "Weekly", "", Iteration(Kind.WEEKLY, AT, days_of_week=("Sunday", "Saturday"))),  # unverified
    (
        START | {"iterationType": "Monthly", "monthlyContract": {"simpleDayOfMonth": True, "dayOfMonth": 15}},
        "",
        "",
        Iteration(Kind.MONTHLY, AT, day_of_month=15),
    ),
    (
        START | {"iterationType": "Monthly", "monthlyContract": {"simpleDayOfMonth": False, "occurrence": -1, "dayOfWeek": "Friday"}},
        "",
        "",
        Iteration(Kind.MONTHLY, AT, days_of_week=("Friday",), occurrence=-1),
    ),
    (START | {"day": 31}, "Monthly", "", Iteration(Kind.MONTHLY, AT, day_of_month=31)),  # unverified
    (
        START | {"iterationType": "Custom", "customContract": {"daysOfMonth": [1, 15], "months": [1, 6]}},
        "",
        "",
        Iteration(Kind.CUSTOM, AT, days_of_month=(1, 15), months=(1, 6)),
    ),
    (
        START | {"iterationType": "Cron", "cronContract": {"cronExpression": "0 2 * * 1"}},
        "",
        "",
        Iteration(Kind.CRON, AT, cron="0 2 * * 1"),
    ),
    # A time with an offset is the same moment on the zone's clocks.
    ({"startTime": "2024-07-01T00:30:00Z"}, "Daily", "Europe/Berlin", Iteration(Kind.DAILY, datetime(2024, 7, 1, 2, 30))),
    ({"startTime": "/Date(1706668200000)/"}, "Daily", "", Iteration(Kind.DAILY, AT)),
    (START | {"endTime": "9999-12-31T23:59:59Z"}, "Daily", "Europe/Berlin", Iteration(Kind.DAILY, AT)),
    (
        START | {"endTime": "0001-01-01T00:00:00"},
        "Daily",
        "",
        Iteration(Kind.DAILY, AT),
    ),
]


@pytest.mark.parametrize(("raw", "frequency", "timezone", "expected"), CASES)
def test_rules_are_read(raw: dict[str, Any], frequency: str, timezone: str, expected: Iteration) -> None:
    assert iteration_there(raw, frequency, timezone) == expected


@pytest.mark.parametrize(
    ("raw", "frequency", "timezone", "words"),
    [
        ({}, "Daily", "", "does not say when it starts"),
        (START, "", "", "does not say how it repeats"),
        (START, "Daily", "W. Europe Standard Time", "the time zone 'W. Europe Standard Time' is unknown here"),
        (START, "Weekly", "", "name a weekday at least"),
        (START | {"days": ["Funday"]}, "Weekly", "", "'Funday' is no weekday"),
        (START, "Hourly", "", "the distance between runs is a minute or more"),
        ({"startTime": "tomorrow"}, "Daily", "", "is no time"),
        (START | {"endTime": "2020-01-01T00:00:00"}, "Daily", "", "ends before it starts"),
    ],
)
def test_rules_that_say_too_little_are_refused(raw: dict[str, Any], frequency: str, timezone: str, words: str) -> None:
    with pytest.raises(InvalidError, match=words):
        iteration_there(raw, frequency, timezone)
