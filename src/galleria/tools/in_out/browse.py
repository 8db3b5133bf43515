"""Browse: shows what arrives; its rows become a result of the run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool


@dataclass(frozen=True)
class Browse(Tool):
    """Its configuration is the state of a viewer and says nothing about the rows."""

    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.BrowseV2.BrowseV2", "AlteryxBasePluginsGui.Browse.Browse")
    outputs: ClassVar[Sequence[str]] = ()

    @classmethod
    def read(cls, config: Configuration) -> Self:
        return cls()

    def build(self, inputs: Inputs, context: Context) -> Built:
        inputs.one()
        return Built()
