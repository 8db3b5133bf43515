"""The bar graph in a report's table: a bar for each row, as long as its value."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column, columns
from galleria.fields.types import Field
from galleria.reports.colours import hex_colour
from galleria.reports.markup import together
from galleria.table.table import Table
from galleria.tools.configuration import Configuration


@dataclass(frozen=True)
class BarGraph:
    field: str
    width: int
    height: int
    limits: tuple[float, float] | None
    """The values at both ends of the graph; None for those of the table's rows and the base."""
    base: float
    """The value at which bars begin."""
    colour: str
    outline: str | None

    def markup(self, table: Table, keys: Sequence[Field]) -> pl.Expr:
        """A drawing for each row, on one scale in all rows of a table; an empty one for Null."""
        field = table.field(self.field)
        if not field.type.is_numeric:
            raise ToolError(f'The field "{field.name}" of the bar graph is no number.')
        value = column(field.name).cast(pl.Float64)
        low, high = (pl.lit(limit) for limit in self.limits) if self.limits else self._extent(value, keys)
        begin, end = self._place(pl.lit(self.base), low, high), self._place(value, low, high)
        start, length = pl.min_horizontal(begin, end), (end - begin).abs()
        line = f' stroke="{self.outline}" stroke-width="1"' if self.outline else ""
        size = f'width="{self.width}" height="{self.height}"'
        rect = together(
            '<rect y="0" x="', _number(start), '" width="', _number(length), f'" height="{self.height}" fill="{self.colour}"{line}/>'
        )
        shown = pl.when(value.is_not_null()).then(rect).otherwise(pl.lit(""))
        return together(f'<svg {size} viewBox="0 0 {self.width} {self.height}">', shown, "</svg>")

    def _extent(self, value: pl.Expr, keys: Sequence[Field]) -> tuple[pl.Expr, pl.Expr]:
        low, high = value.min(), value.max()
        if keys:
            groups = columns(key.name for key in keys)
            low, high = low.over(groups), high.over(groups)
        return pl.min_horizontal(low, self.base), pl.max_horizontal(high, self.base)

    def _place(self, value: pl.Expr, low: pl.Expr, high: pl.Expr) -> pl.Expr:
        """Pixels from the left; values beyond the limits lie at the edges."""
        spread = pl.when(high > low).then(high - low).otherwise(pl.lit(1.0))
        return ((value - low) / spread).clip(0, 1) * self.width


def read_bar_graph(config: Configuration, style: Configuration, tool: str) -> BarGraph | None:
    """The graph that a Table's configuration has; None for none. Raises UnsupportedError for labels and colours by value."""
    if not config.flag("ShowBarGraph"):
        return None
    if style.attribute_flag("LabelBars"):
        raise UnsupportedError(tool, "labels on the bars of a table")
    if style.attribute("ColorMode", "Single") != "Single":
        raise UnsupportedError(tool, "bars of several colours in a table")
    limits = (_value(style, "Min", 0), _value(style, "Max", 100))
    is_fixed = not style.attribute_flag("AutoScale", default=True)
    return BarGraph(
        field=config.value("BarGraphField"),
        width=min(max(style.attribute_whole("Width", 100), 1), 2000),
        height=min(max(style.attribute_whole("Height", 15), 1), 500),
        limits=limits if is_fixed else None,
        base=_value(style, "BaseValue", 0),
        colour=hex_colour(style.attribute("TextColor")) or "#779dbf",
        outline=hex_colour(style.attribute("OutlineColor")) if style.attribute_flag("OutlineBars") else None,
    )


def _value(style: Configuration, name: str, usual: float) -> float:
    try:
        return float(style.attribute(name) or usual)
    except ValueError:
        raise ToolError(f"{name} of the bar graph must be a number, not {style.attribute(name)!r}") from None


def _number(value: pl.Expr) -> pl.Expr:
    # Nothing lies left of the graph, but -0.0 could.
    return value.round(1).abs().cast(pl.String)
