"""Tidies texts, fills Null, and removes rows and columns of nothing but Null."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.fields.columns import column, columns
from galleria.fields.conversion import Converted
from galleria.fields.names import same_name
from galleria.fields.types import Field
from galleria.formula.compile import assign
from galleria.messages import counted
from galleria.table.table import Table
from galleria.tools.computing import Computing
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Seen, Tool, info
from galleria.tools.expressions import compiled

_CASES = {"upper": "UpperCase", "lower": "LowerCase", "title": "TitleCase"}
_PUNCTUATION = r"[[:punct:]]|[\$\+<=>\^`\|~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF20}\x{FF3B}-\x{FF40}\x{FF5B}-\x{FF5E}\x{2200}-\x{22FF}]"
_ROWS, _COLUMNS = "rows", "columns"
# No field is called so: a document cannot hold this character.
_NUMBER = "\0number of rows"


@dataclass(frozen=True)
class DataCleansing(Tool):
    macros: ClassVar = ("Cleanse.yxmc",)
    inputs: ClassVar = (Anchor("Input2"),)
    outputs: ClassVar = ("Output26",)

    chosen: tuple[str, ...]
    drops_rows: bool
    drops_columns: bool
    steps: tuple[str, ...]
    """What texts become, one expression after another."""
    fills_numbers: bool

    @classmethod
    def read(cls, config: Configuration) -> "DataCleansing":
        answers = {value.attribute("name"): value.text for value in config.each("Value")}

        def is_checked(number: int) -> bool:
            return answers.get(f"Check Box ({number})", "").strip().casefold() == "true"

        return cls(
            tuple(re.findall(r'"([^"]*)"', answers.get("List Box (11)", ""))),
            drops_rows=is_checked(135),
            drops_columns=is_checked(136),
            steps=tuple(_steps(is_checked, answers.get("Drop Down (81)", "upper").strip())),
            fills_numbers=is_checked(117),
        )

    def facts(self, inputs: Inputs, context: Context) -> Mapping[str, pl.LazyFrame]:
        if not self.drops_columns or context.checking:
            return {}
        table = inputs.one("Input2")
        return {_COLUMNS: table.frame.select(pl.len().alias(_NUMBER), *(column(name).count().alias(name) for name in table.names))}

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows keep their order. Rows and columns are judged by all fields, the rest is done to the chosen ones."""
        table = inputs.one("Input2")
        values = context.facts.get(_COLUMNS)
        fields = [field for field in table.fields if values is None or not values[_NUMBER].item() or values[field.name].item()]
        frame = table.frame
        tallies: dict[str, pl.LazyFrame] = {}
        if self.drops_rows:
            is_empty = pl.all_horizontal(column(name).is_null() for name in table.names)
            tallies[_ROWS] = frame.select(is_empty.sum().cast(pl.Int64))
            frame = frame.filter(~is_empty)
        if values is not None:
            tallies[_COLUMNS] = pl.LazyFrame({_COLUMNS: [len(table.fields) - len(fields)]})
        computing = Computing(frame.select(columns(field.name for field in fields)))
        self._tidy(computing, fields, context)
        made, problems = computing.finish(fields, context.problem_limit)
        output = Table(made, tuple(fields)) if self.drops_rows else table.same_rows(made, fields)
        return Built({"Output26": output}, tallies=tallies, problems=problems)

    def messages(self, seen: Seen) -> Iterable[Say]:
        for what, noun in ((_ROWS, "null row"), (_COLUMNS, "null column")):
            if what in seen.tallies and (count := seen.tallies[what].item()):
                yield info(f"{counted(count, noun)} {'was' if count == 1 else 'were'} removed")

    def _tidy(self, computing: Computing, fields: Sequence[Field], context: Context) -> None:
        chosen = [field for field in fields if any(same_name(field.name, name) for name in self.chosen)]
        for step in self.steps:
            texts = [field for field in chosen if field.type.is_text]
            values = [compiled(step, [], context, extra={"_CurrentField_": field}) for field in texts]
            computing.assign((field, assign(value, field)) for field, value in zip(texts, values, strict=True))
        if self.fills_numbers:
            numbers = [field for field in chosen if field.type.is_numeric]
            computing.assign((field, Converted(column(field.name).fill_null(0).cast(field.dtype))) for field in numbers)


def _steps(is_checked: Callable[[int], bool], case: str) -> Iterator[str]:
    if is_checked(77) and case in _CASES:
        yield f"{_CASES[case]}([_CurrentField_])"
    if is_checked(84):
        yield "IIF(IsNull([_CurrentField_]), '', [_CurrentField_])"
    for number, pattern, replacement in ((53, "[[:alpha:]]", ""), (58, "[0-9０-９]", ""), (70, _PUNCTUATION, ""), (109, r"\s+", " ")):
        if is_checked(number):
            yield _replaced(pattern, replacement)
    if is_checked(15):
        # Not tabs: as the macro has it.
        yield "Trim([_CurrentField_], ' \n\r\u00a0')"
    if is_checked(122):
        yield _replaced(r"\s+", "")


def _replaced(pattern: str, replacement: str) -> str:
    return f"IIF(IsNull([_CurrentField_]), Null(), REGEX_Replace([_CurrentField_], '{pattern}', '{replacement}'))"
