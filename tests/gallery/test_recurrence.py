"""When schedules fire: weekdays, months, and the two nights a year on which clocks change."""

from datetime import UTC, datetime

import pytest

from galleria.errors import InvalidError
from galleria.gallery.schedules.recurrence import Iteration, Kind, check, iteration_from, next_times, times_between

START = datetime(2025, 1, 1, 2, 30)
DAILY = Iteration(Kind.DAILY, START)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("iteration", "zone", "after", "expected"),
    [
        # 02:30 does not exist on 30 March and comes twice on 26 October.
        (DAILY, "Europe/Berlin", "2025-03-28 12:00", "2025-03-29 01:30 | 2025-03-30 01:30 | 2025-03-31 00:30"),
        (DAILY, "Europe/Berlin", "2025-10-24 12:00", "2025-10-25 00:30 | 2025-10-26 00:30 | 2025-10-27 01:30"),
        (DAILY, "America/New_York", "2025-03-08 00:00", "2025-03-08 07:30 | 2025-03-09 07:30 | 2025-03-10 06:30"),
        # 01:30 comes twice on 2 November in New York.
        (Iteration(Kind.DAILY, datetime(2025, 1, 1, 1, 30)), "America/New_York", "2025-11-01 12:00", "2025-11-02 05:30 | 2025-11-03 06:30"),
        # Lord Howe's clocks jump by half an hour: 02:00 becomes 02:30.
        (
            Iteration(Kind.DAILY, datetime(2025, 1, 1, 2, 15)),
            "Australia/Lord_Howe",
            "2025-10-04 00:00",
            "2025-10-04 15:45 | 2025-10-05 15:15",
        ),
        # Hours are hours: the distance stays the same over both changes.
        (Iteration(Kind.HOURLY, START, every_s=3600), "Europe/Berlin", "2025-03-30 00:00", "2025-03-30 00:30 | 2025-03-30 01:30"),
        (Iteration(Kind.HOURLY, START, every_s=3600), "Europe/Berlin", "2025-10-26 00:00", "2025-10-26 00:30 | 2025-10-26 01:30"),
        (Iteration(Kind.HOURLY, START, every_s=5400), "", "2024-12-01 00:00", "2025-01-01 02:30 | 2025-01-01 04:00"),
        (Iteration(Kind.ONCE, START), "", "2024-12-31 00:00", "2025-01-01 02:30"),
        (Iteration(Kind.ONCE, START), "", "2025-01-01 02:30", ""),
        (Iteration(Kind.DAILY, START, only_work_week=True), "", "2025-01-03 00:00", "2025-01-03 02:30 | 2025-01-06 02:30"),
        (Iteration(Kind.DAILY, START, ends_at=datetime(2025, 1, 2, 2, 30)), "", "2025-01-01 00:00", "2025-01-01 02:30 | 2025-01-02 02:30"),
        (
            Iteration(Kind.WEEKLY, START, days_of_week=("Monday", "Friday")),
            "",
            "2025-01-01 00:00",
            "2025-01-03 02:30 | 2025-01-06 02:30 | 2025-01-10 02:30",
        ),
        # A month without a 31st is left out.
        (Iteration(Kind.MONTHLY, START, day_of_month=31), "", "2025-01-01 00:00", "2025-01-31 02:30 | 2025-03-31 02:30 | 2025-05-31 02:30"),
        (Iteration(Kind.MONTHLY, START, day_of_month=29), "", "2026-02-01 00:00", "2026-03-29 02:30"),
        (
            Iteration(Kind.MONTHLY, START, occurrence=-1, days_of_week=("Friday",)),
            "",
            "2025-01-01 00:00",
            "2025-01-31 02:30 | 2025-02-28 02:30",
        ),
        (Iteration(Kind.MONTHLY, START, occurrence=2, days_of_week=("Tuesday",)), "", "2025-01-01 00:00", "2025-01-14 02:30"),
        (Iteration(Kind.CUSTOM, START, days_of_month=(29,), months=(2,)), "", "2025-01-01 00:00", "2028-02-29 02:30"),
        (Iteration(Kind.CUSTOM, START, days_of_month=(1, 15), months=(6,)), "", "2025-01-01 00:00", "2025-06-01 02:30 | 2025-06-15 02:30"),
        (Iteration(Kind.CRON, START, cron="30 2 * * 1"), "Europe/Berlin", "2025-03-24 12:00", "2025-03-31 00:30"),
        (Iteration(Kind.CRON, START, cron="30 2 * * *"), "", "2024-12-31 00:00", "2025-01-01 02:30"),
        (
            Iteration(Kind.CRON, START, cron="*/30 * * * *"),
            "Europe/Berlin",
            "2025-03-30 00:30",
            "2025-03-30 01:00 | 2025-03-30 01:30 | 2025-03-30 02:00",
        ),
    ],
)
def test_a_schedule_fires_when_its_owner_thinks_it_does(iteration: Iteration, zone: str, after: str, expected: str) -> None:
    moments = [utc(moment) for moment in expected.split(" | ") if moment]
    assert next_times(iteration, zone, utc(after), len(moments) or 1) == moments
    check(iteration, zone)
    assert iteration_from(iteration.to_json()) == iteration


def test_a_window_holds_its_first_moment_and_not_its_last() -> None:
    assert times_between(DAILY, "", utc("2025-01-02 02:30"), utc("2025-01-04 02:30")) == [utc("2025-01-02 02:30"), utc("2025-01-03 02:30")]


def test_a_rule_of_long_ago_is_as_quick_as_one_of_today() -> None:
    old = Iteration(Kind.HOURLY, datetime(1990, 1, 1), every_s=60)
    assert next_times(old, "", utc("2025-01-01 00:00:30")) == [utc("2025-01-01 00:01")]
    assert next_times(Iteration(Kind.DAILY, datetime(1990, 1, 1)), "", utc("2025-01-01 12:00")) == [utc("2025-01-02 00:00")]


@pytest.mark.parametrize(
    ("iteration", "zone", "words"),
    [
        (DAILY, "Europe/Atlantis", "no time zone"),
        (Iteration(Kind.HOURLY, START), "", "a minute or more"),
        (Iteration(Kind.WEEKLY, START), "", "name a weekday"),
        (Iteration(Kind.WEEKLY, START, days_of_week=("Caturday",)), "", "no weekday"),
        (Iteration(Kind.MONTHLY, START, day_of_month=32), "", "1 to 31"),
        (Iteration(Kind.MONTHLY, START, occurrence=5, days_of_week=("Friday",)), "", "1 to 4"),
        (Iteration(Kind.CUSTOM, START, days_of_month=(30, 31), months=(2,)), "", "none of these months"),
        (Iteration(Kind.CRON, START, cron="61 * * * *"), "", "no expression"),
        (Iteration(Kind.CRON, START, cron="0 0 31 2 *"), "", "no expression that ever fires"),
        (Iteration(Kind.CRON, START, cron="* * * * * *"), "", "five fields"),
        (Iteration(Kind.DAILY, START, ends_at=datetime(2024, 1, 1)), "", "ends before"),
        (Iteration(Kind.DAILY, START.replace(tzinfo=UTC)), "", "without an offset"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(iteration: Iteration, zone: str, words: str) -> None:
    with pytest.raises(InvalidError, match=words):
        check(iteration, zone)
