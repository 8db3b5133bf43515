"""Table: makes a report's table of rows, one for all or one for each group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column, columns
from galleria.fields.names import find_field, same_name, unique_name
from galleria.fields.types import Field
from galleria.reports.markup import escape, snippet_field, together
from galleria.reports.styles import Style, font_style, length, parse_style, style_attribute
from galleria.table.ordering import sorted_by
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.report_values import value_markup
from galleria.tools.style_rules import UNKNOWN, StyleRule, read_rule, styled
from galleria.tools.table_bars import BarGraph, read_bar_graph

PLUGIN = "PortfolioPluginsGui.ComposerTable.PortfolioComposerTable"
_ROW = "row of the table"


@dataclass(frozen=True)
class ColumnChoice:
    """An entry of the configuration's list."""

    field: str
    is_selected: bool
    alias: str
    places: str
    prefix: str
    suffix: str
    style: str
    """Of the column's cells, as an attribute."""


@dataclass(frozen=True)
class ReportTable(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)

    grouping: tuple[str, ...]
    choices: tuple[ColumnChoice, ...]
    has_header: bool
    opening: str
    """The `table` element's start tag."""
    header_style: str
    bars: BarGraph | None
    """In a column of their own behind the others."""
    rules: tuple[StyleRule, ...]

    @classmethod
    def read(cls, config: Configuration) -> Self:
        if config.choice("TableMode", ["Basic", "Pivot"], "Basic") == "Pivot":
            raise UnsupportedError(PLUGIN, "the pivot mode")
        styles = {style.attribute("Name"): style for style in config.each("TableStyles/Style")}
        header = styles.get("Header", config.child("none"))
        return cls(
            grouping=config.field_names("GroupingFields"),
            choices=tuple(_choice(entry) for entry in config.each("TableFields/Field")),
            has_header=config.flag("ShowHeader", default=True),
            opening=_opening(config, styles),
            header_style=style_attribute(_look(header)),
            bars=read_bar_graph(config, styles.get("BarGraph", config.child("none")), PLUGIN),
            rules=tuple(read_rule(entry, PLUGIN) for entry in config.each("StyleRules/Rule")),
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        """One row a group, sorted by the group fields; without groups one row, none for no rows."""
        table = inputs.one()
        keys = [table.field(name) for name in self.grouping]
        shown = self._shown(table.fields)
        if not shown:
            raise ToolError("At least one field must be selected.")
        rows = sorted_by(table.frame, keys).select(*columns(key.name for key in keys), self._row(shown, table, keys, context).alias(_ROW))
        field = snippet_field(unique_name("Table", [key.name for key in keys]), "Table:Basic")
        snippet = together(self._start(shown), pl.col(_ROW).str.join(""), "</tbody></table>").alias(field.name)
        if keys:
            frame = rows.group_by(columns(key.name for key in keys), maintain_order=True).agg(snippet)
        else:
            frame = rows.select(snippet, pl.len().alias(_ROW)).filter(pl.col(_ROW) > 0).select(column(field.name))
        return Built({"Output": Table(frame, (*keys, field))})

    def _shown(self, fields: Sequence[Field]) -> list[tuple[Field, ColumnChoice]]:
        """The columns in their order; the unknown ones stand where the list has them."""
        known = [choice.field for choice in self.choices if choice.field != UNKNOWN]
        shown: list[tuple[Field, ColumnChoice]] = []
        for choice in self.choices:
            if not choice.is_selected:
                continue
            if choice.field == UNKNOWN:
                shown += [(field, choice) for field in fields if not any(same_name(field.name, name) for name in known)]
            elif field := find_field(fields, choice.field):
                shown.append((field, choice))
        return shown

    def _start(self, shown: Sequence[tuple[Field, ColumnChoice]]) -> str:
        """All before the first row."""
        kinds = [' class="number"' if field.type.is_numeric else "" for field, _ in shown]
        cols = "".join(f"<col{kind}{choice.style}/>" for kind, (_, choice) in zip(kinds, shown, strict=True))
        head = "".join(self._heading(field, choice) for field, choice in shown) if self.has_header else ""
        if self.bars:
            cols, head = f"{cols}<col/>", f"{head}<th></th>" if head else ""
        heading = f"<thead{self.header_style}><tr>{head}</tr></thead>" if head else ""
        return f"{self.opening}<colgroup>{cols}</colgroup>{heading}<tbody>"

    def _heading(self, field: Field, choice: ColumnChoice) -> str:
        rules = [rule for rule in self.rules if rule.of_header and (rule.of_row or rule.styles(field, self._named()))]
        style = parse_style(";".join(rule.style for rule in rules))
        return f"<th{style_attribute(style)}>{escape(choice.alias or field.name)}</th>"

    def _row(self, shown: Sequence[tuple[Field, ColumnChoice]], table: Table, keys: Sequence[Field], context: Context) -> pl.Expr:
        rules = [rule for rule in self.rules if not rule.of_header]
        parts: list[pl.Expr | str] = ["<tr", styled([rule for rule in rules if rule.of_row], None, table.fields, context), ">"]
        for field, choice in shown:
            own = [rule for rule in rules if not rule.of_row and rule.styles(field, self._named())]
            value = value_markup(field, choice.places, context)
            if choice.prefix or choice.suffix:
                framed = together(escape(choice.prefix), value, escape(choice.suffix))
                value = pl.when(column(field.name).is_null()).then(pl.lit("")).otherwise(framed)
            parts += ["<td", styled(own, field, table.fields, context), ">", value, "</td>"]
        if self.bars:
            parts += ["<td>", self.bars.markup(table, keys), "</td>"]
        return together(*parts, "</tr>")

    def _named(self) -> list[str]:
        return [choice.field for choice in self.choices if choice.field != UNKNOWN]


def _choice(entry: Configuration) -> ColumnChoice:
    alignment = entry.attribute("Alignment").strip().lower()
    style: Style = {"text-align": alignment, "width": length(entry.attribute("Width"))}
    return ColumnChoice(
        field=entry.attribute("name"),
        is_selected=entry.attribute_flag("selected", default=True),
        alias=entry.attribute("Alias"),
        places=entry.attribute("Places").strip(),
        prefix=entry.attribute("Prefix"),
        suffix=entry.attribute("Suffix"),
        style=style_attribute({name: value for name, value in style.items() if value}),
    )


def _look(style: Configuration) -> dict[str, str]:
    return font_style(*(style.attribute(name) for name in ("Font", "Size", "TextColor", "BackColor")))


def _opening(config: Configuration, styles: dict[str, Configuration]) -> str:
    """The start tag, with what holds for the whole table."""
    data, borders, outer = (styles.get(name, config.child("none")) for name in ("Data", "Borders", "Table"))
    style = {**_look(data), "width": length(config.value("Width"))}
    if outer.attribute_flag("TableBorder"):
        style["border"] = f"{outer.attribute_whole('Width', 1)}px solid {outer.attribute('BorderColor', '#000000')}"
    attributes = ""
    alternate = data.attribute("AltColor")
    if alternate and alternate != data.attribute("BackColor"):
        attributes += f' data-alternate="{escape(alternate)} {max(data.attribute_whole("RowGroup", 1), 1)}"'
    if outer.attribute_flag("TableBorder") and borders.attribute("DataColor"):
        attributes += f' data-lines="{borders.attribute_whole("Width", 1)} {escape(borders.attribute("DataColor"))}"'
    return f'<table class="data"{attributes}{style_attribute({name: value for name, value in style.items() if value})}>'
