"""Text To Columns: splits a text at its delimiters, into columns or into rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.names import check_count, unique_names
from galleria.fields.types import Field
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Seen, Tool, error, warning

PLUGIN = "AlteryxBasePluginsGui.TextToColumns.TextToColumns"
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "s": " ", "0": ""}
# The bits of <Flags>: what keeps a delimiter from splitting, and whether empty tokens are left out.
_DOUBLE_QUOTES, _PARENTHESES, _SINGLE_QUOTES, _SKIP_EMPTY, _BRACKETS = 1, 2, 8, 16, 32


class Extra(StrEnum):
    """What becomes of tokens for which there is no column left."""

    LAST = "Last"
    IGNORE = "Ignore"
    WARN = "Warn"
    ERROR = "Error"


@dataclass(frozen=True)
class TextToColumns(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)

    field: str
    delimiters: str
    """Each character splits; empty splits between all characters."""
    flags: int
    columns: int
    """0 splits into rows."""
    root_name: str
    extra: Extra

    @classmethod
    def read(cls, config: Configuration) -> Self:
        flags = config.whole("Flags")
        if flags & ~(_DOUBLE_QUOTES | _SINGLE_QUOTES | _PARENTHESES | _SKIP_EMPTY | _BRACKETS):
            raise UnsupportedError(PLUGIN, f"the flags {flags}")
        # Documents before 2025 have no <Mode>: splitting into rows is what lacks a root name and an error handling.
        mode = "Columns" if config.has("RootName") or config.has("ErrorHandling") else "Rows"
        columns = config.whole("NumFields", 1) if config.choice("Mode", ["Columns", "Rows"], mode) == "Columns" else 0
        if columns < 0:
            raise ToolError(f"NumFields must be at least 1, not {columns}")
        check_count(columns)
        delimiters = _delimiters(config.value("Delimeters"))
        root_name = config.value("RootName")
        extra = Extra(config.choice("ErrorHandling", list(Extra), Extra.LAST))
        return cls(config.value("Field"), delimiters, flags, columns, root_name if root_name.strip() else "", extra)

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        field = table.field(self.field)
        if not field.type.is_text:
            raise ToolError(f'The field "{field.name}" is not a text: only a text can be split.')
        return self._rows(table, field) if self.columns == 0 else self._columns(table, field)

    def messages(self, seen: Seen) -> Iterable[Say]:
        if "extra" not in seen.tallies:
            return
        number = int(seen.tallies["extra"].item())
        if number:
            text = f'{number} {"record" if number == 1 else "records"} had more than {self.columns} columns in "{self.field}".'
            yield error(text) if self.extra is Extra.ERROR else warning(text)

    def _rows(self, table: Table, field: Field) -> Built:
        tokens = _without_empty_end(self._tokens(column(field.name))).alias(field.name)
        frame = table.frame.with_columns(tokens).explode(pl.selectors.by_name(field.name))
        return Built({"Output": Table(frame, table.fields)})

    def _columns(self, table: Table, field: Field) -> Built:
        text = column(field.name)
        tokens = self._tokens(text)
        names = unique_names([*table.names, *(f"{self.root_name}{number}" for number in range(1, self.columns + 1))])[len(table.fields) :]
        origin = f"TextToColumns: Parsed from {field.name}"
        new = [replace(field, name=name, source=origin, description=origin) for name in names]
        values = {name: tokens.list.get(at, null_on_oob=True) for at, name in enumerate(names)}
        if self.extra is Extra.LAST:
            values[names[-1]] = pl.when(tokens.list.len() >= self.columns).then(self._rest(text))
        output = table.with_columns(values, [*table.fields, *new])
        if self.extra not in (Extra.WARN, Extra.ERROR):
            return Built({"Output": output})
        return Built({"Output": output}, tallies={"extra": table.frame.select(extra=(tokens.list.len() > self.columns).sum())})

    def _tokens(self, text: pl.Expr) -> pl.Expr:
        """List of texts; Null for Null."""
        if not self.delimiters:
            return text.str.extract_all(r"(?s).")
        if len(self.delimiters) == 1 and not self.flags:
            return text.str.split(self.delimiters)
        # A delimiter before the text makes every token begin with one.
        marked = pl.lit(self.delimiters[0]) + text
        tokens = marked.str.extract_all(f"(?s){self._delimiter}{self._token}*").list.eval(pl.element().str.slice(1))
        return tokens.list.eval(pl.element().filter(pl.element() != "")) if self.flags & _SKIP_EMPTY else tokens

    def _rest(self, text: pl.Expr) -> pl.Expr:
        """The text from the last column's token on, later delimiters included."""
        if not self.delimiters:
            return text.str.slice(self.columns - 1)
        skipped = f"(?:{self._delimiter}+{self._token}+)" if self.flags & _SKIP_EMPTY else f"(?:{self._delimiter}{self._token}*)"
        last = f"{self._delimiter}{'+' if self.flags & _SKIP_EMPTY else ''}"
        return (pl.lit(self.delimiters[0]) + text).str.replace(rf"(?s)\A{skipped}{{{self.columns - 1}}}{last}", "")

    @property
    def _delimiter(self) -> str:
        return _set(self.delimiters)

    @property
    def _token(self) -> str:
        """One character of a token, or one quoted or bracketed part."""
        pairs = [pair for bit, pair in ((_PARENTHESES, "()"), (_BRACKETS, "[]")) if self.flags & bit]
        pairs += [mark + mark for bit, mark in ((_DOUBLE_QUOTES, '"'), (_SINGLE_QUOTES, "'")) if self.flags & bit]
        # A part ends at its first closing mark, whatever else opens in it.
        parts = [rf"{_set(start)}[^{_set_items(end)}]*(?:{_set(end)}|\z)" for start, end in pairs]
        openers = "".join(start for start, _ in pairs)
        return "(?:" + "|".join([*parts, f"[^{_set_items(self.delimiters + openers)}]"]) + ")"


def _without_empty_end(tokens: pl.Expr) -> pl.Expr:
    """The tokens without the empty one behind a delimiter that ends the text."""
    ends_empty = (tokens.list.len() > 1) & (tokens.list.last() == "")
    return pl.when(ends_empty).then(tokens.list.head(tokens.list.len() - 1)).otherwise(tokens)


def _delimiters(text: str) -> str:
    r"""The characters meant: `\t`, `\n`, `\r`, `\s` (a blank) or themselves; empty where `\0` asks for every character."""
    found: list[str] = []
    position = 0
    while position < len(text):
        escaped = _ESCAPES.get(text[position + 1 : position + 2]) if text[position] == "\\" else None
        if escaped == "":
            return ""
        found.append(text[position] if escaped is None else escaped)
        position += 1 if escaped is None else 2
    if not found:
        raise ToolError("There are no delimiters to split at.")
    return "".join(dict.fromkeys(found))


def _set(characters: str) -> str:
    return "[" + _set_items(characters) + "]"


def _set_items(characters: str) -> str:
    return "".join(f"\\x{{{ord(character):x}}}" for character in characters)
