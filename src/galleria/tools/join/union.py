"""Puts the rows of several streams below one another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import convert, problem_query
from galleria.fields.names import find_field, get_field, unique_names
from galleria.fields.promotion import promote
from galleria.fields.types import Field
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Tool, Wired, warning

_BY_NAME, _BY_POSITION, _MANUAL, _MANUAL_DELAYED = _MODES = ("ByName", "ByPos", "Manual", "ManualDelayed")


@dataclass(frozen=True)
class Union(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.Union.Union",)
    inputs: ClassVar = (Anchor("Input", multiple=True),)

    mode: str
    keeps_all: bool
    """Fields that not every input has are kept, with Null where they are missing."""
    on_missing: str
    """`Warning`, `Error` or `Ignore`."""
    order: tuple[str, ...]
    """Names of connections whose rows come first."""
    manual: Mapping[str, Mapping[str, int]]
    """By connection and field: the 1-based output column."""

    @classmethod
    def read(cls, config: Configuration) -> "Union":
        mode = config.choice("Mode", _MODES, _BY_NAME)
        return cls(
            mode,
            keeps_all=config.choice("ByName_OutputMode", ("All", "Subset"), "All") == "All",
            on_missing=config.choice("ByName_ErrorMode", ("Warning", "Error", "Ignore"), "Warning"),
            order=tuple(one.text for one in config.each("OutputOrder/Connection")) if config.flag("SetOutputOrder") else (),
            manual=_manual_columns(config) if mode in (_MANUAL, _MANUAL_DELAYED) else {},
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        """The rows of one input after those of another: in the chosen order, else that of the connections' numbers."""
        wires = inputs.all()
        if not wires:
            raise ToolError("The Input anchor must have an incoming connection.")
        columns = self._columns(wires)
        names = unique_names(_first(column).name for column in columns)
        fields = tuple(_together(column, name) for column, name in zip(columns, names, strict=True))
        parts = [_Part(wire.table.frame.cache(), [column[i] for column in columns]) for i, wire in enumerate(wires)]
        ranked = sorted(
            range(len(wires)), key=lambda i: self.order.index(wires[i].name) if wires[i].name in self.order else len(self.order)
        )
        frame = pl.concat([parts[i].laid_out(fields) for i in ranked])
        problems = {
            field.name: query for i, field in enumerate(fields) if (query := _problems(parts, i, field, context.problem_limit)) is not None
        }
        return Built({"Output": Table(frame, fields)}, problems=problems, notes=self._notes(columns))

    def _columns(self, wires: Sequence[Wired]) -> "list[_Column]":
        inputs = [wire.table.fields for wire in wires]
        match self.mode:
            case "ByName":
                columns = _by_name(inputs)
                return columns if self.keeps_all else [column for column in columns if all(column)]
            case "ByPos":
                widths = [len(fields) for fields in inputs]
                width = max(widths) if self.keeps_all else min(widths)
                return [[fields[i] if i < len(fields) else None for fields in inputs] for i in range(width)]
            case _:
                return self._by_hand(wires)

    def _by_hand(self, wires: Sequence[Wired]) -> "list[_Column]":
        placed = [{place: get_field(wire.table.fields, name) for name, place in self.manual.get(wire.name, {}).items()} for wire in wires]
        places = sorted({place for one in placed for place in one})
        return [[one.get(place) for one in placed] for place in places]

    def _notes(self, columns: "Sequence[_Column]") -> list[Say]:
        if self.mode != _BY_NAME or self.on_missing == "Ignore":
            return []
        texts = [f'The field "{_first(column).name}" is not present in all inputs.' for column in columns if not all(column)]
        if texts and self.on_missing == "Error":
            raise ToolError(texts[0])
        return [warning(text) for text in texts]


_Column = list[Field | None]
"""What each input puts into one output column; None where it has nothing for it."""


@dataclass(frozen=True)
class _Part:
    """One input, and which of its fields goes into which output column."""

    frame: pl.LazyFrame
    """Cached: its rows and its problems are read from it."""
    sources: _Column

    def laid_out(self, fields: Sequence[Field]) -> pl.LazyFrame:
        return self.frame.select(self._value(source, field).alias(field.name) for source, field in zip(self.sources, fields, strict=True))

    def _value(self, source: Field | None, field: Field) -> pl.Expr:
        if source is None:
            return pl.lit(None, field.dtype)
        return column(source.name) if _is_same(source, field) else convert(column(source.name), source, field).value

    def problem(self, place: int, field: Field) -> pl.LazyFrame | None:
        source = self.sources[place]
        if source is None or _is_same(source, field):
            return None
        problem = convert(column(source.name), source, field).problem
        return None if problem is None else self.frame.select(problem.alias("problem"))


def _is_same(source: Field, target: Field) -> bool:
    return source.dtype == target.dtype and (source.type.is_text or source.type is target.type) and source.size <= target.size


def _problems(parts: Sequence[_Part], place: int, field: Field, limit: int) -> pl.LazyFrame | None:
    frames = [frame for part in parts if (frame := part.problem(place, field)) is not None]
    return problem_query(pl.concat(frames), pl.col("problem"), limit) if frames else None


def _by_name(inputs: Sequence[Sequence[Field]]) -> list[_Column]:
    """One column a name, in the order in which names first appear."""
    names: dict[str, None] = {}
    for fields in inputs:
        names.update(dict.fromkeys(field.name.casefold() for field in fields))
    return [[find_field(fields, name) for fields in inputs] for name in names]


def _first(column: _Column) -> Field:
    return next(field for field in column if field is not None)


def _together(column: _Column, name: str) -> Field:
    fields = [field for field in column if field is not None]
    return replace(promote(fields), name=name, source=_source({field.source for field in fields}))


def _source(sources: set[str]) -> str:
    """What several fields came from; the kind that all of them share is kept (`Report: (Multiple Sources)`). Source: saved schemas."""
    if len(sources) == 1:
        return sources.pop()
    kinds = {source.partition(":")[0] if ":" in source else "" for source in sources}
    kind = kinds.pop() if len(kinds) == 1 else ""
    return f"{kind}: (Multiple Sources)" if kind else "(Multiple Sources)"


def _manual_columns(config: Configuration) -> Mapping[str, Mapping[str, int]]:
    return {
        meta.attribute("name"): {
            field.attribute("name"): field.attribute_whole("column")
            for field in meta.each("RecordInfo/Field")
            if field.attribute_whole("column") > 0
        }
        for meta in config.each("MultiMetaInfo/MetaInfo")
    }
