"""Layout: puts report snippets beside or below each other, in each record, in each group, or all together."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column, columns
from galleria.fields.conversion import text_of
from galleria.fields.names import unique_name
from galleria.fields.types import Field
from galleria.reports.markup import BREAK, escape, escaped, snippet_field, together
from galleria.reports.styles import length, style_attribute
from galleria.table.ordering import sorted_by
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.report_values import shown_markup

PLUGIN = "PortfolioPluginsGui.ComposerLayout.PortfolioComposerLayout"
_PLACES = {
    "left": ("left", "middle"), "right": ("right", "middle"), "center": ("center", "middle"),
    "top": ("center", "top"), "bottom": ("center", "bottom"),
    "topleft": ("left", "top"), "topright": ("right", "top"), "bottomleft": ("left", "bottom"), "bottomright": ("right", "bottom"),
}  # laid out by meaning # fmt: skip
_CELLS = "snippets of a row"
_SECTION = "section of a row"


class Mode(StrEnum):
    """Which snippets come together; the document's words."""

    PER_RECORD = "PerRecord"
    PER_GROUP = "PerGroup"
    PER_RUN = "PerRun"


@dataclass(frozen=True)
class Slot:
    """Where the snippets of one field stand."""

    field: str
    style: str


@dataclass(frozen=True)
class Layout(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)

    mode: Mode
    grouping: tuple[str, ...]
    keeps_fields: bool
    is_across: bool
    breaks: bool
    """A page between two snippets."""
    slots: tuple[Slot, ...]
    opening: str
    """The start tag of the frame."""
    section_field: str
    section_name: str

    @classmethod
    def read(cls, config: Configuration) -> Self:
        if config.flag("MergeIntoTable"):
            raise UnsupportedError(PLUGIN, "merging snippets into one table")
        separator = config.choice("Separator", ["Continuous", "Breaking"], "Continuous")
        is_across = config.choice("Orientation", ["V", "H"], "V") == "H"
        if is_across and separator == "Breaking":
            raise ToolError("Only a vertical layout can have section breaks.")
        padding = config.whole("Padding")
        chosen = [entry for entry in config.each("LayoutFields/Field") if entry.attribute_flag("selected", default=True)]
        mode = Mode(config.choice("GroupingMode", list(Mode), Mode.PER_RECORD))
        return cls(
            mode=mode,
            grouping=config.field_names("GroupingFields") if mode is Mode.PER_GROUP else (),
            keeps_fields=config.flag("PreserveSourceFields"),
            is_across=is_across,
            breaks=separator == "Breaking",
            slots=tuple(_slot(entry, padding) for entry in chosen),
            opening=_opening(config),
            section_field=config.value("SectionNameForGroup") if mode is Mode.PER_GROUP else "",
            section_name=config.value("SectionNameForAllRecords") if mode is Mode.PER_RUN else "",
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        """In each record: the rows in their order. Else one row a group, sorted by the group fields; none for no rows."""
        table = inputs.one()
        used = [table.field(slot.field) for slot in self.slots]
        if not used:
            raise ToolError("At least one field must be selected.")
        cells = self._cells(used)
        if self.mode is Mode.PER_RECORD:
            kept = [field for field in table.fields if self.keeps_fields or field not in used]
            field = self._field([one.name for one in kept])
            frame = table.frame.with_columns(self._framed(cells).alias(_CELLS)).select(
                *columns(one.name for one in kept), pl.col(_CELLS).alias(field.name)
            )
            return Built({"Output": table.same_rows(frame, (*kept, field))})
        keys = [table.field(name) for name in self.grouping]
        field = self._field([key.name for key in keys])
        section = self._section(table)
        rows = sorted_by(table.frame, keys).select(*columns(key.name for key in keys), cells.alias(_CELLS), section.alias(_SECTION))
        snippet = self._framed(pl.col(_CELLS).str.join(self._between()))
        if self.section_field or self.section_name:
            snippet = together('<section title="', pl.col(_SECTION).first(), '">', snippet, "</section>")
        snippet = snippet.alias(field.name)
        if keys:
            frame = rows.group_by(columns(key.name for key in keys), maintain_order=True).agg(snippet)
        else:
            frame = rows.select(snippet, pl.len().alias(_CELLS)).filter(pl.col(_CELLS) > 0).select(column(field.name))
        return Built({"Output": Table(frame, (*keys, field))})

    def _field(self, taken: Sequence[str]) -> Field:
        return snippet_field(unique_name("Layout", taken), "Layout")

    def _section(self, table: Table) -> pl.Expr:
        if not self.section_field:
            return pl.lit(escape(self.section_name))
        field = table.field(self.section_field)
        return escaped(text_of(column(field.name), field))

    def _cells(self, fields: Sequence[Field]) -> pl.Expr:
        """The snippets of one record, each in its place."""
        parts: list[pl.Expr | str] = []
        for position, (slot, field) in enumerate(zip(self.slots, fields, strict=True)):
            if position:
                parts.append(self._between())
            parts += [self._cell(slot.style), shown_markup(field), self._cell_end()]
        return together(*parts)

    def _between(self) -> str:
        return BREAK if self.breaks else ""

    def _cell(self, style: str) -> str:
        """Before a snippet; where pages break between them, each has the frame to itself."""
        opening = self.opening if self.breaks else ""
        return f"<td{style}>" if self.is_across else f"{opening}<tr><td{style}>"

    def _cell_end(self) -> str:
        return "</td>" if self.is_across else f"</td></tr>{'</table>' if self.breaks else ''}"

    def _framed(self, cells: pl.Expr) -> pl.Expr:
        if self.breaks:
            return cells
        return together(self.opening, "<tr>" if self.is_across else "", cells, "</tr></table>" if self.is_across else "</table>")


def _slot(entry: Configuration, padding: int) -> Slot:
    across, up = _PLACES.get(entry.attribute("Alignment").strip().lower(), ("left", "middle"))
    style = {
        "text-align": across,
        "vertical-align": up,
        "width": length(entry.attribute("Width")),
        "background-color": entry.attribute("Color"),
        "padding": f"{padding}px" if padding else "",
    }
    return Slot(entry.attribute("name"), style_attribute({name: value for name, value in style.items() if value}))


def _opening(config: Configuration) -> str:
    """The start tag with size, border and lines between."""
    style = {"width": length(config.value("Width")), "height": length(config.value("Height"))}
    border, line = config.child("BorderStyle"), config.child("SeparatorStyle")
    if border.attribute_flag("Enabled"):
        style["border"] = f"{border.attribute_whole('Width', 1)}px solid {border.attribute('Color', '#000000')}"
    lines = f' data-lines="{line.attribute_whole("Width", 1)} {escape(line.attribute("Color"))}"' if line.attribute_flag("Enabled") else ""
    return f'<table class="layout"{lines}{style_attribute({name: value for name, value in style.items() if value})}>'
