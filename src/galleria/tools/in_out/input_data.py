"""Input Data: reads a table from a file, or from several of the same kind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError
from galleria.formats.reading import Request, read
from galleria.messages import Status
from galleria.table.table import empty_table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Seen, Tool
from galleria.tools.files import circumstances, read_request, records_were, told

_COUNT = "records of "


@dataclass(frozen=True)
class InputData(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.DbFileInput.DbFileInput",)
    inputs: ClassVar[Sequence[Anchor]] = ()

    request: Request

    @classmethod
    def read(cls, config: Configuration) -> Self:
        return cls(read_request(config))

    def build(self, inputs: Inputs, context: Context) -> Built:
        try:
            answered = read(self.request, context.files.to_read, circumstances(context))
        except ToolError:
            saved = context.saved_fields.get("Output")
            if not context.checking or not saved:
                raise
            return Built({"Output": empty_table(saved)})
        tallies = {f"{_COUNT}{one.name}": one.table.frame.select(pl.len()) for one in answered.files}
        if answered.trouble is not None:
            tallies["trouble"] = answered.trouble
        return Built({"Output": answered.table}, tallies=tallies, notes=[Say(status, text) for status, text in answered.notes])

    def messages(self, seen: Seen) -> Iterable[Say]:
        if "trouble" in seen.tallies:
            yield from told(seen.tallies["trouble"])
        for name, count in seen.tallies.items():
            if name.startswith(_COUNT):
                file = name.removeprefix(_COUNT)
                yield Say(Status.FILE_INPUT, f'{file}|{records_were(count.item(), "read")} from "{file}"')
