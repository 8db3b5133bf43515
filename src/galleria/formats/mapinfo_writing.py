"""MapInfo interchange files made: columns and objects (.mif), and the records (.mid). Source: the format's published description."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from galleria.fields.columns import column, columns
from galleria.fields.conversion import text_of
from galleria.fields.types import Field, FieldType
from galleria.formats.wkb import GeometryKind, Points, parts_of

MOST_TEXT = 254
_TYPES = {
    FieldType.BOOL: "Logical",
    FieldType.BYTE: "SmallInt",
    FieldType.INT16: "SmallInt",
    FieldType.INT32: "Integer",
    FieldType.INT64: "LargeInt",
    FieldType.FLOAT: "Float",
    FieldType.DOUBLE: "Float",
    FieldType.DATE: "Date",
    FieldType.TIME: "Time",
    FieldType.DATETIME: "DateTime",
}
_FORMS = {FieldType.DATE: "%Y%m%d", FieldType.TIME: "%H%M%S%3f", FieldType.DATETIME: "%Y%m%d%H%M%S%3f"}
_LONGEST_NAME = 31


def texts(frame: pl.LazyFrame, shape: Field, others: Sequence[Field]) -> pl.LazyFrame:
    """The spatial field as it is, all others as the records of a .mid hold them."""
    return frame.select(column(shape.name), *(_text(field).alias(field.name) for field in others))


def _text(field: Field) -> pl.Expr:
    value = column(field.name)
    if field.type in _FORMS:
        return value.dt.strftime(_FORMS[field.type]).fill_null("")
    if field.type is FieldType.BOOL:
        return pl.when(value).then(pl.lit("T")).when(~value).then(pl.lit("F")).otherwise(pl.lit(""))
    text = text_of(value, field).fill_null("")
    if not field.type.is_text:
        return text
    quoted = text.str.slice(0, MOST_TEXT).str.replace_all(r"[\r\n]+", " ").str.replace_all('"', '""', literal=True)
    return pl.concat_str(pl.lit('"'), quoted, pl.lit('"'))


def write_mapinfo(path: Path, rows: pl.DataFrame, shape: Field, others: Sequence[Field]) -> None:
    """Raises InvalidError for a collection of different kinds of objects."""
    with path.open("w", encoding="utf-8", newline="\r\n") as out:
        out.write('Version 1520\nCharset "UTF-8"\nDelimiter ","\nCoordSys Earth Projection 1, 104\n')
        out.write(f"Columns {len(others)}\n")
        out.writelines(f"  {name} {_type(field)}\n" for name, field in zip(_names(others), others, strict=True))
        out.write("Data\n\n")
        for wkb in rows[shape.name]:
            out.writelines(f"{line}\n" for line in (_object(wkb) if wkb else ["None"]))
    with path.with_suffix(".mid").open("w", encoding="utf-8", newline="\r\n") as out:
        out.writelines(f"{','.join(values)}\n" for values in rows.select(columns(field.name for field in others)).iter_rows())


def _names(fields: Sequence[Field]) -> list[str]:
    """Letters, digits and `_`, 31 at most, each once."""
    names: list[str] = []
    for field in fields:
        plain = re.sub(r"\W", "_", field.name)[:_LONGEST_NAME]
        name, number = plain, 1
        while name.casefold() in {one.casefold() for one in names}:
            number += 1
            name = f"{plain[: _LONGEST_NAME - len(str(number))]}{number}"
        names.append(name)
    return names


def _type(field: Field) -> str:
    if field.type is FieldType.FIXED_DECIMAL:
        return f"Decimal({field.size}, {field.scale})"
    return _TYPES.get(field.type, f"Char({min(max(field.size, 1), MOST_TEXT)})")


def _object(wkb: bytes) -> Iterator[str]:
    kind, parts = parts_of(wkb)
    points = [part.points for part in parts]
    if not any(points):
        yield "None"
    elif kind is GeometryKind.POINT:
        yield f"Point {_place(points[0], 0)}"
    elif kind is GeometryKind.MULTIPOINT:
        yield f"Multipoint {len(points)}"
        yield from (_place(one, 0) for one in points)
    elif kind is GeometryKind.LINE and len(points) == 1:
        yield f"Pline {len(points[0]) // 2}"
        yield from _places(points[0])
    else:
        yield f"Region {len(points)}" if kind is GeometryKind.POLYGON else f"Pline Multiple {len(points)}"
        for one in points:
            yield f"  {len(one) // 2}"
            yield from _places(one)


def _places(points: Points) -> Iterator[str]:
    return (_place(points, at) for at in range(0, len(points), 2))


def _place(points: Points, at: int) -> str:
    return f"{points[at]!r} {points[at + 1]!r}"
