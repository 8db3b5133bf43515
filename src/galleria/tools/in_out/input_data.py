"""Input Data: reads a table from a file, or from several of the same kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.connecting.address import is_connection
from galleria.errors import ToolError
from galleria.formats.reading import Request, read
from galleria.table.table import empty_table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Seen, Tool
from galleria.tools.files import built_of, circumstances, read_messages, read_request


@dataclass(frozen=True)
class InputData(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.DbFileInput.DbFileInput",)
    inputs: ClassVar[Sequence[Anchor]] = ()
    scans: ClassVar[bool] = True

    request: Request

    @classmethod
    def read(cls, config: Configuration) -> Self:
        return cls(read_request(config))

    def facts(self, inputs: Inputs, context: Context) -> Mapping[str, pl.LazyFrame]:
        # What a database holds is known to the run alone: a check without saved fields leaves it open.
        unknown = context.checking and is_connection(self.request.name) and not context.saved_fields.get("Output")
        return {"fields": pl.LazyFrame()} if unknown else {}

    def build(self, inputs: Inputs, context: Context) -> Built:
        try:
            answered = read(self.request, context.files.to_read, circumstances(context))
        except ToolError:
            saved = context.saved_fields.get("Output")
            if not context.checking or not saved:
                raise
            return Built({"Output": empty_table(saved)})
        return built_of(answered)

    def messages(self, seen: Seen) -> Iterable[Say]:
        return read_messages(seen)
