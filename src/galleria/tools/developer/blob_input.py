"""Blob Input: reads whole files as blobs, one, or one for each record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType
from galleria.messages import Status
from galleria.table.table import Table, empty_table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Files, Inputs, Say, Tool, World, error
from galleria.tools.file_names import Change, changed_name
from galleria.tools.whole_files import whole_file

PLUGIN = "AlteryxBasePluginsGui.BlobInput.BlobInput"


@dataclass(frozen=True)
class BlobInput(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Input", optional=True),)
    acts: ClassVar[bool] = True

    name: str
    change: Change
    name_field: str
    """Whose values change the name, one for each record."""
    stops: bool
    """At a file that is not there; else its record has no blob."""

    @classmethod
    def read(cls, config: Configuration) -> Self:
        if config.flag("SplitBlobs"):
            raise UnsupportedError(PLUGIN, "splitting blobs into several records")
        change = Change(config.choice("ModifyMethod", list(Change), Change.PATH))
        stops = config.flag("ModifyFilename_StopOnError", default=True)
        return cls(config.value("FileName"), change, config.value("ModifyFilename_Field"), stops)

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.find("Input")
        return Built({"Output": empty_table([*(table.fields if table else ()), self._blob(table)])})

    def act(self, inputs: Inputs, context: Context, world: World) -> Built:
        table = inputs.find("Input")
        rows = table.frame.collect() if table else pl.DataFrame({"": [None]})
        notes: list[Say] = []
        blobs = [self._read(name, context.files, notes) for name in self._names(table, rows)]
        field = self._blob(table)
        read = pl.Series(field.name, blobs, field.dtype)
        frame = rows.with_columns(read) if table else pl.DataFrame([read])
        return Built({"Output": Table(frame.lazy(), (*(table.fields if table else ()), field))}, notes=notes)

    def _blob(self, table: Table | None) -> Field:
        return Field(unique_name("Blob", table.names if table else ()), FieldType.BLOB, source="BlobInput:")

    def _names(self, table: Table | None, rows: pl.DataFrame) -> list[str]:
        if table is None or not self.name_field:
            return [self.name] * len(rows)
        field = table.field(self.name_field)
        values = rows.select(text_of(column(field.name), field)).to_series().to_list()
        return [changed_name(self.name, self.change, value or "") for value in values]

    def _read(self, name: str, files: Files, notes: list[Say]) -> bytes | None:
        content = whole_file(name, files, notes, stops=self.stops, told=error)
        if content is not None:
            notes.append(Say(Status.FILE_INPUT, f'{name}|1 blob was read from "{name}"'))
        return content
