"""How moments, lengths, sizes and rules are told; descriptions in Markdown; addresses of workflows."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from galleria.gallery.schedules.recurrence import Iteration, Kind
from galleria.web.lines import app_path
from galleria.web.markdown import first_line, html_of
from galleria.web.paging import listing, number_of
from galleria.web.questions import asked
from galleria.web.rules import in_words
from galleria.web.tools import tool_name
from galleria.web.words import ago, counted, duration, moment, size

NOW = datetime(2025, 3, 5, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3, "just now"), (59, "59 seconds ago"), (60, "1 minute ago"), (7200, "2 hours ago"), (3 * 86400, "3 days ago"), (-3600, "in 1 hour")],
)
def test_moments_near_by(seconds: int, words: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW, UTC) == words


def test_moments_far_away_and_in_a_zone() -> None:
    assert ago(NOW - timedelta(days=90), NOW, UTC) == "5 Dec 2024"
    assert moment(NOW, ZoneInfo("Asia/Tokyo")) == "5 March 2025, 21:00"


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (9_990, "10 kB"), (999_600, "1.0 MB"), (3 * 10**12, "3.0 TB")],
)
def test_sizes(count: int, words: str) -> None:
    assert size(count) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(-1, "0.0 s"), (0.44, "0.4 s"), (59.7, "1 min 0 s"), (185, "3 min 5 s"), (7800, "2 h 10 min")]
)
def test_lengths_of_time(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_counts() -> None:
    assert [counted(count, "run") for count in (0, 1, 2000)] == ["0 runs", "1 run", "2,000 runs"]


AT = datetime(2025, 3, 5, 7, 30)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Iteration(Kind.ONCE, AT), "Once, on 5 March 2025 at 07:30"),
        (Iteration(Kind.HOURLY, AT, every_s=5400), "Every 90 minutes, from 5 March 2025 at 07:30 on"),
        (Iteration(Kind.HOURLY, AT, every_s=3600), "Every hour, from 5 March 2025 at 07:30 on"),
        (Iteration(Kind.DAILY, AT), "Every day at 07:30"),
        (Iteration(Kind.DAILY, AT, only_work_week=True, ends_at=AT), "Every weekday at 07:30, until 5 March 2025"),
        (Iteration(Kind.WEEKLY, AT, days_of_week=("Monday", "Friday")), "Every Monday and Friday at 07:30"),
        (Iteration(Kind.MONTHLY, AT, day_of_month=31), "On day 31 of each month at 07:30"),
        (Iteration(Kind.MONTHLY, AT, occurrence=-1, days_of_week=("Friday",)), "On the last Friday of each month at 07:30"),
        (Iteration(Kind.CUSTOM, AT, days_of_month=(1, 15), months=(1, 7)), "On days 1 and 15 of January and July at 07:30"),
        (Iteration(Kind.CRON, AT, cron="0 7 * * 1"), "By the expression 0 7 * * 1"),
    ],
)
def test_rules(rule: Iteration, words: str) -> None:
    assert in_words(rule) == words


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Big\n*so*", "<h2>Big</h2>\n<p><em>so</em></p>\n"),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>\n"),
        ("[a](https://a.example)", '<p><a href="https://a.example" rel="noopener nofollow">a</a></p>\n'),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("![a](https://a.example/x.png)", '<p>!<a href="https://a.example/x.png" rel="noopener nofollow">a</a></p>\n'),
    ],
)
def test_descriptions(text: str, html: str) -> None:
    assert str(html_of(text)) == html


def test_the_beginning_of_a_description_is_plain() -> None:
    assert first_line("**A** & <b>\n\n- c") == "A & <b> c"
    assert len(first_line("long " * 500)) <= 180


@pytest.mark.parametrize(
    ("name", "path"),
    [("My App", "/app/My-App/5"), ("a/b?c#d", "/app/a-b-c-d/5"), ("..", "/app/workflow/5"), ("Ümläut", "/app/%C3%9Cml%C3%A4ut/5")],
)
def test_addresses_of_workflows(name: str, path: str) -> None:
    assert app_path(name, "5") == path


@pytest.mark.parametrize(("text", "number"), [("3", 3), ("", 1), ("0", 1), ("-2", 1), ("x", 1), ("9" * 30, 1), ("²", 1)])
def test_page_numbers(text: str, number: int) -> None:
    assert number_of(text) == number


def test_a_page_of_a_list() -> None:
    page = listing(list(range(26)), 2, "/runs", {"state": "failed", "all": ""}, 70)
    assert (page.first, page.last, len(page.rows)) == (26, 50, 25)
    assert (page.previous, page.following) == ("/runs?state=failed", "/runs?state=failed&page=3")


@pytest.mark.parametrize(
    ("plugin", "name"),
    [
        ("AlteryxBasePluginsGui.TextInput.TextInput", "Text Input"),
        ("AlteryxBasePluginsGui.DbFileOutput.DbFileOutput", "Output Data"),
        ("Macros\\My Macro.yxmc", "My Macro"),
        ("", "Tool"),
    ],
)
def test_names_of_tools(plugin: str, name: str) -> None:
    assert tool_name(plugin) == name


def test_questions_of_unknown_kinds_are_texts() -> None:
    report = {"file_name": "x.yxwz", "questions": [{"name": "A", "type": "Hologram"}, {"name": "B", "type": "Tab"}]}
    assert [(question.name, question.kind) for question in asked(report)] == [("A", "text")]
