"""Alteryx Database (.yxdb): the workflow's own tables, types and sizes included.

Files of both engines are read, files of the original engine written, by way of sigilyx.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import polars as pl
import sigilyx
from polars.io.plugins import register_io_source

from galleria.errors import InvalidError, UnsupportedError
from galleria.fields.columns import column, columns
from galleria.fields.types import Field, FieldType, field_type
from galleria.formats.format import Circumstances, Content, Format, Source, Target, Writing
from galleria.formats.options import Options
from galleria.formats.shapes import shape_from_wkb, wkb_from_shape
from galleria.formats.sizes import sized_together
from galleria.formats.yxdb_layout import is_original_engine, keep_breaks, told_of_fields
from galleria.formats.yxdb_narrow import fixed_strings, has_lost_characters, latin_1, with_blobs
from galleria.formats.yxdb_records import append_records, needs_own_records
from galleria.table.table import Table

_BATCH = 65_536
_NO_SOURCE = "SigilYX"
"""What sigilyx writes in place of a field's source."""
_FORMS = {FieldType.DATE: "%Y-%m-%d", FieldType.TIME: "%H:%M:%S%.f", FieldType.DATETIME: "%Y-%m-%d %H:%M:%S%.f"}


class Yxdb(Format):
    name = "Alteryx Database"
    codes = (19, 72)
    extensions = (".yxdb",)

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        fields = _fields(source)
        frame = register_io_source(_Rows(source, fields, around).batches, schema={field.name: field.dtype for field in fields})
        return Content(Table(frame, fields))

    def write(self, table: Table, target: Target, options: Options, around: Circumstances) -> Writing:
        """Texts that do not fit their fields are cut, and told; `source` and `description` of the fields are not kept."""

        def finish(rows: pl.DataFrame) -> None:
            _write(rows, table.fields, target.path)

        rows, trouble = sized_together(table, around.problem_limit)
        return Writing(rows, finish, trouble)


class _Rows:
    """The records of a file, batch by batch."""

    def __init__(self, source: Source, fields: tuple[Field, ...], around: Circumstances) -> None:
        self.source = source
        self.fields = fields
        self.around = around

    def batches(
        self, with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        names = [field.name for field in self.fields] if with_columns is None else with_columns
        wanted = [field for field in self.fields if field.name in names]
        try:
            for batch in self._plain(wanted, n_rows):
                typed = batch.select(_as_field(batch.schema[field.name], field) for field in wanted).select(columns(names))
                yield typed if predicate is None else typed.filter(predicate)
        except (ValueError, OSError, TypeError, KeyError, InvalidError, pl.exceptions.PolarsError) as error:
            raise _damaged(self.source, error) from error

    def _plain(self, wanted: list[Field], n_rows: int | None) -> Iterator[pl.DataFrame]:
        """As sigilyx gives them, but for narrow texts beyond ASCII, which it misreads."""
        done = 0
        names = [field.name for field in wanted]
        for batch in sigilyx.read_yxdb_batches(self.source.path, _BATCH, columns=names, n_rows=n_rows):
            if has_lost_characters(batch, wanted):
                break
            done += batch.height
            yield batch
        else:
            return
        if not is_original_engine(self.source.path):
            raise UnsupportedError("yxdb file of the newer engine", "its narrow texts beyond ASCII cannot be read")
        yield from self._exact(wanted, n_rows, done)

    def _exact(self, wanted: list[Field], n_rows: int | None, done: int) -> Iterator[pl.DataFrame]:
        copy = self.around.temporary(".yxdb")
        with_blobs(self.source.path, copy)
        strings = [field.name for field in wanted if field.type is FieldType.STRING]
        texts = fixed_strings(self.source.path, self.fields, strings, done)
        seen = 0
        for batch in sigilyx.read_yxdb_batches(copy, _BATCH, columns=[field.name for field in wanted], n_rows=n_rows):
            rest = batch.slice(max(done - seen, 0))
            seen += batch.height
            if rest.is_empty():
                continue
            changed = [latin_1(rest[field.name]) for field in wanted if field.type is FieldType.V_STRING]
            if strings:
                exact = pl.DataFrame(list(islice(texts, rest.height)), schema=dict.fromkeys(strings, pl.String()))
                changed.extend(exact.get_columns())
            yield rest.with_columns(changed)


def _fields(source: Source) -> tuple[Field, ...]:
    try:
        found = sigilyx.read_yxdb_fields(source.path)
    except (ValueError, OSError, TypeError) as error:
        raise _damaged(source, error) from error
    fields = [Field(one.name, field_type(one.field_type), one.size, one.scale) for one in found]
    told = told_of_fields(source.path)
    if len(told) == len(fields):
        pairs = zip(fields, told, strict=True)
        fields = [replace(field, source="" if origin == _NO_SOURCE else origin, description=words) for field, (origin, words) in pairs]
    return tuple(fields)


def _damaged(source: Source, error: Exception) -> InvalidError:
    return InvalidError(f'"{source.name}" cannot be read: it is damaged, cut off or no Alteryx Database ({error})')


def _as_field(given: pl.DataType, field: Field) -> pl.Expr:
    """The column as sigilyx gives it (Byte as Int16, dates of the newer engine as texts, raw shapes ...), in the field's own type."""
    value = column(field.name)
    if field.type is FieldType.SPATIAL:
        return value.map_elements(wkb_from_shape, return_dtype=pl.Binary)
    if field.type.is_temporal and given == pl.String():
        return value.str.strptime(field.dtype, _FORMS[field.type])  # pyright: ignore[reportArgumentType] - the type is one of three
    return value.cast(field.dtype)


def _write(rows: pl.DataFrame, fields: tuple[Field, ...], path: Path) -> None:
    if not fields:
        raise InvalidError("a table without fields cannot be written to an Alteryx Database")
    stored = rows.select(_stored(column(field.name), field) for field in fields)
    layout = {
        field.name: {"type": field.type.value, "size": field.size}
        | ({"scale": field.scale} if field.type is FieldType.FIXED_DECIMAL else {})
        for field in fields
    }
    own = needs_own_records(stored, fields)
    sigilyx.write_yxdb_with_overrides(path, stored.clear() if own else stored, layout)  # pyright: ignore[reportUnknownMemberType] - untyped there
    if own:
        append_records(path, stored, fields)
    keep_breaks(path)


def _stored(values: pl.Expr, field: Field) -> pl.Expr:
    if field.type is FieldType.SPATIAL:
        return values.map_elements(shape_from_wkb, return_dtype=pl.Binary)
    # sigilyx takes no unsigned bytes.
    return values.cast(pl.Int16) if field.type is FieldType.BYTE else values
