"""Zip files of strangers: what is let in, what is refused and leaves nothing behind."""

from __future__ import annotations

import io
import stat
import struct
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

import pytest

from galleria.documents.archive import Entry, Limits, create, entries, extract
from galleria.errors import GalleriaError, InvalidError, NotFoundError, TooLargeError


def packed(tmp_path: Path, *names: str | ZipInfo, content: bytes = b"x", method: int = ZIP_DEFLATED) -> Path:
    path = tmp_path / "it.yxzp"
    with ZipFile(path, "w", method) as file:
        for name in names:
            file.writestr(name, content)
    return path


def special(kind: int) -> ZipInfo:
    info = ZipInfo("link")
    info.external_attr = (kind | 0o777) << 16
    return info


def raw(name: str) -> ZipInfo:
    """An entry whose name is written as it is."""
    info = ZipInfo("placeholder")
    info.filename = name
    return info


@pytest.mark.parametrize("method", [ZIP_STORED, ZIP_DEFLATED, ZIP_BZIP2, ZIP_LZMA])
def test_files_are_written_where_their_names_say(tmp_path: Path, method: int) -> None:
    package = packed(tmp_path, "a.yxmd", "inputs/", "inputs/b.csv", raw("deep\\er\\c.csv"), "./d.csv", method=method)
    folder = tmp_path / "new" / "folder"
    names = ("a.yxmd", "inputs/b.csv", "deep/er/c.csv", "d.csv")
    assert extract(package, folder, Limits()) == tuple(Entry(name, 1) for name in names)
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == set(names)
    assert (folder / "deep/er/c.csv").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["/etc/passwd"], "absolute path"),
        ([raw("\\windows\\x")], "absolute path"),
        ([raw("\\\\server\\share\\x")], "absolute path"),
        (["C:/x"], "a drive or a colon"),
        (["a.txt:stream"], "a drive or a colon"),
        (["../x"], "leads out of the package"),
        (["a/../../x"], "leads out of the package"),
        ([raw("a\\..\\x")], "leads out of the package"),
        (["a\nb"], "control characters"),
        ([raw("a\0b")], "control characters"),
        (["./"], "has no name"),
        (["a/" * 500 + "b"], "too long a name"),
        (["a" * 256], "too long a name"),
        (["A.csv", "a.CSV"], "two entries have the name 'a.CSV'"),
        (["b/A.csv", raw("B\\a.csv")], "two entries have the name"),
        (["a", "A/b"], "'a' is a file and a folder"),
        ([special(stat.S_IFLNK)], "'link' is a link"),
        ([special(stat.S_IFIFO)], "'link' is no ordinary file"),
    ],
)
def test_names_that_lead_elsewhere_and_links_are_refused(tmp_path: Path, names: list[str | ZipInfo], words: str) -> None:
    refused(packed(tmp_path, "ok.txt", *names), tmp_path / "out", InvalidError, words)


def refused(package: Path, folder: Path, error: type[GalleriaError], words: str, limits: Limits | None = None) -> None:
    for act in (lambda: entries(package, limits or Limits()), lambda: extract(package, folder, limits or Limits())):
        with pytest.raises(error, match=words) as caught:
            act()
        assert "it.yxzp" in caught.value.message
    assert not folder.exists() or not list(folder.iterdir())


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(entries=1), "2 entries of 2,000,000 bytes; a package may have 1 entries"),
        (Limits(total_bytes=1_999_999), "a package may have 10,000 entries of 1,999,999 bytes together"),
        (Limits(ratio_from_bytes=1_000_000), "2,000,000 bytes in a package of .*more than 200 to 1"),
    ],
)
def test_bombs_are_refused_before_anything_is_written(tmp_path: Path, limits: Limits, words: str) -> None:
    package = packed(tmp_path, "a", "b", content=b"0" * 1_000_000)
    refused(package, tmp_path / "out", TooLargeError, words, limits)


def test_what_packs_well_but_is_small_is_no_bomb(tmp_path: Path) -> None:
    assert len(entries(packed(tmp_path, "a", content=b"0" * 1_000_000), Limits())) == 1


def test_a_directory_that_would_fill_the_memory_is_refused_unread(tmp_path: Path) -> None:
    package = packed(tmp_path, *(f"{number:0200}" for number in range(30)))
    refused(package, tmp_path / "out", TooLargeError, "its zip directory has 7,", Limits(entries=10))


def with_bytes(package: Path, at: int, new: bytes) -> Path:
    data = bytearray(package.read_bytes())
    at = at if at >= 0 else data.find(b"PK\x01\x02") - at
    data[at : at + len(new)] = new
    package.write_bytes(data)
    return package


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    package = with_bytes(packed(tmp_path, "a.yxmd"), -8, b"\x01\x00")
    refused(package, tmp_path / "out", InvalidError, "'a.yxmd' is encrypted; pack it without a password")


def test_a_file_that_is_larger_than_it_says_is_refused(tmp_path: Path) -> None:
    package = with_bytes(packed(tmp_path, "a", content=b"0" * 100_000), -24, struct.pack("<L", 10))
    with pytest.raises(InvalidError, match="no readable zip file"):
        extract(package, tmp_path / "out", Limits())
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("data", [b"", b"<AlteryxDocument/>", b"PK\x03\x04", b"PK\x05\x06" + b"\xff" * 18, b"PK\x05\x06" + b"\x00" * 17])
def test_what_is_no_zip_is_refused(tmp_path: Path, data: bytes) -> None:
    package = tmp_path / "it.yxzp"
    package.write_bytes(data)
    with pytest.raises((InvalidError, TooLargeError), match=r"it\.yxzp"):
        entries(package, Limits())


def test_damage_is_found_and_leaves_nothing_behind(tmp_path: Path) -> None:
    package = packed(tmp_path, "a", "b", content=bytes(range(256)) * 100, method=ZIP_STORED)
    with_bytes(package, 30_000, b"????")
    with pytest.raises(InvalidError, match="no readable zip file"):
        extract(package, tmp_path / "out", Limits())
    assert not list((tmp_path / "out").iterdir())


def test_a_cut_off_package_is_refused(tmp_path: Path) -> None:
    package = packed(tmp_path, "a", content=bytes(range(256)))
    package.write_bytes(package.read_bytes()[:-30])
    refused(package, tmp_path / "out", InvalidError, "no readable zip file")


def test_a_folder_that_holds_something_is_not_unpacked_into(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(InvalidError, match="empty folder"):
        extract(packed(tmp_path, "a"), tmp_path / "out", Limits())
    assert (tmp_path / "out" / "mine").exists()


def test_a_package_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        entries(tmp_path / "it.yxzp", Limits())


def test_a_zip_behind_other_bytes_is_read_as_the_zip_it_is(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as file:
        file.writestr("a", "x")
        file.comment = b"a comment"
    package = tmp_path / "it.yxzp"
    package.write_bytes(b"#!program\n" + buffer.getvalue())
    assert entries(package, Limits()) == (Entry("a", 1),)


def test_equal_files_make_equal_packages(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"1,2")
    for name in ("one", "two"):
        create(tmp_path / "new" / name, {"w.yxmd": b"<a/>", "in/a.csv": tmp_path / "a.csv"}, Limits())
    assert (tmp_path / "new/one").read_bytes() == (tmp_path / "new/two").read_bytes()
    assert entries(tmp_path / "new/one", Limits()) == (Entry("w.yxmd", 4), Entry("in/a.csv", 3))


def test_too_large_a_package_is_not_begun(tmp_path: Path) -> None:
    with pytest.raises(TooLargeError):
        create(tmp_path / "new" / "it", {"a": b"123"}, Limits(total_bytes=2))
    with pytest.raises(FileNotFoundError):
        create(tmp_path / "other" / "it", {"a": b"1", "b": tmp_path / "gone"}, Limits())
    assert not list(tmp_path.rglob("*it*"))
