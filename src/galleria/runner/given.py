"""A table that is there already, in the shape of a tool: what feeds a macro from outside."""

from dataclasses import dataclass
from typing import Self

from galleria.compiler.plan import Key, Step
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool


@dataclass(frozen=True)
class Given(Tool):
    inputs = ()
    table: Table

    @classmethod
    def read(cls, config: Configuration) -> Self:
        raise AssertionError("no document holds this")

    def build(self, inputs: Inputs, context: Context) -> Built:
        return Built({"Output": self.table})


def given_step(key: Key, table: Table) -> Step:
    return Step(key, "given", Given(table), {})
