"""Zip files of strangers, looked through before anything is written: names, links, sizes, number of entries.

A path that an entry may not have is refused with the whole package, never mended. Windows' `\\` counts as a separator.
"""

from __future__ import annotations

import lzma
import shutil
import stat
import struct
import zlib
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from galleria.errors import InvalidError, NotFoundError, TooLargeError


@dataclass(frozen=True)
class Limits:
    """What a package may hold."""

    entries: int = 10_000
    total_bytes: int = 8 * 1024**3
    """All entries together, unpacked."""
    ratio: int = 200
    """Unpacked over packed size, for packages above `ratio_from_bytes`."""
    ratio_from_bytes: int = 128 * 1024**2
    """Unpacked size below which any ratio will do: a table of one repeated row packs a thousandfold."""


@dataclass(frozen=True)
class Entry:
    """A file in a package."""

    name: str
    """With `/` between folders, no `.` or `..` among them."""
    size_bytes: int


_END = b"PK\x05\x06"
_END_SIZE = 22
_LOCATOR = b"PK\x06\x07"
_LOCATOR_SIZE = 20
_END_64 = b"PK\x06\x06"
_END_64_SIZE = 56
_BYTES_AN_ENTRY = 512
_BROKEN = (BadZipFile, NotImplementedError, EOFError, zlib.error, lzma.LZMAError, struct.error, ValueError, RuntimeError)
"""What zipfile raises on damage, unknown compression, and encryption."""
_ALWAYS = (1980, 1, 1, 0, 0, 0)
"""Every entry has this date, so that equal files make equal packages."""


def entries(package: Path, limits: Limits) -> tuple[Entry, ...]:
    """The files of a package in its order, every one checked. Raises InvalidError or TooLargeError in words."""
    with _opened(package, limits) as archive:
        return tuple(Entry(name, info.file_size) for name, info in _checked(archive, package, limits))


def extract(package: Path, folder: Path, limits: Limits) -> tuple[Entry, ...]:
    """Write all files of a package below `folder`, which is new or empty; after an error nothing is left there."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise InvalidError(f"{package.name} is unpacked into an empty folder only, {folder.name} is not empty")
    with _opened(package, limits) as archive:
        checked = _checked(archive, package, limits)
        try:
            for name, info in checked:
                _write(archive, info, folder / name)
        except BaseException:
            _empty(folder)
            raise
    return tuple(Entry(name, info.file_size) for name, info in checked)


def create(package: Path, files: Mapping[str, Path | bytes], limits: Limits) -> None:
    """Write a package of `files` by name, whole or not at all. Equal contents make equal bytes. Raises TooLargeError."""
    total = sum(len(source) if isinstance(source, bytes) else source.stat().st_size for source in files.values())
    if total > limits.total_bytes or len(files) > limits.entries:
        raise TooLargeError(f"{package.name}: {len(files):,} files of {total:,} bytes; a package may have {_words(limits)}")
    package.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=package.parent, prefix=".packing-", delete=False) as temporary:
        written = Path(temporary.name)
    try:
        with ZipFile(written, "w", ZIP_DEFLATED) as archive:
            for name, source in files.items():
                _add(archive, name, source)
        written.chmod(0o644)
        written.replace(package)
    finally:
        written.unlink(missing_ok=True)


@contextmanager
def _opened(package: Path, limits: Limits) -> Generator[ZipFile]:
    if not package.is_file():
        raise NotFoundError(f"no package at {package.name}")
    try:
        _refuse_long_directory(package, limits)
        with ZipFile(package) as archive:
            yield archive
    except _BROKEN as error:
        raise InvalidError(f"{package.name} is no readable zip file: {error}") from None


def _checked(archive: ZipFile, package: Path, limits: Limits) -> Sequence[tuple[str, ZipInfo]]:
    """The files with their clean names."""
    infos = archive.infolist()
    total = sum(info.file_size for info in infos)
    if len(infos) > limits.entries or total > limits.total_bytes:
        raise TooLargeError(f"{package.name}: {len(infos):,} entries of {total:,} bytes; a package may have {_words(limits)}")
    if total > limits.ratio_from_bytes and total > limits.ratio * package.stat().st_size:
        raise TooLargeError(f"{package.name}: {total:,} bytes in a package of {package.stat().st_size:,} (more than {limits.ratio} to 1)")
    files: dict[str, tuple[str, ZipInfo]] = {}
    folders: set[str] = set()
    for info in infos:
        name = _clean_name(info, package)
        parts = name.casefold().split("/")
        folders |= {"/".join(parts[:length]) for length in range(1, len(parts))}
        if info.is_dir() or info.filename.endswith("\\"):
            folders.add(name.casefold())
            continue
        _refuse_special(info, package)
        if name.casefold() in files:
            raise InvalidError(f"{package.name}: two entries have the name {name!r} (letter case does not count)")
        files[name.casefold()] = (name, info)
    if clash := folders & files.keys():
        raise InvalidError(f"{package.name}: {min(clash)!r} is a file and a folder")
    return tuple(files.values())


def _clean_name(info: ZipInfo, package: Path) -> str:
    name = info.orig_filename.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    wrong = _wrong_name(name, parts)
    if wrong:
        raise InvalidError(f"{package.name}: the entry {info.orig_filename!r} {wrong}")
    return "/".join(parts)


def _wrong_name(name: str, parts: Sequence[str]) -> str:
    if name.startswith("/") or any(":" in part for part in parts):
        return "has an absolute path, a drive or a colon in its name"
    if ".." in parts:
        return "leads out of the package (..)"
    if any(character < " " or character == "\x7f" for character in name):
        return "has control characters in its name"
    if not parts:
        return "has no name"
    if len(name.encode("utf-8", "replace")) > 1000 or any(len(part.encode("utf-8", "replace")) > 255 for part in parts):
        return "has too long a name"
    return ""


def _refuse_special(info: ZipInfo, package: Path) -> None:
    if info.flag_bits & 0x41:
        raise InvalidError(f"{package.name}: {info.filename!r} is encrypted; pack it without a password")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        what = "a link" if kind == stat.S_IFLNK else "no ordinary file"
        raise InvalidError(f"{package.name}: {info.filename!r} is {what}")


def _write(archive: ZipFile, info: ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # Exclusive: an entry never writes through something that is there. zipfile gives at most the size it declared.
    with archive.open(info) as source, target.open("xb") as file:
        shutil.copyfileobj(source, file, 1024 * 1024)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _add(archive: ZipFile, name: str, source: Path | bytes) -> None:
    info = ZipInfo(name, _ALWAYS)
    info.compress_type = ZIP_DEFLATED
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    if isinstance(source, bytes):
        archive.writestr(info, source)
        return
    info.file_size = source.stat().st_size
    with source.open("rb") as file, archive.open(info, "w") as entry:
        shutil.copyfileobj(file, entry, 1024 * 1024)


def _refuse_long_directory(package: Path, limits: Limits) -> None:
    """Look at the size of the zip's own directory before zipfile reads all of it into memory."""
    with package.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END_SIZE - 65_535 - _LOCATOR_SIZE - _END_64_SIZE))
        tail = file.read()
    at = len(tail) - _END_SIZE
    if tail[at : at + 4] != _END or tail[-2:] != b"\x00\x00":
        at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_SIZE:
        raise BadZipFile("it has no zip directory")
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    if at >= _LOCATOR_SIZE + _END_64_SIZE and tail[at - _LOCATOR_SIZE : at - _LOCATOR_SIZE + 4] == _LOCATOR:
        end = tail[at - _LOCATOR_SIZE - _END_64_SIZE : at - _LOCATOR_SIZE]
        if not end.startswith(_END_64):
            raise BadZipFile("its 64-bit directory is not where it should be")
        length = int.from_bytes(end[40:48], "little")
    if length > limits.entries * _BYTES_AN_ENTRY:
        raise TooLargeError(f"{package.name}: its zip directory has {length:,} bytes; a package may have {_words(limits)}")


def _words(limits: Limits) -> str:
    return f"{limits.entries:,} entries of {limits.total_bytes:,} bytes together"
