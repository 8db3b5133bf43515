"""Turns rows into columns: one row a group, one column for each value of the header field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.conversion import Converted, convert, problem_query
from galleria.fields.names import unique_names
from galleria.fields.types import Field, FieldType, asked_size
from galleria.table.aggregates import Aggregate, Joining, aggregate, beyond_int64
from galleria.table.collation import natural_key
from galleria.table.table import Table, empty_table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

_ACTIONS = {
    "Sum": "Sum",
    "Avg": "Avg",
    "First": "First",
    "Last": "Last",
    "Concat": "Concat",
    "XRow": "Sum",
    "XCol": "Sum",
    "Count": "CountNonNull",
    "TotCol": "Sum",
    "TotRow": "Sum",
}
"""What is made of a cell's values, by method; in the order in which the columns of a header stand."""
_TOTALS = ("TotCol", "TotRow")
_UNPREFIXED = ("Sum", "First", "Last", "Concat")
"""The methods whose columns are named after their header alone when there is no other method."""
_HEADER = "header"
_NULL = "\0"
"""Stands for a Null header: no text holds it."""


@dataclass(frozen=True)
class _Column:
    """An output column: one method for one header."""

    method: str
    header: str
    place: int


@dataclass(frozen=True)
class CrossTab(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.CrossTab.CrossTab",)

    group: tuple[str, ...]
    header: str
    data: str
    methods: tuple[str, ...]
    separator: str
    size: int
    """Characters of a concatenated text."""
    keeps_characters: bool
    """Column names keep characters that are no letters or digits."""

    @classmethod
    def read(cls, config: Configuration) -> "CrossTab":
        methods = tuple(method.attribute("method") for method in config.each("Methods/Method"))
        for method in methods:
            if method not in _ACTIONS:
                raise UnsupportedError(f"Cross Tab method {method}", "it is not known here")
        if not methods:
            raise ToolError("At least one method must be selected.")
        return cls(
            config.field_names("GroupFields"),
            config.child("HeaderField").attribute("field"),
            config.child("DataField").attribute("field"),
            methods,
            separator=config.value("Methods/Separator", ","),
            size=_size(config),
            keeps_characters=config.flag("RetainSpecChars"),
        )

    def facts(self, inputs: Inputs, context: Context) -> Mapping[str, pl.LazyFrame]:
        table = inputs.one()
        return {"headers": table.frame.select(_header_text(table.field(self.header)).alias(_HEADER)).unique()}

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows sorted by the group fields; columns in the natural order of their headers; Null where a group has no row for one."""
        table = inputs.one()
        keys = [table.field(name) for name in self.group]
        headers = _sorted_headers(context.facts["headers"][_HEADER].to_list())
        if not headers:
            return Built({"Output": empty_table(keys)})
        wanted = dict.fromkeys(_ACTIONS[method] for method in self.methods)
        actions = {action: self._aggregate(action, table, in_turn=context.is_little) for action in wanted}
        header = _header_text(table.field(self.header))
        wide = _pivoted(table.frame, _by(keys), header, headers, actions).cache()
        made = [_Column(method, name, i) for i, name in enumerate(headers) for method in _ACTIONS if method in self.methods]
        made = [one for one in made if one.method not in _TOTALS]
        values = [self._value(one, len(headers), actions) for one in made]
        fields = [self._field(one, actions[_ACTIONS[one.method]].field) for one in made]
        if "TotCol" in self.methods:
            values.append(Converted(_row_total(len(headers), actions["Sum"].field)))
            fields.append(Field("Total", FieldType.DOUBLE, source="CrossTab:Total:"))
        names = unique_names(field.name for field in (*keys, *fields))
        named = [field.renamed(name) for field, name in zip((*keys, *fields), names, strict=True)]
        laid_out = [pl.col(_key(i)) for i in range(len(keys))] + [value.value for value in values]
        frame = wide.select(one.alias(field.name) for one, field in zip(laid_out, named, strict=True))
        problems = {
            field.name: problem_query(wide, value.problem, context.problem_limit)
            for field, value in zip(named[len(keys) :], values, strict=True)
            if value.problem is not None
        }
        if "TotRow" in self.methods:
            added = _added(named, len(keys), [one.method for one in made])
            for field in added:
                if field.type is FieldType.INT64:
                    total = frame.select(lost=beyond_int64(_exact(column(field.name), field).sum()))
                    problems[field.name] = problem_query(total, pl.col("lost"), context.problem_limit)
            frame = pl.concat([frame, _total_row(frame, named, added)])
        if "Sum" in actions and (lost := actions["Sum"].lost) is not None:
            totals = table.frame.group_by(*_by(keys), header).agg(lost=lost)
            problems[self.data] = problem_query(totals, pl.col("lost"), context.problem_limit)
        return Built({"Output": Table(frame, tuple(named))}, problems=problems)

    def _aggregate(self, action: str, table: Table, *, in_turn: bool) -> Aggregate:
        return aggregate(action, table.field(self.data), joining=Joining(separator=self.separator), in_turn=in_turn)

    def _value(self, one: _Column, headers: int, actions: Mapping[str, Aggregate]) -> Converted:
        action = _ACTIONS[one.method]
        cell = pl.col(_cell(action, one.place))
        match one.method:
            case "XRow":
                return Converted(_percent(cell, _row_total(headers, actions[action].field)))
            case "XCol":
                return Converted(_percent(cell, _exact(cell, actions[action].field).sum()))
            case "Count":
                return Converted(cell.cast(pl.Float64))
            case "Concat":
                return convert(cell, actions[action].field, self._field(one, actions[action].field))
            case _:
                return Converted(cell)

    def _field(self, one: _Column, made: Field) -> Field:
        """The output field of a column whose cells are of the type `made`."""
        kind, size, scale = made.type, made.size, made.scale
        if one.method in ("XRow", "XCol", "Count"):
            kind, size, scale = FieldType.DOUBLE, 8, 0
        elif one.method == "Concat":
            size = asked_size(made.type, self.size)
        source = f"CrossTab:Header:{self.header}:{'' if one.header == _NULL else one.header}:{one.method}:"
        return replace(made, name=self._name(one), type=kind, size=size, scale=scale, source=source)

    def _name(self, one: _Column) -> str:
        if one.header in (_NULL, ""):
            name = "_Null_" if one.header == _NULL else "_Empty_"
        else:
            name = one.header if self.keeps_characters else re.sub(r"\W", "_", one.header)
        is_plain = len(self.methods) == 1 and one.method in _UNPREFIXED
        return name if is_plain else f"{one.method}_{name}"


def _size(config: Configuration) -> int:
    size = config.whole("Methods/FieldSize", 2048)
    if size < 1:
        raise ToolError(f"The field size must be at least 1, not {size}.")
    return size


def _key(position: int) -> str:
    return f"key {position}"


def _cell(action: str, place: int) -> str:
    return f"{action}_{place}"


def _header_text(field: Field) -> pl.Expr:
    text = convert(column(field.name), field, Field(field.name, FieldType.V_WSTRING)).value
    return text.fill_null(_NULL)


def _sorted_headers(headers: Sequence[str]) -> list[str]:
    """Null first, then the empty text; raises ToolError where two differ in nothing but case."""
    found: dict[str, str] = {}
    for header in headers:
        other = found.setdefault(header.casefold(), header)
        if other != header:
            raise ToolError(f'The new columns "{min(other, header)}" and "{max(other, header)}" differ only in case.')
    return sorted(headers, key=lambda header: (header != _NULL, header != "", natural_key(header)))


def _by(keys: Sequence[Field]) -> list[pl.Expr]:
    return [column(key.name).alias(_key(i)) for i, key in enumerate(keys)] or [pl.lit(0).alias(_key(0))]


def _pivoted(
    frame: pl.LazyFrame, by: Sequence[pl.Expr], header: pl.Expr, headers: Sequence[str], actions: Mapping[str, Aggregate]
) -> pl.LazyFrame:
    """One row a group, sorted: its keys, and for each action and header a column named by `_cell`."""
    place = header.replace_strict(list(headers), list(range(len(headers))), return_dtype=pl.Int32)
    cells = frame.group_by(*by, place.alias(_HEADER)).agg(made.value.alias(action) for action, made in actions.items())
    index = [_key(i) for i in range(len(by))]
    return cells.pivot(
        _HEADER, on_columns=range(len(headers)), index=index, values=list(actions), aggregate_function="first", column_naming="combine"
    ).sort(index)


def _row_total(headers: int, made: Field) -> pl.Expr:
    """A Double; whole numbers are added up as such, beyond what an Int64 holds."""
    return pl.sum_horizontal(_exact(pl.col(_cell("Sum", place)), made) for place in range(headers)).cast(pl.Float64)


def _exact(value: pl.Expr, field: Field) -> pl.Expr:
    return value.cast(pl.Int128) if field.type is FieldType.INT64 else value


def _percent(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Null of nothing."""
    return pl.when(whole != 0).then(part.cast(pl.Float64) * 100 / whole.cast(pl.Float64))


def _added(fields: Sequence[Field], keys: int, methods: Sequence[str]) -> list[Field]:
    """The columns that can be added up."""
    made = zip(fields[keys:], [*methods, "TotCol"], strict=False)
    return [field for field, method in made if method in ("Sum", "Count", "TotCol")]


def _total_row(frame: pl.LazyFrame, fields: Sequence[Field], added: Sequence[Field]) -> pl.LazyFrame:
    """The sums of the columns `added`, Null where the field cannot hold it; Null below the others and the keys."""
    return frame.select(
        (_exact(column(field.name), field).sum() if field in added else pl.lit(None)).cast(field.dtype, strict=False).alias(field.name)
        for field in fields
    )
