"""Describes every field of a stream by what it is and by the values it holds: a row for each field and statement."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.number_text import text_of_double
from galleria.fields.types import V_WSTRING_MAX, Field, FieldType
from galleria.table.aggregates import aggregate
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Seen, Tool, warning

PLUGIN = "AlteryxBasePluginsGui.BasicDataProfile.BasicDataProfile"
_OUTPUT = tuple(Field(name, FieldType.V_WSTRING, V_WSTRING_MAX, source="Field Statistics:") for name in ("FieldName", "Name", "Value"))
_NOT_GIVEN = "histograms, margins of error and lists of unique values are not given"

Statements = list[tuple[str, pl.Expr]]
"""What is said of a field, by its name: a text for the whole column."""


@dataclass(frozen=True)
class BasicDataProfile(Tool):
    plugins: ClassVar = (PLUGIN,)

    @classmethod
    def read(cls, config: Configuration) -> "BasicDataProfile":
        return cls()

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Fields in their order, for each its statements in a fixed one. Null where there is no value to say it of."""
        table = inputs.one()
        for field in table.fields:
            if field.type.is_binary:
                raise UnsupportedError(PLUGIN, f'a profile of the {field.type} field "{field.name}"')
        said = [(field.name, name, value) for field in table.fields for name, value in _statements(field)]
        names, values = (_OUTPUT[at].name for at in (1, 2))
        whole = table.frame.select(value.cast(pl.String).alias(str(at)) for at, (_, _, value) in enumerate(said))
        told = whole.unpivot(variable_name="\0number", value_name=values) if said else pl.LazyFrame({values: []})
        known = pl.LazyFrame({_OUTPUT[0].name: [field for field, _, _ in said], names: [name for _, name, _ in said]})
        frame = pl.concat([known, told.select(values)], how="horizontal").cast(pl.String)
        return Built({"Output": Table(frame, _OUTPUT)})

    def messages(self, seen: Seen) -> Iterable[Say]:
        return (warning(f"Basic Data Profile: {_NOT_GIVEN}"),)


def _statements(field: Field) -> Statements:
    value = column(field.name)
    said: Statements = [(name, pl.lit(text, pl.String)) for name, text in _facts(field)]
    said += [("Nulls", value.null_count()), ("Non-Nulls", value.count())]
    if field.type.is_text:
        said += _of_texts(value)
    elif field.type.is_numeric:
        said += [("OKs", value.count()), *_of_numbers(field)]
    else:
        said += [("OKs", value.count())]
    said += [("Minimum", text_of(value.min(), field)), ("Maximum", text_of(value.max(), field))]
    return [*said, ("Uniques", value.drop_nulls().n_unique())]


def _facts(field: Field) -> list[tuple[str, str | None]]:
    """What is known before the first row."""
    facts: list[tuple[str, str | None]] = [("Name", field.name), ("Data Type", str(field.type)), ("Size", str(field.size))]
    if field.type is FieldType.FIXED_DECIMAL:
        facts.append(("Scale", str(field.scale)))
    return [*facts, ("Source", field.source or None), ("Description", field.description or None)]


def _of_texts(text: pl.Expr) -> Statements:
    is_blank = text == ""
    leads, trails = text.str.contains(r"^\s"), text.str.contains(r"\s$")
    lengths = text.str.len_chars()
    shown = text.filter(~is_blank)
    shortest = shown.str.len_chars().min()
    return [
        ("OKs", (~is_blank & ~leads & ~trails).sum()),
        ("Blanks", is_blank.sum()),
        ("Values with Leading Whitespace", (leads & ~trails).sum()),
        ("Values with Trailing Whitespace", (trails & ~leads).sum()),
        ("Values with Both Whitespace", (leads & trails).sum()),
        ("Average Length", lengths.mean().round(1)),
        ("Longest Length", lengths.max()),
        ("Longest Value", text.filter(lengths == lengths.max()).first()),
        ("Shortest (Non Blank) Length", shortest),
        ("Shortest Value", shown.filter(shown.str.len_chars() == shortest).first()),
    ]


def _of_numbers(field: Field) -> Statements:
    named = {"Average": "Avg", "Standard Deviation": "StdDev", "Variance": "Variance"}
    said = [(name, text_of_double(aggregate(action, field).value)) for name, action in named.items()]
    total = aggregate("Sum", field)
    said.append(("Sum", text_of(total.value, total.field)))
    for percent in (25, 50, 75):
        percentile = aggregate("Percentile", field, percentile=percent / 100).value
        said.append((f"{percent}th Percentile", text_of_double(percentile)))
    return said
