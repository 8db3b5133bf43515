"""Python: runs a notebook's code in a process of its own, which reads the incoming tables and writes the outgoing ones."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self, cast

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.table.table import Table, empty_table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool, World

PLUGIN = "JupyterCode"
SIDE = Path(__file__).parents[2] / "python_side"
"""On the child's path: what its code imports as `ayx`."""
_TYPES: dict[pl.DataType, FieldType] = {
    pl.Boolean(): FieldType.BOOL,
    pl.UInt8(): FieldType.BYTE,
    pl.Int8(): FieldType.INT16,
    pl.Int16(): FieldType.INT16,
    pl.UInt16(): FieldType.INT32,
    pl.Int32(): FieldType.INT32,
    pl.UInt32(): FieldType.INT64,
    pl.Int64(): FieldType.INT64,
    pl.Float32(): FieldType.FLOAT,
    pl.Float64(): FieldType.DOUBLE,
    pl.Date(): FieldType.DATE,
    pl.Time(): FieldType.TIME,
    pl.Binary(): FieldType.BLOB,
}


@dataclass(frozen=True)
class Python(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Input", multiple=True, optional=True),)
    outputs: ClassVar[Sequence[str]] = ("Output1", "Output2", "Output3", "Output4", "Output5")
    acts: ClassVar[bool] = True

    code: str

    @classmethod
    def read(cls, config: Configuration) -> Self:
        return cls(_code(config.value("Notebook")))

    def build(self, inputs: Inputs, context: Context) -> Built:
        return Built({anchor: empty_table(context.saved_fields.get(anchor, ())) for anchor in self.outputs})

    def act(self, inputs: Inputs, context: Context, world: World) -> Built:
        if not world.unrestricted:
            raise ToolError("This run may not start programs; an administrator can allow it.")
        folder = context.files.temporary()
        folder.mkdir()
        self._hand_over(inputs, context, folder)
        (folder / "code.py").write_text(self.code, encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": str(SIDE), "GALLERIA_PYTHON_TOOL": str(folder)}
        done = subprocess.run(  # noqa: S603 (what runs is the workflow's choice: only runs that may do anything come here)
            [sys.executable, str(folder / "code.py")],
            cwd=context.files.to_write("here").parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise ToolError(_last_words(done.stderr.decode(errors="replace"), done.returncode))
        return Built({anchor: _table(folder / f"output{number}.arrow") for number, anchor in enumerate(self.outputs, 1)})

    def _hand_over(self, inputs: Inputs, context: Context, folder: Path) -> None:
        files: dict[str, str] = {}
        for number, wire in enumerate(inputs.all(), 1):
            frame = wire.table.frame.select(_for_pandas(field) for field in wire.table.fields).collect()
            frame.write_ipc(folder / f"input{number}.arrow")
            files[wire.name or f"#{number}"] = f"input{number}.arrow"
        told = {"inputs": files, "constants": dict(context.formula.variables)}
        (folder / "inputs.json").write_text(json.dumps(told), encoding="utf-8")


def _code(notebook: str) -> str:
    """The notebook's cells of code, one after another."""
    try:
        told = cast("dict[str, Any]", json.loads(notebook or "{}"))
    except json.JSONDecodeError as problem:
        raise ToolError(f"The notebook cannot be read: {problem}.") from problem
    if "#cdata-section" in told:
        return _code(told["#cdata-section"])
    cells = cast("list[dict[str, Any]]", told.get("cells", []))
    sources = ["".join(cell.get("source", [])) for cell in cells if cell.get("cell_type") == "code"]
    code = "\n\n".join(sources)
    if not code.strip():
        raise ToolError("The notebook holds no code.")
    magic = next((line.strip() for line in code.splitlines() if line.lstrip().startswith(("%", "!"))), None)
    if magic is not None:
        raise UnsupportedError(PLUGIN, f'the notebook command "{magic}"')
    return code


def _for_pandas(field: Field) -> pl.Expr:
    """A column as pandas knows it: decimals as floats, times as texts."""
    source = column(field.name)
    if field.type is FieldType.FIXED_DECIMAL:
        return source.cast(pl.Float64)
    return source.cast(pl.String) if field.type is FieldType.TIME else source


def _table(path: Path) -> Table:
    if not path.exists():
        return empty_table(())
    frame = pl.read_ipc(path)
    fields: list[Field] = []
    values: list[pl.Expr] = []
    for name, dtype in frame.schema.items():
        kind = FieldType.DATETIME if isinstance(dtype, pl.Datetime) else _TYPES.get(dtype, FieldType.V_WSTRING)
        field = Field(name, kind)
        fields.append(field)
        values.append(column(name).cast(field.dtype))
    return Table(frame.select(values).lazy(), tuple(fields))


def _last_words(text: str, code: int) -> str:
    """What a traceback ends with."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else f"The Python code ended with the exit code {code}."
