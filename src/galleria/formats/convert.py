"""A file in one format written again in another: what a job's output is fetched as."""

import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import polars as pl

from galleria.errors import InvalidError
from galleria.formats.catalogue import format_for
from galleria.formats.format import Circumstances, Source, Target, Writing
from galleria.formats.options import Options
from galleria.messages import counted
from galleria.table.table import Table

_OPTIONS = {".csv": Options({"CodePage": "65001", "LineEndStyle": "CRLF"})}
"""What clients expect: UTF-8 without a byte order mark."""
_READING = {".csv": Options({"CodePage": "65001", "FieldLen": "1000000", "IgnoreErrors": "True"})}


def convert(source: Path, target: Path) -> None:
    """Write the table in `source` to `target`, in the format that the target's extension tells; `.zip` packs the file as it is,
    `.shp.zip` all files that the format consists of.

    Raises UnsupportedError for a format that is not read or written, InvalidError for a damaged file or for what the new
    format cannot hold (more than 1,048,575 records in a workbook, texts that a cell or a field has no room for).
    """
    if len(target.suffixes) > 1 and target.suffixes[-1].lower() == ".zip":
        _convert_and_pack(source, target)
        return
    if target.suffix.lower() == ".zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(source, source.name)
        return
    writer = format_for(target)
    with table_in(source, target.parent) as table, _scratch(target.parent) as scratch:
        options = _OPTIONS.get(target.suffix.lower(), Options())
        writing = writer.write(table, Target(target, target.name), options, Circumstances(scratch.fresh))
        result, lost = pl.collect_all((writing.query, _lost(writing)), engine="streaming")
        if not lost.is_empty():
            field, count = lost.row(0)
            raise InvalidError(f"{target.suffix[1:]} has no room for {_values(field, count)}: fetch it in another format.")
        if writing.finish is not None:
            writing.finish(result)


def _values(field: str | None, count: int) -> str:
    return counted(count, "record") if field is None else f"{counted(count, 'value')} of the field {field}"


def _lost(writing: Writing) -> pl.LazyFrame:
    if writing.trouble is None:
        return pl.LazyFrame(schema={"field": pl.String(), "count": pl.Int64()})
    return writing.trouble.select("field", "count")


def _convert_and_pack(source: Path, target: Path) -> None:
    with TemporaryDirectory(dir=target.parent) as name:
        # The files of a data set share a name.
        convert(source, Path(name, f"{source.stem}{target.suffixes[-2]}"))
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(Path(name).iterdir()):
                archive.write(file, file.name)


@contextmanager
def table_in(source: Path, folder: Path) -> Generator[Table]:
    """The table in a file, to be collected before the block ends; what reading needs meanwhile lies in `folder`."""
    with _scratch(folder) as scratch:
        options = _READING.get(source.suffix.lower(), Options())
        yield format_for(source).read(Source(source, source.name), options, Circumstances(scratch.fresh)).table


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
