"""Keeps the rows whose date lies between two days, or in so many days, weeks, months, quarters or years after or before one."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.formula.compile import compile_expression
from galleria.formula.environment import Environment
from galleria.table.table import Table
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

_MOST_PERIODS = 90_000
_UNITS = {"Days": ("days", 1), "Weeks": ("days", 7), "Months": ("months", 1), "Quarters": ("months", 3), "Years": ("years", 1)}
_DAY = len("2026-01-31")


class Method(StrEnum):
    BETWEEN = "start.end.date"
    AFTER = "start.periods"
    BEFORE = "end.periods"


@dataclass(frozen=True)
class DateFilter(Tool):
    macros: ClassVar = ("Date_Filter.yxmc",)

    field: str
    method: Method
    first: str
    last: str
    unit: str
    periods: int

    @classmethod
    def read(cls, config: Configuration) -> "DateFilter":
        answers = MacroAnswers(config)
        if not answers.text("select.date.field"):
            raise ToolError("A date field must be selected.")
        ways = [way for way in Method if answers.flag(way)] or [Method.BETWEEN]
        method = ways[0]
        first = last = unit = ""
        periods = 0
        if method is Method.BETWEEN:
            first, last = _day(answers, "start-end.start"), _day(answers, "start-end.end")
        else:
            group, bound = ("start-periods", "start") if method is Method.AFTER else ("end-periods", "end")
            first = last = _day(answers, f"{group}.{bound}")
            unit = answers.text(f"{group}.type") or "Days"
            if unit not in _UNITS:
                raise ToolError(f'Periods are {", ".join(_UNITS)}, not "{unit}".')
            periods = int(answers.number(f"{group}.periods", 1))
            if abs(periods) > _MOST_PERIODS:
                raise ToolError(f"{periods} {unit} lead out of the calendar.")
        return cls(answers.text("select.date.field"), method, first, last, unit, periods)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order; the time of a day and rows without a date do not count."""
        table = inputs.one()
        field = table.field(self.field)
        first, last = self._bounds(context.formula)
        day = text_of(column(field.name), field).str.slice(0, _DAY)
        return Built({"Output": Table(table.frame.filter(day.is_between(pl.lit(first), pl.lit(last))), table.fields)})

    def _bounds(self, environment: Environment) -> tuple[str, str]:
        """The first and the last day that count."""
        if self.method is Method.BETWEEN:
            return self.first, self.last
        unit, times = _UNITS[self.unit]
        if self.method is Method.AFTER:
            return self.first, _moved(_moved(self.first, times * self.periods, unit, environment), -1, "days", environment)
        return _moved(_moved(self.last, -times * self.periods, unit, environment), 1, "days", environment), self.last


def _day(answers: MacroAnswers, name: str) -> str:
    text = answers.text(name)[:_DAY]
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ToolError(f'{name} must be a date such as 2026-01-31, not "{text}".') from None


def _moved(day: str, count: int, unit: str, environment: Environment) -> str:
    compiled = compile_expression("DateTimeAdd([day], [count], [unit])", (), environment, extra={"day": day, "count": count, "unit": unit})
    return str(pl.select(compiled.value).item())[:_DAY]
