"""Chooses, orders, renames and retypes fields."""

from dataclasses import dataclass
from typing import ClassVar

from galleria.fields.columns import column
from galleria.table.select_list import SelectList, Stream, lay_out
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.select_configuration import read_select_list


@dataclass(frozen=True)
class Select(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.AlteryxSelect.AlteryxSelect",)

    fields: SelectList

    @classmethod
    def read(cls, config: Configuration) -> "Select":
        return cls(read_select_list(config))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order. Values that their new type cannot hold are reported and become Null or are cut."""
        table = inputs.one()
        picks = self.fields.picks([Stream(table.fields)])
        made = lay_out(table.frame, self.fields, picks, lambda pick: column(pick.source.name), context.problem_limit)
        return Built({"Output": table.same_rows(made.frame, made.fields)}, problems=made.problems)
