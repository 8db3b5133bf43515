"""Charts: what is drawn is what the data says."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from galleria.reports.charts.draw import draw
from galleria.reports.charts.figure import Axis, AxisType, Bars, Figure, Kind, Margins, PieLook, Series
from galleria.reports.charts.pie import slices_of
from galleria.reports.charts.scales import scale_for
from galleria.reports.charts.shapes import Box, within
from galleria.reports.cleaning import clean

CATEGORIES = Axis(type=AxisType.CATEGORY, has_labels=False)
PLAIN = Axis(has_grid=False, has_labels=False)
RED, BLUE = "#ff0000", "#0000ff"


def figure(*series: Series, **settings) -> Figure:
    usual = {"width": 100, "height": 100, "margins": Margins(0, 0, 0, 0), "has_legend": False, "gap": 0, "x": CATEGORIES, "y": PLAIN}
    return Figure(series, **{**usual, **settings})


def rectangles(drawn: Figure, colour: str) -> list[tuple[float, ...]]:
    """Left, top, width, height."""
    found = re.findall(rf'<rect x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)" fill="{colour}"', draw(drawn))
    return [tuple(map(float, one)) for one in found]


def bar(colour: str, *lengths: float | None, **more) -> Series:
    places = ["a", "b", "c"][: len(lengths)]
    return Series(Kind.BAR, colour, places, lengths, colour, **more)


TEN = Axis(range=(0, 10), has_grid=False, has_labels=False)

BARS = [
    (figure(bar(RED, 5.0, 10.0), y=TEN), {RED: [(0, 50, 50, 50), (50, 0, 50, 100)]}),
    (figure(bar(RED, 5.0, None), y=TEN), {RED: [(0, 50, 50, 50)]}),
    (figure(bar(RED, 5.0), bar(BLUE, 10.0), y=TEN), {RED: [(0, 50, 50, 50)], BLUE: [(50, 0, 50, 100)]}),
    (figure(bar(RED, 5.0), bar(BLUE, 4.0), y=TEN, bars=Bars.STACK), {RED: [(0, 50, 100, 50)], BLUE: [(0, 10, 100, 40)]}),
    (figure(bar(RED, 5.0), bar(BLUE, 4.0), y=TEN, bars=Bars.OVERLAY), {RED: [(0, 50, 100, 50)], BLUE: [(0, 60, 100, 40)]}),
    (figure(bar(RED, 20.0), y=TEN), {RED: [(0, 0, 100, 100)]}),
    (figure(bar(RED, 5.0), y=TEN, gap=0.5), {RED: [(25, 50, 50, 50)]}),
    (
        figure(bar(RED, 5.0), bar(BLUE, -5.0), y=replace(TEN, range=(-10, 10)), bars=Bars.STACK),
        {RED: [(0, 25, 100, 25)], BLUE: [(0, 50, 100, 25)]},
    ),
    (figure(Series(Kind.BAR, "", [5.0], ["a"], RED, is_horizontal=True), x=TEN, y=CATEGORIES), {RED: [(0, 0, 50, 100)]}),
]


@pytest.mark.parametrize(("drawn", "expected"), BARS)
def test_bars_are_as_long_as_their_values(drawn: Figure, expected: dict[str, list[tuple[float, ...]]]) -> None:
    assert {colour: rectangles(drawn, colour) for colour in expected} == expected


def test_bars_without_a_range_stand_on_zero() -> None:
    (_, top, _, height), (_, other_top, _, other_height) = rectangles(figure(bar(RED, 90.0, 100.0)), RED)
    assert top + height == other_top + other_height == 100
    assert height / other_height == pytest.approx(0.9, abs=0.001)


def test_a_null_interrupts_a_line() -> None:
    series = Series(Kind.SCATTER, "", [0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 1.0, None, 1.0, 0.0], RED, has_lines=True)
    assert draw(figure(series, x=PLAIN)).count("<polyline") == 2


SLICES = [
    (["a", "b", "a"], [1.0, 3.0, 1.0], PieLook(), [("b", 3, 0.6), ("a", 2, 0.4)]),
    (["a", "b"], [1.0, 3.0], PieLook(is_sorted=False), [("a", 1, 0.25), ("b", 3, 0.75)]),
    (["a", "b"], [1.0, 3.0], PieLook(hidden=frozenset("b")), [("a", 1, 1)]),
    (["a", "b", "c", None], [1.0, -3.0, None, float("nan")], PieLook(), [("a", 1, 1)]),
    ([], [], PieLook(), []),
]


@pytest.mark.parametrize(("labels", "values", "look", "expected"), SLICES)
def test_slices_share_what_is_shown(labels, values, look: PieLook, expected) -> None:
    drawn = figure(Series(Kind.PIE, "", labels, values, RED), pie=look)
    assert [(one.label, one.value, one.share) for one in slices_of(drawn)] == expected
    assert draw(drawn).count("<path") == len(expected)


TICKS = [
    (Axis(), [0.0, 100.0], ["0", "20", "40", "60", "80", "100"]),
    (Axis(range=(0.0, 0.05)), [], ["0.00", "0.01", "0.02", "0.03", "0.04", "0.05"]),
    (Axis(), [], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    (Axis(), [5.0, 5.0], ["4.0", "4.5", "5.0", "5.5", "6.0"]),
    (Axis(type=AxisType.CATEGORY), ["b", "a", "b", None], ["b", "a"]),
    (Axis(type=AxisType.DATE), [1609459200.0, 1640995200.0], ["2021-01", "2021-04", "2021-07", "2021-10", "2022-01"]),
    (Axis(type=AxisType.DATE), [0.0, 345600.0], ["1970-01-01", "1970-01-02", "1970-01-03", "1970-01-04", "1970-01-05"]),
]


@pytest.mark.parametrize(("axis", "values", "labels"), TICKS)
def test_ticks_are_round(axis: Axis, values, labels: list[str]) -> None:
    assert [label for _, label in scale_for(axis, values, 0, 370, from_zero=False, margin=0).ticks] == labels


LINES = [
    ((-5, 5), (15, 5), ((0, 5), (10, 5))),
    ((1, 1), (2, 2), ((1, 1), (2, 2))),
    ((-5, -1), (15, -1), None),
    ((5, -5), (5, 5), ((5, 0), (5, 5))),
]


@pytest.mark.parametrize(("one", "other", "expected"), LINES)
def test_lines_end_at_the_box(one, other, expected) -> None:
    assert within(one, other, Box(0, 0, 10, 10)) == expected


def test_a_chart_survives_its_own_cleaning() -> None:
    hostile = '<script>x</script>" onload="x()'
    chart = draw(figure(bar(RED, 1.0, labels=[hostile]), title=hostile, x=Axis(type=AxisType.CATEGORY, title=hostile)))
    cleaned = clean(chart)
    assert "script" not in chart.replace("&lt;script&gt;", "").replace("&lt;/script&gt;", "")
    assert [one.tag for one in cleaned[0]].count("rect") == chart.count("<rect")
    assert all(one.get("onload") is None for one in cleaned.iter())


def test_a_scale_of_dates_ends_where_the_calendar_does() -> None:
    last = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
    scale = scale_for(Axis(type=AxisType.DATE), [0.0, last], 0, 500, from_zero=False, margin=0.1)
    assert [label for _, label in scale.ticks][-1] == "9900"


@pytest.mark.parametrize(("axis", "values"), [(Axis(), [1e30, 1e30]), (Axis(range=(5, 5)), [5.0])])
def test_a_scale_of_one_value_has_room_around_it(axis: Axis, values: list[float]) -> None:
    scale = scale_for(axis, values, 0, 500, from_zero=False, margin=0.05)
    assert scale.low < values[0] < scale.high
    assert scale.ticks
