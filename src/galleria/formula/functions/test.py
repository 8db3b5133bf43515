"""Questions about values that answer true or false."""

import polars as pl

from galleria.fields.rare import mapped
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
