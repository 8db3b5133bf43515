"""Output Data: writes its rows to a file, or to several that a field names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PureWindowsPath
from typing import ClassVar, Self

import polars as pl

from galleria.connecting.address import is_connection, shown
from galleria.errors import GalleriaError, ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.formats.catalogue import format_of
from galleria.formats.format import Target
from galleria.formats.options import Options
from galleria.formats.reading import PART_MARK, SQLITE, file_behind, refuse_connections, split_name
from galleria.formats.sql.database import write_database
from galleria.messages import Status
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Seen, Sink, Tool
from galleria.tools.files import circumstances, format_code, most_records, named_source, records_were, told


class NameFrom(StrEnum):
    """What the values of a field say about the target."""

    PATH = "Path"
    """The whole name."""
    FILE_NAME = "FileName"
    """The file's name without folder and extension or, for a workbook, the sheet."""
    SUFFIX = "Suffix"
    PREFIX = "Prefix"


@dataclass(frozen=True)
class NameField:
    field: str
    kind: NameFrom
    is_kept: bool
    """The field itself is written, too."""


@dataclass(frozen=True)
class OutputData(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.DbFileOutput.DbFileOutput",)
    outputs: ClassVar[Sequence[str]] = ()
    writes_output: ClassVar[bool] = True

    name: str
    """The file, without what follows `|||`."""
    part: str
    code: int | None
    options: Options
    is_disabled: bool = False
    most_records: int = 0
    """Records in one file; 0 for all. The rest goes to files with a number at the end of their names."""
    name_field: NameField | None = None
    skips_empty: bool = False
    """Nothing is written where there is no record."""

    @classmethod
    def read(cls, config: Configuration) -> Self:
        file = config.child("File")
        name, part = named_source(config)
        code = format_code(config)
        refuse_connections(name, code)
        if not name:
            raise ToolError("No file is named to write to.")
        name_field = None
        if config.flag("MultiFile"):
            kind = NameFrom(config.choice("MultiFileType", [str(one) for one in NameFrom], "FileName"))
            name_field = NameField(config.value("MultiFileField"), kind, config.flag("KeepField"))
        options = Options.of(config.child("FormatSpecificOptions").element)
        skips_empty = options.flag("SuppressBlankFile")
        return cls(name, part, code, options, config.flag("Disable"), most_records(file, "MaxRecords"), name_field, skips_empty)

    def facts(self, inputs: Inputs, context: Context) -> Mapping[str, pl.LazyFrame]:
        if self.is_disabled or context.checking:
            return {}
        frame = inputs.one().frame
        if self.name_field is not None:
            return {"names": frame.group_by(self._name_text(inputs.one()), maintain_order=True).agg(count=pl.len())}
        counts = self.most_records or self.skips_empty
        return {"names": frame.select(name=pl.lit(None, pl.String), count=pl.len()).head(1)} if counts else {}

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        kind = None if is_connection(self.name) else format_of(self.code, PureWindowsPath(self.name))
        if self.is_disabled:
            return Built()
        around = circumstances(context)
        file = file_behind(self.name, around) if kind is None else None
        kind = format_of(SQLITE, PureWindowsPath(file)) if file else kind
        sinks: list[Sink] = []
        tallies: dict[str, pl.LazyFrame] = {}
        counts: dict[str, Table] = {}
        notes: list[Say] = []
        for target, part, options, rows in self._targets(table, context):
            whole = f"{shown(target)}{PART_MARK}{part}" if part else shown(target)
            if kind is None:
                path = None
                writing = write_database(rows, target, part, options, around)
            else:
                target = file or target
                # A check makes no folders.
                path = Path(PureWindowsPath(target).name) if context.checking else context.files.to_write(target)
                writing = kind.write(rows, Target(path, target, part, _previous(target, context)), options, around)
            sinks.append(Sink(writing.query, writing.finish, path))
            counts[whole] = rows
            if writing.trouble is not None:
                tallies[whole] = writing.trouble
            notes.extend(Say(status, text) for status, text in writing.notes)
        return Built(sinks=sinks, tallies=tallies, counts=counts, notes=notes)

    def messages(self, seen: Seen) -> Iterable[Say]:
        for answer in seen.tallies.values():
            yield from told(answer)
        for file, count in seen.counts.items():
            yield Say(Status.FILE_OUTPUT, f'{file}|{records_were(count, "written")} to "{file}"')

    def _targets(self, table: Table, context: Context) -> Iterable[tuple[str, str, Options, Table]]:
        """File, part, options and rows of each target, in the order in which their names first appear."""
        if "names" not in context.facts:
            yield self.name, self.part, self.options, table
            return
        groups: dict[tuple[str, str], tuple[str, str, list[str | None], int]] = {}
        for value, count in context.facts["names"].iter_rows():
            name, part = self._target(value)
            # Names that differ in their letter case alone are one file.
            key = (name.casefold(), part.casefold())
            first_name, first_part, values, number = groups.get(key, (name, part, [], 0))
            groups[key] = (first_name, first_part, [*values, value], number + count)
        written: set[str] = set()
        for name, part, values, count in groups.values():
            if self.skips_empty and not count:
                continue
            rows = self._rows(table, values)
            for number, start in enumerate(range(0, max(count, 1), self.most_records or max(count, 1))):
                some = rows if not self.most_records else Table(rows.frame.slice(start, self.most_records), rows.fields)
                numbered = _numbered(name, number)
                # What an earlier target of the same file wrote stays.
                again = numbered.casefold() in written and self.options.text("OutputOption") == "RemoveFile"
                written.add(numbered.casefold())
                yield numbered, part, self.options.changed("OutputOption", "Overwrite") if again else self.options, some

    def _target(self, value: str | None) -> tuple[str, str]:
        if self.name_field is None:
            return self.name, self.part
        if value is None and self.name_field.kind in (NameFrom.PATH, NameFrom.FILE_NAME):
            raise ToolError(f'The field "{self.name_field.field}" names the file, but is empty in some records.')
        text = (value or "").strip()
        if self.name_field.kind is NameFrom.PATH:
            return split_name(text)
        if self.part:
            return self.name, _changed(self.part, text, self.name_field.kind)
        path = PureWindowsPath(self.name)
        folder = self.name[: len(self.name) - len(path.name)]
        return f"{folder}{_changed(path.stem, text.removesuffix(path.suffix), self.name_field.kind)}{path.suffix}", ""

    def _name_text(self, table: Table) -> pl.Expr:
        field = table.field(self.name_field.field if self.name_field else "")
        text = text_of(column(field.name), field)
        return pl.when(text != "").then(text).alias("name")

    def _rows(self, table: Table, values: Sequence[str | None]) -> Table:
        if self.name_field is None:
            return table
        frame = table.frame.filter(self._name_text(table).is_in(values, nulls_equal=True))
        dropped = None if self.name_field.is_kept else table.field(self.name_field.field).name
        fields = tuple(field for field in table.fields if field.name != dropped)
        return Table(frame.select(column(field.name) for field in fields), fields)


def _previous(name: str, context: Context) -> Path | None:
    if context.checking:
        return None
    try:
        return context.files.to_read(name)
    except GalleriaError:
        return None


def _changed(old: str, text: str, kind: NameFrom) -> str:
    return {NameFrom.SUFFIX: f"{old}{text}", NameFrom.PREFIX: f"{text}{old}"}.get(kind, text)


def _numbered(name: str, number: int) -> str:
    if not number:
        return name
    suffix = PureWindowsPath(name).suffix
    return f"{name.removesuffix(suffix)}_{number}{suffix}"
