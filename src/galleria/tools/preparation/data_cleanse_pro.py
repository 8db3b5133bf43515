"""Tidies texts, fills or makes Null, and removes rows and columns of nothing but Null."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.columns import columns
from galleria.table.computing import Computing
from galleria.table.table import Table
from galleria.tools.cleansing import Cleansing
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Seen, Tool
from galleria.tools.field_choice import FieldChoice, read_field_choice
from galleria.tools.null_removal import NullRemoval, removal_messages

_FLAGS_REFUSED = ("RemoveInvisibleCharacters",)
_LISTS_REFUSED = ("Letters", "Numbers", "Punctuations", "Exceptions")


@dataclass(frozen=True)
class DataCleansePro(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.DataCleansePro.DataCleansePro",)

    chosen: FieldChoice
    removal: NullRemoval
    cleansing: Cleansing

    @classmethod
    def read(cls, config: Configuration) -> "DataCleansePro":
        for option in (*(flag for flag in _FLAGS_REFUSED if config.flag(flag)), *(one for one in _LISTS_REFUSED if config.value(one))):
            raise UnsupportedError(f"Data Cleanse option {option}", "which characters it means is not known exactly")
        texts, numbers = config.flag("Checkbox_ReplaceStringColumns"), config.flag("Checkbox_ReplaceNumericColumns")
        cleansing = Cleansing(
            case=config.value("ModifyCase") if config.flag("CheckBox_ModifyCase") else "",
            fills_texts=texts and config.flag("radioButton_ReplaceNullwithBlanks"),
            empties_texts=texts and config.flag("radioButton_ReplaceBlankswithNulls"),
            drops_tags=config.flag("RemoveHTMLTags"),
            drops_letters=config.flag("RemoveLetters"),
            drops_digits=config.flag("RemoveNumbers"),
            drops_punctuation=config.flag("RemovePunctuation"),
            joins_blanks=config.flag("RemoveTabsLineBreaksAndDuplicates"),
            trims=config.flag("RemoveLeadingAndTrailingWhitespace"),
            drops_blanks=config.flag("RemoveAllWhitespaces"),
            fills_numbers=numbers and config.flag("radioButton_ReplaceNullwithZero"),
            empties_numbers=numbers and config.flag("radioButton_ReplaceZerowithNulls"),
        )
        return cls(
            read_field_choice(config, "Fields"),
            NullRemoval(rows=config.flag("RemoveNullRows"), columns=config.flag("RemoveNullColumns")),
            cleansing,
        )

    def facts(self, inputs: Inputs, context: Context) -> Mapping[str, pl.LazyFrame]:
        return self.removal.facts(inputs.one(), context)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order. Rows and columns are judged by all fields, the rest is done to the chosen ones."""
        table = inputs.one()
        fields = self.removal.fields(table, context)
        computing = Computing(self.removal.frame(table).select(columns(field.name for field in fields)))
        self.cleansing.apply(computing, [field for field in fields if self.chosen.includes(field.name)], context)
        made, problems = computing.finish(fields, context.problem_limit)
        output = Table(made, tuple(fields)) if self.removal.rows else table.same_rows(made, fields)
        return Built({"Output": output}, tallies=self.removal.tallies(table, context), problems=problems)

    def messages(self, seen: Seen) -> Iterable[Say]:
        return removal_messages(seen)
