"""Maps: what they show, the colours of their themes."""

import pytest

from galleria.reports.cleaning import clean
from galleria.reports.map_themes import Theme, coloured
from galleria.reports.maps import Map, Mark, box_around, draw_map

UNIQUE = Theme(is_ramp=False, method="IndividualValue", bands=5, colours=("#111111", "#222222"))


def ramp(method: str, bands: int = 3) -> Theme:
    return Theme(is_ramp=True, method=method, bands=bands, colours=("#000000", "#ff0000"))


@pytest.mark.parametrize(
    ("theme", "values", "colours"),
    [
        (UNIQUE, ["b", "a", None, "c"], ["#222222", "#111111", "#c0c0c0", "#111111"]),
        (ramp("EqualRanges"), [0, 5, 9, None], ["#000000", "#800000", "#ff0000", "#c0c0c0"]),
        (ramp("EqualRecords"), [1, 2, 100], ["#000000", "#800000", "#ff0000"]),
        (ramp("SmartTile"), [1, 2, 3], ["#000000", "#800000", "#ff0000"]),
        (ramp("SmartTile"), [7, 7], ["#000000", "#000000"]),
        (ramp("IndividualValue"), ["x", "y"], ["#000000", "#ff0000"]),
        (ramp("EqualRanges"), [], []),
    ],
)
def test_a_theme_gives_each_row_its_colour(theme: Theme, values: list, colours: list[str]) -> None:
    texts = [None if value is None else str(value) for value in values]
    numbers = [float(value) if isinstance(value, int) else None for value in values]
    assert coloured(theme, texts, numbers)[0] == colours


def test_a_map_shows_more_than_asked_rather_than_less_and_keeps_its_shape() -> None:
    west, south, east, north = box_around((0, 59, 2, 61), 200, 100, 0, 0)
    assert (south, north) == pytest.approx((59, 61))
    assert (east - west) * 0.5 == pytest.approx(2 * (north - south))
    assert box_around((5, 0, 5, 0), 100, 100, 10, 2) == pytest.approx((4, -1, 6, 1))


@pytest.mark.parametrize("point", ["circle", "square", "triangle", "diamond", "star", "flag", "house"])
def test_a_drawn_map_passes_the_cleaning_whole(point: str) -> None:
    marks = [Mark([[(1, 1)]], 0, "#ff0000", point=point, label="<b>"), Mark([[(0, 0), (2, 2)]], 1, stroke="#000000")]
    drawn = draw_map(Map(100, 100, (0, 0, 2, 2), "#ffffff", marks, [("a & b", "#112233")]))
    svg = clean(drawn)[0]
    assert (svg.tag, len(svg)) == ("svg", 7)
    assert [text.text for text in svg.iter("text")] == ["<b>", "a & b"]
