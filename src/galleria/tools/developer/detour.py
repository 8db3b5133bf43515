"""Detour: sends the stream one of two ways; what lies on the other one does not run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool


@dataclass(frozen=True)
class Detour(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.Detour.Detour",)
    outputs: ClassVar[Sequence[str]] = ("Left", "Right")

    way: str

    @property
    def output_anchors(self) -> Sequence[str]:
        return (self.way,)

    @classmethod
    def read(cls, config: Configuration) -> Self:
        return cls("Right" if config.flag("DetourRight") else "Left")

    def build(self, inputs: Inputs, context: Context) -> Built:
        return Built({self.way: inputs.one()})
