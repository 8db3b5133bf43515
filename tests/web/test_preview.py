"""A look into an output, through a real child process."""

import io
import json
import math
from pathlib import Path

import pytest

from galleria.children.commands import plot, preview
from galleria.errors import InvalidError, UnsupportedError
from galleria.gallery.jobs.preview import preview_output
from galleria.gallery.jobs.records import JobOutput
from galleria.storage.contract import Area
from galleria.storage.folder import Folder
from galleria.web.chart import chart_of
from galleria.web.map import map_of

CSV = "Name,Amount,Day\nAnn,1.5,2025-01-02\nBen,,2025-01-03\nAnn,4,\n"


def test_rows_types_nulls_and_values_are_told(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text(CSV)
    found = preview(source)
    assert found["records"] == 3
    assert [field["name"] for field in found["fields"]] == ["Name", "Amount", "Day"]
    assert found["rows"][0] == ["Ann", "1.5", "2025-01-02"]
    assert found["fields"][0]["bars"] == [["Ann", 2], ["Ben", 1]]


@pytest.mark.parametrize(("name", "content", "error"), [("x.bin", b"1", UnsupportedError), ("x.yxdb", b"no", InvalidError)])
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, name: str, content: bytes, error: type[Exception]) -> None:
    source = tmp_path / name
    source.write_bytes(content)
    with pytest.raises(error):
        preview(source)


def test_a_look_is_worked_out_once_and_kept(tmp_path: Path) -> None:
    storage = Folder(tmp_path / "storage")
    stored = storage.put(Area.OUTPUTS, "5a", io.BytesIO(CSV.encode()))
    output = JobOutput(id="5a", name="a/in.CSV", storage_key=stored.key, size_bytes=stored.size_bytes, formats=["Raw"])
    first = preview_output(storage, output)
    storage.delete(stored.key)
    assert preview_output(storage, output) == first
    with pytest.raises(UnsupportedError):
        preview_output(storage, JobOutput(id="5b", name="a.pdf", storage_key="", size_bytes=1, formats=["Raw"]))


TABLE = "Shop,Day,Sold\n" + "".join(f"S{row % 3},2025-01-{row % 28 + 1:02},{row}\n" for row in range(300))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "sold.csv"
    path.write_text(TABLE)
    return path


def test_bars_are_put_together_and_sorted(table: Path) -> None:
    found = plot(table, {"kind": "bars", "x": "Shop", "y": "Sold", "how": "mean"})
    assert [(label, y) for label, _, y in found["points"]] == [("S2", 150.5), ("S1", 149.5), ("S0", 148.5)]
    chart = chart_of(found, "bars", False, "mean of Sold by Shop")
    assert (chart.bars[0].label, chart.bars[0].value, chart.bars[0].share) == ("S2", "150.5", 100)


def test_a_line_goes_along_dates(table: Path) -> None:
    found = plot(table, {"kind": "line", "x": "Day", "y": "", "how": "count"})
    assert len(found["points"]) == 28
    assert found["points"][0][:2] == ["2025-01-01", 1735689600.0]
    chart = chart_of(found, "line", True, "count by Day")
    assert chart.path.count("L") == 27
    assert chart.across[0].label.endswith("Jan")
    assert all(64 <= dot.x <= 704 and 12 <= dot.y <= 286 for dot in chart.dots)


def test_points_are_thinned_evenly(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("A,B\n" + "".join(f"{row},{row * row}\n" for row in range(4000)))
    found = plot(path, {"kind": "points", "x": "A", "y": "B", "how": ""})
    assert len(found["points"]) == 1334
    assert found["left_out"] == 4000 - 1334


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"kind": "pie", "x": "Shop"}, "bars, line, points or map"),
        ({"kind": "line", "x": "Shop"}, "does not hold"),
        ({"kind": "points", "x": "Sold", "y": "Shop"}, "holds no numbers"),
        ({"kind": "bars", "x": "Nothing"}, "Nothing"),
        ({"kind": "bars", "x": "Shop", "how": "median"}, "put together"),
    ],
)
def test_a_plot_that_makes_no_sense_is_refused_in_words(table: Path, wanted: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidError, match=words):
        plot(table, wanted)


PLACES = """{"type": "FeatureCollection", "features": [
 {"type": "Feature", "properties": {"Town": "Ulm", "People": 126}, "geometry": {"type": "Point", "coordinates": [9.99, 48.4]}},
 {"type": "Feature", "properties": {"Town": "Bonn", "People": 330}, "geometry": {"type": "Point", "coordinates": [7.1, 50.73]}},
 {"type": "Feature", "properties": {"Town": "A box", "People": null}, "geometry": {"type": "Polygon",
  "coordinates": [[[8, 49], [9, 49], [9, 50], [8, 50], [8, 49]], [[8.4, 49.4], [8.6, 49.4], [8.6, 49.6], [8.4, 49.4]]]}},
 {"type": "Feature", "properties": {"Town": "Nowhere", "People": 1}, "geometry": null}]}"""


@pytest.fixture
def places(tmp_path: Path) -> Path:
    path = tmp_path / "places.geojson"
    path.write_text(PLACES)
    return path


def spatial_field(source: Path) -> str:
    return next(str(field["name"]) for field in preview(source)["fields"] if field["type"] == "SpatialObj")


def test_a_map_lies_where_its_objects_do(places: Path) -> None:
    found = plot(places, {"kind": "map", "x": spatial_field(places), "y": "People"})
    assert found["box"] == [7.1, 48.4, 9.99, 50.73]
    assert {(label, value, kind, len(parts)) for label, value, kind, parts in found["shapes"]} == {
        ("Ulm", 126.0, "point", 1),
        ("Bonn", 330.0, "point", 1),
        ("A box", None, "area", 2),
    }
    drawn = map_of(found, "Towns")
    assert [shape.kind for shape in drawn.shapes] == ["area", "point", "point"]
    assert [shape.tone for shape in drawn.shapes] == [-1, 0, 0]
    ulm, bonn = ([float(number) for number in shape.path.removeprefix("M").removesuffix("h0").split()] for shape in drawn.shapes[1:])
    # East is to the right, north is above, nothing lies outside.
    assert ulm[0] > bonn[0] > 14
    assert drawn.height - 14 > ulm[1] > bonn[1] > 14
    assert "7°E" in [rule.label for rule in drawn.across] or "8°E" in [rule.label for rule in drawn.across]


def test_what_is_no_number_has_no_colour(places: Path) -> None:
    places.write_text(PLACES.replace("126", "1e999"))
    found = plot(places, {"kind": "map", "x": spatial_field(places), "y": "People"})
    assert {label: value for label, value, _, _ in found["shapes"]} == {"Ulm": None, "Bonn": 330.0, "A box": None}
    assert map_of(found, "Towns").legend == ["330 to 330"]


def test_cells_tell_what_kind_of_object_they_hold(places: Path) -> None:
    found = preview(places)
    place = [field["type"] for field in found["fields"]].index("SpatialObj")
    assert [row[place] for row in found["rows"]] == ["Point", "Point", "Polygon, 9 corners", None]


def test_a_map_takes_objects_in_degrees(places: Path, table: Path) -> None:
    with pytest.raises(InvalidError, match="spatial objects"):
        plot(table, {"kind": "map", "x": "Shop"})
    places.write_text(PLACES.replace("9.99, 48.4", "3500000, 5400000"))
    with pytest.raises(UnsupportedError, match="degrees"):
        plot(places, {"kind": "map", "x": spatial_field(places)})


def test_many_objects_are_thinned_to_what_a_page_can_hold(tmp_path: Path) -> None:
    round_one = [[round(math.cos(turn / 500) * 10, 6), round(math.sin(turn / 500) * 10, 6)] for turn in range(3000)]
    features = [
        {"type": "Feature", "properties": {"N": number}, "geometry": {"type": "LineString", "coordinates": round_one}}
        for number in range(50)
    ]
    path = tmp_path / "many.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    found = plot(path, {"kind": "map", "x": spatial_field(path), "y": "N"})
    drawn = map_of(found, "circles")
    assert len(drawn.shapes) == 50
    assert sum(len(shape.path) for shape in drawn.shapes) < 200_000
    assert len(drawn.legend) == 5
