"""Text: parts, letter case, trimming, padding, counting. Positions count characters from 0."""

import re
from collections.abc import Callable

import polars as pl

from galleria.fields.types import V_WSTRING_MAX
from galleria.formula.by_row import by_row, by_value
from galleria.formula.operand import Operand
from galleria.formula.registry import Outcome, Site, function

_ENDLESS = 2**31


@function("Left(text: String, length: Int) -> String", detailed=True)
def left(site: Site, text: Operand, length: Operand) -> pl.Expr:
    """The first `length` characters; all of them where the text is shorter or the length negative; `""` for a Null length."""
    return text.expression.str.head(_count(length))


@function("Right(text: String, length: Int) -> String", detailed=True)
def right(site: Site, text: Operand, length: Operand) -> pl.Expr:
    """The last `length` characters; all of them where the text is shorter or the length negative; `""` for a Null length."""
    return text.expression.str.tail(_count(length))


def _count(length: Operand) -> pl.Expr:
    if length.is_constant:
        number = length.constant
        return pl.lit((number if number >= 0 else _ENDLESS) if isinstance(number, int) else 0, dtype=pl.Int64)
    return pl.when(length.expression < 0).then(_ENDLESS).otherwise(length.expression.fill_null(0))


@function("Substring(text: String, start: Int, length: Int = Null()) -> String", detailed=True)
def substring(site: Site, text: Operand, start: Operand, length: Operand) -> pl.Expr:
    """`length` characters from `start`, or the rest of the text; places before the text count, but hold nothing."""
    rest = length.is_constant and length.constant is None
    if start.is_constant and length.is_constant:
        first, count = _whole(start.constant, 0), _whole(length.constant, _ENDLESS)
        begin = max(first, 0)
        return text.expression.str.slice(begin, None if rest else max(first + count - begin, 0))
    place = start.expression.fill_null(0)
    begin = place.clip(0)
    if rest:
        return text.expression.str.slice(begin)
    return text.expression.str.slice(begin, (place + length.expression.fill_null(_ENDLESS) - begin).clip(0))


def _whole(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise


@function("Length(text: String) -> Int")
def length_of(text: pl.Expr) -> pl.Expr:
    """The number of characters; 0 for Null."""
    return text.str.len_chars().cast(pl.Int64).fill_null(0)


@function("LowerCase(text: String) -> String")
def lower_case(text: pl.Expr) -> pl.Expr:
    """The text with every letter in lower case."""
    return text.str.to_lowercase()


@function("Uppercase(text: String) -> String")
def upper_case(text: pl.Expr) -> pl.Expr:
    """The text with every letter in upper case."""
    return text.str.to_uppercase()


@function("TitleCase(text: String) -> String")
def title_case(text: pl.Expr) -> pl.Expr:
    """The text with the first letter of each word in upper case, the others in lower case."""
    return by_value(_titled, pl.String(), text)


_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def _titled(text: str) -> str:
    return _WORD.sub(lambda word: word[0][0].upper() + word[0][1:].lower(), text)


@function("ReverseString(text: String) -> String")
def reverse_string(text: pl.Expr) -> pl.Expr:
    """The characters in reverse order."""
    return text.str.reverse()


@function("Trim(text: String, characters: String = Null()) -> String", detailed=True)
def trim(site: Site, text: Operand, characters: Operand) -> pl.Expr:
    """The text without any of the characters (white space, if none are given) at its ends."""
    return text.expression.str.strip_chars(_characters(characters))


@function("TrimLeft(text: String, characters: String = Null()) -> String", detailed=True)
def trim_left(site: Site, text: Operand, characters: Operand) -> pl.Expr:
    """The text without any of the characters (white space, if none are given) at its start."""
    return text.expression.str.strip_chars_start(_characters(characters))


@function("TrimRight(text: String, characters: String = Null()) -> String", detailed=True)
def trim_right(site: Site, text: Operand, characters: Operand) -> pl.Expr:
    """The text without any of the characters (white space, if none are given) at its end."""
    return text.expression.str.strip_chars_end(_characters(characters))


def _characters(characters: Operand) -> pl.Expr | None:
    return None if characters.is_constant and characters.constant is None else characters.expression


@function("PadLeft(text: String, width: Int, fill: String) -> String", detailed=True)
def pad_left(site: Site, text: Operand, width: Operand, fill: Operand) -> Outcome:
    """The text, lengthened at its start to `width` characters with the first character of `fill`; never shortened."""
    padded = _padded(text, width, fill, lambda value, size, character: value.str.pad_start(size, character), str.rjust)
    return _bounded("PADLEFT", width, padded)


@function("PadRight(text: String, width: Int, fill: String) -> String", detailed=True)
def pad_right(site: Site, text: Operand, width: Operand, fill: Operand) -> Outcome:
    """The text, lengthened at its end to `width` characters with the first character of `fill`; never shortened."""
    padded = _padded(text, width, fill, lambda value, size, character: value.str.pad_end(size, character), str.ljust)
    return _bounded("PADRIGHT", width, padded)


def _padded(
    text: Operand, width: Operand, fill: Operand, pad: Callable[[pl.Expr, pl.Expr, str], pl.Expr], pad_one: Callable[[str, int, str], str]
) -> pl.Expr:
    asked = width.expression
    wide_enough = pl.when(asked <= V_WSTRING_MAX).then(asked.clip(0))
    if fill.is_constant:
        character = fill.constant_text
        return pad(text.expression, wide_enough, character[0]) if character else pl.when(wide_enough.is_not_null()).then(text.expression)
    filled = fill.expression.fill_null("")
    return by_row(
        lambda item, size, character: pad_one(item, size, character[0]) if character else item,
        pl.String(),
        [
            text.expression,
            wide_enough,
            filled,
        ],
    )


def _bounded(name: str, width: Operand, value: pl.Expr) -> Outcome:
    """Tells of widths that no text has; their rows are Null."""
    if width.is_constant and isinstance(width.constant, int) and width.constant <= V_WSTRING_MAX:
        return Outcome(value)
    told = pl.concat_str(pl.lit(f"{name}: a text cannot have "), width.expression.cast(pl.String), pl.lit(" characters"))
    return Outcome(value, pl.when(width.expression > V_WSTRING_MAX).then(told))


@function("CountWords(text: String) -> Int")
def count_words(text: pl.Expr) -> pl.Expr:
    """The number of words, which white space parts; 0 for Null."""
    return text.str.count_matches(r"\S+").cast(pl.Int64).fill_null(0)


@function("GetWord(text: String, number: Int) -> String")
def get_word(text: pl.Expr, number: pl.Expr) -> pl.Expr:
    """The word of that number, counted from 0; Null where there is none."""
    position = pl.when(number >= 0).then(number).when(number.is_null()).then(0)
    return text.str.extract_all(r"\S+").list.get(position, null_on_oob=True)


@function("StripQuotes(text: String) -> String")
def strip_quotes(text: pl.Expr) -> pl.Expr:
    """The text without the pair of like quotes, single or double, that encloses it."""
    return text.str.replace(r"""(?s)\A(?:"(.*)"|'(.*)')\z""", "${1}${2}")


@function("STRSPN(text: String, characters: String) -> Int")
def span(text: pl.Expr, characters: pl.Expr) -> pl.Expr:
    """How many characters at the start of the text are among `characters`."""
    return (text.str.len_chars().cast(pl.Int64) - text.str.strip_chars_start(characters).str.len_chars().cast(pl.Int64)).cast(pl.Int64)


@function("STRCSPN(text: String, characters: String) -> Int")
def span_without(text: pl.Expr, characters: pl.Expr) -> pl.Expr:
    """How many characters at the start of the text are not among `characters`."""
    return by_row(_leading_without, pl.Int64(), [text, characters])


def _leading_without(text: str, characters: str) -> int:
    return next((position for position, character in enumerate(text) if character in characters), len(text))
