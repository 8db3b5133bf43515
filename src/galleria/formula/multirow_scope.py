"""What names mean where an expression sees the rows around its own."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import polars as pl

from galleria.errors import FormulaError
from galleria.fields.columns import column
from galleria.fields.names import find_field
from galleria.fields.types import Field, FieldType
from galleria.formula.environment import Environment
from galleria.formula.kinds import type_of_field
from galleria.formula.operand import Operand
from galleria.formula.scope import Constant, FieldScope, column_operand
from galleria.formula.tree import Name

SELF = "\0self"
"""Stands among the names that an operand reads for what a row above came to."""


POSITION, REMAINING = "\0position", "\0remaining"
"""Columns that stand in a frame sorted by groups: rows of the group above this one, and below."""


class Missing(Enum):
    """What rows before the first and behind the last are taken for."""

    NULL = "NULL"
    EMPTY = "Empty"
    """0 or empty text, and Null in other types."""
    NEAREST = "Nearest"
    """The nearest row that exists."""


@dataclass(frozen=True)
class MultiRow:
    value: pl.Expr
    """The new column, of the target's dtype. It looks at whole columns: select it from a frame with all rows in order."""
    problem: pl.Expr | None
    """Text: the conversion error of the row, Null where all is well; None where nothing can go wrong."""
    way: str
    """`columns`, the name of a recognised recurrence, or `loop`: for the reader of an explanation."""


class RowScope:
    """Fields of this row and of `rows` rows above and below; the target's new values above."""

    def __init__(
        self,
        fields: Sequence[Field],
        target: Field,
        environment: Environment,
        rows: int,
        missing: Missing,
        groups: Sequence[str],
        extra: Mapping[str, Field | Constant] | None,
    ) -> None:
        self._inner = FieldScope(fields, environment, extra)
        self.target = target
        self.rows = rows
        self.missing = missing
        self.groups = tuple(groups)
        self.old = find_field(fields, target.name)
        """The target as it was; None for a new field."""

        self._key = (target, rows, missing, tuple(groups))

    @property
    def environment(self) -> Environment:
        return self._inner.environment

    def key(self, names: frozenset[str]) -> Hashable:
        """Everything that an expression with those names can depend on."""
        return (self._inner.key(names), self._key)

    def resolve(self, name: Name) -> Operand:
        if not name.row:
            return self._inner.resolve(Name(name.name, None, name.position))
        if abs(name.row) > self.rows:
            raise FormulaError(f'Unknown variable "Row{name.row:+d}:{name.name}": the tool looks {self.rows} row(s) away', name.position)
        if name.name.casefold() == self.target.name.casefold():
            if name.row < 0:
                return Operand(name, type_of_field(self.target), pl.lit(None, dtype=self.target.dtype), reads=frozenset({SELF}))
            if self.old is None:
                return Operand(name, type_of_field(self.target), pl.lit(None, dtype=type_of_field(self.target).dtype))
        field = self._inner.field(name)
        if field is None:
            raise self._inner.unknown(name)
        return column_operand(name, field, self._elsewhere(field, name.row))

    def _elsewhere(self, field: Field, row: int) -> pl.Expr:
        value, far = column(field.name), abs(row)
        place = pl.int_range(pl.len())
        behind, ahead = (pl.col(POSITION), pl.col(REMAINING)) if self.groups else (place, place.reverse())
        edge = behind if row < 0 else ahead
        if self.missing is Missing.NEAREST:
            steps = pl.min_horizontal(edge, pl.lit(far))
            return value.gather(place - steps if row < 0 else place + steps)
        fill = self.missing_value(field)
        if not self.groups:
            return value.shift(-row, fill_value=fill)
        return pl.when(edge < far).then(pl.lit(fill, dtype=field.dtype)).otherwise(value.shift(-row))

    def missing_value(self, field: Field) -> Constant:
        """What a value of a row that does not exist is; None for Null."""
        return empty_value(field.type) if self.missing is Missing.EMPTY else None

    def is_first(self) -> pl.Expr:
        """Bool: whether the row is the first of its group."""
        return (pl.col(POSITION) if self.groups else pl.int_range(pl.len())) == 0

    def seed(self) -> pl.Expr:
        """What the row above the first came to."""
        dtype = self.target.dtype
        if self.missing is Missing.NEAREST and self.old is not None:
            return column(self.old.name).cast(dtype, strict=False)
        return pl.lit(self.missing_value(self.target), dtype=dtype)


def empty_value(kind: FieldType) -> Constant:
    """0 or empty text; None for types that have nothing like it, which a Bool is among."""
    if kind.is_text:
        return ""
    return 0 if kind.is_numeric else None
