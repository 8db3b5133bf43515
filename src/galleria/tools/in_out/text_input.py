"""Text Input: a table that lies in the workflow itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Self

from galleria.table.inference import infer
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Seen, Tool, info
from galleria.tools.files import records_were
from galleria.tools.written_table import WrittenTable


@dataclass(frozen=True)
class TextInput(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.TextInput.TextInput",)
    inputs: ClassVar[Sequence[Anchor]] = ()

    written: WrittenTable

    @classmethod
    def read(cls, config: Configuration) -> Self:
        return cls(WrittenTable.read(config))

    def build(self, inputs: Inputs, context: Context) -> Built:
        return Built({"Output": self.written.table(context, partial(infer, amp=context.uses_amp, source="TextInput:"))})

    def messages(self, seen: Seen) -> Iterable[Say]:
        yield info(records_were(seen.records_out["Output"], "output"))
