"""Finding one text in another, replacing it, parting a text at it."""

import re
from collections.abc import Callable

import polars as pl

from galleria.formula.by_row import by_row
from galleria.formula.folding import folded, inside_pattern
from galleria.formula.operand import Operand
from galleria.formula.registry import Site, function


@function("Contains(text: String, target: String, ignore_case: Bool = 1) -> Bool", detailed=True)
def contains(site: Site, text: Operand, target: Operand, ignore_case: Operand) -> pl.Expr:
    """Whether `target` occurs in the text, in any letter case unless `ignore_case` is 0; False for Null."""
    return _found(text, target, ignore_case, "{}", lambda value, part: value.str.contains(part, literal=True))


@function("StartsWith(text: String, target: String, ignore_case: Bool = 1) -> Bool", detailed=True)
def starts_with(site: Site, text: Operand, target: Operand, ignore_case: Operand) -> pl.Expr:
    """Whether the text begins with `target`, in any letter case unless `ignore_case` is 0; False for Null."""
    return _found(text, target, ignore_case, r"\A{}", lambda value, part: value.str.starts_with(part))


@function("EndsWith(text: String, target: String, ignore_case: Bool = 1) -> Bool", detailed=True)
def ends_with(site: Site, text: Operand, target: Operand, ignore_case: Operand) -> pl.Expr:
    """Whether the text ends with `target`, in any letter case unless `ignore_case` is 0; False for Null."""
    return _found(text, target, ignore_case, r"{}\z", lambda value, part: value.str.ends_with(part))


def _found(text: Operand, target: Operand, ignore_case: Operand, place: str, find: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> pl.Expr:
    exact = find(text.expression, target.expression)
    blind = _blind(text, target, place, find)
    if ignore_case.is_constant:
        return (blind if ignore_case.constant else exact).fill_null(value=False)
    return pl.when(ignore_case.expression).then(blind).otherwise(exact).fill_null(value=False)


def _blind(text: Operand, target: Operand, place: str, find: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> pl.Expr:
    constant = target.constant_text
    pattern = None if constant is None else inside_pattern(constant)
    if pattern is not None:
        return text.expression.str.contains(place.format(pattern))
    return find(folded(text.expression), folded(target.expression))


@function("FindString(text: String, target: String) -> Int", detailed=True)
def find_string(site: Site, text: Operand, target: Operand) -> pl.Expr:
    """The place, from 0, where `target` first occurs in that letter case; -1 where it does not; 0 for a Null target."""
    value = text.expression.fill_null("")
    if target.is_constant:
        part = target.constant_text or ""
        before = value.str.splitn(part, 2).struct.field("field_0").str.len_chars().cast(pl.Int64) if part else pl.lit(0, dtype=pl.Int64)
        return pl.when(value.str.contains(part, literal=True)).then(before).otherwise(-1)
    return by_row(str.find, pl.Int64(), [value, target.expression.fill_null("")])


@function("FindNth(text: String, target: String, number: Double) -> Int")
def find_nth(text: pl.Expr, target: pl.Expr, number: pl.Expr) -> pl.Expr:
    """The place, from 0, of the occurrence of that number (from 1, rounded), in that letter case; -1 where there is none."""
    return by_row(_find_nth, pl.Int64(), [text, target, number])


def _find_nth(text: str, target: str, number: float) -> int:
    wanted = int(min(number, len(text) + 2) + 0.5) if number > 0 else 0
    position = -1
    for _ in range(min(wanted, len(text) + 1)):
        position = text.find(target, position + 1)
        if position < 0:
            return -1
    return position if 0 < wanted <= len(text) + 1 else -1


@function("Replace(text: String, target: String, replacement: String) -> String", detailed=True)
def replace(site: Site, text: Operand, target: Operand, replacement: Operand) -> pl.Expr:
    """The text with every occurrence of `target`, in that letter case, replaced; Null text gives `""`, a Null target changes nothing."""
    return _replaced(text, target, replacement, -1)


@function("ReplaceFirst(text: String, target: String, replacement: String) -> String", detailed=True)
def replace_first(site: Site, text: Operand, target: Operand, replacement: Operand) -> pl.Expr:
    """The text with the first occurrence of `target`, in that letter case, replaced."""
    return _replaced(text, target, replacement, 1)


def _replaced(text: Operand, target: Operand, replacement: Operand, count: int) -> pl.Expr:
    value, new = text.expression.fill_null(""), replacement.expression.fill_null("")
    if not target.is_constant:
        return by_row(
            lambda item, old, fresh: item.replace(old, fresh, count) if old else item,
            pl.String(),
            [value, target.expression.fill_null(""), new],
        )
    old = target.constant_text
    if not old:
        return value
    if not replacement.is_constant:
        return by_row(lambda item, fresh: item.replace(old, fresh, count), pl.String(), [value, new])
    fresh = replacement.constant_text or ""
    if count == 1:
        return value.str.replace(old, fresh, literal=True)
    return value.str.replace_all(old, fresh, literal=True)


@function("ReplaceChar(text: String, characters: String, replacement: String) -> String")
def replace_char(text: pl.Expr, characters: pl.Expr, replacement: pl.Expr) -> pl.Expr:
    """The text with each of the characters replaced: by the one of the same place, where there are as many, else by the first."""
    return by_row(_replace_char, pl.String(), [text, characters, replacement])


def _replace_char(text: str, characters: str, replacement: str) -> str:
    if len(replacement) == len(characters):
        pairs = dict(reversed(list(zip(characters, replacement, strict=True))))
    else:
        pairs = dict.fromkeys(characters, replacement[:1])
    return text.translate(str.maketrans(pairs))


@function("GetLeft(text: String, delimiters: String) -> String")
def get_left(text: pl.Expr, delimiters: pl.Expr) -> pl.Expr:
    """The part before the first of the delimiting characters; the whole text where there is none."""
    return by_row(lambda item, marks: _split(item, marks, 1)[0], pl.String(), [text, delimiters])


@function("GetRight(text: String, delimiters: String) -> String")
def get_right(text: pl.Expr, delimiters: pl.Expr) -> pl.Expr:
    """The part behind the first of the delimiting characters; `""` where there is none."""
    return by_row(lambda item, marks: "".join(_split(item, marks, 1)[1:]), pl.String(), [text, delimiters])


@function("GetPart(text: String, delimiters: String, index: Int) -> String")
def get_part(text: pl.Expr, delimiters: pl.Expr, index: pl.Expr) -> pl.Expr:
    """The part of that number, from 0, between delimiting characters; `""` where there is none."""
    return by_row(_part, pl.String(), [text, delimiters, index])


def _part(text: str, delimiters: str, index: int) -> str:
    parts = _split(text, delimiters, 0)
    return parts[index] if 0 <= index < len(parts) else ""


def _split(text: str, delimiters: str, most: int) -> list[str]:
    return re.split(f"[{re.escape(delimiters)}]", text, maxsplit=most) if delimiters else [text]
