"""Map Input: places that somebody drew on a map, or records of a file that lie where somebody drew."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.errors import InvalidError, ToolError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.formats.reading import Request, read
from galleria.spatial.columns import computed, shapes_of
from galleria.spatial.library import shapely
from galleria.table.geojson import wkb_from_geojson
from galleria.table.inference import Texts, infer
from galleria.table.table import Table, empty_table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool
from galleria.tools.files import circumstances
from galleria.tools.written_table import WrittenTable

_SOURCE = "MapInput:"
_AREA = "Area="


@dataclass(frozen=True)
class Selection:
    """Which records of a file were chosen on the map."""

    file: str
    areas: tuple[bytes, ...]
    """WKB. Chosen is what shares a place with one of them."""

    def table(self, context: Context) -> Table:
        """The file's rows in their order, those that are chosen; its first spatial field says where they are."""
        try:
            found = read(Request(self.file), context.files.to_read, circumstances(context)).table
        except ToolError:
            saved = context.saved_fields.get("Output")
            if not context.checking or not saved:
                raise
            return empty_table(saved)
        place = next((field for field in found.fields if field.type is FieldType.SPATIAL), None)
        if place is None:
            raise ToolError(f'"{self.file}" has no spatial field to choose records by.')
        return Table(found.frame.filter(computed(self._is_met, pl.Boolean(), column(place.name))), found.fields)

    def _is_met(self, places: pl.Series) -> pl.Series:
        drawn = shapely.union_all(shapely.from_wkb(list(self.areas)))
        shapely.prepare(drawn)
        return pl.Series(shapely.intersects(drawn, shapes_of(places)), dtype=pl.Boolean)


@dataclass(frozen=True)
class MapInput(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxSpatialPluginsGui.MapInput.MapInput",)
    inputs: ClassVar[Sequence[Anchor]] = ()
    scans: ClassVar[bool] = True

    given: WrittenTable | Selection

    @classmethod
    def read(cls, config: Configuration) -> Self:
        if config.choice("Mode", ["Draw", "Select"], "Draw") == "Draw":
            return cls(WrittenTable.read(config))
        file = config.value("ReferenceFile").strip()
        if not file:
            raise ToolError("No reference file is chosen.")
        return cls(Selection(file, tuple(_areas(config.value("SelectionStack"), cls.plugins[0]))))

    def build(self, inputs: Inputs, context: Context) -> Built:
        if isinstance(self.given, Selection):
            return Built({"Output": self.given.table(context)})
        return Built({"Output": self.given.table(context, _field)})


def _areas(stack: str, plugin: str) -> list[bytes]:
    """What was drawn to choose records, from lines such as `Area={"type":"polygon",...}`."""
    lines = [line.strip() for line in stack.splitlines() if line.strip()]
    other = next((line for line in lines if not line.startswith(_AREA)), None)
    if other is not None:
        raise UnsupportedError(plugin, f'records that were chosen by "{other[:30]}" rather than by an area')
    try:
        return [wkb_from_geojson(line.removeprefix(_AREA)) for line in lines]
    except InvalidError as error:
        raise ToolError(f"An area that was drawn cannot be read: {error}") from error


def _field(name: str, seen: Texts) -> Field:
    """What was drawn is spatial even where nothing was."""
    if name == "SpatialObj" and seen.shapes == seen.texts:
        return Field(name, FieldType.SPATIAL, source=_SOURCE)
    return infer(name, seen, source=_SOURCE)
