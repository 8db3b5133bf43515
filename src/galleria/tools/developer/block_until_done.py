"""Block Until Done: lets a stream pass only once all of its records are there, to its outputs one after another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool


@dataclass(frozen=True)
class BlockUntilDone(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.BlockUntilDone.BlockUntilDone",)
    outputs: ClassVar[Sequence[str]] = ("Output", "Output2", "Output3")
    in_turn: ClassVar[bool] = True

    @classmethod
    def read(cls, config: Configuration) -> Self:
        return cls()

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        return Built(dict.fromkeys(self.outputs, table))
