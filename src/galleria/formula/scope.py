"""What the names of an expression mean: fields first, then what the host provides, then the constants of the run."""

from collections.abc import Hashable, Mapping, Sequence

import polars as pl

from galleria.errors import FormulaError
from galleria.fields.columns import column
from galleria.fields.names import suggestion
from galleria.fields.types import Field
from galleria.formula.environment import Counter, Environment
from galleria.formula.kinds import DOUBLE, FLAG, NULL, TEXT, ValueType, type_of_field
from galleria.formula.memory import surroundings_key
from galleria.formula.operand import Operand, literal_operand
from galleria.formula.tree import Name

Constant = str | float | bool | None


class FieldScope:
    """Names of one row: `extra` maps names that a host adds to a field (`_CurrentField_`) or a constant."""

    def __init__(self, fields: Sequence[Field], environment: Environment, extra: Mapping[str, Field | Constant] | None = None) -> None:
        self._environment = environment
        self._fields = {field.name.casefold(): field for field in reversed(fields)}
        self._names = [field.name for field in fields]
        self._extra = {name.casefold(): value for name, value in (extra or {}).items()}
        self._variables = {name.casefold(): value for name, value in environment.variables.items()}
        self._counters = {name.casefold(): counter for name, counter in environment.counters.items()}
        self._key = (tuple(fields), surroundings_key(environment))

    @property
    def environment(self) -> Environment:
        return self._environment

    def key(self, names: frozenset[str]) -> Hashable:
        """Everything that an expression with those names can depend on."""
        given = [(name, self._extra.get(name, self._variables.get(name))) for name in sorted(names) if name not in self._fields]
        return (self._key, tuple((name, type(value), value) for name, value in given))

    def resolve(self, name: Name) -> Operand:
        """Raises FormulaError for an unknown name, and for another row's value."""
        field = self.field(name)
        if field is not None and name.row is None:
            return column_operand(name, field, column(field.name))
        folded = name.name.casefold()
        if name.row is None and folded in self._extra:
            value = self._extra[folded]
            return column_operand(name, value, column(value.name)) if isinstance(value, Field) else constant_operand(name, value)
        if name.row is None and folded in self._counters:
            return counting_operand(name, self._counters[folded])
        if name.row is None and folded in self._variables:
            return constant_operand(name, self._variables[folded])
        raise self.unknown(name)

    def field(self, name: Name) -> Field | None:
        return self._fields.get(name.name.casefold())

    def unknown(self, name: Name) -> FormulaError:
        text = name.name if name.row is None else f"Row{name.row:+d}:{name.name}"
        if name.row is not None:
            return FormulaError(f'Unknown variable "{text}": values of other rows are for the Multi-Row Formula tool', name.position)
        near = suggestion(text, [*self._names, *self._environment.variables])
        return FormulaError(f'Unknown variable "{text}"{"." if near else ""}{near}', name.position)


def column_operand(name: Name, field: Field, value: pl.Expr) -> Operand:
    """A column of the field's dtype as an operand: FixedDecimal and Float become Doubles, whole numbers stay narrow."""
    kind = type_of_field(field)
    if kind == DOUBLE and field.dtype != pl.Float64():
        value = value.cast(pl.Float64)
    is_narrow = kind.is_whole and field.dtype != pl.Int64()
    return Operand(name, kind, value, reads=frozenset({field.name}), is_narrow=is_narrow)


def constant_operand(name: Name, value: Constant) -> Operand:
    return literal_operand(name, _constant_type(value), value)


def counting_operand(name: Name, counter: Counter) -> Operand:
    """A number that is looked up anew whenever the expression is worked out; volatile, as nobody may take it for a constant."""

    def looked_up(places: pl.Series) -> pl.Series:
        return pl.repeat(counter.value, len(places), dtype=pl.Float64(), eager=True)

    # A row's own value in every row: an expression without any rows would be worked out once, for good.
    value = pl.int_range(pl.len()).map_batches(looked_up, return_dtype=pl.Float64, is_elementwise=True)
    return Operand(name, DOUBLE, value, is_volatile=True, is_sure=True)


def _constant_type(value: Constant) -> ValueType:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return FLAG
    return TEXT if isinstance(value, str) else DOUBLE
