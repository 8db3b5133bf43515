"""`= != < <= > >=` and IN: two-valued, blind to letter case, dates as their text.

Source: help page Operators. With a Null: `=` and `!=` treat it as a value of its own, `<` and `>` are False, `<=` and `>=`
True only if both sides are Null.
"""

import operator
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime

import polars as pl

from galleria.errors import FormulaError
from galleria.formula.folding import equal, equal_pattern, folded, is_caseless, sorts_as_it_is
from galleria.formula.kinds import TEXT, Kind
from galleria.formula.operand import Operand, as_text, literal_operand, number_of_truth
from galleria.formula.tree import Name, Number

_PATTERN_FOR = 40
"""A regular expression finds up to so many texts faster than folding and a look-up does."""


def compare(sign: str, left: Operand, right: Operand, position: int) -> pl.Expr:
    """One comparison, never Null; raises FormulaError where the sides are of unlike kinds."""
    for null, other in ((left, right), (right, left)):
        if null.type.kind is Kind.NULL:
            return _with_null(sign, other)
    left, right = _as_answer(left, right), _as_answer(right, left)
    kinds = (left.type.kind, right.type.kind)
    if not left.reads and right.reads:
        # A literal before a column that holds one value loses the rows in Polars' engine in memory; behind it, it does not.
        left, right, sign = right, left, _TURNED[sign]
    if all(kind.is_number for kind in kinds):
        return _compared(sign, *_plain(left, right), sure=left.is_sure or right.is_sure)
    if all(kind.is_text for kind in kinds):
        return _texts(sign, left, right)
    if kinds[0] is kinds[1] and sign in ("=", "!="):
        return _compared(sign, left.expression, right.expression)
    raise FormulaError(f"Type mismatch in operator {sign}: {kinds[0]} and {kinds[1]} cannot be compared", position)


def _as_answer(item: Operand, other: Operand) -> Operand:
    """The answer to a check box as the text True or False where it meets a text: documents ask for `[#1] = "false"`."""
    if item.type.kind is not Kind.BOOL or not other.type.kind.is_text or not isinstance(item.node, Name) or not item.is_constant:
        return item
    return literal_operand(item.node, TEXT, str(item.constant))


def member(operand: Operand, choices: Sequence[Operand], position: int) -> pl.Expr:
    """Whether the value equals one of the choices; never Null."""
    constant = [choice for choice in choices if choice.is_constant and choice.type.kind is operand.type.kind]
    others = [choice for choice in choices if not any(choice is item for item in constant)]
    found = [compare("=", operand, choice, position) for choice in others]
    if constant:
        found.append(_in_constants(operand, [choice.constant for choice in constant]))
    return found[0] if len(found) == 1 else pl.any_horizontal(found)


def _in_constants(operand: Operand, values: list[object]) -> pl.Expr:
    present = [value for value in values if value is not None]
    if operand.type.kind is Kind.TEXT:
        found = _in_texts(operand.expression, [str(value) for value in present])
    else:
        wide = operand.type.dtype if all(not isinstance(value, float) for value in present) else pl.Float64()
        found = operand.expression.cast(wide).is_in(pl.Series(present, dtype=wide).implode())
    found = found.fill_null(value=False)
    return found | operand.expression.is_null() if len(present) < len(values) else found


def _in_texts(value: pl.Expr, texts: list[str]) -> pl.Expr:
    if all(is_caseless(text) for text in texts):
        return value.is_in(texts)
    pattern = equal_pattern(texts) if len(texts) <= _PATTERN_FOR else None
    if pattern is not None:
        return value.str.contains(pattern)
    return folded(value).is_in([text.casefold() for text in texts])


def _with_null(sign: str, other: Operand) -> pl.Expr:
    if other.type.kind is Kind.NULL:
        return pl.lit(sign in ("=", "<=", ">="))
    if sign in ("=", "<=", ">="):
        return other.expression.is_null()
    return other.expression.is_not_null() if sign == "!=" else pl.lit(value=False)


def _plain(left: Operand, right: Operand) -> tuple[pl.Expr, pl.Expr]:
    """Numbers, in types that Polars compares exactly; a whole literal adapts to the column, which stays narrow."""
    if Kind.BOOL in (left.type.kind, right.type.kind) and left.type.kind is not right.type.kind:
        return _as_whole(left), _as_whole(right)
    return _literal(left), _literal(right)


def _as_whole(item: Operand) -> pl.Expr:
    return number_of_truth(item) if item.type.kind is Kind.BOOL else item.expression


def _literal(item: Operand) -> pl.Expr:
    value = item.constant if isinstance(item.node, Number) else None
    return pl.lit(value) if isinstance(value, int) else item.expression


def _texts(sign: str, left: Operand, right: Operand) -> pl.Expr:
    if left.type.kind.is_temporal or right.type.kind.is_temporal:
        quick = _moments(sign, left, right)
        if quick is not None:
            return quick
        left, right = as_text(left), as_text(right)
    for text, other, turned in ((right, left, sign), (left, right, _TURNED[sign])):
        constant = text.constant_text
        if constant is not None:
            return _with_text(turned, other.expression, constant)
    if sign in ("=", "!="):
        same = equal(left.expression, right.expression)
        return same if sign == "=" else ~same
    return _compared(sign, folded(left.expression), folded(right.expression), sure=left.is_sure or right.is_sure)


def _with_text(sign: str, value: pl.Expr, text: str) -> pl.Expr:
    if sign in ("=", "!="):
        if is_caseless(text):
            return _compared(sign, value, pl.lit(text), sure=True)
        pattern = equal_pattern([text])
        same = value.str.contains(pattern) if pattern is not None else folded(value) == text.casefold()
        found = same.fill_null(value=False)
        return found if sign == "=" else ~found
    return _compared(sign, value if sorts_as_it_is(text) else folded(value), pl.lit(text.casefold()), sure=True)


def _moments(sign: str, left: Operand, right: Operand) -> pl.Expr | None:
    """Dates compared as dates where that gives what their texts would give; None where it might not."""
    one, other = _moment(left, right), _moment(right, left)
    if one is None or other is None:
        return None
    if one[1] is other[1]:
        return _compared(sign, one[0], other[0])
    if {one[1], other[1]} != {Kind.DATE, Kind.DATETIME}:
        return None
    # "2020-01-01 00:00:00" is longer than "2020-01-01", so greater, and never equal.
    if one[1] is Kind.DATE:
        one, other, sign = other, one, _TURNED[sign]
    midnight = other[0].cast(pl.Datetime("us"))
    both_null = one[0].is_null() & midnight.is_null()
    if sign in ("=", "!="):
        return both_null if sign == "=" else ~both_null
    compared = (one[0] < midnight if sign in ("<", "<=") else one[0] >= midnight).fill_null(value=False)
    return compared if sign in ("<", ">") else compared | both_null


def _moment(item: Operand, other: Operand) -> tuple[pl.Expr, Kind] | None:
    if item.type.kind.is_temporal:
        return item.expression, item.type.kind
    text = item.constant_text
    if text is None or not other.type.kind.is_temporal:
        return None
    return constant_moment(text)


def constant_moment(text: str) -> tuple[pl.Expr, Kind] | None:
    """A text that is exactly a date, or a date with time, as a literal; None for any other."""
    try:
        if _DATE.fullmatch(text):
            return pl.lit(date.fromisoformat(text)), Kind.DATE
        if _DATETIME.fullmatch(text):
            return pl.lit(datetime.fromisoformat(text)), Kind.DATETIME
    except ValueError:
        pass
    return None


def _compared(sign: str, left: pl.Expr, right: pl.Expr, *, sure: bool = False) -> pl.Expr:
    # `sure`: at least one side is never Null.
    if sign == "=":
        return left.eq_missing(right)
    if sign == "!=":
        return left.ne_missing(right)
    compared = _SIGNS[sign](left, right).fill_null(value=False)
    return compared if sure or sign in ("<", ">") else compared | (left.is_null() & right.is_null())


_SIGNS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_TURNED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
