"""Charts of rows: one for each group of rows, or one for all."""

from collections.abc import Callable, Sequence

import polars as pl

from galleria.fields.columns import columns
from galleria.fields.names import unique_name
from galleria.fields.types import Field
from galleria.reports.charts.draw import draw
from galleria.reports.charts.figure import Figure
from galleria.reports.markup import snippet_field
from galleria.table.table import Table

MOST_POINTS = 50_000
"""Of one chart: more cannot be told apart, and the picture would be larger than the data."""


def charted_fields(table: Table, by: Sequence[str]) -> list[Field]:
    """The group fields, and `Chart` behind them."""
    keys = [table.field(name) for name in by]
    return [*keys, snippet_field(unique_name("Chart", [key.name for key in keys]), "Chart")]


def charted(rows: pl.DataFrame, fields: Sequence[Field], figure: Callable[[pl.DataFrame], Figure]) -> Table:
    """A row with a chart for each group in the order of its first row; without group fields one for all, none for no rows.

    `fields`: made by `charted_fields`; the group fields are among the columns of `rows`.
    """
    *keys, field = fields
    names = [key.name for key in keys]
    parts = rows.partition_by(names, maintain_order=True) if names else [rows] if len(rows) else []
    charts = [draw(figure(part)) for part in parts]
    heads = pl.concat([part.select(columns(names)).head(1) for part in parts]) if parts else rows.head(0).select(columns(names))
    made = pl.DataFrame([*heads.get_columns(), pl.Series(field.name, charts, pl.String)])
    return Table(made.lazy(), (*keys, field))
