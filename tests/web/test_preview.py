"""A look into an output, through a real child process."""

import io
from pathlib import Path

import pytest

from galleria.children.commands import plot, preview
from galleria.errors import InvalidError, UnsupportedError
from galleria.gallery.jobs.preview import preview_output
from galleria.gallery.jobs.records import JobOutput
from galleria.storage.contract import Area
from galleria.storage.folder import Folder
from galleria.web.chart import chart_of

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
        ({"kind": "pie", "x": "Shop"}, "bars, line or points"),
        ({"kind": "line", "x": "Shop"}, "does not hold"),
        ({"kind": "points", "x": "Sold", "y": "Shop"}, "holds no numbers"),
        ({"kind": "bars", "x": "Nothing"}, "Nothing"),
        ({"kind": "bars", "x": "Shop", "how": "median"}, "put together"),
    ],
)
def test_a_plot_that_makes_no_sense_is_refused_in_words(table: Path, wanted: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidError, match=words):
        plot(table, wanted)
