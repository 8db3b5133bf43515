"""JSON Build: rebuilds a JSON text from the rows that JSON Parse makes of one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column, columns
from galleria.fields.conversion import convert, text_of
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

_VALUES = ("StringValue_Field", "IntValue_Field", "FloatValue_Field", "BoolValue_Field")
_KINDS = {"IntValue_Field": FieldType.INT64, "FloatValue_Field": FieldType.DOUBLE, "BoolValue_Field": FieldType.BOOL}


class Branch(dict[str, object]):
    """What parts of names lead to: values and further branches."""


@dataclass(frozen=True)
class JsonBuild(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.JSONBuild.JSONBuild",)

    name_field: str
    value_fields: tuple[tuple[str, str], ...]
    """The option (which says how a value is written) and its field; the first that is not Null counts."""
    groups: tuple[str, ...]

    @classmethod
    def read(cls, config: Configuration) -> Self:
        values = tuple((option, config.value(option)) for option in _VALUES if config.value(option))
        if not values:
            raise ToolError("There is no field with values.")
        chosen = [one.attribute("name") for one in config.each("GroupFields/Field") if one.attribute_flag("selected", default=True)]
        return cls(config.value("Name_Field"), values, tuple(name for name in chosen if name != "*Unknown"))

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        groups = [table.field(name) for name in self.groups]
        new = Field(unique_name("JSON", [one.name for one in groups]), FieldType.V_WSTRING, source="JSONBuild:")
        name = table.field(self.name_field)
        parts = [text_of(column(name.name), name).alias("name"), *(self._value(table, *one) for one in self.value_fields)]
        pairs = table.frame.select(*columns(one.name for one in groups), pl.struct(parts).alias("pairs of JSON"))
        if groups:
            grouped = pairs.group_by(columns(one.name for one in groups), maintain_order=True).agg("pairs of JSON")
        else:
            grouped = pairs.select(pl.col("pairs of JSON").implode()).filter(pl.col("pairs of JSON").list.len() > 0)
        text = pl.col("pairs of JSON").map_batches(_built, return_dtype=pl.String(), is_elementwise=True)
        fields = (*groups, new)
        return Built({"Output": Table(grouped.with_columns(text.alias(new.name)).select(columns(one.name for one in fields)), fields)})

    def _value(self, table: Table, option: str, name: str) -> pl.Expr:
        field = table.field(name)
        kind = _KINDS.get(option)
        if kind is None:
            return text_of(column(field.name), field).alias(option)
        return convert(column(field.name), field, Field(option, kind)).value.alias(option)


def _built(groups: pl.Series) -> pl.Series:
    texts = [json.dumps(_collapsed(_tree(pairs)), ensure_ascii=False, separators=(",", ":")) for pairs in groups.to_list()]
    return pl.Series(groups.name, texts, pl.String())


def _tree(pairs: Sequence[dict[str, Any]]) -> Branch:
    tree = Branch()
    for pair in pairs:
        name = pair.pop("name")
        *outer, last = (name or "").split(".")
        place = tree
        for part in outer:
            inner = place.get(part)
            if not isinstance(inner, Branch):
                inner = place[part] = Branch()
            place = inner
        place[last] = next((value for value in pair.values() if value is not None), None)
    return tree


def _collapsed(tree: object) -> object:
    """The tree with those branches as lists whose parts count up from 0."""
    if not isinstance(tree, Branch):
        return tree
    inner = [_collapsed(one) for one in tree.values()]
    return inner if list(tree) == [str(at) for at in range(len(tree))] else dict(zip(tree, inner, strict=True))
