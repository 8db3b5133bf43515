"""Keeps rows by their numbers."""

import re
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.fields.columns import columns
from galleria.table.ordering import numbered
from galleria.table.table import Table
from galleria.tools.answers import MacroAnswers
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

_RANGE = re.compile(r"(\d*)([-+]?)(\d*)")


@dataclass(frozen=True)
class Range:
    """Row numbers from 1; None where a side is open."""

    first: int | None
    last: int | None


@dataclass(frozen=True)
class SelectRecords(Tool):
    macros: ClassVar = ("SelectRecords.yxmc",)

    ranges: tuple[Range, ...]

    @classmethod
    def read(cls, config: Configuration) -> "SelectRecords":
        ranges = (_range(line.strip()) for line in MacroAnswers(config).text("Ranges").splitlines())
        return cls(tuple(one for one in ranges if one is not None))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order; one that several ranges name comes once."""
        table = inputs.one()
        frame, row = numbered(table.frame, table.names)
        kept = frame.filter(pl.any_horizontal(pl.lit(value=False), *(_within(pl.col(row) + 1, one) for one in self.ranges)))
        return Built({"Output": Table(kept.select(columns(table.names)), table.fields)})


def _range(line: str) -> Range | None:
    """`-2`, `3`, `17-20`, `50+`; None for anything else."""
    match = _RANGE.fullmatch(line)
    if match is None:
        return None
    first, sign, last = match.groups()
    if sign == "-" and last:
        return Range(int(first) if first else None, int(last))
    if sign == "+" and first and not last:
        return Range(int(first), None)
    return Range(int(first), int(first)) if first and not sign else None


def _within(number: pl.Expr, one: Range) -> pl.Expr:
    lower = pl.lit(value=True) if one.first is None else number >= one.first
    return lower if one.last is None else lower & (number <= one.last)
