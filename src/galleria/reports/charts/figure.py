"""A chart as data: series of points, axes, sizes. What it is drawn from; nothing here knows where it came from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

Value = float | str | None
"""Of an axis: a number (a moment counts seconds since 1970), a category, or nothing."""


class Kind(StrEnum):
    """How a series is drawn."""

    BAR = "bar"
    SCATTER = "scatter"
    PIE = "pie"


class AxisType(StrEnum):
    LINEAR = "linear"
    CATEGORY = "category"
    DATE = "date"


class Bars(StrEnum):
    """How the bars of several series stand at one place."""

    GROUP = "group"
    STACK = "stack"
    OVERLAY = "overlay"


@dataclass(frozen=True)
class Series:
    kind: Kind
    name: str
    x: Sequence[Value]
    """Of a pie: the labels, all texts."""
    y: Sequence[Value]
    colour: str
    has_lines: bool = False
    has_markers: bool = False
    is_filled: bool = False
    """Down to zero."""
    is_horizontal: bool = False
    """Bars along the x axis, one for each value of y."""
    labels: Sequence[str] = ()
    """One for each point; none at all for no labels."""
    line_width: float = 2
    marker_size: float = 6
    opacity: float = 1
    in_legend: bool = True


@dataclass(frozen=True)
class PieLook:
    hole: float = 0
    """Share of the radius that stays empty."""
    shows: frozenset[str] = frozenset({"percent"})
    """Of `label`, `value`, `percent`, `text`."""
    is_sorted: bool = True
    hidden: frozenset[str] = frozenset()
    """Labels that are left out."""


@dataclass(frozen=True)
class Axis:
    title: str = ""
    type: AxisType = AxisType.LINEAR
    range: tuple[float, float] | None = None
    """None: as wide as the data."""
    has_grid: bool = True
    has_labels: bool = True
    has_line: bool = False
    size: float = 12
    """Of its labels, in pixels."""


@dataclass(frozen=True)
class Margins:
    left: float = 80
    right: float = 80
    top: float = 100
    bottom: float = 80


@dataclass(frozen=True)
class Figure:
    series: Sequence[Series]
    title: str = ""
    width: float = 700
    height: float = 450
    scale: float = 1
    """Pixels on the page for a pixel of the drawing."""
    x: Axis = Axis()
    y: Axis = Axis()
    bars: Bars = Bars.GROUP
    gap: float = 0.2
    """Share of a place that stays empty beside its bars."""
    margins: Margins = Margins()
    has_legend: bool = True
    pie: PieLook = PieLook()
    colours: Sequence[str] = field(default_factory=list[str])
    """Of slices and of series that have none of their own, over and over."""
    background: str = "#ffffff"


PALETTE = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf")
"""The ten colours that charts of the original use in turn."""
