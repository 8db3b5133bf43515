"""Image: makes a report's picture of a file, of a blob field or of one that the document holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType
from galleria.reports.markup import snippet_field
from galleria.reports.pictures import kind_of, picture, picture_markup, pictures_markup
from galleria.table.table import Table, empty_table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Files, Inputs, Say, Tool, World, warning
from galleria.tools.file_names import Change, changed_name
from galleria.tools.whole_files import whole_file

PLUGIN = "PortfolioPluginsGui.ComposerImage.PortfolioComposerImage"
_CHANGES = {"ReplacePath": Change.PATH, "ReplaceFile": Change.NAME}


class Mode(StrEnum):
    """Where the picture comes from; the document's words."""

    FILE = "File"
    STATIC = "Static"
    BLOB = "Blob"


@dataclass(frozen=True)
class ReportImage(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Input", optional=True),)
    acts: ClassVar[bool] = True

    mode: Mode
    name: str
    change: Change
    name_field: str
    stops: bool
    """At a file that is not there."""
    content: bytes
    """Of a picture in the document."""
    blob_field: str
    style: dict[str, str]

    @classmethod
    def read(cls, config: Configuration) -> Self:
        mode = Mode(config.choice("ImageMode", list(Mode), Mode.FILE))
        encoded = (config.value("StaticImage") or config.value("EncodedImage")).strip()
        if mode is Mode.STATIC and not encoded:
            raise ToolError("The document holds no picture.")
        modifies = config.flag("ModifyFilename")
        return cls(
            mode=mode,
            name=config.value("Filename"),
            change=_CHANGES[config.choice("ModifyMode", list(_CHANGES), "ReplacePath")],
            name_field=config.value("ModifyField") if modifies else "",
            stops=config.flag("StopIfNotFound", default=True),
            content=picture(encoded, PLUGIN) if mode is Mode.STATIC else b"",
            blob_field=config.value("BlobField"),
            style=_style(config.child("ImageStyle")),
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.find("Input")
        if self.name_field or self.mode is Mode.BLOB:
            inputs.one().field(self.name_field or self.blob_field)
        return Built({"Output": empty_table([*(table.fields if table else ()), self._field(table)])})

    def act(self, inputs: Inputs, context: Context, world: World) -> Built:
        """The rows in their order, each with its picture; one row where nothing is connected."""
        table = inputs.find("Input")
        given = table if table else Table(pl.LazyFrame({"": [None]}), ())
        notes: list[Say] = []
        field = self._field(table)
        markup = self._markup(given, context.files, notes)
        if table is None:
            return Built({"Output": Table(given.frame.select(markup.alias(field.name)), (field,))}, notes=notes)
        return Built({"Output": table.with_columns({field.name: markup}, (*table.fields, field))}, notes=notes)

    def _field(self, table: Table | None) -> Field:
        return snippet_field(unique_name("Image", table.names if table else ()), "Image")

    def _markup(self, table: Table, files: Files, notes: list[Say]) -> pl.Expr:
        if self.mode is Mode.STATIC:
            return pl.lit(picture_markup(self.content, self.style))
        if self.mode is Mode.BLOB:
            field = table.field(self.blob_field)
            if field.type is not FieldType.BLOB:
                raise ToolError(f'The field "{field.name}" is no blob.')
            return pictures_markup(column(field.name), self.style)
        if not self.name_field:
            return pl.lit(self._read(self.name, files, notes), pl.String)
        field = table.field(self.name_field)
        value = text_of(column(field.name), field)
        values = table.frame.select(value.alias("")).unique(maintain_order=True).collect().to_series().drop_nulls().to_list()
        read = [self._read(changed_name(self.name, self.change, one), files, notes) for one in values]
        return value.replace_strict(values, read, default=None, return_dtype=pl.String) if values else pl.lit(None, pl.String)

    def _read(self, name: str, files: Files, notes: list[Say]) -> str | None:
        """The picture in a file as markup; None where it is missing and the run goes on."""
        content = whole_file(name, files, notes, stops=self.stops, told=warning)
        if content is None:
            return None
        if kind_of(content) is None:
            raise ToolError(f"{name}: the file is no PNG, JPEG or GIF picture")
        return picture_markup(content, self.style)


def _style(config: Configuration) -> dict[str, str]:
    style: dict[str, str] = {}
    if config.attribute_flag("FixedWidth"):
        style["width"] = f"{config.attribute_whole('ImageWidth', 200)}px"
    if config.attribute_flag("ShowBorder"):
        style["border"] = f"{config.attribute_whole('BorderWidth', 1)}px solid {config.attribute('BorderColor', '#000000')}"
    return style
