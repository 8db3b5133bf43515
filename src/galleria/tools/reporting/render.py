"""Render: writes a report to a file, or to one for each group of its records."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.names import find_field
from galleria.messages import Status
from galleria.reports.document import Paper, Report, Separator
from galleria.reports.styles import font_style
from galleria.reports.write import KINDS, kind_of, write_report
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Sink, Tool, World, warning
from galleria.tools.file_names import Change, changed_name
from galleria.tools.report_values import shown_markup

PLUGIN = "PortfolioPluginsGui.ComposerRender.PortfolioComposerRender"
_CHANGES = {"Append": Change.SUFFIX, "Prepend": Change.PREFIX, "ReplaceFile": Change.NAME, "ReplacePath": Change.PATH}


@dataclass(frozen=True)
class Render(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)
    outputs: ClassVar[Sequence[str]] = ()
    writes_output: ClassVar[bool] = True
    acts: ClassVar[bool] = True

    name: str
    """The file to write; empty for one that only the gallery shows."""
    kind: str
    data_field: str
    group_field: str
    change: Change
    header_field: str
    footer_field: str
    separator: Separator
    on_first_page: bool
    paper: Paper
    style: dict[str, str]
    resolution: int
    """Of pictures: how many times 96 pixels an inch has."""

    @classmethod
    def read(cls, config: Configuration) -> Self:
        name = config.value("OutputFile").strip()
        temporary = config.value("TempFileType").strip()
        if not name and not temporary:
            raise ToolError("There is no file to write.")
        if not config.value("DataField"):
            raise ToolError("The field that holds the report must be chosen.")
        batch = config.flag("BatchMode")
        return cls(
            name=name,
            kind=kind_of(PureWindowsPath(name).suffix if name else temporary),
            data_field=config.value("DataField"),
            group_field=config.value("GroupField") if batch else "",
            change=_CHANGES[config.choice("FilenameModifier", list(_CHANGES), "Append")],
            header_field=config.value("HeaderField") if config.flag("ShowHeader") else "",
            footer_field=config.value("FooterField") if config.flag("ShowFooter") else "",
            separator=Separator(config.choice("Separator", list(Separator), Separator.CONTINUOUS)),
            on_first_page=config.flag("OnFirstPage", default=True),
            paper=_paper(config),
            style=_style(config.child("DefaultStyles/Style")),
            resolution=min(max(config.whole("PNGResolution", 1), 1), 8),
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        for name in (self.data_field, self.group_field):
            if name:
                table.field(name)
        return Built(notes=[warning(f'The field "{name}" of the header or footer is missing.') for name in self._missing(table)])

    def act(self, inputs: Inputs, context: Context, world: World) -> Built:
        """One file, or one for each value of the group field, in the order of their first records; none for no records."""
        notes = list(self.build(inputs, context).notes)
        rows = self._rows(inputs.one())
        if not len(rows):
            return Built(notes=[*notes, warning("There are no records to make a report of.")])
        name = self.name or f"Report {context.tool_id}.{self.kind}"
        parts = rows.partition_by("group", maintain_order=True) if self.group_field else [rows]
        sinks: list[Sink] = []
        for part in parts:
            value: str = part["group"][0] or ""
            file = changed_name(name, self.change, value) if self.group_field else name
            # A field's value may name another kind of file; what the configuration says holds.
            if PureWindowsPath(file).suffix.lower().lstrip(".") not in (*KINDS, "htm"):
                file = f"{file}.{self.kind}"
            path = context.files.to_write(file)
            lost = write_report(self._report(part), path, context.files.temporary(".pages"), 96.0 * self.resolution)
            notes += [warning(f"{PureWindowsPath(file).name}: {sentence}") for sentence in lost]
            sinks.append(Sink(pl.LazyFrame(), path=path))
            notes.append(Say(Status.FILE_OUTPUT, f'{file}|1 report was written to "{file}"'))
        return Built(sinks=sinks, notes=notes)

    def _missing(self, table: Table) -> list[str]:
        """Fields for header and footer that are not there: the report has none then."""
        return [name for name in (self.header_field, self.footer_field) if name and find_field(table.fields, name) is None]

    def _rows(self, table: Table) -> pl.DataFrame:
        """`data`, `header`, `footer` and `group` of each record, all texts."""
        nothing = pl.lit("")
        chosen = {"data": self.data_field, "header": self.header_field, "footer": self.footer_field}
        fields = {key: find_field(table.fields, name) for key, name in chosen.items()}
        texts = {key: shown_markup(field) if field else nothing for key, field in fields.items()}
        group = table.field(self.group_field) if self.group_field else None
        texts["group"] = text_of(column(group.name), group) if group else nothing
        return table.frame.select(value.alias(key) for key, value in texts.items()).collect()

    def _report(self, rows: pl.DataFrame) -> Report:
        header, footer = rows["header"][0], rows["footer"][0]
        return Report(rows["data"].to_list(), self.separator, header, footer, self.on_first_page, self.paper, self.style)


def _paper(config: Configuration) -> Paper:
    paper = config.child("PaperType")
    sizes = {"width": 612, "height": 792, "left": 36, "right": 36, "top": 36, "bottom": 36}
    found = {name: max(paper.attribute_whole(name.title(), usual), 0) for name, usual in sizes.items()}
    if found["width"] <= found["left"] + found["right"] or found["height"] <= found["top"] + found["bottom"]:
        raise ToolError("The margins of the paper leave no room.")
    return Paper(**found, is_portrait=config.flag("PortraitMode", default=True))


def _style(style: Configuration) -> dict[str, str]:
    look = font_style(style.attribute("FontName", "Arial"), style.attribute("FontSize", "14"), style.attribute("ForeColor"))
    return {**look, "text-align": style.attribute("Justify", "Left").lower()}
