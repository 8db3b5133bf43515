"""A value that is worked out from the one before, row by row, until a test fails: what Generate Rows does with tables."""

from dataclasses import dataclass

import polars as pl

from galleria.errors import FormulaError, ToolError
from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.formula.date_moves import EARLIEST, LATEST
from galleria.formula.date_units import unit_for
from galleria.formula.parser import parse
from galleria.formula.tree import Call, Chain, Name, Node, Number, Text, Unary

_CHUNKS = (4, 64)
"""Values of a row in the first go: few, where there are many rows."""
_FIRST_ROWS = 100_000
_MOST_AT_ONCE = 1_000_000
# No field is called so: a document cannot hold this character.
_START, _TURN, _PASSES, _NEXT = "\0start", "\0turn", "\0passes", "\0next"


@dataclass(frozen=True)
class Repetition:
    """How rows are generated from rows that hold their first value already."""

    field: Field
    """What is generated."""
    passes: pl.Expr
    """Whether a row is given out: a Bool, never Null."""
    following: pl.Expr
    """The next value, of the field's `dtype`."""
    step: int | float | None
    """What is added to get the next value, where that is all there is to it: days to a Date, microseconds to a DateTime."""

    def all_rows(self, first: pl.DataFrame) -> pl.DataFrame:
        """Every row, once for each value that passes, in order; the first value that does not ends it.

        Raises ToolError where a value that passes is followed by itself.
        """
        numbered = first.with_row_index(_START)
        parts = self._by_step(numbered, self.step) if self.step is not None else self._one_by_one(numbered)
        rows = pl.concat(parts) if parts else numbered.clear().with_columns(pl.lit(0, pl.Int64).alias(_TURN))
        return rows.sort(_START, _TURN).drop(_START, _TURN)

    def _one_by_one(self, active: pl.DataFrame) -> list[pl.DataFrame]:
        parts: list[pl.DataFrame] = []
        while active.height:
            passing = active.filter(self.passes)
            if passing.is_empty():
                break
            parts.append(passing.with_columns(pl.lit(len(parts), pl.Int64).alias(_TURN)))
            active = self._advanced(passing, self.following)
        return parts

    def _advanced(self, passing: pl.DataFrame, following: pl.Expr) -> pl.DataFrame:
        # Long expressions say the same thing again and again: the plan of a lazy frame finds it.
        advanced = passing.lazy().with_columns(following.alias(_NEXT)).collect()
        if advanced.select((pl.col(_NEXT).eq_missing(self._current)).any()).item():
            raise ToolError("The loop never ends: it gives a value again that passes the condition.")
        return advanced.with_columns(pl.col(_NEXT).alias(self.field.name)).drop(_NEXT)

    def _by_step(self, active: pl.DataFrame, step: float) -> list[pl.DataFrame]:
        """As `_one_by_one`, many values at a time."""
        parts: list[pl.DataFrame] = []
        least, most = _CHUNKS
        done, size = 0, min(max(_FIRST_ROWS // max(active.height, 1), least), most)
        while active.height:
            chunk = self._next_values(active, step, size, done)
            passing = chunk.filter(pl.col(_PASSES)).drop(_PASSES)
            parts.append(passing)
            last = passing.filter(pl.col(_TURN) == done + size - 1).drop(_TURN)
            active = self._advanced(last, self._moved(step)).filter(self._current.is_not_null())
            done += size
            size = max(min(size * 4, _MOST_AT_ONCE // max(active.height, 1)), least)
        return parts

    def _next_values(self, active: pl.DataFrame, step: float, size: int, done: int) -> pl.DataFrame:
        turns = active.with_columns(pl.int_ranges(done, done + size).alias(_TURN)).explode(_TURN)
        values = turns.with_columns(self._value_at(step, done).alias(self.field.name))
        # The rows of one start lie together: those behind its first failure are out.
        place = pl.int_range(pl.len())
        failed_at = pl.when(~self.passes).then(place).forward_fill()
        return values.with_columns((failed_at < place - (pl.col(_TURN) - done)).fill_null(True).alias(_PASSES))

    def _value_at(self, step: float, done: int) -> pl.Expr:
        turn = pl.col(_TURN) - done
        if self.field.type is not FieldType.DOUBLE:
            return pl.when(turn == 0).then(self._current).otherwise(self._typed(self._exact + turn * step))
        # Added up one after another: a Double is not the same as the step taken so many times.
        steps = pl.when(turn == 0).then(self._current).otherwise(pl.lit(step, pl.Float64()))
        return steps.cum_sum().over(_START)

    def _moved(self, step: float) -> pl.Expr:
        return self._typed(self._exact + step)

    def _typed(self, exact: pl.Expr) -> pl.Expr:
        """A number as a value of the field; Null where the type does not go so far, as for dates outside of 1400 to 9999."""
        if not self.field.type.is_temporal:
            return exact.cast(self.field.dtype, strict=False)
        first, last = (pl.lit(end).cast(self.field.dtype).to_physical().cast(pl.Int64) for end in (EARLIEST, LATEST))
        return pl.when(exact.is_between(first, last)).then(exact).cast(self.field.dtype)

    @property
    def _current(self) -> pl.Expr:
        return column(self.field.name)

    @property
    def _exact(self) -> pl.Expr:
        """The field as a number to count with."""
        return self._current if self.field.type is FieldType.DOUBLE else self._current.to_physical().cast(pl.Int64)


def step_of(expression: str, field: Field) -> int | float | None:
    """What `expression` adds to the field (`[n] + 1`, `n - 2`, `DateTimeAdd([d], 1, "days")`), or None where it does anything else."""
    node = parse(expression)
    if field.type in (FieldType.DATE, FieldType.DATETIME):
        return _moment_step(node, field)
    if not isinstance(node, Chain) or len(node.steps) != 1 or not (field.type.is_integer or field.type is FieldType.DOUBLE):
        return None
    step = node.steps[0]
    if not _is_field(node.first, field) or step.operator not in ("+", "-"):
        return None
    number = _number(step.operand, whole=field.type.is_integer)
    return None if number is None else (number if step.operator == "+" else -number) or None


def _moment_step(node: Node, field: Field) -> int | None:
    if not isinstance(node, Call) or node.function.casefold() != "datetimeadd" or len(node.arguments) != 3:
        return None
    moment, argument, unit = node.arguments
    sign = argument.operator if isinstance(argument, Unary) else "+"
    number = _number(argument.operand if isinstance(argument, Unary) else argument, whole=True)
    if number is None or sign == "!" or not _is_field(moment, field) or not isinstance(unit, Text):
        return None
    try:
        seconds = unit_for(unit.value, unit.position).seconds
    except FormulaError:
        return None
    count = -int(number) if sign == "-" else int(number)
    if field.type is FieldType.DATE:
        return count if seconds == 86_400 and count else None
    return count * seconds * 1_000_000 or None


def _is_field(node: Node, field: Field) -> bool:
    return isinstance(node, Name) and node.row is None and node.name.casefold() == field.name.casefold()


def _number(node: Node, *, whole: bool) -> int | float | None:
    if not isinstance(node, Number) or (whole and not node.text.isdigit()):
        return None
    return int(node.text) if whole else float(node.text)
