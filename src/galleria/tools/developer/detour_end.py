"""Detour End: takes up the stream of whichever way a Detour chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from galleria.errors import ToolError
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool


@dataclass(frozen=True)
class DetourEnd(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.DetourEnd.DetourEnd",)
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Left", optional=True), Anchor("Right", optional=True))

    @classmethod
    def read(cls, config: Configuration) -> Self:
        return cls()

    def build(self, inputs: Inputs, context: Context) -> Built:
        left, right = inputs.find("Left"), inputs.find("Right")
        if left is not None and right is not None:
            raise ToolError("Both ways bring a stream: a Detour must choose one of them.")
        table = left or right
        if table is None:
            raise ToolError("Neither way brings a stream.")
        return Built({"Output": table})
