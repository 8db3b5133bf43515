"""Questions about values that answer true or false."""

import math

import polars as pl

from galleria.fields.rare import mapped
from galleria.formula.by_row import by_row
from galleria.formula.dictionary import compared
from galleria.formula.kinds import Kind
from galleria.formula.operand import Operand
from galleria.formula.registry import Site, function


@function("IsNull(value: Any) -> Bool", detailed=True)
def is_null(site: Site, value: Operand) -> pl.Expr:
    """Whether the value is Null; empty text is not."""
    return pl.lit(value=True) if value.type.kind is Kind.NULL else value.expression.is_null()


@function("IsEmpty(value: Any) -> Bool", detailed=True)
def is_empty(site: Site, value: Operand) -> pl.Expr:
    """Whether the value is Null or empty text; blanks are not empty."""
    if value.type.kind is Kind.TEXT:
        return (value.expression.str.len_bytes() == 0).fill_null(value=True)
    return is_null(site, value)


@function("IsNumber(value: Any) -> Bool", detailed=True)
def is_number(site: Site, value: Operand) -> pl.Expr:
    """Whether the value is of a number type, Bool included; its content does not matter."""
    return pl.lit(value.type.kind.is_number)


@function("IsString(value: Any) -> Bool", detailed=True)
def is_string(site: Site, value: Operand) -> pl.Expr:
    """Whether the value is of a text type; its content does not matter."""
    return pl.lit(value.type.kind is Kind.TEXT)


@function("IsSpatialObj(value: Any) -> Bool", detailed=True)
def is_spatial_object(site: Site, value: Operand) -> pl.Expr:
    """Whether the value is a spatial object, by its type."""
    return pl.lit(value.type.kind is Kind.SPATIAL)


@function("IsInteger(value: Any) -> Bool", detailed=True)
def is_integer(site: Site, value: Operand) -> pl.Expr:
    """Whether the value is a whole number, or text that reads as one."""
    kind = value.type.kind
    if kind is Kind.TEXT:
        return value.expression.str.contains(r"\A\s*[+-]?[0-9]+\z").fill_null(value=False)
    if kind is not Kind.NUMBER:
        return pl.lit(kind is Kind.BOOL)
    number = value.expression
    return number.is_not_null() if value.type.is_whole else (number == number.floor()).fill_null(value=False)


@function("IsUpperCase(text: String) -> Bool")
def is_upper_case(text: pl.Expr) -> pl.Expr:
    """Whether no letter of the text is in lower case; other characters do not count."""
    return mapped(text, lambda column: column == column.str.to_uppercase(), pl.Boolean()).fill_null(value=False)


@function("IsLowerCase(text: String) -> Bool")
def is_lower_case(text: pl.Expr) -> pl.Expr:
    """Whether no letter of the text is in upper case; other characters do not count."""
    return mapped(text, lambda column: column == column.str.to_lowercase(), pl.Boolean()).fill_null(value=False)


@function("EqualStrings(left: String, right: String) -> Bool")
def equal_strings(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Whether two texts are identical, letter case included."""
    return left.eq_missing(right)


@function("CompareEpsilon(left: Double, right: Double, epsilon: Double) -> Bool")
def compare_epsilon(left: pl.Expr, right: pl.Expr, epsilon: pl.Expr) -> pl.Expr:
    """Whether two numbers are not further apart than `epsilon`."""
    return ((left - right).abs() <= epsilon).fill_null(value=False)


@function("CompareDigits(left: Double, right: Double, digits: Double) -> Bool")
def compare_digits(left: pl.Expr, right: pl.Expr, digits: pl.Expr) -> pl.Expr:
    """Whether two numbers are the same to that many digits: their difference begins so many places behind the greater one."""
    return by_row(_same_digits, pl.Boolean(), [left, right, digits]).fill_null(value=False)


def _same_digits(left: float, right: float, digits: float) -> bool:
    wanted = round(min(max(digits, 1), 19))
    apart, greater = abs(left - right), max(abs(left), abs(right))
    if apart == 0:
        return True
    return math.floor(math.log10(greater)) - math.floor(math.log10(apart)) >= wanted


@function("CompareDictionary(left: String, right: String) -> Int")
def compare_dictionary(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """-1, 0 or 1 as a dictionary places the texts: in any letter case, numbers by value, letters with accents last."""
    return by_row(compared, pl.Int64(), [left, right])
