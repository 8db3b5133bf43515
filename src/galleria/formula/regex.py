"""Regular expressions over columns, in the original's dialect. Null in, Null out everywhere.

Polars' engine does the work wherever it gives the same result; an expression with look-around, back references or
matches of no length goes through Python's engine, text by text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import polars as pl

from galleria.errors import InvalidError, UnsupportedError
from galleria.formula.regex_recursion import unrolled
from galleria.formula.regex_syntax import Spelling, respell
from galleria.formula.regex_template import parse_template

# Texts in which an expression that can match nothing at all does so.
_PROBES = ("", "a", "1", " ", "a b", "A\nB", "x\r\ny", "_", "(a)")
_GROUPS = pl.List(pl.String())


@dataclass(frozen=True)
class Pattern:
    """A compiled expression; made by `compile_pattern`."""

    text: str
    ignore_case: bool
    spelling: Spelling

    @property
    def groups(self) -> int:
        """How many marked groups it has."""
        return self.spelling.groups

    def found(self, column: pl.Expr) -> pl.Expr:
        """Bool: whether it matches anywhere in the text."""
        if self._is_linear:
            return column.str.contains(self._linear)
        return self._each(column, pl.Boolean(), lambda text: self._python.search(text) is not None)

    def whole(self, column: pl.Expr) -> pl.Expr:
        """Bool: whether it matches the text from end to end."""
        if self._is_linear:
            return column.str.contains(rf"\A(?:{self._linear})\z")
        return self._each(column, pl.Boolean(), self.whole_one)

    def count(self, column: pl.Expr) -> pl.Expr:
        """Int64: how many matches there are, without overlap."""
        if self._is_linear and not self._matches_nothing:
            return column.str.count_matches(self._linear).cast(pl.Int64)
        return self._each(column, pl.Int64(), self.count_one)

    def replace(self, column: pl.Expr, replacement: str) -> pl.Expr:
        """The text with every match replaced; `replacement` may use `$1`, `$&`, `\\U` and their like."""
        template = parse_template(replacement)
        if self._is_linear and not self._matches_nothing and template.is_plain:
            return column.str.replace_all(self._linear, template.linear(self.groups))
        return self._each(column, pl.String(), lambda text: self._python.sub(template.writer(self._python.groups), text))

    def replacements(self, column: pl.Expr, replacement: str) -> pl.Expr:
        """Only what takes the place of the matches, without the text between them; `""` where nothing matches."""
        template = parse_template(replacement)
        return self._each(column, pl.String(), lambda text: "".join(map(template.writer(self._python.groups), self._python.finditer(text))))

    def first_match(self, column: pl.Expr) -> pl.Expr:
        """A struct of texts: the first match (`0`) and its marked groups (`1`, `2` ...).

        Null where nothing matches, and for a group that took no part.
        """
        names = [str(number) for number in range(self.groups + 1)]
        if self._is_linear:
            # Polars counts from 1: the group around all is the first.
            found = column.str.extract_groups(f"{self._flags}({self._numbered_body})")
            return found.struct.rename_fields(names)
        return self._each(column, pl.Struct(dict.fromkeys(names, pl.String())), self._first_match)

    def tokens(self, column: pl.Expr) -> pl.Expr:
        """List of texts, in order: every match, or its first marked group where there is one."""
        linear = self._is_linear and not self._matches_nothing
        if linear and not self.groups:
            return column.str.extract_all(self._linear)
        if linear and not self.spelling.has_assertions:
            # Without assertions a match found again in itself is the same match.
            return column.str.extract_all(self._linear).list.eval(pl.element().str.extract(self._linear, 1).fill_null(""))
        return self._each(column, _GROUPS, self._tokens)

    @cached_property
    def runs_in_python(self) -> bool:
        """Whether Python's engine takes the expression."""
        try:
            self._python  # noqa: B018 - compiled now, so that it is told now
        except (InvalidError, UnsupportedError):
            return False
        return True

    def whole_one(self, text: str) -> bool:
        """As `whole`, of one text."""
        return self._python.fullmatch(text) is not None

    def count_one(self, text: str) -> int:
        """As `count`, of one text."""
        return sum(1 for _ in self._python.finditer(text))

    def replace_one(self, text: str, replacement: str) -> str:
        """As `replace`, of one text."""
        return self._python.sub(parse_template(replacement).writer(self._python.groups), text)

    def _tokens(self, text: str) -> list[str]:
        group = 1 if self.groups else 0
        matches = self._python.finditer(text)
        # A match of nothing behind the whole text is no token: a real workflow splits by `(.*?)(?:\s+|$)`.
        return [found[group] or "" for found in matches if found.end() > found.start() or found.start() < len(text)]

    def _first_match(self, text: str) -> dict[str, str | None] | None:
        found = self._python.search(text)
        return None if found is None else {str(number): found[number] for number in range(self.groups + 1)}

    @property
    def _flags(self) -> str:
        return f"(?{'i' if self.ignore_case else ''}smR)"

    @cached_property
    def _linear(self) -> str:
        return f"{self._flags}{''.join(self.spelling.linear)}"

    @property
    def _numbered_body(self) -> str:
        """Without group names: Polars names the parts of a match by them."""
        return re.sub(r"\(\?P<\w+>", "(", "".join(self.spelling.linear))

    @cached_property
    def _python(self) -> re.Pattern[str]:
        if self.spelling.late_flags:
            raise UnsupportedError("regular expression", f'a modifier in the middle of "{self.text}"')
        try:
            return re.compile("".join(self.spelling.backtracking), re.DOTALL | (re.IGNORECASE if self.ignore_case else re.NOFLAG))
        except (re.error, OverflowError, RecursionError) as error:
            raise InvalidError(f'The regular expression "{self.text}" is not valid: {error}.') from error

    @cached_property
    def _is_linear(self) -> bool:
        if self.spelling.needs_backtracking:
            return False
        try:
            pl.Series([""]).str.contains(self._linear)
        except pl.exceptions.ComputeError:
            # Too large for Polars, or malformed: then Python says so.
            return False
        return True

    @cached_property
    def _matches_nothing(self) -> bool:
        """Whether a match can be empty: Polars skips an empty match right behind another one, the original does not."""
        return self.spelling.late_flags or any(found.end() == found.start() for text in _PROBES for found in self._python.finditer(text))

    def _each(self, column: pl.Expr, dtype: pl.DataType, function: Callable[[str], object]) -> pl.Expr:
        def apply(texts: pl.Series) -> pl.Series:
            results = [None if text is None else function(text) for text in texts.to_list()]
            return pl.Series(texts.name, results, dtype)

        self._python  # noqa: B018 - a malformed expression is told now, not while rows pass
        return column.map_batches(apply, return_dtype=dtype, is_elementwise=True)


@lru_cache(maxsize=256)
def compile_pattern(text: str, *, ignore_case: bool = True) -> Pattern:
    """Read an expression; raises InvalidError where it is malformed, UnsupportedError for constructs neither engine has."""
    pattern = Pattern(text, ignore_case, respell(unrolled(text)))
    if not pattern._is_linear:  # pyright: ignore[reportPrivateUsage] - of its own class
        pattern._python  # noqa: B018 # pyright: ignore[reportPrivateUsage, reportUnusedExpression] - of its own class
    return pattern
