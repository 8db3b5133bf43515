"""Tables that are written into a workflow's own document: `<Fields>` and, row by row, `<Data>`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.names import unique_names
from galleria.fields.types import Field
from galleria.messages import counted
from galleria.table.inference import Texts, texts_of, typed
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Context


@dataclass(frozen=True)
class WrittenTable:
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

    def table(self, context: Context, field: Callable[[str, Texts], Field]) -> Table:
        """The rows that the run may have, as values of the field that `field` chooses for a column and its texts."""
        texts = self._texts()
        seen = texts_of(texts)
        fields = tuple(field(name, seen[name]) for name in self.names)
        frame = texts.select(typed(column(one.name), one).alias(one.name) for one in fields)
        return Table((frame.head(context.record_limit) if context.record_limit else frame).lazy(), fields)

    def _texts(self) -> pl.DataFrame:
        columns = {name: [row[at] if at < len(row) else None for row in self.cells] for at, name in enumerate(self.names)}
        return pl.DataFrame(columns, schema=dict.fromkeys(self.names, pl.String()))
