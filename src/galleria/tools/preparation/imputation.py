"""Replaces Null or a value in fields of numbers by their mean, median, mode or a given value."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import convert
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool


class Replacement(StrEnum):
    MEAN = "radio Mean"
    MEDIAN = "radio Median"
    MODE = "radio Mode"
    GIVEN = "radio User Specified Replace With Value"


@dataclass(frozen=True)
class Imputation(Tool):
    macros: ClassVar = ("Imputation_v3.yxmc", "Imputation_v2.yxmc")

    chosen: tuple[str, ...]
    replaced: float | None
    """None for Null."""
    replacement: Replacement
    given: float
    has_indicator: bool
    """A field tells which values were replaced."""
    keeps_original: bool
    """The results come into a field of their own."""

    @classmethod
    def read(cls, config: Configuration) -> "Imputation":
        answers = MacroAnswers(config)
        ways = [way for way in Replacement if answers.flag(way)]
        if len(ways) != 1:
            raise ToolError("One way to replace values must be selected.")
        from_value = answers.flag("radio User Specified Replace From Value")
        return cls(
            tuple(re.findall(r'"([^"]*)"', answers.text("listbox Select Incoming Fields"))),
            answers.number("updown User Replace Value") if from_value else None,
            ways[0],
            answers.number("updown User Replace With Value"),
            has_indicator=answers.flag("checkbox Impute Indicator"),
            keeps_original=answers.flag("checkbox Imputed Values Separate Field"),
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order. New fields come last, for each field its indicator first."""
        table = inputs.one()
        fields = list(table.fields)
        values: dict[str, pl.Expr] = {}
        for name in self.chosen:
            field = table.field(name)
            if not field.type.is_numeric:
                raise ToolError(f'Only numbers are imputed, but the field "{field.name}" is a {field.type}.')
            is_replaced = column(field.name).is_null() if self.replaced is None else column(field.name) == self.replaced
            if self.has_indicator:
                indicator = Field(unique_name(f"{field.name}_Indicator", [one.name for one in fields]), FieldType.INT16)
                values[indicator.name] = is_replaced.fill_null(value=False).cast(pl.Int16)
                fields.append(indicator)
            target = field
            if self.keeps_original:
                target = replace(field, name=unique_name(f"{field.name}_ImputedValue", [one.name for one in fields]))
                fields.append(target)
            values[target.name] = pl.when(is_replaced).then(self._value(field, is_replaced)).otherwise(column(field.name))
        return Built({"Output": table.with_columns(values, fields)})

    def _value(self, field: Field, is_replaced: pl.Expr) -> pl.Expr:
        """What stands in, as the field keeps it."""
        others = column(field.name).filter(~is_replaced.fill_null(value=False)).cast(pl.Float64)
        match self.replacement:
            case Replacement.MEAN:
                value = others.mean()
            case Replacement.MEDIAN:
                value = others.median()
            case Replacement.MODE:
                value = others.drop_nulls().mode().sort().first()
            case Replacement.GIVEN:
                value = pl.lit(self.given)
        return convert(value, Field("", FieldType.DOUBLE), field).value
