"""Fetch an output: as it was written, or in another of its formats, converted once and kept."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from galleria.errors import InvalidError
from galleria.gallery.jobs.records import JobOutput
from galleria.storage.contract import Area, Storage, key_for

RAW = "Raw"
EXTENSIONS = {
    name.lower(): f".{name.lower()}"
    for name in ("Yxdb", "Shp", "Kml", "Tab", "Mif", "Dbf", "Csv", "Pdf", "Docx", "Xlsx", "Html", "Tde", "Zip")
}
"""By format in lower case; `Raw` is whatever was written."""
_SEVERAL_FILES = (".shp", ".mif")
"""What consists of several files comes packed."""


@dataclass(frozen=True)
class Fetched:
    stream: BinaryIO
    size_bytes: int
    name: str
    key: str


def open_output(storage: Storage, convert: Callable[[Path, Path], None], output: JobOutput, wanted_format: str = RAW) -> Fetched:
    """Open an output in one of its formats, named in any letter case; the caller closes the stream.

    Converting may take long: call it outside of a transaction. InvalidError names the formats that there are.
    """
    word = wanted_format.strip().lower()
    offered = {str(name).lower() for name in output.formats} | {RAW.lower()}
    if word not in offered:
        raise InvalidError(f"the output {output.name!r} comes as {', '.join(map(str, output.formats))}, not as {wanted_format[:40]!r}")
    path = PurePosixPath(output.name.replace("\\", "/"))
    extension = path.suffix.lower() if word == RAW.lower() else EXTENSIONS[word]
    if extension == path.suffix.lower():
        # Whatever else belongs to it is an output of its own.
        return Fetched(storage.open(output.storage_key), output.size_bytes, path.name, output.storage_key)
    extension += ".zip" if extension in _SEVERAL_FILES else ""
    key = _converted(storage, convert, output, path.suffix.lower(), extension)
    return Fetched(storage.open(key), storage.size_bytes(key), path.with_suffix(extension).name, key)


def _converted(storage: Storage, convert: Callable[[Path, Path], None], output: JobOutput, old: str, new: str) -> str:
    """Give the key of the output in its new format; two who ask at once both convert, and either result stays."""
    name = f"{output.id}{new}"
    key = key_for(Area.CONVERTED, name)
    if storage.exists(key):
        return key
    with tempfile.TemporaryDirectory(prefix="galleria-convert-") as folder:
        source, target = Path(folder, f"output{old}"), Path(folder, f"converted{new}")
        storage.fetch(output.storage_key, source)
        convert(source, target)
        with target.open("rb") as stream:
            return storage.put(Area.CONVERTED, name, stream).key
