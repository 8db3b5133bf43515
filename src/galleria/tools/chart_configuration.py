"""Interactive Chart's configuration: traces and layout. What would change the meaning of a chart and is not known is refused."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from galleria.errors import ToolError, UnsupportedError
from galleria.reports.charts.figure import Axis, AxisType, Bars, Kind, Margins, PieLook
from galleria.reports.colours import hex_colour
from galleria.tools.configuration import Configuration

PLUGIN = "PlotlyCharting"

_TRACE = frozenset(
    "type mode orientation xsrc ysrc name marker line fill fillcolor labelssrc valuessrc hole textinfo sort textsrc textposition textfont "
    "transforms showlegend hoverinfo autocolorscale boxpoints decreasing increasing traceIndex zsrc opacity visible".split()
)
"""What a trace may say; some of it says how other kinds of charts would look."""
_MARKER = frozenset("color size opacity line symbol".split())
_LINE = frozenset("color width dash shape".split())
_NOT_LAYOUT = frozenset("annotations shapes images sliders updatemenus xaxis2 yaxis2 geo polar ternary scene mapbox grid".split())


@dataclass(frozen=True)
class Trace:
    """One `Traces` element."""

    kind: Kind
    name: str
    x_field: str
    """Of a pie: the labels."""
    y_field: str
    """Of a pie: the values."""
    text_field: str
    group_field: str
    """Each of its values makes a series of its own; empty for one series."""
    group_looks: Mapping[str, "Look"]
    look: "Look"
    has_lines: bool
    has_markers: bool
    is_filled: bool
    is_horizontal: bool
    in_legend: bool


@dataclass(frozen=True)
class Look:
    colour: str | None = None
    line_width: float | None = None
    marker_size: float | None = None
    opacity: float | None = None


@dataclass(frozen=True)
class ChartLayout:
    title: str
    width: float
    height: float
    scale: float
    x: Axis
    y: Axis
    x_type: AxisType | None
    """None where the data decides."""
    y_type: AxisType | None
    bars: Bars
    gap: float
    margins: Margins
    has_legend: bool
    hidden: frozenset[str]
    colours: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChartConfiguration:
    traces: tuple[Trace, ...]
    layout: ChartLayout
    pie: PieLook
    batch_fields: tuple[str, ...] = ()
    batch_title: str = ""
    """A title with `@[field](field)` for the values of the batch fields."""
    fields: frozenset[str] = field(default_factory=frozenset[str])


def read_chart(config: Configuration) -> ChartConfiguration:
    """The whole configuration; raises ToolError for an empty one and UnsupportedError for what cannot be drawn."""
    chart = config.child("ChartingFields")
    elements = list(chart.each("Traces"))
    traces = tuple(_trace(one) for one in elements)
    if not traces:
        raise ToolError("The chart has no data: no trace is configured.")
    if any(trace.kind is Kind.PIE for trace in traces) and len(traces) > 1:
        raise UnsupportedError(PLUGIN, "several pies, or a pie with something else, in one chart")
    layout = _layout(chart.child("Layout"))
    batch = chart.child("Batch")
    names = [name for trace in traces for name in (trace.x_field, trace.y_field, trace.text_field, trace.group_field) if name]
    batch_fields = tuple(one.text for one in batch.each("ColumnsToBatchBy") if one.text.strip())
    template = batch.value("TemplateString")
    return ChartConfiguration(traces, layout, _pie(elements[0], layout), batch_fields, template, frozenset([*names, *batch_fields]))


def _refuse_unknown(config: Configuration, known: frozenset[str], where: str) -> None:
    for child in config.element:
        if isinstance(child.tag, str) and child.tag not in known and (len(child) or (child.text or "").strip()):
            raise UnsupportedError(PLUGIN, f"the setting {child.tag} of {where}")


def _trace(config: Configuration) -> Trace:
    kind = config.value("type").strip()
    if kind not in list(Kind):
        raise UnsupportedError(PLUGIN, f"a chart of the kind {kind or '(none)'}; bars, lines, points, areas and pies can be drawn")
    _refuse_unknown(config, _TRACE, "a series")
    _refuse_unknown(config.child("marker"), _MARKER, "a series' points")
    _refuse_unknown(config.child("line"), _LINE, "a series' line")
    if config.value("line/shape") not in ("", "linear"):
        raise UnsupportedError(PLUGIN, f"lines of the shape {config.value('line/shape')}")
    mode = config.value("mode") or "lines"
    if "text" in mode and kind == Kind.SCATTER:
        raise UnsupportedError(PLUGIN, "texts in place of points")
    if config.value("fill") not in ("", "none", "tozeroy"):
        raise UnsupportedError(PLUGIN, f"an area filled {config.value('fill')}")
    is_pie = kind == Kind.PIE
    group_field, looks = ("", {}) if is_pie else _groups(config)
    return Trace(
        kind=Kind(kind),
        name=_plain(config.value("name")),
        x_field=config.value("labelssrc" if is_pie else "xsrc"),
        y_field=config.value("valuessrc" if is_pie else "ysrc"),
        text_field="" if is_pie or config.value("textposition").lower() == "none" else config.value("textsrc"),
        group_field=group_field,
        group_looks=looks,
        look=_look(config),
        has_lines=kind == Kind.SCATTER and "lines" in mode,
        has_markers=kind == Kind.SCATTER and "markers" in mode,
        is_filled=config.value("fill") == "tozeroy",
        is_horizontal=kind == Kind.BAR and config.value("orientation") == "h",
        in_legend=config.flag("showlegend", default=True),
    )


def _groups(config: Configuration) -> tuple[str, dict[str, Look]]:
    """The field whose values part a trace, and how each of them looks."""
    found = [one for one in config.each("transforms") if one.flag("enabled", default=True) and one.value("type")]
    if not found:
        return "", {}
    transform = found[0]
    if len(found) > 1 or transform.value("type") != "groupby":
        raise UnsupportedError(PLUGIN, f"the transformation {', '.join(one.value('type') for one in found)} of a chart's data")
    looks = {style.value("target"): _look(style.child("value")) for style in transform.each("styles")}
    return transform.value("groupssrc"), looks


def _look(config: Configuration) -> Look:
    colour = hex_colour(config.value("marker/color")) or hex_colour(config.value("line/color"))
    return Look(colour, _number(config, "line/width"), _number(config, "marker/size"), _number(config, "marker/opacity"))


def _number(config: Configuration, path: str) -> float | None:
    return config.number(path) if config.value(path).strip() else None


def _layout(config: Configuration) -> ChartLayout:
    for name in sorted(_NOT_LAYOUT):
        if config.has(name):
            raise UnsupportedError(PLUGIN, f"{name} in a chart")
    mode = config.value("barmode") or "group"
    if mode not in ("group", "stack", "overlay", "relative"):
        raise UnsupportedError(PLUGIN, f"bars that stand {mode}")
    if config.value("barnorm") not in ("", "0", "none"):
        raise UnsupportedError(PLUGIN, "bars as shares of their sum")
    x, y = config.child("xaxis"), config.child("yaxis")
    margin = config.child("margin")
    sides = (max(margin.number(side, usual), 0) for side, usual in (("l", 80), ("r", 80), ("t", 100), ("b", 80)))
    resolution = config.number("ppi", 96)
    return ChartLayout(
        title=_plain(config.value("title/text")),
        width=min(max(config.number("width", 700), 50), 5000),
        height=min(max(config.number("height", 450), 50), 5000),
        scale=96 / resolution if 10 <= resolution <= 2400 else 1,
        x=_axis(x),
        y=_axis(y),
        x_type=_axis_type(x),
        y_type=_axis_type(y),
        bars=Bars.STACK if mode == "relative" else Bars(mode),
        gap=config.number("bargap", 0.2),
        margins=Margins(*sides),
        has_legend=config.flag("showlegend", default=True),
        hidden=frozenset(one.text for one in config.each("hiddenlabels")),
        colours=tuple(colour for one in config.each("piecolorway") if (colour := hex_colour(one.text))),
    )


def _axis(config: Configuration) -> Axis:
    limits = [_limit(one.text) for one in config.each("range")] if config.has("autorange") and not config.flag("autorange") else []
    pair = (limits[0], limits[1]) if len(limits) == 2 and limits[0] != limits[1] else None
    return Axis(
        title=_plain(config.value("title/text")),
        range=pair,
        has_grid=config.flag("showgrid", default=True),
        has_labels=config.flag("showticklabels", default=True),
        has_line=config.flag("showline"),
        size=min(max(config.number("tickfont/size", 12), 4), 40),
    )


def _limit(text: str) -> float:
    """One end of an axis; a moment counts seconds since 1970."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise ToolError(f"an axis of the chart begins or ends at {text!r}, which is neither a number nor a date") from None


def _axis_type(config: Configuration) -> AxisType | None:
    kind = config.value("type").strip()
    if kind in ("", "-"):
        return None
    if kind not in list(AxisType):
        raise UnsupportedError(PLUGIN, f"an axis of the kind {kind}")
    return AxisType(kind)


def _pie(config: Configuration, layout: ChartLayout) -> PieLook:
    shown = config.value("textinfo") or "percent"
    hole = min(max(config.number("hole"), 0), 0.95)
    return PieLook(hole, frozenset(shown.split("+")), config.flag("sort", default=True), layout.hidden)


def _plain(markup: str) -> str:
    """A title without its markup."""
    text = re.sub(r"<[^>]*>", "", re.sub(r"(?i)<br\s*/?>", "\n", markup))
    return html.unescape(text).replace("\u00a0", " ").strip()


def batch_title(template: str, values: Mapping[str, str]) -> str:
    """The title of one batch's chart."""
    return _plain(re.sub(r"@\[([^\]]*)\]\(([^)]*)\)", lambda found: values.get(found[2], values.get(found[1], "")), template))


def types_of(values: Sequence[AxisType]) -> AxisType:
    """The type of an axis that several series share."""
    return values[0] if len(set(values)) == 1 else AxisType.CATEGORY
