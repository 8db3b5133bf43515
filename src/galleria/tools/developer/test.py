"""Test: says an error where a stream is not what it should be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError
from galleria.fields.names import same_name
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Seen, Tool, error
from galleria.tools.expressions import compiled_condition


class Kind(StrEnum):
    """The document's words for what is tested."""

    COUNT = "RecCountValue"
    SAME_COUNT = "RecCountMatch"
    SAME_RECORDS = "RecMatch"
    ALL = "ExpAll"
    FIRST = "ExpFirst"


@dataclass(frozen=True)
class Check:
    name: str
    connection: str
    kind: Kind
    value: str
    """A number, the name of another connection or an expression."""

    @property
    def number(self) -> int:
        """The count that must be; raises ToolError for another text."""
        try:
            return int(float(self.value.strip() or 0))
        except (ValueError, OverflowError):
            raise ToolError(f'{self.name}: the record count must be a number, not "{self.value}".') from None


@dataclass(frozen=True)
class Test(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.Test.Test",)
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Input", multiple=True),)
    outputs: ClassVar[Sequence[str]] = ()

    checks: tuple[Check, ...]
    first_failure_only: bool

    @classmethod
    def read(cls, config: Configuration) -> Self:
        kinds = list(Kind)
        checks = tuple(
            Check(one.value("Name"), one.value("Connection"), Kind(one.choice("Type", kinds)), one.value("Value"))
            for one in config.each("Tests/Test")
        )
        for check in checks:
            if check.kind is Kind.COUNT:
                _ = check.number
        return cls(checks, config.flag("DontReportSubsequent"))

    def build(self, inputs: Inputs, context: Context) -> Built:
        tables = {wire.name: wire.table for wire in inputs.all()}
        return Built(tallies={str(number): _tally(check, tables, context) for number, check in enumerate(self.checks)})

    def messages(self, seen: Seen) -> Iterable[Say]:
        failures = [text for number, check in enumerate(self.checks) if (text := _failure(check, seen.tallies[str(number)]))]
        return [error(text) for text in (failures[:1] if self.first_failure_only else failures)]


def _tally(check: Check, tables: Mapping[str, Table], context: Context) -> pl.LazyFrame:
    """One row that tells whether the check holds."""
    table = _table(check.connection, check, tables)
    if check.kind is Kind.COUNT:
        return table.frame.select(count=pl.len())
    if check.kind in (Kind.ALL, Kind.FIRST):
        holds = compiled_condition(check.value, table.fields, context).value
        frame = table.frame if check.kind is Kind.ALL else table.frame.head(1)
        # First a column: an expression without fields would be one value, however many rows there are.
        failed = frame.with_columns(failed=~holds).select("failed")
        return failed.select(pl.col("failed").sum(), first=pl.when("failed").then(pl.int_range(pl.len())).min() + 1)
    other = _table(check.value.strip(), check, tables)
    counts = pl.concat([table.frame.select(count=pl.len()), other.frame.select(other=pl.len())], how="horizontal")
    if check.kind is Kind.SAME_COUNT or not table.fields or not _same_fields(table, other):
        return counts.with_columns(
            differing=pl.lit(None, pl.Int64), layout=pl.lit(check.kind is Kind.SAME_COUNT or _same_fields(table, other))
        )
    return pl.concat([counts, _differing(table, other)], how="horizontal").with_columns(layout=pl.lit(True))


def _same_fields(table: Table, other: Table) -> bool:
    return [(field.name, field.dtype) for field in table.fields] == [(field.name, field.dtype) for field in other.fields]


def _differing(table: Table, other: Table) -> pl.LazyFrame:
    """One row: `differing`, the number of places at which the two streams hold different records."""
    left = table.frame.select(left=pl.struct(pl.all())).with_row_index("row")
    right = other.frame.select(right=pl.struct(pl.all())).with_row_index("row")
    return left.join(right, on="row").select(differing=pl.col("left").ne_missing(pl.col("right")).sum().cast(pl.Int64))


def _table(name: str, check: Check, tables: Mapping[str, Table]) -> Table:
    for wire, table in tables.items():
        if same_name(wire, name):
            return table
    if len(tables) == 1 and "" in tables:
        return tables[""]
    raise ToolError(f'{check.name}: there is no connection "{name}".')


def _failure(check: Check, tally: pl.DataFrame) -> str | None:
    """What to say where the check does not hold."""
    row = tally.row(0, named=True)
    if check.kind is Kind.COUNT:
        problem = f"the record count is {row['count']}, not {check.number}" if row["count"] != check.number else ""
    elif check.kind in (Kind.ALL, Kind.FIRST):
        problem = f"the expression is false for {row['failed']} record(s), first for record #{row['first']}" if row["failed"] else ""
    elif not row["layout"]:
        problem = f"{check.connection} and {check.value} have different fields"
    elif row["count"] != row["other"]:
        problem = f"{check.connection} has {row['count']} records, {check.value} has {row['other']}"
    else:
        problem = f"{row['differing']} record(s) differ between {check.connection} and {check.value}" if row["differing"] else ""
    return f"{check.name}: {problem}." if problem else None
