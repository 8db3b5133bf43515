"""Puts rows into numbered tiles: as many rows in each, as much of a sum, equal values, distance from the mean, or given limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column, columns
from galleria.fields.conversion import text_of
from galleria.fields.division import quotient
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType
from galleria.table.collation import dictionary_rank
from galleria.table.ordering import position_in_group
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

_INT16_MAX = 32_767
_MOST_TILES = 2_147_483_647
# No field is called so: a document cannot hold this character.
_ROW, _RUN, _VALUE = "\0row", "\0run", "\0value"


class Method(StrEnum):
    EQUAL_SUM = "EqualSum"
    EQUAL_RECORDS = "EqualRecords"
    SMART = "SmartTile"
    UNIQUE = "UniqueValue"
    MANUAL = "Manual"


class Naming(StrEnum):
    """What a smart tile is called, in a field of its own."""

    NONE = "None"
    NAME = "Name"
    VERBOSE = "Verbose"
    """With its limits: `High (2.5 to 4)`."""


_SMART_NAMES = {
    -3: "Extremely Low", -2: "Low", -1: "Below Average", 0: "Average", 1: "Above Average", 2: "High", 3: "Extremely High",
}  # in their order # fmt: skip
_NUMBER = Field("number", FieldType.DOUBLE)


@dataclass(frozen=True)
class Tile(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.Tile.Tile",)

    method: Method
    group: tuple[str, ...]
    fields: tuple[str, ...]
    """What decides: the summed, measured or limited field, or those whose values are told apart."""
    tiles: int = 0
    sort: str = ""
    """Sorts the rows first: numbers descending, everything else ascending."""
    locale: int = 0
    whole: str = ""
    """A run of equal values in this field stays in one tile."""
    as_first: bool = False
    """The tile of such a run is that of its first row; else that of its last."""
    keeps_order: bool = False
    limits: tuple[float, ...] = ()
    naming: Naming = Naming.NONE

    @classmethod
    def read(cls, config: Configuration) -> "Tile":
        method = Method(config.choice("Method", [one.value for one in Method]))
        group = config.field_names("GroupFields")
        part = config.child(method.value)
        match method:
            case Method.UNIQUE:
                return cls(method, group, part.field_names("UniqueFields"), keeps_order=part.flag("DontSort"))
            case Method.MANUAL:
                limits = tuple(sorted(_limit(line) for line in part.value("Cutoffs").splitlines() if line.strip()))
                return cls(method, group, (part.value("Field"),), tiles=len(limits) + 1, limits=limits)
            case Method.SMART:
                return cls(method, group, (part.value("Field"),), naming=_naming(part))
            case _:
                return cls(
                    method,
                    group,
                    (_ending(part, "SumField"),) if method is Method.EQUAL_SUM else (),
                    tiles=_tiles(part),
                    sort=_ending(part, "SortField"),
                    locale=part.whole("SortLocale"),
                    whole=_ending(part, "GroupField"),
                    # Two published results: documents that know the setting were run by an engine that keeps runs together so.
                    as_first=part.has("SortLocale"),
                )

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Rows come sorted by the group fields; within a group by the sort field or the unique fields, else as they came."""
        table = inputs.one()
        keys = [table.field(name) for name in self.group]
        decisive = [table.field(name) for name in self.fields]
        number = Field(unique_name("Tile_Num", table.names), self._type)
        sequence = Field(unique_name("Tile_SequenceNum", [*table.names, number.name]), FieldType.INT32)
        frame = self._sorted(table, keys, decisive).with_row_index(_ROW)
        if self.method is Method.UNIQUE:
            frame = _with_values(frame, keys, decisive)
        frame = frame.with_columns(self._tile(keys, decisive).cast(number.dtype).alias(number.name))
        if self.whole:
            frame = self._unsplit(frame, number, keys, table.field(self.whole))
        place = position_in_group([*keys, number]) + 1
        frame = frame.with_columns(pl.when(column(number.name).is_not_null()).then(place).cast(pl.Int32).alias(sequence.name))
        fields = [*table.fields, number, sequence]
        if self.naming is not Naming.NONE:
            name = Field(unique_name("SmartTile_Name", [field.name for field in fields]), FieldType.V_STRING)
            frame = frame.with_columns(self._name(keys, decisive[0], column(number.name)).alias(name.name))
            fields.append(name)
        return Built({"Output": Table(frame.select(columns(field.name for field in fields)), tuple(fields))})

    @property
    def _type(self) -> FieldType:
        return FieldType.INT32 if self.method is Method.UNIQUE or self.tiles > _INT16_MAX else FieldType.INT16

    def _unsplit(self, frame: pl.LazyFrame, number: Field, keys: Sequence[Field], whole: Field) -> pl.LazyFrame:
        """The tiles so that every run of equal values is in one."""
        value = column(whole.name)
        runs = frame.with_columns(_each(value.ne_missing(value.shift(1)).cast(pl.Int64).cum_sum(), keys).alias(_RUN))
        by = [*columns(key.name for key in keys), column(_RUN)]
        tile = column(number.name).first() if self.as_first else column(number.name).last()
        return runs.with_columns(tile.over(by)).drop(_RUN)

    def _sorted(self, table: Table, keys: Sequence[Field], decisive: Sequence[Field]) -> pl.LazyFrame:
        orders = [(column(key.name), False) for key in keys]
        if self.method is Method.UNIQUE and not self.keeps_order:
            orders += [(column(field.name), False) for field in decisive]
        if self.sort:
            orders.append(self._sort_order(table.field(self.sort)))
        if not orders:
            return table.frame
        descending = [is_descending for _, is_descending in orders]
        return table.frame.sort([value for value, _ in orders], descending=descending, nulls_last=descending, maintain_order=True)

    def _sort_order(self, field: Field) -> tuple[pl.Expr, bool]:
        if field.type.is_text and self.locale:
            return dictionary_rank(column(field.name), self.locale), False
        return column(field.name), field.type.is_numeric

    def _tile(self, keys: Sequence[Field], decisive: Sequence[Field]) -> pl.Expr:
        match self.method:
            case Method.EQUAL_RECORDS:
                return _equal_records(keys, self.tiles)
            case Method.EQUAL_SUM:
                return _equal_sum(keys, _number(decisive[0]), self.tiles)
            case Method.SMART:
                value = _number(decisive[0])
                mean, spread = _mean_and_spread(value, keys)
                tile = (quotient(value - mean, spread) + 0.5).floor().fill_nan(0.0)
                return pl.when(value.is_not_null()).then(tile.fill_null(0.0)).cast(pl.Int64)
            case Method.MANUAL:
                value = _number(decisive[0])
                above = [(value > limit).cast(pl.Int64) for limit in self.limits]
                return pl.when(value.is_not_null()).then(pl.sum_horizontal(pl.lit(1, pl.Int64), *above))
            case Method.UNIQUE:
                return column(_VALUE)

    def _name(self, keys: Sequence[Field], decisive: Field, tile: pl.Expr) -> pl.Expr:
        """Null for a row without a tile; tiles further out than three have the names of the third."""
        outer = max(_SMART_NAMES)
        name = tile.clip(-outer, outer).cast(pl.Int64).replace_strict(_SMART_NAMES, default=None, return_dtype=pl.String)
        if self.naming is Naming.NAME:
            return name
        mean, spread = _mean_and_spread(_number(decisive), keys)
        low, high = (text_of(mean + (tile + side).cast(pl.Float64) * spread.fill_null(0.0), _NUMBER) for side in (-0.5, 0.5))
        return pl.concat_str([name, pl.lit(" ("), low, pl.lit(" to "), high, pl.lit(")")])


def _mean_and_spread(value: pl.Expr, keys: Sequence[Field]) -> tuple[pl.Expr, pl.Expr]:
    return _each(value.mean(), keys), _each(value.std(), keys)


def _each(value: pl.Expr, keys: Sequence[Field]) -> pl.Expr:
    """The expression worked out for each group, or for all rows."""
    return value.over(columns(key.name for key in keys)) if keys else value


def _equal_records(keys: Sequence[Field], tiles: int) -> pl.Expr:
    position = _each(pl.int_range(pl.len(), dtype=pl.Int64), keys)
    return position * tiles // _each(pl.len(), keys).cast(pl.Int64) + 1


def _equal_sum(keys: Sequence[Field], value: pl.Expr, tiles: int) -> pl.Expr:
    """A row belongs where its middle lies when the sums are laid end to end."""
    filled = value.fill_null(0.0)
    middle = _each(filled.cum_sum(), keys) - filled / 2
    tile = quotient(middle * tiles, _each(filled.sum(), keys)).floor().fill_nan(0.0)
    return tile.clip(0, tiles - 1).cast(pl.Int64) + 1


def _with_values(frame: pl.LazyFrame, keys: Sequence[Field], decisive: Sequence[Field]) -> pl.LazyFrame:
    """Every combination of values numbered within its group, by where it first appears."""
    by = columns(dict.fromkeys(field.name for field in (*keys, *decisive)))
    firsts = frame.with_columns((column(_ROW) == column(_ROW).min().over(by)).cast(pl.Int64).alias(_VALUE))
    counted = firsts.with_columns(_each(column(_VALUE).cum_sum(), keys).alias(_VALUE))
    return counted.with_columns(column(_VALUE).min().over(by))


def _number(field: Field) -> pl.Expr:
    if not field.type.is_numeric:
        raise ToolError(f'Tiles are made of numbers, but the field "{field.name}" is a {field.type}.')
    return column(field.name).cast(pl.Float64)


def _limit(line: str) -> float:
    try:
        return float(line)
    except ValueError:
        raise ToolError(f"A tile's limit must be a number, not {line.strip()!r}") from None


def _tiles(part: Configuration) -> int:
    tiles = part.whole("NumTiles", 1)
    if not 1 <= tiles <= _MOST_TILES:
        raise ToolError(f"There must be 1 to {_MOST_TILES} tiles, not {tiles}.")
    return tiles


def _ending(part: Configuration, ending: str) -> str:
    """The text of the child whose tag ends so (`EqualRecordsSortField`); empty where there is none."""
    return next((child.text for child in part.each("*") if str(child.element.tag).endswith(ending)), "")


def _naming(part: Configuration) -> Naming:
    """How documents ask for names is not published: a child that speaks of a name and says which; anything else is refused."""
    for child in part.each("*"):
        tag, asked = str(child.element.tag), (child.attribute("value") or child.text).strip().casefold()
        if tag == "Field" or asked in ("", "none", "false", "no"):
            continue
        if "verbose" in asked or ("verbose" in tag.casefold() and asked == "true"):
            return Naming.VERBOSE
        if "name" in tag.casefold() and asked in ("true", "name", "output"):
            return Naming.NAME
        raise UnsupportedError(f"Smart Tile option {tag}", f'what "{child.attribute("value") or child.text.strip()}" asks for is not known')
    return Naming.NONE
