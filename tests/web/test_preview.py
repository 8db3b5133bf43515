"""A look into an output, through a real child process."""

import io
from pathlib import Path

import pytest

from galleria.children.commands import preview
from galleria.errors import InvalidError, UnsupportedError
from galleria.gallery.jobs.preview import preview_output
from galleria.gallery.jobs.records import JobOutput
from galleria.storage.contract import Area
from galleria.storage.folder import Folder

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
