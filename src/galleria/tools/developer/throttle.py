"""Throttle: lets records pass at a limited pace; here they pass at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from galleria.errors import ToolError
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool


@dataclass(frozen=True)
class Throttle(Tool):
    """What it slows down matters only to a service that is asked record by record, and Download has its own limits."""

    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.Throttle.Throttle",)

    @classmethod
    def read(cls, config: Configuration) -> Self:
        if config.whole("RecordsPerMinute", 1) < 1:
            raise ToolError("RecordsPerMinute must be at least 1.")
        return cls()

    def build(self, inputs: Inputs, context: Context) -> Built:
        return Built({"Output": inputs.one()})
