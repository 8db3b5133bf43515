"""The field map of a macro: under which names its Macro Inputs take the caller's fields.

Source: configurations and saved schemas of real workflows. Names are not mapped back where rows leave the macro. That
fields which nothing takes pass on as they are is unverified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.names import find_field, unique_name
from galleria.fields.types import Field
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

Names = Mapping[str, str]
"""The caller's name of a field, by the macro's."""


def field_maps(answers: Mapping[str, str]) -> dict[str, Names]:
    """The maps among the values of a macro's node (`Input.Rows`: lines of `macro's name=caller's name`), by inlet in lower case."""
    mark = "input."
    texts = {name[len(mark) :].casefold(): text for name, text in answers.items() if name.casefold().startswith(mark)}
    return {inlet: _names(text) for inlet, text in texts.items()}


def _names(text: str) -> Names:
    lines = [line.partition("=") for line in text.splitlines()]
    return {name: source for name, mark, source in lines if mark and source}


@dataclass(frozen=True)
class FieldMap(Tool):
    """A Macro Input that renames what comes in."""

    names: Names

    @classmethod
    def read(cls, config: Configuration) -> Self:
        raise AssertionError("made by the compiler")

    def build(self, inputs: Inputs, context: Context) -> Built:
        return Built({"Output": mapped(inputs.one(), self.names)})


def mapped(table: Table, names: Names) -> Table:
    """The table with the macro's names: renamed in place; a field that is taken twice comes again at the end.

    A field that nothing takes makes room for one that gets its name. Raises ToolError where a field to rename is not there.
    """
    wanted: dict[str, list[str]] = {}
    for name, source in names.items():
        field = find_field(table.fields, source)
        if field is not None:
            wanted.setdefault(field.name, []).append(name)
        elif name != source:
            raise ToolError(f'The field "{source}" is missing. Compare the tool configuration with the input stream.')
    taken = [name for given in wanted.values() for name in given]
    renamed: list[tuple[str, Field]] = []
    for field in table.fields:
        name = wanted[field.name][0] if field.name in wanted else unique_name(field.name, taken)
        taken.append(name)
        renamed.append((field.name, replace(field, name=name)))
    for source, given in wanted.items():
        renamed.extend((source, replace(table.field(source), name=name)) for name in given[1:])
    frame = table.frame.select(column(source).alias(field.name) for source, field in renamed)
    return table.same_rows(frame, [field for _, field in renamed])
