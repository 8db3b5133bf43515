"""JSON Parse: a row for every value in a text that is JSON, with the path that leads to it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column, columns
from galleria.fields.names import unique_name, unique_names
from galleria.fields.types import Field, FieldType
from galleria.formats.json_leaves import Leaf, Number, leaves, text_of_leaf
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Seen, Tool, error

PLUGIN = "AlteryxBasePluginsGui.JSONParse.JSONParse"
_SOURCE = "JSONParse: "
_SINGLE = (Field("JSON_ValueString", FieldType.V_WSTRING, source=_SOURCE),)
_TYPED = (
    *_SINGLE,
    Field("JSON_ValueInt", FieldType.INT64, source=_SOURCE),
    Field("JSON_ValueFloat", FieldType.DOUBLE, source=_SOURCE),
    Field("JSON_ValueBool", FieldType.BOOL, source=_SOURCE),
)
_NAME = Field("JSON_Name", FieldType.V_WSTRING, source=_SOURCE)
_MOST_ERRORS = 100


@dataclass(frozen=True)
class JsonParse(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)

    field: str
    keeps_field: bool
    single: bool
    """All values as texts in one field; else each in the field of its type."""

    @classmethod
    def read(cls, config: Configuration) -> Self:
        mode = config.value("Mode").strip()
        if mode and mode.casefold() != "singlefield":
            raise UnsupportedError(PLUGIN, f"the mode {mode}")
        single = bool(mode) or config.flag("SingleField", default=True)
        return cls(config.value("JSON_Field"), config.flag("IncludeInOutput"), single)

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        field = table.field(self.field)
        if not field.type.is_text:
            raise ToolError(f'The field "{field.name}" is not a text: JSON is read from texts only.')
        kept = [one for one in table.fields if self.keeps_field or one is not field]
        added = [_NAME, *(_SINGLE if self.single else _TYPED)]
        names = unique_names([*(one.name for one in kept), *(one.name for one in added)])[len(kept) :]
        new = [one.renamed(name) for one, name in zip(added, names, strict=True)]
        parsed = unique_name("parsed", [*table.names, *names])
        shape = pl.Struct({str(at): one.dtype for at, one in enumerate(new)})
        both = table.frame.with_columns(_parsed(column(field.name), shape, single=self.single).alias(parsed))
        values = column(parsed).struct.field("values")
        rows = both.with_columns(values.alias(parsed)).explode(pl.selectors.by_name(parsed), empty_as_null=False, keep_nulls=False)
        found = {one.name: column(parsed).struct.field(str(at)) for at, one in enumerate(new)}
        frame = rows.with_columns(**found).select(columns([*(one.name for one in kept), *names]))
        problems = both.select(problem=column(parsed).struct.field("problem")).drop_nulls().head(_MOST_ERRORS)
        return Built({"Output": Table(frame, (*kept, *new))}, tallies={"problems": problems})

    def messages(self, seen: Seen) -> Iterable[Say]:
        return [error(f"JSON_Parse: {problem}") for problem in seen.tallies["problems"]["problem"].to_list()]


def _parsed(source: pl.Expr, shape: pl.Struct, *, single: bool) -> pl.Expr:
    """A struct for each text: `values`, a list of structs, and `problem`, which is Null where all is well."""
    dtype = pl.Struct({"values": pl.List(shape), "problem": pl.String()})

    def apply(texts: pl.Series) -> pl.Series:
        return pl.Series(texts.name, [_rows(text, single=single) for text in texts.to_list()], dtype)

    return source.map_batches(apply, return_dtype=dtype, is_elementwise=True)


def _rows(text: str | None, *, single: bool) -> dict[str, Any]:
    if not text or not text.strip():
        return {"values": None, "problem": None}
    try:
        found = [_row(path, leaf, single=single) for path, leaf in leaves(text)]
    except json.JSONDecodeError as problem:
        return {"values": None, "problem": f"Parse Error at char({problem.pos}): {problem.msg}"}
    except RecursionError:
        return {"values": None, "problem": "Parse Error: the text is nested too deeply"}
    return {"values": found, "problem": None}


def _row(path: str, leaf: Leaf, *, single: bool) -> dict[str, Any]:
    if single:
        return {"0": path, "1": text_of_leaf(leaf)}
    row: dict[str, Any] = {"0": path, "1": None, "2": None, "3": None, "4": None}
    if isinstance(leaf, bool):
        row["4"] = leaf
    elif isinstance(leaf, Number):
        whole = _whole(leaf)
        row["3" if whole is None else "2"] = float(leaf) if whole is None else whole
    elif isinstance(leaf, str | float):
        row["1"] = str(leaf)
    return row


def _whole(text: str) -> int | None:
    """The number where it is written as a whole one and fits in an Int64."""
    try:
        number = int(text)
    except ValueError:
        return None
    return number if -(2**63) <= number < 2**63 else None
