"""Message: says what an expression gives, while its records pass."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.conversion import text_of
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType
from galleria.messages import Status
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Seen, Tool, warning
from galleria.tools.expressions import compiled, compiled_condition

PLUGIN = "AlteryxBasePluginsGui.Message.Message"
_STOP = "ErrorStop"
_STATUSES = {
    "Message": Status.INFO,
    "Warning": Status.WARNING,
    "Error": Status.ERROR,
    _STOP: Status.ERROR,
    "FieldConversion": Status.CONVERSION_ERROR,
    "FileInput": Status.FILE_INPUT,
    "FileOutput": Status.FILE_OUTPUT,
    "FileOutputV2": Status.FILE_OUTPUT,
}
MOST_MESSAGES = 10_000


class When(StrEnum):
    """The document's words for the records that are spoken about."""

    FIRST = "First"
    FILTER = "Filter"
    LAST = "Last"
    ALL = "All"


@dataclass(frozen=True)
class Message(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)

    when: When
    filter: str
    type: str
    expression: str

    @classmethod
    def read(cls, config: Configuration) -> Self:
        when = config.value("When").strip() or When.FIRST
        if when not in list(When):
            raise UnsupportedError(PLUGIN, f"a message at the time {when}")
        kind = config.choice("Type", list(_STATUSES), "Message")
        return cls(When(when), config.value("Filter"), kind, config.value("MessageExpression"))

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        number = Field(unique_name("record number", table.names), FieldType.INT64)
        frame = table.frame.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(number.name))
        extra = {"_RecordNumber_": number}
        spoken = compiled_condition(self.filter, table.fields, context, extra=extra).value if self.when is When.FILTER else None
        said = compiled(self.expression, table.fields, context, extra=extra)
        # Not at once by `select`: an expression without fields would give one row, however many there are.
        texts = self._chosen(frame, spoken).with_columns(text=text_of(said.value, said.field)).select("text")
        return Built({"Output": self._passed(table, frame, spoken)}, tallies={"texts": texts.head(MOST_MESSAGES + 1)})

    def messages(self, seen: Seen) -> Iterable[Say]:
        texts: list[str | None] = seen.tallies["texts"]["text"].to_list()
        for text in texts[:MOST_MESSAGES]:
            yield Say(_STATUSES[self.type], text or "")
        if len(texts) > MOST_MESSAGES:
            yield warning(f"Only the first {MOST_MESSAGES} messages are shown.")

    def _chosen(self, frame: pl.LazyFrame, spoken: pl.Expr | None) -> pl.LazyFrame:
        """The records that are spoken about."""
        if self.when is When.LAST:
            return frame.tail(1)
        chosen = frame if spoken is None else frame.filter(spoken)
        return chosen.head(1) if self.when is When.FIRST or self._stops else chosen

    def _passed(self, table: Table, frame: pl.LazyFrame, spoken: pl.Expr | None) -> Table:
        """What goes on: all records, or those before the one at which an error stops the stream."""
        if not self._stops or self.when is When.LAST:
            return table
        stopped = frame.head(0) if spoken is None else frame.filter(~spoken.cum_max())
        return Table(stopped.select(pl.selectors.by_name(*table.names)), table.fields)

    @property
    def _stops(self) -> bool:
        return self.type == _STOP
