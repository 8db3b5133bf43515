"""Whether two tables hold the same, by rules that forgive how it is written.

Columns are paired by name, whatever their order, letter case, blanks, `_` and `-`. Rows are a multiset, or paired by a key. Empty
text, `[Null]` and Null are one; blanks at the end and kinds of line breaks do not count. What reads as a number is one: whole ones are
equal exactly, others to a relative tolerance or to the decimals that the first table shows. True and False equal 1 and 0 where a
column is a Bool; a date equals its midnight. Spatial objects and blobs are not compared.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from galleria.errors import InvalidError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.types import Field, FieldType
from galleria.table.table import Table

TOLERANCE = 1e-6
_PLAIN = r"^(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|-?\.[0-9]+)$"
_LENIENT = r"^\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
_WHOLE = r"^-?[0-9]+$"
_SIDE, _TIMES, _RANK = "side", "times", "rank"
_EXAMPLES = 5


@dataclass(frozen=True)
class Pair:
    """A column of the first table and the one of the second with the same name."""

    name: str
    left: Field
    right: Field

    @property
    def is_opaque(self) -> bool:
        return self.left.type.is_binary or self.right.type.is_binary


@dataclass(frozen=True)
class ColumnDifference:
    name: str
    count: int
    """Rows in which it differs."""
    examples: Sequence[tuple[str, str | None, str | None]]
    """Key, first and second value."""


@dataclass(frozen=True)
class Comparison:
    rows: tuple[int, int]
    missing_columns: Sequence[str] = ()
    """Only in the first table."""
    extra_columns: Sequence[str] = ()
    not_compared: Sequence[str] = ()
    missing: pl.DataFrame = field(default_factory=pl.DataFrame)
    """Rows of the first table without a partner, as texts."""
    extra: pl.DataFrame = field(default_factory=pl.DataFrame)
    columns: Sequence[ColumnDifference] = ()
    """With a key: the columns that differ in rows which both tables have."""

    @property
    def is_equal(self) -> bool:
        differs = self.missing_columns or self.extra_columns or len(self.missing) or len(self.extra) or self.columns
        return not differs and self.rows[0] == self.rows[1]


def compare_tables(left: Table, right: Table, key: Sequence[str] = (), tolerance: float = TOLERANCE) -> Comparison:
    """Compare; `key` names columns (as paired) that tell which rows belong together. Raises InvalidError for an unknown key."""
    pairs, missing, extra = _paired(left.fields, right.fields)
    kept = [pair for pair in pairs if not pair.is_opaque]
    wanted = {_plain_name(name): name for name in key}
    unknown = [name for plain, name in wanted.items() if plain not in {_plain_name(pair.name) for pair in kept}]
    if unknown:
        raise InvalidError(f"the key {', '.join(unknown)} is no column of both tables that can be compared")
    not_compared = [pair.name for pair in pairs if pair.is_opaque]
    counts = pl.collect_all([left.frame.select(pl.len()), right.frame.select(pl.len())], engine="streaming")
    about = Comparison((counts[0].item(), counts[1].item()), missing, extra, not_compared)
    if not kept:
        return about
    sides = [_cells(table, kept, side) for side, table in enumerate((left, right))]
    if wanted:
        keys = [at for at, pair in enumerate(kept) if _plain_name(pair.name) in wanted]
        return _by_key(about, sides, kept, keys, tolerance)
    return _as_multisets(about, sides, kept, tolerance)


def _paired(left: Sequence[Field], right: Sequence[Field]) -> tuple[list[Pair], list[str], list[str]]:
    rest = list(right)
    pairs: list[Pair] = []
    missing: list[str] = []
    for one in left:
        found = next((other for other in rest if _plain_name(other.name) == _plain_name(one.name)), None)
        if found is None:
            missing.append(one.name)
        else:
            rest.remove(found)
            pairs.append(Pair(one.name, one, found))
    return pairs, missing, [one.name for one in rest]


def _plain_name(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", name).casefold()


def _cells(table: Table, pairs: Sequence[Pair], side: int) -> pl.LazyFrame:
    """For each pair its text (`t0`), its canonical text (`c0`) and, where it reads as a number, that (`n0`)."""
    texts: list[pl.Expr] = []
    for at, pair in enumerate(pairs):
        one = (pair.left, pair.right)[side]
        text = text_of(column(one.name), one).str.replace_all("\r\n", "\n", literal=True).str.strip_chars_end()
        texts.append(pl.when(text != "[Null]").then(text).fill_null("").alias(f"t{at}"))
    frame = table.frame.select(texts)
    numbers = [_number(pl.col(f"t{at}"), pair).alias(f"n{at}") for at, pair in enumerate(pairs)]
    return frame.with_columns(numbers).with_columns(_canonical(at, pair).alias(f"c{at}") for at, pair in enumerate(pairs))


def _number(text: pl.Expr, pair: Pair) -> pl.Expr:
    if FieldType.BOOL in (pair.left.type, pair.right.type):
        words = {"true": "1", "false": "0"}
        text = text.str.to_lowercase().replace(words)
    is_numeric = pair.left.type.is_numeric or pair.right.type.is_numeric
    is_number = text.str.contains(_LENIENT if is_numeric else _PLAIN) & (text.str.len_chars() <= 60)
    return pl.when(is_number).then(text).str.strip_chars().cast(pl.Float64, strict=False)


def _canonical(at: int, pair: Pair) -> pl.Expr:
    """A text that equal cells share."""
    text, number = pl.col(f"t{at}"), pl.col(f"n{at}")
    is_text = not (pair.left.type.is_numeric or pair.right.type.is_numeric)
    short = (number == number.floor()) & (number.abs() < 1e15)
    # Beyond what a Double holds exactly, whole numbers are their digits.
    return (
        pl.when(short)
        .then(number.cast(pl.Int64, strict=False).cast(pl.String))
        .when(number.is_not_null() & text.str.contains(_WHOLE))
        .then(text if is_text else text.str.strip_prefix("+"))
        .when(number.is_not_null())
        .then(number.round_sig_figs(10).cast(pl.String))
        .otherwise(text.str.replace(r"^(\d{4}-\d\d-\d\d) 00:00:00(?:\.0+)?$", "$1"))
    )


def _is_near(at: int, tolerance: float) -> pl.Expr:
    """Whether the cell of one row is equal to that of its partner, whose columns end in `_right`."""
    text, number, canonical = pl.col(f"t{at}"), pl.col(f"n{at}"), pl.col(f"c{at}")
    other, other_canonical = pl.col(f"n{at}_right"), pl.col(f"c{at}_right")
    apart = (number - other).abs()
    both_whole = canonical.str.contains(_WHOLE) & other_canonical.str.contains(_WHOLE)
    shown = text.str.extract(r"^-?[0-9]*\.([0-9]+)$").str.len_chars().cast(pl.Float64)
    near = (apart <= tolerance * pl.max_horizontal(number.abs(), other.abs())) | (apart <= 0.5000001 * (10.0**-shown))
    return ((canonical == other_canonical) | (near & ~both_whole)).fill_null(value=False)


def _as_multisets(about: Comparison, sides: Sequence[pl.LazyFrame], pairs: Sequence[Pair], tolerance: float) -> Comparison:
    canonical = [f"c{at}" for at in range(len(pairs))]
    marked = [frame.with_columns(pl.lit(1 - 2 * side).alias(_SIDE)) for side, frame in enumerate(sides)]
    rest = [f"{letter}{at}" for letter in "tn" for at in range(len(pairs))]
    alone = pl.concat(marked).group_by(canonical).agg(pl.col(rest).first(), pl.col(_SIDE).sum())
    left_over = alone.filter(pl.col(_SIDE) != 0).collect(engine="streaming")
    left, right = (_repeated(left_over.filter(pl.col(_SIDE) * sign > 0)) for sign in (1, -1))
    left, right = _near_removed(left, right, len(pairs), tolerance)
    return _with(about, left, right, pairs, ())


def _repeated(frame: pl.DataFrame) -> pl.DataFrame:
    """Each row as often as it has no partner."""
    times = pl.col(_SIDE).abs()
    return frame.with_columns(pl.int_ranges(0, times).alias(_TIMES)).explode(_TIMES).drop(_SIDE, _TIMES)


def _near_removed(left: pl.DataFrame, right: pl.DataFrame, width: int, tolerance: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take away the rows whose fractions are near each other: of rows that are else equal, the n-th smallest meets the n-th smallest."""
    if left.is_empty() or right.is_empty():
        return left, right
    both = pl.concat([left, right])
    is_fraction = [
        bool(both.select((pl.col(f"n{at}").is_not_null() & ~pl.col(f"c{at}").str.contains(_WHOLE)).any()).item()) for at in range(width)
    ]
    fractions = [at for at in range(width) if is_fraction[at]]
    exact = [f"c{at}" for at in range(width) if not is_fraction[at]]
    if not fractions:
        return left, right
    order = [f"n{at}" for at in fractions]
    group = exact or [pl.lit(0)]
    ranked = [
        frame.sort(order, nulls_last=False, maintain_order=True).with_columns(pl.int_range(pl.len()).over(group).alias(_RANK))
        for frame in (left, right)
    ]
    met = ranked[0].join(ranked[1], on=[*exact, _RANK], how="inner", suffix="_right", coalesce=False)
    near = met.filter(pl.all_horizontal(_is_near(at, tolerance) for at in fractions)).select(*exact, _RANK)
    rests = [frame.join(near, on=[*exact, _RANK], how="anti").drop(_RANK) for frame in ranked]
    return rests[0], rests[1]


def _by_key(about: Comparison, sides: Sequence[pl.LazyFrame], pairs: Sequence[Pair], keys: Sequence[int], tolerance: float) -> Comparison:
    names = [f"c{at}" for at in keys]
    twins = pl.collect_all([frame.group_by(names).len().filter(pl.col("len") > 1).head(1) for frame in sides], engine="streaming")
    # Of several rows with one key, the first meets the first.
    rank = pl.int_range(pl.len()).over(names) if any(len(some) for some in twins) else pl.lit(0)
    ranked = [frame.with_columns(rank.alias(_RANK)) for frame in sides]
    on = [*names, _RANK]
    met = ranked[0].join(ranked[1], on=on, how="inner", suffix="_right", coalesce=False)
    rest = [at for at in range(len(pairs)) if at not in keys]
    told = pl.concat_str([pl.lit(f"{pairs[at].name}=") + pl.col(f"t{at}") for at in keys], separator=", ")
    wanted: list[pl.Expr] = []
    for at in rest:
        differs = ~_is_near(at, tolerance)
        examples = [value.filter(differs).head(_EXAMPLES).implode() for value in (told, pl.col(f"t{at}"), pl.col(f"t{at}_right"))]
        wanted += [differs.sum().alias(f"d{at}"), *(one.alias(f"e{at}_{n}") for n, one in enumerate(examples))]
    missing, extra = ranked[0].join(ranked[1], on=on, how="anti"), ranked[1].join(ranked[0], on=on, how="anti")
    left, right, found = pl.collect_all([missing, extra, met.select(wanted) if wanted else met.head(0)], engine="streaming")
    columns = [
        ColumnDifference(
            pairs[at].name, found[f"d{at}"].item(), list(zip(*(found[f"e{at}_{n}"].item().to_list() for n in range(3)), strict=True))
        )
        for at in rest
        if found[f"d{at}"].item()
    ]
    return _with(about, left, right, pairs, columns)


def _with(
    about: Comparison, left: pl.DataFrame, right: pl.DataFrame, pairs: Sequence[Pair], columns: Sequence[ColumnDifference]
) -> Comparison:
    shown = [pl.col(f"t{at}").alias(pair.name) for at, pair in enumerate(pairs)]
    rows = [frame.sort([f"t{at}" for at in range(len(pairs))]).select(shown) for frame in (left, right)]
    return Comparison(about.rows, about.missing_columns, about.extra_columns, about.not_compared, rows[0], rows[1], columns)
