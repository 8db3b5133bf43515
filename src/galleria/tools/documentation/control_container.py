"""Control Container: lets the tools inside run once its control stream brought a record, and logs what they said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.types import Field, FieldType
from galleria.messages import Status
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool

PLUGIN = "AlteryxGuiToolkit.ControlContainer.ControlContainer"
_TYPES = {
    Status.WARNING: "Warning",
    Status.ERROR: "Error",
    Status.CONVERSION_ERROR: "Conversion Error",
    Status.CONVERSION_LIMIT: "Conversion Error",
}
_WIDTH = 64000


@dataclass(frozen=True)
class ControlContainer(Tool):
    """Who waits for whom is the plan's affair; the tool itself comes when everything inside has run."""

    plugins: ClassVar[Sequence[str]] = (PLUGIN,)
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Control", optional=True),)
    outputs: ClassVar[Sequence[str]] = ("Log",)

    @classmethod
    def read(cls, config: Configuration) -> Self:
        if config.flag("SuppressErrorsRunTime"):
            raise UnsupportedError(PLUGIN, "suppressing the errors of the tools inside")
        return cls()

    def build(self, inputs: Inputs, context: Context) -> Built:
        source = f"CtrlContainer:{context.tool_id}"
        fields = (
            Field("ToolID", FieldType.INT32, source=source),
            Field("MessageType", FieldType.V_WSTRING, _WIDTH, source=source),
            Field("Message", FieldType.V_WSTRING, _WIDTH, source=source),
        )
        rows = [(said.tool_id, _TYPES.get(said.status, "Info"), said.text) for said in context.heard]
        rows.append((context.tool_id, "Info", "The container has run."))
        frame = pl.LazyFrame(rows, schema={field.name: field.dtype for field in fields}, orient="row")
        return Built({"Log": Table(frame, fields)})
