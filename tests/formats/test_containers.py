"""Files inside archives."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from galleria.errors import InvalidError, UnsupportedError
from tests.formats.tables import read

CSV = b"a,b\r\n1,2\r\n"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("Data/One.csv", CSV)
        archive.writestr("Data/two.json", '{"a": 1}')
    return tmp_path / "x.zip"


def test_the_part_names_the_file_inside_in_any_letter_case(archive: Path) -> None:
    assert read(archive, r"data\one.CSV", FileFormatInner="0").table.frame.collect().rows() == [("1", "2")]
    assert read(archive, "Data/two.json", FileFormatInner="54").table.frame.collect().rows() == [("a", "1")]


def test_the_extension_tells_the_format_where_nothing_else_does(archive: Path) -> None:
    assert read(archive, "Data/two.json").table.names == ["JSON_Name", "JSON_ValueString"]


@pytest.mark.parametrize(
    ("part", "error", "words"),
    [
        ("Data/three.csv", InvalidError, r"has no single file .* It has Data/One\.csv, Data/two\.json"),
        ("", InvalidError, "has no single file"),
        ("../../etc/passwd", InvalidError, "has no single file"),
    ],
)
def test_what_is_not_there_is_refused(archive: Path, part: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        read(archive, part)


def test_gzip_and_tar(tmp_path: Path) -> None:
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(CSV))
    assert read(tmp_path / "x.csv.gz").table.frame.collect().rows() == [("1", "2")]
    with tarfile.open(tmp_path / "x.tgz", "w:gz") as archive:
        member = tarfile.TarInfo("in/y.csv")
        member.size = len(CSV)
        archive.addfile(member, io.BytesIO(CSV))
    assert read(tmp_path / "x.tgz", "in/y.csv").table.frame.collect().rows() == [("1", "2")]
    assert read(tmp_path / "x.tgz").table.frame.collect().rows() == [("1", "2")]


@pytest.mark.parametrize("name", ["x.zip", "x.gz", "x.tgz"])
def test_damaged_archives_are_refused_in_words(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x1f\x8b\x08 damaged" if name != "x.zip" else b"PK\x03\x04 damaged")
    with pytest.raises((InvalidError, UnsupportedError), match=r"cannot be read|without an extension"):
        read(tmp_path / name)
