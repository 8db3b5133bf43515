"""Files in a folder: whole or not at all, and nowhere else."""

import hashlib
import io
from pathlib import Path
from typing import BinaryIO

import pytest

from galleria.errors import GalleriaError, InvalidError, NotFoundError, TooLargeError
from galleria.storage.contract import Area
from galleria.storage.folder import Folder
from galleria.storage.place import storage_at


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_is_stored_comes_back(storage: Folder, tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    stored = storage.put(Area.OUTPUTS, "65a1b2.yxdb", io.BytesIO(content))
    assert (stored.key, stored.size_bytes) == ("outputs/b2/65a1b2.yxdb", len(content))
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    with storage.open(stored.key) as stream:
        stream.seek(-1, io.SEEK_END)
        assert stream.read() == b"\xff"
    storage.fetch(stored.key, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == content
    assert storage.size_bytes(stored.key) == len(content)
    storage.delete(stored.key)
    storage.delete(stored.key)
    assert not storage.exists(stored.key)


class Breaking(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 0:
            raise OSError("the line broke")
        return super().read(10)


@pytest.mark.parametrize(("source", "limit", "error"), [(io.BytesIO(b"x" * 11), 10, TooLargeError), (Breaking(b"x" * 100), None, OSError)])
def test_a_half_written_file_leaves_nothing_behind(storage: Folder, source: BinaryIO, limit: int | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        storage.put(Area.INPUTS, "abc", source, limit)
    assert files_in(storage.root) == []


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "a\\b", ".hidden", "a..b", "x" * 200, "a\nb", "a\0b", "ä"])
def test_a_name_that_is_no_name_of_ours_is_refused(storage: Folder, name: str) -> None:
    with pytest.raises(InvalidError):
        storage.put(Area.INPUTS, name, io.BytesIO(b""))


@pytest.mark.parametrize("key", ["", "/etc/passwd", "inputs/../../x", "inputs/ab/../x", "elsewhere/ab/x", "inputs/ab/x\n", "inputs/ab/.x"])
def test_a_key_that_is_no_key_of_ours_is_refused(storage: Folder, key: str) -> None:
    for deed in (storage.open, storage.size_bytes, storage.exists, storage.delete):
        with pytest.raises(InvalidError):
            deed(key)


def test_what_is_not_there_is_not_found(storage: Folder, tmp_path: Path) -> None:
    for deed in (storage.open, storage.size_bytes):
        with pytest.raises(NotFoundError):
            deed("inputs/ab/ab")
    with pytest.raises(NotFoundError):
        storage.fetch("inputs/ab/ab", tmp_path / "copy")


def test_an_address_names_a_folder_or_is_refused() -> None:
    assert storage_at("file:///srv/files") == storage_at("/srv/files") == Folder(Path("/srv/files"))
    with pytest.raises(GalleriaError, match="are known"):
        storage_at("ftp://host/files")
    with pytest.raises(GalleriaError, match="names no bucket"):
        storage_at("s3:///path")
