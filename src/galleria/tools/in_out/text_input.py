"""Text Input: a table that lies in the workflow itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.names import unique_names
from galleria.messages import counted
from galleria.table.inference import infer, texts_of, typed
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Seen, Tool, info


@dataclass(frozen=True)
class TextInput(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.TextInput.TextInput",)
    inputs: ClassVar[Sequence[Anchor]] = ()

    names: tuple[str, ...]
    cells: tuple[tuple[str | None, ...], ...]
    """Row by row; a row may be shorter than the names. Null for an empty cell."""

    @classmethod
    def read(cls, config: Configuration) -> Self:
        names = unique_names(field.attribute("name") for field in config.each("Fields/Field"))
        if not names:
            raise ToolError("There are no fields: the table needs at least one column.")
        cells = tuple(tuple(cell.text or None for cell in row.each("c")) for row in config.each("Data/r"))
        widest = max(map(len, cells), default=0)
        if widest > len(names):
            raise ToolError(f"A row has {counted(widest, 'cell')}, but there are only {counted(len(names), 'field')}.")
        return cls(tuple(names), cells)

    def build(self, inputs: Inputs, context: Context) -> Built:
        texts = self._texts()
        seen = texts_of(texts)
        fields = tuple(infer(name, seen[name], amp=context.uses_amp, source="TextInput:") for name in self.names)
        frame = texts.select(typed(column(field.name), field).alias(field.name) for field in fields)
        if context.record_limit:
            frame = frame.head(context.record_limit)
        return Built({"Output": Table(frame.lazy(), fields)})

    def messages(self, seen: Seen) -> Iterable[Say]:
        number = seen.records_out["Output"]
        yield info(f"{counted(number, 'record')} {'was' if number == 1 else 'were'} output")

    def _texts(self) -> pl.DataFrame:
        columns = {name: [row[at] if at < len(row) else None for row in self.cells] for at, name in enumerate(self.names)}
        return pl.DataFrame(columns, schema=dict.fromkeys(self.names, pl.String()))
