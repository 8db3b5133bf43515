"""A file in one format written again in another: what a job's output is fetched as."""

import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from galleria.formats.catalogue import format_for
from galleria.formats.format import Circumstances, Source, Target
from galleria.formats.options import Options

_OPTIONS = {".csv": Options({"CodePage": "65001", "LineEndStyle": "CRLF"})}
"""What clients expect: UTF-8 without a byte order mark."""
_READING = {".csv": Options({"CodePage": "65001", "FieldLen": "1000000", "IgnoreErrors": "True"})}


def convert(source: Path, target: Path) -> None:
    """Write the table in `source` to `target`, in the format that the target's extension tells; `.zip` packs the file as it is.

    Raises UnsupportedError for a format that is not read or written, InvalidError for a damaged file or for what the new
    format cannot hold (more than 1,048,575 records in a workbook).
    """
    if target.suffix.lower() == ".zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(source, source.name)
        return
    reader, writer = format_for(source), format_for(target)
    with _scratch(target.parent) as scratch:
        around = Circumstances(scratch.fresh)
        options = _READING.get(source.suffix.lower(), Options())
        table = reader.read(Source(source, source.name), options, around).table
        writing = writer.write(table, Target(target, target.name), _OPTIONS.get(target.suffix.lower(), Options()), around)
        result = writing.query.collect(engine="streaming")
        if writing.finish is not None:
            writing.finish(result)


@dataclass
class _Scratch:
    folder: Path
    made: list[Path] = field(default_factory=list[Path])

    def fresh(self, suffix: str) -> Path:
        self.made.append(self.folder / f".{uuid4().hex}{suffix}")
        return self.made[-1]


@contextmanager
def _scratch(folder: Path) -> Generator[_Scratch]:
    scratch = _Scratch(folder)
    try:
        yield scratch
    finally:
        for path in scratch.made:
            path.unlink(missing_ok=True)
