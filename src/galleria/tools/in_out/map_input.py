"""Map Input: places that somebody drew on a map."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from galleria.errors import UnsupportedError
from galleria.fields.types import Field, FieldType
from galleria.table.inference import Texts, infer
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool
from galleria.tools.written_table import WrittenTable

_SOURCE = "MapInput:"


@dataclass(frozen=True)
class MapInput(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxSpatialPluginsGui.MapInput.MapInput",)
    inputs: ClassVar[Sequence[Anchor]] = ()

    written: WrittenTable

    @classmethod
    def read(cls, config: Configuration) -> Self:
        mode = config.value("Mode").strip()
        if mode and mode.casefold() != "draw":
            raise UnsupportedError(cls.plugins[0], f'the mode "{mode}": records are not chosen on a map')
        return cls(WrittenTable.read(config))

    def build(self, inputs: Inputs, context: Context) -> Built:
        return Built({"Output": self.written.table(context, _field)})


def _field(name: str, seen: Texts) -> Field:
    """What was drawn is spatial even where nothing was."""
    if name == "SpatialObj" and seen.shapes == seen.texts:
        return Field(name, FieldType.SPATIAL, source=_SOURCE)
    return infer(name, seen, source=_SOURCE)
