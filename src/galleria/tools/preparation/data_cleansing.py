"""Tidies texts, fills Null, and removes rows and columns of nothing but Null."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.fields.columns import columns
from galleria.fields.names import same_name
from galleria.table.computing import Computing
from galleria.table.table import Table
from galleria.tools.answers import MacroAnswers
from galleria.tools.cleansing import Cleansing
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Seen, Tool
from galleria.tools.null_removal import NullRemoval, removal_messages


@dataclass(frozen=True)
class DataCleansing(Tool):
    macros: ClassVar = ("Cleanse.yxmc",)
    inputs: ClassVar = (Anchor("Input2"),)
    outputs: ClassVar = ("Output26",)

    chosen: tuple[str, ...]
    removal: NullRemoval
    cleansing: Cleansing

    @classmethod
    def read(cls, config: Configuration) -> "DataCleansing":
        answers = MacroAnswers(config)

        def is_checked(number: int) -> bool:
            return answers.flag(f"Check Box ({number})")

        cleansing = Cleansing(
            case=answers.text("Drop Down (81)") if is_checked(77) else "",
            fills_texts=is_checked(84),
            drops_letters=is_checked(53),
            drops_digits=is_checked(58),
            drops_punctuation=is_checked(70),
            joins_blanks=is_checked(109),
            trims=is_checked(15),
            drops_blanks=is_checked(122),
            fills_numbers=is_checked(117),
        )
        chosen = re.findall(r'"([^"]*)"', answers.text("List Box (11)"))
        return cls(tuple(chosen), NullRemoval(rows=is_checked(135), columns=is_checked(136)), cleansing)

    def facts(self, inputs: Inputs, context: Context) -> Mapping[str, pl.LazyFrame]:
        return self.removal.facts(inputs.one("Input2"), context)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order. Rows and columns are judged by all fields, the rest is done to the chosen ones."""
        table = inputs.one("Input2")
        fields = self.removal.fields(table, context)
        computing = Computing(self.removal.frame(table).select(columns(field.name for field in fields)))
        chosen = [field for field in fields if any(same_name(field.name, name) for name in self.chosen)]
        self.cleansing.apply(computing, chosen, context)
        made, problems = computing.finish(fields, context.problem_limit)
        output = Table(made, tuple(fields)) if self.removal.rows else table.same_rows(made, fields)
        return Built({"Output26": output}, tallies=self.removal.tallies(table, context), problems=problems)

    def messages(self, seen: Seen) -> Iterable[Say]:
        return removal_messages(seen)
