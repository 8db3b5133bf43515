"""Sums up fields: a row for each, with statistics of its numbers, texts or dates."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.names import find_field
from galleria.fields.types import Field, FieldType
from galleria.table.aggregates import aggregate
from galleria.table.table import Table, empty_table
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Seen, Tool, warning

MACRO = "Field_Summary_Report.yxmc"
_NUMERIC, _TEXT, _DATE = "Numeric", "String", "Date Time"
_MISSING = "This field has over 10% missing values. Consider imputing these values."
_TOO_MANY_MISSING = 10
_ROW = "row"

_KINDS: Mapping[str, FieldType] = {
    "Name": FieldType.V_WSTRING,
    "Field Category": FieldType.V_STRING,
    "Min": FieldType.DOUBLE,
    "Max": FieldType.DOUBLE,
    "Median": FieldType.DOUBLE,
    "Std. Dev.": FieldType.DOUBLE,
    "Percent Missing": FieldType.DOUBLE,
    "Unique Values": FieldType.INT64,
    "Mean": FieldType.DOUBLE,
    "Layout": FieldType.V_WSTRING,
    "Remarks": FieldType.V_WSTRING,
    "Shortest_Value": FieldType.V_WSTRING,
    "Longest_Value": FieldType.V_WSTRING,
    "MinValueCount": FieldType.INT64,
    "MaxValueCount": FieldType.INT64,
    "Latest Date": FieldType.DATETIME,
    "Earliest Date": FieldType.DATETIME,
    "Interval": FieldType.V_STRING,
    "ObjType": FieldType.V_STRING,
    "Avg_AreaSqMi": FieldType.DOUBLE,
    "Avg_LengthMi": FieldType.DOUBLE,
    "Avg_NumPoints": FieldType.DOUBLE,
}
_OUTPUT = tuple(Field(name, kind) for name, kind in _KINDS.items())


@dataclass(frozen=True)
class FieldSummary(Tool):
    macros: ClassVar = (MACRO,)
    inputs: ClassVar = (Anchor("Input", aliases=("Field Input",)),)
    outputs: ClassVar = ("Output", "Reports", "Interactive")

    chosen: tuple[str, ...]

    @classmethod
    def read(cls, config: Configuration) -> "FieldSummary":
        answers = MacroAnswers(config)
        if answers.flag("Sample Data"):
            raise UnsupportedError(f"macro {MACRO}", "a random sample of its input")
        marks = re.findall(r"(.+?)=(True|False)(?:,|$)", answers.text("Select Fields"))
        chosen = tuple(name for name, mark in marks if mark == "True")
        if not chosen:
            raise ToolError("At least one field must be selected.")
        return cls(chosen)

    @property
    def output_anchors(self) -> Sequence[str]:
        """Its charts are not drawn: what reads them does not run."""
        return ("Output",)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Numbers first, then texts, then dates, each by their names; truths are left out."""
        table = inputs.one()
        fields = [field for name in self.chosen if (field := find_field(table.fields, name)) is not None]
        summed_up = sorted(((_category(field), field) for field in fields if _category(field)), key=_place)
        if not summed_up:
            return Built({"Output": empty_table(_OUTPUT)})
        rows = [_row(category, field) for category, field in summed_up]
        single = table.frame.select(value.alias(f"{at}/{name}") for at, row in enumerate(rows) for name, value in row.items())
        listed = single.select(pl.concat_list(_packed(at, row) for at, row in enumerate(rows)).alias(_ROW)).explode(_ROW)
        frame = listed.select(pl.col(_ROW).struct.field(*_KINDS))
        return Built({"Output": Table(frame, _OUTPUT)})

    def messages(self, seen: Seen) -> Iterable[Say]:
        return (warning("Field Summary: charts, and remarks on anything but missing values, are not given"),)


def _category(field: Field) -> str:
    """Empty for what is not summed up."""
    if field.type.is_binary:
        raise UnsupportedError(f"macro {MACRO}", f'a summary of the {field.type} field "{field.name}"')
    if field.type is FieldType.BOOL:
        return ""
    if field.type.is_text:
        return _TEXT
    return _NUMERIC if field.type.is_numeric else _DATE


def _place(one: tuple[str, Field]) -> tuple[int, str]:
    return (_NUMERIC, _TEXT, _DATE).index(one[0]), one[1].name


def _row(category: str, field: Field) -> dict[str, pl.Expr]:
    """What the row of a field says, by the names of the output's fields; Null of the others."""
    value = column(field.name)
    missing = pl.when(pl.len() > 0).then(value.null_count() * 100 / pl.len())
    return {
        "Name": pl.lit(field.name),
        "Field Category": pl.lit(category),
        "Percent Missing": missing,
        "Unique Values": value.n_unique(),
        "Remarks": pl.when(missing > _TOO_MANY_MISSING).then(pl.lit(_MISSING)),
        **_PARTS[category](field, value),
    }


def _packed(at: int, row: Iterable[str]) -> pl.Expr:
    """The output row of the field at a place, as one structure."""
    said = {name: pl.col(f"{at}/{name}") for name in row}
    return pl.struct(said.get(one.name, pl.lit(None)).cast(one.dtype).alias(one.name) for one in _OUTPUT)


def _of_numbers(field: Field, value: pl.Expr) -> dict[str, pl.Expr]:
    named = {"Median": "Median", "Std. Dev.": "StdDev", "Mean": "Avg"}
    return {"Min": value.min(), "Max": value.max(), **{name: aggregate(action, field).value for name, action in named.items()}}


def _of_texts(field: Field, value: pl.Expr) -> dict[str, pl.Expr]:
    counts = value.count().over(value).filter(value.is_not_null())
    return {
        "Shortest_Value": aggregate("Shortest", field).value,
        "Longest_Value": aggregate("Longest", field).value,
        "MinValueCount": counts.min(),
        "MaxValueCount": counts.max(),
    }


def _of_dates(field: Field, value: pl.Expr) -> dict[str, pl.Expr]:
    if field.type is FieldType.TIME:
        return {"Interval": pl.lit("Unknown")}
    return {"Latest Date": value.max(), "Earliest Date": value.min(), "Interval": pl.lit("Unknown")}


_PARTS = {_NUMERIC: _of_numbers, _TEXT: _of_texts, _DATE: _of_dates}
