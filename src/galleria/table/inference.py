"""The type of a column, seen from its texts: Text Input, Auto Field and their like.

Source: cached schemas of real workflows, `tools.md` 2.2. The original engine picks the smallest type that holds
every text; the newer engine (AMP) knows Int32, Double and texts of unlimited length only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.table.few_texts import Patterns
from galleria.table.geojson import wkb_from_geojson

_INTEGER = r"^[+-]?[0-9]+$"
_FITTING = r"^[+-]?[0-9]{1,18}$"
_PADDED = r"^[+-]?0[0-9]+$"
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
# Longer fractions stay text (one saved schema: 0.044000000000000004 in a V_String; 15 digits are seen as Double).
_LONG_FRACTION = r"^[+-]?0*\.?0*[1-9](\.?[0-9]){15}"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"
_DATETIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"
_GEOJSON = (
    r'(?is)\A\s*\{\s*"type"\s*:\s*"(?:Multi)?(?:Point|LineString|Polygon)"\s*,\s*"coordinates"\s*:\s*'
    r"\[[^\{\}]*\]\s*\}\s*\z"
)
_PATTERNS = Patterns(
    integer=_INTEGER, fitting=_FITTING, padded=_PADDED, number=_NUMBER, long_fraction=_LONG_FRACTION,
    date=_DATE, time=_TIME, datetime=_DATETIME, shape=_GEOJSON,
)  # laid out by meaning # fmt: skip
_FEW = 1000
"""Cells up to which a look at each is quicker than a query."""
_EARLIEST = pl.date(1400, 1, 1)
_RANGES = {FieldType.BYTE: (0, 2**8 - 1), FieldType.INT16: (-(2**15), 2**15 - 1), FieldType.INT32: (-(2**31), 2**31 - 1)}
_LONGEST_FIXED = 256
"""Characters up to which texts of one length are no variable ones (saved schemas: 256 is a String, 381 a V_String)."""
_SPREAD = 5.0
"""Characters by which the longest text may exceed the average before a text column becomes a variable one."""


@dataclass(frozen=True)
class Texts:
    """What inference needs to know about a column of texts; Null and the empty text do not count among them."""

    rows: int
    """All rows, those without a text too."""
    texts: int
    integers: int
    padded: int
    """Whole numbers with a leading zero: codes, not numbers."""
    lowest: int | None
    highest: int | None
    """Over the whole numbers of at most 18 digits; both None where there is none."""
    fitting: int
    """Whole numbers of at most 18 digits."""
    numbers: int
    """Texts in number form that a Double holds exactly (15 digits), or whole numbers of any length."""
    flags: int
    dates: int
    times: int
    datetimes: int
    shapes: int
    """Texts that look like GeoJSON."""
    longest: int
    average: float
    """Characters."""
    wide: int
    """Texts with a character beyond Latin-1."""


def texts_query(frame: pl.LazyFrame, columns: Sequence[str]) -> pl.LazyFrame:
    """One row: for each of `columns` (all of text type) a struct that `texts_seen` reads."""
    return frame.select(_summary(name) for name in columns)


def texts_of(frame: pl.DataFrame) -> Mapping[str, Texts]:
    """As `texts_query` and `texts_seen`, for a small frame of texts that is there already."""
    if frame.height * frame.width <= _FEW:
        return {name: Texts(**_PATTERNS.summary(texts)) for name, texts in frame.to_dict(as_series=False).items()}
    return texts_seen(frame.select(_summary(name) for name in frame.columns))


def texts_seen(answer: pl.DataFrame) -> Mapping[str, Texts]:
    """The answer to `texts_query`, by column."""
    return {name: Texts(**seen) for name, seen in answer.row(0, named=True).items()}


def infer(name: str, seen: Texts, *, amp: bool = False, source: str = "") -> Field:
    """The field for a column whose texts are `seen`, by the rules of the original engine or, with `amp`, of the newer."""
    if not seen.rows:
        return Field(name, FieldType.V_WSTRING, source=source)
    kind = _plain_kind(seen, amp=amp)
    if kind is not None:
        return Field(name, kind, source=source)
    if amp:
        return Field(name, FieldType.V_WSTRING if seen.wide else FieldType.V_STRING, source=source)
    variable = seen.longest > _LONGEST_FIXED or seen.longest - seen.average > _SPREAD
    kind = _TEXT_KINDS[bool(seen.wide), variable]
    return Field(name, kind, size=max(seen.longest, 1), source=source)


def typed(texts: pl.Expr, field: Field) -> pl.Expr:
    """`texts` as values of the `field` that `infer` gave for them; the empty text is Null."""
    texts = texts.replace("", None)
    match field.type:
        case FieldType.BOOL:
            return texts.str.to_lowercase() == "true"
        case FieldType.DATE:
            return texts.str.to_date("%Y-%m-%d")
        case FieldType.DATETIME:
            return texts.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us")
        case FieldType.TIME:
            return texts.str.to_time("%H:%M:%S")
        case FieldType.SPATIAL:
            return texts.map_elements(wkb_from_geojson, return_dtype=pl.Binary)
        case kind if kind.is_numeric:
            return texts.str.strip_chars(" ").str.strip_prefix("+").cast(field.dtype)
        case _:
            return texts


_TEXT_KINDS = {
    (False, False): FieldType.STRING,
    (False, True): FieldType.V_STRING,
    (True, False): FieldType.WSTRING,
    (True, True): FieldType.V_WSTRING,
}


def _plain_kind(seen: Texts, *, amp: bool) -> FieldType | None:
    """The type that is not text, or None."""
    count = seen.texts
    if not count or seen.flags == count:
        return FieldType.BOOL
    if seen.numbers == count and not seen.padded:
        return _number_kind(seen, amp=amp)
    of_one_form = {
        FieldType.DATE: seen.dates,
        FieldType.DATETIME: seen.datetimes,
        FieldType.TIME: seen.times,
        FieldType.SPATIAL: seen.shapes,
    }
    return next((kind for kind, number in of_one_form.items() if number == count), None)


def _number_kind(seen: Texts, *, amp: bool) -> FieldType | None:
    if seen.integers < seen.texts:
        return FieldType.DOUBLE
    if seen.fitting < seen.texts or seen.lowest is None or seen.highest is None:
        return None
    for kind, (least, most) in _RANGES.items():
        if least <= seen.lowest and seen.highest <= most:
            return FieldType.INT32 if amp else kind
    return FieldType.INT64


def _summary(name: str) -> pl.Expr:
    text = column(name).replace("", None)
    digits = text.str.strip_chars(" ")
    integer = digits.str.contains(_INTEGER)
    number = integer | digits.str.contains(_NUMBER) & ~digits.str.contains(_LONG_FRACTION)
    whole = pl.when(digits.str.contains(_FITTING)).then(digits.str.strip_prefix("+")).cast(pl.Int64, strict=False)
    day = text.str.head(10).str.to_date("%Y-%m-%d", strict=False) >= _EARLIEST
    length = text.str.len_chars()
    return pl.struct(
        rows=pl.len(),
        texts=text.count(),
        integers=integer.sum(),
        padded=digits.str.contains(_PADDED).sum(),
        lowest=whole.min(),
        highest=whole.max(),
        fitting=whole.count(),
        numbers=number.sum(),
        flags=text.str.to_lowercase().is_in(["true", "false"]).sum(),
        dates=(text.str.contains(_DATE) & day).sum(),
        times=text.str.contains(_TIME).sum(),
        datetimes=(text.str.contains(_DATETIME) & day).sum(),
        shapes=text.str.contains(_GEOJSON).sum(),
        longest=length.max().fill_null(0).cast(pl.Int64),
        average=length.mean().fill_null(0.0),
        wide=text.str.contains(r"[^\x{00}-\x{ff}]").sum(),
    ).alias(name)
