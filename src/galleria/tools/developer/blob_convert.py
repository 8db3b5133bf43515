"""Blob Convert: bytes into text of several kinds, and back."""

import hashlib
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar, Self

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import problem_query
from galleria.fields.types import Field, FieldType
from galleria.formats.delimited.code_pages import LATIN_1, encoding_of
from galleria.reports.markup import is_snippet, snippet_field
from galleria.reports.pictures import pictures_markup
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

PLUGIN = "AlteryxBasePluginsGui.BlobConvert.BlobConvert"


class Mode(StrEnum):
    """The document's words for what the text is."""

    BASE64 = "Base64"
    HEX = "Hex"
    TEXT = "Text"
    MD5 = "MD5"
    REPORT = "ReportSnippet"


@dataclass(frozen=True)
class BlobConvert(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)

    to_blob: bool
    field: str
    mode: Mode
    encoding: str
    """Python's name; of the text mode."""

    @classmethod
    def read(cls, config: Configuration) -> Self:
        to_blob = config.flag("ToBlob")
        side = "to" if to_blob else "from"
        modes = [Mode.BASE64, Mode.HEX, Mode.TEXT] if to_blob else list(Mode)
        mode = Mode(config.choice(f"{side}_Mode", modes, Mode.BASE64))
        return cls(to_blob, config.value(f"{side}_Field"), mode, encoding_of(config.value(f"{side}_textCodePage") or "28591"))

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        field = table.field(self.field)
        if not field.type.is_text and (self.to_blob or field.type is not FieldType.BLOB):
            raise ToolError(f'The field "{field.name}" is no {"text" if self.to_blob else "blob"}.')
        source = column(field.name)
        if field.type.is_text and not self.to_blob:
            # A text counts as the bytes by which the original keeps it (a shipped macro hashes a column that may be either).
            kept = "utf-16-le" if field.type.is_wide else LATIN_1
            source = _each(source, lambda text: text.encode(kept, errors="replace"), pl.Binary())
        target = self._target(field)
        target = target if is_snippet(target) else replace(target, source=f"BlobConvert: {self.mode}")
        fields = [target if one is field else one for one in table.fields]
        output = table.with_columns({field.name: self._value(source)}, fields)
        if not self.to_blob or self.mode is Mode.TEXT:
            return Built({"Output": output})
        told = pl.concat_str(pl.lit('"'), source, pl.lit(f'" is not {self.mode} encoded.'))
        problem = pl.when(self._value(source).is_null() & source.is_not_null()).then(told)
        return Built({"Output": output}, problems={field.name: problem_query(table.frame, problem, context.problem_limit)})

    def _target(self, field: Field) -> Field:
        if self.to_blob:
            return Field(field.name, FieldType.BLOB)
        if self.mode is Mode.MD5:
            return Field(field.name, FieldType.STRING, 32)
        if self.mode is Mode.REPORT:
            return snippet_field(field.name, "Image")
        is_wide = self.mode is Mode.TEXT and self.encoding != LATIN_1
        return Field(field.name, FieldType.V_WSTRING if is_wide else FieldType.V_STRING)

    def _value(self, source: pl.Expr) -> pl.Expr:
        if self.mode is Mode.TEXT:
            return _each(source, self._encoded, pl.Binary()) if self.to_blob else _each(source, self._decoded, pl.String())
        if self.mode is Mode.MD5:
            return _each(source, lambda content: hashlib.md5(content, usedforsecurity=False).hexdigest(), pl.String())
        if self.mode is Mode.REPORT:
            return pictures_markup(source, {})
        if self.mode is Mode.BASE64:
            return _each(source, _from_base64, pl.Binary()) if self.to_blob else source.bin.encode("base64")
        return _each(source, _from_hex, pl.Binary()) if self.to_blob else source.bin.encode("hex").str.to_uppercase()

    def _encoded(self, text: str) -> bytes:
        return text.encode(self.encoding, errors="replace")

    def _decoded(self, content: bytes) -> str:
        return content.decode(self.encoding, errors="replace").removeprefix("\ufeff")


def _from_base64(text: str) -> bytes | None:
    try:
        return b64decode("".join(text.split()), validate=True)
    except ValueError:
        return None


def _from_hex(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def _each(source: pl.Expr, function: Callable[[Any], object], dtype: pl.DataType) -> pl.Expr:
    """A function of every value that is there."""

    def apply(values: pl.Series) -> pl.Series:
        return pl.Series(values.name, [None if value is None else function(value) for value in values.to_list()], dtype)

    return source.map_batches(apply, return_dtype=dtype, is_elementwise=True)
