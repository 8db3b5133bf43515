"""Regular expressions in the original's dialect (Boost, Perl syntax)."""

from collections.abc import Callable, Sequence

import polars as pl

from galleria.errors import FormulaError, InvalidError
from galleria.formula.by_row import same_height
from galleria.formula.operand import Operand
from galleria.formula.regex import Pattern, compile_pattern
from galleria.formula.registry import Site, function

Use = Callable[[Pattern, pl.Expr], pl.Expr]


@function("REGEX_Match(text: String, pattern: String, ignore_case: Bool = 1) -> Bool", detailed=True)
def regex_match(site: Site, text: Operand, pattern: Operand, ignore_case: Operand) -> pl.Expr:
    """Whether the whole text matches the pattern, in any letter case unless `ignore_case` is 0; False for Null."""
    found = _with_pattern(Pattern.whole, pl.Boolean(), text.expression, pattern, ignore_case)
    return found.fill_null(value=False)


@function("REGEX_CountMatches(text: String, pattern: String, ignore_case: Bool = 1) -> Int", detailed=True)
def regex_count_matches(site: Site, text: Operand, pattern: Operand, ignore_case: Operand) -> pl.Expr:
    """How often the pattern occurs in the text, in any letter case unless `ignore_case` is 0; 0 for Null."""
    found = _with_pattern(Pattern.count, pl.Int64(), text.expression, pattern, ignore_case)
    if pattern.is_constant and pattern.constant is None:
        return pl.lit(0, dtype=pl.Int64)
    return pl.when(pattern.expression.is_not_null()).then(found.fill_null(0)).otherwise(0)


@function("REGEX_Replace(text: String, pattern: String, replacement: String, ignore_case: Bool = 1) -> String", detailed=True)
def regex_replace(site: Site, text: Operand, pattern: Operand, replacement: Operand, ignore_case: Operand) -> pl.Expr:
    """The text with every match replaced, in any letter case unless `ignore_case` is 0; `$1` or `\\1` stands for a marked group.

    Null text and Null replacement count as empty.
    """
    value = text.expression.fill_null("")
    if replacement.is_constant:
        new = replacement.constant_text or ""
        return _with_pattern(lambda regex, column: regex.replace(column, new), pl.String(), value, pattern, ignore_case)
    fresh = replacement.expression.fill_null("")

    def replace(columns: Sequence[pl.Series]) -> pl.Series:
        texts, patterns, flags, news = same_height(columns)
        parts = pl.DataFrame({"text": texts, "pattern": patterns.fill_null(""), "flag": flags, "new": news}).with_row_index("row")
        done = [
            part.select("row", made=compile_pattern(regex, ignore_case=flag).replace(pl.col("text"), new))
            for (regex, flag, new), part in parts.group_by("pattern", "flag", "new")
        ]
        return pl.concat(done).sort("row")["made"] if done else pl.Series(dtype=pl.String)

    return pl.map_batches([value, pattern.expression, ignore_case.expression, fresh], replace, return_dtype=pl.String, is_elementwise=True)


def _with_pattern(use: Use, dtype: pl.DataType, text: pl.Expr, pattern: Operand, ignore_case: Operand) -> pl.Expr:
    """A Null pattern is the empty one, which matches before every character."""
    if pattern.is_constant and ignore_case.is_constant:
        try:
            return use(compile_pattern(pattern.constant_text or "", ignore_case=bool(ignore_case.constant)), text)
        except InvalidError as error:
            raise FormulaError(error.message, pattern.position) from error

    def apply(columns: Sequence[pl.Series]) -> pl.Series:
        texts, patterns, flags = same_height(columns)
        parts = pl.DataFrame({"text": texts, "pattern": patterns.fill_null(""), "flag": flags}).with_row_index("row")
        done = [
            part.select("row", made=use(compile_pattern(regex, ignore_case=flag), pl.col("text")))
            for (regex, flag), part in parts.group_by("pattern", "flag")
        ]
        return pl.concat(done).sort("row")["made"] if done else pl.Series(dtype=dtype)

    return pl.map_batches([text, pattern.expression, ignore_case.expression], apply, return_dtype=dtype, is_elementwise=True)
