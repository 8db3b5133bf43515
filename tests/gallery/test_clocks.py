"""When schedules fire while clocks change, and on days that not every month has: the wall clock of its owner is what counts.

Every moment is computed by hand from the zones' rules: Berlin 30 March 01:00 UTC and 26 October 2025 01:00 UTC, New York 9 March
07:00 UTC and 2 November 2025 06:00 UTC, Lord Howe (half an hour) 5 October 2025 15:30 UTC the day before and 5 April 2026 15:00 UTC
the day before.
"""

from datetime import UTC, datetime

import pytest

from galleria.errors import InvalidError
from galleria.gallery.schedules.recurrence import DAYS, Iteration, Kind, check, iteration_from, next_times

AT_HALF_PAST_TWO = datetime(2025, 1, 1, 2, 30)
DAILY = Iteration(Kind.DAILY, AT_HALF_PAST_TWO)
HOURLY = Iteration(Kind.HOURLY, datetime(2025, 1, 1), every_s=3600)
EVERY_HOUR_BY_CRON = Iteration(Kind.CRON, datetime(2025, 1, 1), cron="0 * * * *")
AT_TWO_BY_CRON = Iteration(Kind.CRON, datetime(2025, 1, 1), cron="30 2 * * *")
LAST_WORKING_DAY = Iteration(Kind.MONTHLY, AT_HALF_PAST_TWO, occurrence=-1, days_of_week=DAYS[:5])
FIRST_WORKING_DAY = Iteration(Kind.MONTHLY, AT_HALF_PAST_TWO, occurrence=1, days_of_week=DAYS[:5])
BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"


@pytest.mark.parametrize(
    ("rule", "zone", "after", "expected"),
    [
        # Spring: 02:30 is left out, the run comes when the clocks have jumped.
        (DAILY, BERLIN, "2025-03-29 00:00", "03-29 01:30 | 03-30 01:30 | 03-31 00:30"),
        (DAILY, NEW_YORK, "2025-03-08 00:00", "03-08 07:30 | 03-09 07:30 | 03-10 06:30"),
        (DAILY, LORD_HOWE, "2025-10-03 12:00", "10-03 16:00 | 10-04 15:30 | 10-05 15:30"),
        # Autumn: 02:30 (in New York 01:30) comes twice, the run once, the first time.
        (DAILY, BERLIN, "2025-10-25 00:00", "10-25 00:30 | 10-26 00:30 | 10-27 01:30"),
        (DAILY, NEW_YORK, "2025-11-01 00:00", "11-01 06:30 | 11-02 07:30 | 11-03 07:30"),
        (Iteration(Kind.DAILY, datetime(2025, 1, 1, 1, 30)), NEW_YORK, "2025-11-01 12:00", "11-02 05:30 | 11-03 06:30"),
        (Iteration(Kind.DAILY, datetime(2025, 1, 1, 1, 45)), LORD_HOWE, "2026-04-03 12:00", "04-03 14:45 | 04-04 14:45 | 04-05 15:15"),
        # Hourly goes on by the hour over all changes.
        *(
            (rule, zone, after, expected)
            for rule in (HOURLY, EVERY_HOUR_BY_CRON)
            for zone, after, expected in (
                (BERLIN, "2025-03-29 23:30", "03-30 00:00 | 03-30 01:00 | 03-30 02:00"),
                (BERLIN, "2025-10-25 23:30", "10-26 00:00 | 10-26 01:00 | 10-26 02:00"),
                (NEW_YORK, "2025-03-09 05:30", "03-09 06:00 | 03-09 07:00 | 03-09 08:00"),
                (NEW_YORK, "2025-11-02 04:30", "11-02 05:00 | 11-02 06:00 | 11-02 07:00"),
            )
        ),
        # Lord Howe is 10:30 ahead of UTC in winter: full hours there are half past here, and after the change full ones.
        (HOURLY, LORD_HOWE, "2025-10-04 14:30", "10-04 15:00 | 10-04 16:00"),
        # At 15:30 UTC it becomes 02:30 there; the full hour 02:00 is left out.
        (EVERY_HOUR_BY_CRON, LORD_HOWE, "2025-10-04 14:00", "10-04 14:30 | 10-04 16:00 | 10-04 17:00"),
        (AT_TWO_BY_CRON, BERLIN, "2025-03-29 12:00", "03-30 01:30 | 03-31 00:30"),
        (AT_TWO_BY_CRON, BERLIN, "2025-10-25 12:00", "10-26 00:30 | 10-27 01:30"),
        # Months without the day are left out; the last day is in each.
        (Iteration(Kind.MONTHLY, AT_HALF_PAST_TWO, day_of_month=31), "", "2025-01-01 00:00", "01-31 02:30 | 03-31 02:30 | 05-31 02:30"),
        (Iteration(Kind.MONTHLY, AT_HALF_PAST_TWO, day_of_month=-1), "", "2028-01-31 03:00", "02-29 02:30 | 03-31 02:30 | 04-30 02:30"),
        (Iteration(Kind.MONTHLY, AT_HALF_PAST_TWO, day_of_month=30), "", "2025-01-30 03:00", "03-30 02:30"),
        (Iteration(Kind.MONTHLY, AT_HALF_PAST_TWO, day_of_month=-1), BERLIN, "2025-03-01 00:00", "03-31 00:30"),
        # The last Friday; the last and first working day.
        (
            Iteration(Kind.MONTHLY, AT_HALF_PAST_TWO, occurrence=-1, days_of_week=("Friday",)),
            "",
            "2025-05-01 00:00",
            "05-30 02:30 | 06-27 02:30",
        ),
        (
            Iteration(Kind.MONTHLY, AT_HALF_PAST_TWO, occurrence=-1, days_of_week=DAYS[:5]),
            "",
            "2025-05-01 00:00",
            "05-30 02:30 | 06-30 02:30",
        ),
        (
            Iteration(Kind.MONTHLY, AT_HALF_PAST_TWO, occurrence=1, days_of_week=DAYS[:5]),
            "",
            "2025-02-01 00:00",
            "02-03 02:30 | 03-03 02:30",
        ),
        # A leap day.
        (Iteration(Kind.CUSTOM, AT_HALF_PAST_TWO, days_of_month=(29,), months=(2,)), "", "2025-01-01 00:00", "02-29 02:30"),
        (Iteration(Kind.DAILY, AT_HALF_PAST_TWO), "", "2028-02-28 12:00", "02-29 02:30 | 03-01 02:30"),
        # Counted from the start: Wednesday, 1 January 2025.
        (Iteration(Kind.DAILY, AT_HALF_PAST_TWO, every=3), "", "2025-03-01 12:00", "03-02 02:30 | 03-05 02:30"),
        (Iteration(Kind.DAILY, AT_HALF_PAST_TWO, every=3), "", "2024-12-01 12:00", "01-01 02:30 | 01-04 02:30"),
        (
            Iteration(Kind.WEEKLY, AT_HALF_PAST_TWO, every=2, days_of_week=("Monday", "Wednesday")),
            "",
            "2024-12-01 00:00",
            "01-01 02:30 | 01-13 02:30 | 01-15 02:30 | 01-27 02:30",
        ),
        (Iteration(Kind.WEEKLY, AT_HALF_PAST_TWO, every=2, days_of_week=("Monday",)), "", "2025-06-10 00:00", "06-16 02:30 | 06-30 02:30"),
        (Iteration(Kind.MONTHLY, AT_HALF_PAST_TWO, every=3, day_of_month=15), "", "2025-02-20 00:00", "04-15 02:30 | 07-15 02:30"),
        (Iteration(Kind.MONTHLY, AT_HALF_PAST_TWO, every=6, day_of_month=31), "", "2025-02-01 00:00", "07-31 02:30 | 01-31 02:30"),
        (Iteration(Kind.MONTHLY, AT_HALF_PAST_TWO, every=12, day_of_month=-1), "", "2027-12-01 00:00", "01-31 02:30 | 01-31 02:30"),
        (Iteration(Kind.DAILY, AT_HALF_PAST_TWO, every=2), BERLIN, "2025-03-28 12:00", "03-30 01:30 | 04-01 00:30"),
    ],
)
def test_a_schedule_follows_the_wall_clock(rule: Iteration, zone: str, after: str, expected: str) -> None:
    wanted = expected.split(" | ")
    found = next_times(rule, zone, datetime.fromisoformat(after).replace(tzinfo=UTC), len(wanted))
    assert [f"{moment:%m-%d %H:%M}" for moment in found] == wanted
    check(rule, zone)
    assert iteration_from(rule.to_json()) == rule


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (Iteration(Kind.MONTHLY, datetime(2025, 2, 1), every=12, day_of_month=30), "no such day ever comes"),
        (Iteration(Kind.MONTHLY, AT_HALF_PAST_TWO, day_of_month=-2), "1 to 31, or -1"),
        (Iteration(Kind.DAILY, AT_HALF_PAST_TWO, every=0), "every 1 to 999"),
        (Iteration(Kind.HOURLY, AT_HALF_PAST_TWO, every_s=60, every=2), "only days, weeks and months"),
    ],
)
def test_a_rule_that_never_fires_is_refused(rule: Iteration, reason: str) -> None:
    with pytest.raises(InvalidError, match=reason):
        check(rule, "")


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, LORD_HOWE, "UTC"])
def test_whenever_one_asks_the_answer_is_the_same_list(zone: str) -> None:
    """A tick that comes late or a server that restarts must neither leave out nor repeat a time."""
    for rule in (DAILY, HOURLY, EVERY_HOUR_BY_CRON, Iteration(Kind.DAILY, AT_HALF_PAST_TWO, every=3)):
        whole = next_times(rule, zone, datetime(2025, 3, 1, tzinfo=UTC), 400)
        one_by_one = [datetime(2025, 3, 1, tzinfo=UTC)]
        for _ in range(400):
            one_by_one += next_times(rule, zone, one_by_one[-1])
        assert one_by_one[1:] == whole
