"""Files inside archives: zip, gzip, and tar packed with gzip or not."""

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Protocol

from galleria.errors import InvalidError, TooLargeError
from galleria.formats.catalogue import format_of
from galleria.formats.format import Circumstances, Content, Format, Source
from galleria.formats.inflation import MOST_BYTES, refuse_bombs
from galleria.formats.options import Options

_BLOCK = 1024 * 1024
_DAMAGE = (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Zip(Format):
    name = "Zip"
    codes = (57,)
    extensions = (".zip",)

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        """The part is the path of the file inside, in any letter case; `FileFormatInner` says what that is."""
        refuse_bombs(source)
        return _read_inner(source, options, around, _from_zip)


class Gzip(Format):
    name = "Gzip"
    codes = (66,)
    extensions = (".gz", ".tgz", ".tar")

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        """The part is the path of the file inside a tar archive; a lone file needs none."""
        return _read_inner(source, options, around, _from_tar if _is_tar(source) else _from_gzip)


Unpack = Callable[[Source, Callable[[str], Path]], tuple[str, Path]]
"""Puts the file that the source's part names into a temporary one; gives its name inside, and the path."""


def _read_inner(source: Source, options: Options, around: Circumstances, unpack: Unpack) -> Content:
    try:
        name, path = unpack(source, around.temporary)
    except _DAMAGE as error:
        raise InvalidError(f'"{source.name}" cannot be read: the archive is damaged or protected ({error})') from error
    code = options.text("FileFormatInner").strip()
    inner = format_of(int(code) if code.isdigit() else None, PurePosixPath(name))
    return inner.read(Source(path, f"{source.name}|||{name}"), options, around)


def _from_zip(source: Source, temporary: Callable[[str], Path]) -> tuple[str, Path]:
    with zipfile.ZipFile(source.path) as archive:
        name = _chosen(source, [member.filename for member in archive.infolist() if not member.is_dir()])
        with archive.open(name) as packed:
            return name, _copied(packed, temporary(_suffix(name)), source)


def _from_tar(source: Source, temporary: Callable[[str], Path]) -> tuple[str, Path]:
    with tarfile.open(source.path) as archive:
        name = _chosen(source, [member.name for member in archive if member.isfile()])
        packed = archive.extractfile(name)
        if packed is None:
            raise InvalidError(f'"{name}" in "{source.name}" is no file')
        with packed:
            return name, _copied(packed, temporary(_suffix(name)), source)


def _from_gzip(source: Source, temporary: Callable[[str], Path]) -> tuple[str, Path]:
    name = source.part or PurePosixPath(source.path.name).stem
    with gzip.open(source.path) as packed:
        return name, _copied(packed, temporary(_suffix(name)), source)


def _chosen(source: Source, names: list[str]) -> str:
    wanted = source.part.replace("\\", "/").strip("/").casefold()
    found = [name for name in names if name.casefold() == wanted] if wanted else names
    if len(found) != 1:
        listed = ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")
        raise InvalidError(f'"{source.name}" has no single file "{source.part}". It has {listed or "none"}.')
    return found[0]


def _copied(packed: _Readable, path: Path, source: Source) -> Path:
    written = 0
    with path.open("wb") as out:
        while block := packed.read(_BLOCK):
            written += out.write(block)
            if written > MOST_BYTES:
                raise TooLargeError(f'"{source.name}" is refused: it would unpack to more than {MOST_BYTES:,} bytes')
    return path


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _is_tar(source: Source) -> bool:
    try:
        return tarfile.is_tarfile(source.path)
    except _DAMAGE:
        return False
