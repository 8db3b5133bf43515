"""Blob Output: writes each record's blob to a file of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.types import FieldType
from galleria.messages import Status
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Sink, Tool, World
from galleria.tools.file_names import Change, changed_name


@dataclass(frozen=True)
class BlobOutput(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.BlobOutput.BlobOutput",)
    outputs: ClassVar[Sequence[str]] = ()
    writes_output: ClassVar[bool] = True
    acts: ClassVar[bool] = True

    name: str
    change: Change
    name_field: str
    blob_field: str

    @classmethod
    def read(cls, config: Configuration) -> Self:
        change = Change(config.choice("ModifyMethod", list(Change), Change.PATH))
        return cls(config.value("FileName"), change, config.value("ModifyFilename_Field"), config.value("BlobField"))

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        if table.field(self.blob_field).type is not FieldType.BLOB:
            raise ToolError(f'The field "{self.blob_field}" is no blob.')
        if self.name_field:
            table.field(self.name_field)
        return Built()

    def act(self, inputs: Inputs, context: Context, world: World) -> Built:
        self.build(inputs, context)
        table = inputs.one()
        rows = table.frame.collect()
        names = [self.name] * len(rows)
        if self.name_field:
            field = table.field(self.name_field)
            values = rows.select(text_of(column(field.name), field)).to_series().to_list()
            names = [changed_name(self.name, self.change, value or "") for value in values]
        notes: list[Say] = []
        sinks: list[Sink] = []
        for name, content in zip(names, rows[table.field(self.blob_field).name].to_list(), strict=True):
            if content is None:
                continue
            path = context.files.to_write(name)
            path.write_bytes(content)
            sinks.append(Sink(rows.lazy().head(0), path=path))
            notes.append(Say(Status.FILE_OUTPUT, f'{name}|1 blob was written to "{name}"'))
        return Built(sinks=sinks, notes=notes)
