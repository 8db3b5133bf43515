"""The list with which Select, Join, Append Fields and others choose, order, rename and retype fields.

Source: cached schemas of real workflows, `tools.md` 5.1 and 6.1.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from galleria.fields.columns import column
from galleria.fields.conversion import Converted, convert
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType, asked_size
from galleria.table.computing import Computing
from galleria.table.table import Table

UNKNOWN = "*Unknown"


@dataclass(frozen=True)
class Choice:
    """One line of the list."""

    field: str
    """The incoming name behind its stream's prefix (`Left_Name`), or `*Unknown` for every field not listed."""
    is_selected: bool = True
    rename: str = ""
    type: FieldType | None = None
    size: int = 0
    """0 where it is not to change."""
    scale: int = 0
    description: str = ""


@dataclass(frozen=True)
class Stream:
    """The fields of one input."""

    fields: Sequence[Field]
    prefix: str = ""
    """Precedes its names in the list, and its unlisted names in the output where they are taken already."""


@dataclass(frozen=True)
class Pick:
    """A field of the output, and where it comes from."""

    stream: int
    source: Field
    target: Field


@dataclass(frozen=True)
class SelectList:
    choices: tuple[Choice, ...] = ()
    is_ordered: bool = False
    """The output takes the order of the list; else that of the streams."""
    decimal_comma: bool = False
    """Texts and Doubles convert into each other with a decimal comma."""

    def picks(self, streams: Sequence[Stream]) -> list[Pick]:
        """The output's fields in order. Listed fields that no stream has are passed over."""
        chosen = self._chosen(streams)
        names = _names(chosen, streams)
        return [Pick(item.stream, item.field, _target(item, name)) for item, name in zip(chosen, names, strict=True)]

    def converted(self, value: pl.Expr, pick: Pick) -> Converted:
        """`value`, a column of the pick's source, as its target."""
        if pick.source.type is pick.target.type and (pick.source.size, pick.source.scale) == (pick.target.size, pick.target.scale):
            return Converted(value)
        if self.decimal_comma and pick.source.type.is_text and pick.target.type.is_numeric:
            value = value.str.replace(",", ".", literal=True)
        converted = convert(value, pick.source, pick.target)
        if self.decimal_comma and pick.source.type in (FieldType.DOUBLE, FieldType.FLOAT) and pick.target.type.is_text:
            return Converted(converted.value.str.replace(".", ",", literal=True), converted.problem)
        return converted

    def _chosen(self, streams: Sequence[Stream]) -> list["_Chosen"]:
        listed = {choice.field.casefold(): choice for choice in reversed(self.choices)}
        unknown = listed.pop(UNKNOWN.casefold(), Choice(UNKNOWN))
        incoming = [
            _Chosen(number, field, listed.get(f"{stream.prefix}{field.name}".casefold()))
            for number, stream in enumerate(streams)
            for field in stream.fields
        ]
        if self.is_ordered:
            places = {name: place for place, name in enumerate(choice.field.casefold() for choice in self.choices)}
            last = places.get(UNKNOWN.casefold(), len(places))
            incoming.sort(key=lambda item: places[item.choice.field.casefold()] if item.choice else last)
        return [item for item in incoming if (item.choice or unknown).is_selected]


@dataclass(frozen=True)
class _Chosen:
    stream: int
    field: Field
    choice: Choice | None


def _names(chosen: Sequence[_Chosen], streams: Sequence[Stream]) -> list[str]:
    """The output names: an explicit one wins over one that passes through, the first stream over the others."""
    names: dict[int, str] = {}
    ranked = sorted(range(len(chosen)), key=lambda i: _rank(chosen[i]))
    for i in ranked:
        item = chosen[i]
        own = (item.choice.rename if item.choice else "") or item.field.name
        if _rank(item) == 2 and unique_name(own, names.values()) != own:
            own = f"{streams[item.stream].prefix}{own}"
        names[i] = unique_name(own, names.values(), i + 1)
    return [names[i] for i in range(len(chosen))]


def _rank(item: _Chosen) -> int:
    if item.choice is not None:
        return 0 if item.choice.rename else 1
    return 1 if item.stream == 0 else 2


def _target(item: _Chosen, name: str) -> Field:
    field, choice = item.field, item.choice
    if choice is None:
        return field.renamed(name)
    kind = choice.type or field.type
    size, scale = (field.size, field.scale) if kind is field.type else (0, 0)
    if choice.size and (kind.is_text or kind is FieldType.FIXED_DECIMAL):
        size, scale = asked_size(kind, choice.size), choice.scale
    return replace(field, name=name, type=kind, size=size, scale=scale, description=choice.description or field.description)


@dataclass(frozen=True)
class LaidOut:
    frame: pl.LazyFrame
    fields: tuple[Field, ...]
    problems: Mapping[str, pl.LazyFrame]
    """As `Built.problems`."""


def lay_out(
    frame: pl.LazyFrame, select: SelectList, picks: Sequence[Pick], column_of: Callable[[Pick], pl.Expr], problem_limit: int
) -> LaidOut:
    """The columns of `picks`, found in `frame` by `column_of`, converted and named; same rows."""
    fields = tuple(pick.target for pick in picks)
    computing = Computing(frame)
    computing.assign((pick.target, select.converted(column_of(pick), pick)) for pick in picks)
    made, problems = computing.finish(fields, problem_limit)
    return LaidOut(made, fields, problems)


def stream_columns(table: Table, stream: int) -> list[pl.Expr]:
    """The columns of a table under names that cannot meet those of another stream."""
    return [column(field.name).alias(stream_column(stream, position)) for position, field in enumerate(table.fields)]


def pick_column(tables: Sequence[Table]) -> Callable[[Pick], pl.Expr]:
    """Finds the column of a pick among the `stream_columns` of these tables."""
    places = {(stream, field.name): place for stream, table in enumerate(tables) for place, field in enumerate(table.fields)}
    return lambda pick: pl.col(stream_column(pick.stream, places[pick.stream, pick.source.name]))


def restored(frame: pl.LazyFrame, table: Table, stream: int) -> pl.LazyFrame:
    """The table's own columns back from its `stream_columns`."""
    return frame.select(pl.col(stream_column(stream, position)).alias(field.name) for position, field in enumerate(table.fields))


def stream_column(stream: int, position: int) -> str:
    """The name of one of the `stream_columns`."""
    return f"stream {stream} column {position}"
