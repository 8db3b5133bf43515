"""API Output: says its records as messages, comma-separated and quoted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.types import Field
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Seen, Tool, info, warning

_LONGEST = 255
MOST_MESSAGES = 10_000


@dataclass(frozen=True)
class ApiOutput(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.APIOutput.APIOutput",)
    outputs: ClassVar[Sequence[str]] = ()

    @classmethod
    def read(cls, config: Configuration) -> Self:
        return cls()

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        header = pl.lit(",".join(_quoted(name) for name in table.names)).str.head(_LONGEST)
        cells = [_cell(field) for field in table.fields]
        line = pl.concat_str(cells, separator=",").str.head(_LONGEST) if cells else pl.lit("")
        lines = table.frame.with_columns(line.alias("line")).select("line").head(MOST_MESSAGES + 1)
        return Built(tallies={"lines": lines, "header": table.frame.select(header.alias("line")).head(1)}, notes=())

    def messages(self, seen: Seen) -> Iterable[Say]:
        lines = [*seen.tallies["header"]["line"].to_list(), *seen.tallies["lines"]["line"].to_list()]
        yield from (info(line) for line in lines[: MOST_MESSAGES + 1])
        if len(lines) > MOST_MESSAGES + 1:
            yield warning(f"Only the first {MOST_MESSAGES} records are shown.")


def _cell(field: Field) -> pl.Expr:
    source = column(field.name)
    if field.type.is_binary:
        text = pl.concat_str(source.bin.size().cast(pl.String), pl.lit(" Bytes"))
    else:
        text = text_of(source, field).str.replace_all('"', '""', literal=True)
    return pl.concat_str(pl.lit('"'), text.fill_null(""), pl.lit('"'))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
