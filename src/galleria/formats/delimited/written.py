"""Delimited text on its way into a file: every value as text, quoted where needed, in the code page asked for."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import polars as pl

from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.rare import mapped
from galleria.fields.text_fit import fit_problem, fitted
from galleria.fields.types import Field, FieldType
from galleria.formats.delimited.code_pages import LATIN_1, byte_order_mark
from galleria.formats.delimited.layout import Layout, Quoting
from galleria.formats.format import Circumstances, Target, Writing
from galleria.formats.sizes import trouble_of
from galleria.table.geojson import geojson_from_wkb
from galleria.table.table import Table

_BLOCK = 4 * 1024 * 1024
_STYLES: dict[Quoting, Literal["necessary", "always", "never"]] = {
    Quoting.AUTO: "necessary",
    Quoting.ALWAYS: "always",
    Quoting.NEVER: "never",
}
_NARROW = Field("", FieldType.V_STRING)


def writing(table: Table, target: Target, layout: Layout, around: Circumstances) -> Writing:
    """How the table gets into the file: the rows stream, unless another code page than UTF-8 asks for a second step."""
    texts = table.frame.select(_text(field).alias(field.name) for field in table.fields)
    if layout.encoding == "utf-8":
        return Writing(_sink(texts, table.fields, layout, target.path))
    wide = [field for field in table.fields if field.type.is_wide or (field.type.is_text and layout.encoding != LATIN_1)]
    problems = {field.name: _lost(column(field.name), layout.encoding) for field in wide if not layout.encoding.startswith("utf")}
    trouble = trouble_of(texts, problems, around.problem_limit)
    if layout.encoding == LATIN_1:
        texts = texts.with_columns(fitted(column(field.name), _NARROW).alias(field.name) for field in wide)
    temporary = around.temporary(".csv")

    def finish(_: pl.DataFrame) -> None:
        _encode(temporary, target.path, layout)

    return Writing(_sink(texts, table.fields, layout, temporary), finish, trouble)


def _text(field: Field) -> pl.Expr:
    """The column as text; Null for the empty text, too: both leave nothing between the delimiters."""
    value = column(field.name)
    if field.type is FieldType.SPATIAL:
        return value.map_elements(geojson_from_wkb, return_dtype=pl.String)
    if field.type is FieldType.BLOB:
        return value.bin.encode("base64")
    text = text_of(value, field)
    return pl.when(text != "").then(text) if field.type.is_text else text


def _sink(texts: pl.LazyFrame, fields: Sequence[Field], layout: Layout, path: Path) -> pl.LazyFrame:
    """A query that writes the texts as UTF-8 by itself."""
    mark = layout.writes_mark and layout.encoding == "utf-8"
    one_byte = len(layout.delimiter.encode()) == 1
    return (texts if one_byte or not fields else _lines(texts, fields, layout)).sink_csv(
        path,
        include_bom=mark,
        include_header=layout.has_header,
        separator=layout.delimiter if one_byte else "\0",
        line_terminator=layout.line_end,
        quote_style=_STYLES[layout.quoting] if one_byte else "never",
        check_extension=False,
        lazy=True,
    )


def _lines(texts: pl.LazyFrame, fields: Sequence[Field], layout: Layout) -> pl.LazyFrame:
    """Whole lines as one column, named with the head line: Polars joins with single bytes only."""
    head = pl.select(pl.concat_str([_quoted(pl.lit(field.name), layout) for field in fields], separator=layout.delimiter)).item()
    line = pl.concat_str([_quoted(column(field.name), layout) for field in fields], separator=layout.delimiter)
    return texts.select(line.alias(head))


def _quoted(text: pl.Expr, layout: Layout) -> pl.Expr:
    """The text in quotes where the layout wants them; Null as the empty text."""
    plain = text.fill_null("")
    enclosed = pl.concat_str(pl.lit('"'), plain.str.replace_all('"', '""', literal=True), pl.lit('"'))
    if layout.quoting is Quoting.ALWAYS:
        return enclosed
    if layout.quoting is Quoting.NEVER:
        return plain
    special = plain.str.contains_any(['"', "\r", "\n", *([layout.delimiter] if layout.delimiter else [])])
    return pl.when(special).then(enclosed).otherwise(plain)


def _lost(text: pl.Expr, encoding: str) -> pl.Expr:
    """What to tell about texts with characters that the code page does not have; Null for all others."""
    if encoding == LATIN_1:
        return fit_problem(text, _NARROW)
    return mapped(text, partial(_lost_in, encoding=encoding), pl.String())


def _lost_in(texts: pl.Series, encoding: str) -> pl.Series:
    return texts.map_elements(lambda text: _problem(text, encoding), return_dtype=pl.String)


def _problem(text: str, encoding: str) -> str | None:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return f'"{text}" could not be fully converted to the code page {encoding}.'
    return None


def _encode(source: Path, target: Path, layout: Layout) -> None:
    with source.open(encoding="utf-8", newline="") as file, target.open("wb") as out:
        out.write(byte_order_mark(layout.encoding) if layout.writes_mark else b"")
        for text in iter(lambda: file.read(_BLOCK), ""):
            out.write(text.encode(layout.encoding, "replace"))
