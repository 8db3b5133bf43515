"""Between numbers and texts."""

import unicodedata
from functools import partial

import polars as pl

from galleria.errors import FormulaError
from galleria.fields.conversion import text_of
from galleria.fields.rare import mapped
from galleria.fields.rounding import scaled_to
from galleria.fields.text_numbers import double_of_text, double_problem
from galleria.fields.types import Field
from galleria.formula.by_row import by_row, by_value
from galleria.formula.kinds import BOOL, DOUBLE, Kind
from galleria.formula.operand import Operand, as_number, as_text
from galleria.formula.registry import Outcome, Site, function

_MOST_DECIMALS = 100


@function("ToNumber(value: Any, ignore_errors: Any = 0, keep_nulls: Any = 0, separator: String = Null()) -> Number", detailed=True)
def to_number(site: Site, value: Operand, ignore_errors: Operand, keep_nulls: Operand, separator: Operand) -> Outcome:
    """The number that a text begins with; 0 for Null and for other text, or Null where `keep_nulls` is 1.

    Text that is not wholly a number is a conversion error unless `ignore_errors` is 1. Commas may part thousands; where a
    decimal separator is given (`.` or `,`), blanks and the other sign may.
    """
    if value.type.kind.is_number:
        number = as_number(value)
        return Outcome(_or_zero(number.expression, keep_nulls), type=number.type)
    text = as_text(value).expression
    read = _plain(text, separator)
    if ignore_errors.is_constant and _is_on(ignore_errors):
        return Outcome(_or_zero(double_of_text(read), keep_nulls), type=DOUBLE)
    problem = double_problem(read, "TONUMBER: ")
    if not ignore_errors.is_constant:
        problem = pl.when(~_flag(ignore_errors)).then(problem)
    return Outcome(_or_zero(double_of_text(read), keep_nulls), problem, DOUBLE)


def _plain(text: pl.Expr, separator: Operand) -> pl.Expr:
    """Thousands marks taken out, the decimal separator made a point."""
    if separator.is_constant and separator.constant is None:
        # A workflow of 2021.1 reaches its published result only so. Only behind digits: other text is told as it is.
        return text.str.replace_all("([0-9]),", "${1}")
    comma = text.str.replace_all(r"[ .\u00a0]", "").str.replace_all(",", ".", literal=True)
    point = text.str.replace_all(r"[ ,\u00a0]", "")
    return _by_separator(separator, point, comma)


def _by_separator(separator: Operand, point: pl.Expr, comma: pl.Expr) -> pl.Expr:
    if separator.is_constant:
        return comma if separator.constant == "," else point
    return pl.when(separator.expression == ",").then(comma).otherwise(point)


def _or_zero(number: pl.Expr, keep_nulls: Operand) -> pl.Expr:
    if keep_nulls.is_constant:
        return number if _is_on(keep_nulls) else number.fill_null(0)
    return pl.when(_flag(keep_nulls)).then(number).otherwise(number.fill_null(0))


def _is_on(flag: Operand) -> bool:
    """A constant flag: a number, a Bool, or even the text "false"."""
    value = flag.constant
    return value.strip().lower() not in ("", "false", "0") if isinstance(value, str) else bool(value)


def _flag(flag: Operand) -> pl.Expr:
    if flag.type.kind is Kind.TEXT:
        return ~flag.expression.str.strip_chars().str.to_lowercase().is_in(["", "false", "0"]).fill_null(value=True)
    if not flag.type.kind.is_number and flag.type.kind is not Kind.NULL:
        raise FormulaError("Type mismatch. A flag is a number or a truth value.", flag.position)
    return (flag.expression.cast(pl.Float64) != 0).fill_null(value=False)


@function("ToString(value: Any, decimals: Int = Null(), thousands: Any = 0, separator: String = Null()) -> String", detailed=True)
def to_string(site: Site, value: Operand, decimals: Operand, thousands: Operand, separator: Operand) -> pl.Expr:
    """A number as text: with as many decimals as asked for, rounded by its exact binary value, or else as a text field shows it.

    `thousands` 1 parts thousands, with a comma, or with a point where the decimal separator is a comma.
    """
    if not value.type.kind.is_number:
        return as_text(value).expression
    text = _digits(as_number(value) if value.type == BOOL else value, decimals)
    if not thousands.is_constant:
        text = pl.when(_flag(thousands)).then(_parted(text)).otherwise(text)
    elif _is_on(thousands):
        text = _parted(text)
    if separator.is_constant and separator.constant != ",":
        return text
    return _by_separator(separator, text, text.str.replace_many({".": ",", ",": "."}))


def _digits(value: Operand, decimals: Operand) -> pl.Expr:
    plain = text_of(value.expression, Field("", value.type.field_type))
    if not decimals.is_constant:
        number = as_number(value).expression.cast(pl.Float64)
        return by_row(_fixed_one, pl.String(), [number, decimals.expression])
    places = decimals.constant
    if not isinstance(places, int) or (places <= 0 and value.type.is_whole):
        return plain
    whole = as_number(value).expression
    return mapped(whole.cast(pl.Float64), partial(_fixed, places=min(max(places, 0), _MOST_DECIMALS)), pl.String())


def _fixed(numbers: pl.Series, places: int) -> pl.Series:
    if places > 15:
        return pl.Series(numbers.name, [None if value is None else _fixed_one(value, places) for value in numbers.to_list()], pl.String())
    digits = scaled_to(numbers.abs(), places).cast(pl.String).str.zfill(places + 1)
    whole = digits.str.head(-places) if places else digits
    size = whole + "." + digits.str.tail(places) if places else whole
    negative = (numbers < 0) & (digits.str.strip_chars("0").str.len_bytes() > 0)
    return size.zip_with(~negative, "-" + size)


def _fixed_one(value: float, places: int) -> str:
    places = max(places, 0)
    return _fixed(pl.Series([value], dtype=pl.Float64), places).item() if places <= 15 else f"{value:.{min(places, _MOST_DECIMALS)}f}"


def _parted(text: pl.Expr) -> pl.Expr:
    return by_value(_with_commas, pl.String(), text)


def _with_commas(text: str) -> str:
    whole, point, fraction = text.partition(".")
    sign = whole[:1] if whole[:1] == "-" else ""
    digits = whole.removeprefix("-")
    return f"{sign}{int(digits):,}{point}{fraction}" if digits.isdigit() else text


@function("ToDegrees(radians: Double) -> Number")
def to_degrees(radians: pl.Expr) -> pl.Expr:
    """An angle of radians in degrees."""
    return radians.degrees()


@function("ToRadians(degrees: Double) -> Number")
def to_radians(degrees: pl.Expr) -> pl.Expr:
    """An angle of degrees in radians."""
    return degrees.radians()


@function("UnicodeNormalize(text: String, form: String) -> String")
def unicode_normalize(text: pl.Expr, form: pl.Expr) -> pl.Expr:
    """The text in a normal form: NFC, NFD, NFKC or NFKD; Null for any other form."""
    return by_row(_normalized, pl.String(), [text, form])


def _normalized(text: str, form: str) -> str | None:
    match form.strip().upper():
        case "NFC" | "NFD" | "NFKC" | "NFKD" as known:
            return unicodedata.normalize(known, text)
        case _:
            return None
