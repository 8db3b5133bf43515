"""MapInfo Professional Interchange Format: what is told of each object (.mid) and the objects (.mif). Source: its published description."""

import csv
import io
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from galleria.errors import InvalidError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.conversion import convert
from galleria.fields.names import unique_name, unique_names
from galleria.fields.types import Field, FieldType
from galleria.formats.dbase_writing import limited, refuse_binary
from galleria.formats.format import Circumstances, Content, Format, Source, Target, Writing
from galleria.formats.mapinfo_writing import texts, write_mapinfo
from galleria.formats.options import Options
from galleria.formats.shapefile_writing import spatial_and_others
from galleria.formats.shapes import polygons_from_rings
from galleria.formats.sizes import size_trouble, trouble_of
from galleria.table.table import Table

_TYPES = {
    "char": FieldType.V_STRING,
    "integer": FieldType.INT32,
    "smallint": FieldType.INT16,
    "largeint": FieldType.INT64,
    "decimal": FieldType.DOUBLE,
    "float": FieldType.DOUBLE,
    "date": FieldType.DATE,
    "time": FieldType.TIME,
    "datetime": FieldType.DATETIME,
    "logical": FieldType.BOOL,
}
_FORMS = {FieldType.DATE: "%Y%m%d", FieldType.TIME: "%H%M%S%3f", FieldType.DATETIME: "%Y%m%d%H%M%S%3f"}
_COLUMN = re.compile(r"\s*(\S+)\s+([A-Za-z]+)\s*(?:\(\s*([0-9]+)\s*(?:,\s*[0-9]+\s*)?\))?")
_PAIR = tuple[float, float]


class MapInfo(Format):
    name = "MapInfo Professional Interchange Format"
    codes = (10,)
    extensions = (".mif",)

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        """The columns, then `SpatialObj`. Objects must be in degrees; arcs, ellipses and texts are refused."""
        try:
            head, lines = _head(source)
            shapes = list(_Objects(lines, source.name).all())
            records = _records(source, head, len(shapes))
        except (ValueError, IndexError, TypeError, LookupError, csv.Error, struct.error, StopIteration) as error:
            raise InvalidError(f'"{source.name}" cannot be read: it is damaged or no MapInfo interchange file ({error})') from error
        columns = {field.name: [row[at] or None for row in records] for at, field in enumerate(head.fields)}
        texts = pl.DataFrame(columns, dict.fromkeys(columns, pl.String()))
        values = [_value(field) for field in head.fields]
        shape = Field(unique_name("SpatialObj", [field.name for field in head.fields]), FieldType.SPATIAL, source=f"File: {source.name}")
        objects = pl.Series(shape.name, shapes, pl.Binary)
        frame = texts.lazy().select(value for value, _ in values).with_columns(objects) if values else objects.to_frame().lazy()
        problems = {field.name: problem for field, (_, problem) in zip(head.fields, values, strict=True) if problem is not None}
        trouble = trouble_of(texts.lazy(), problems, around.problem_limit)
        return Content(Table(frame, (*head.fields, shape)), trouble)

    def write(self, table: Table, target: Target, options: Options, around: Circumstances) -> Writing:
        """The columns and objects, and the records in a .mid beside them; there must be one spatial field.

        Texts longer than 254 characters are cut, and told.
        """
        shape, others = spatial_and_others(table.fields, target.name)
        refuse_binary(others, target.name)

        def finish(rows: pl.DataFrame) -> None:
            write_mapinfo(target.path, rows, shape, others)

        return Writing(texts(table.frame, shape, others), finish, size_trouble(table.frame, limited(others), around.problem_limit))


@dataclass(frozen=True)
class _Head:
    fields: tuple[Field, ...]
    delimiter: str
    encoding: str


def _head(source: Source) -> tuple[_Head, Iterator[str]]:
    """What stands before `DATA`, and the lines behind it."""
    data = source.path.read_bytes()
    charset = re.search(rb'(?im)^\s*charset\s+"([^"]*)"', data[:4096])
    named = charset[1].decode("latin-1").lower() if charset else ""
    encoding = "utf-8" if "utf" in named else f"cp{found[1]}" if (found := re.search("windows.*?([0-9]{4})", named)) else "latin-1"
    lines = iter(data.decode(encoding, "replace").splitlines())
    delimiter, fields = "\t", list[Field]()
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        match word.lower():
            case "delimiter":
                delimiter = rest.strip().strip('"')
            case "coordsys" if not re.match(r"(?i)\s*earth(\s+projection\s+1\s*,.*)?$", rest):
                raise UnsupportedError("format MapInfo", f'"{source.name}" is in another coordinate system than degrees')
            case "columns":
                fields = [_field(next(lines), source) for _ in range(int(rest))]
            case "data":
                names = unique_names(field.name for field in fields)
                named_fields = tuple(field.renamed(name) for field, name in zip(fields, names, strict=True))
                return _Head(named_fields, delimiter, encoding), lines
            case _:
                pass
    raise ValueError("it has no DATA")


def _field(line: str, source: Source) -> Field:
    found = _COLUMN.match(line)
    kind = _TYPES.get(found[2].lower()) if found else None
    if not found or kind is None:
        raise ValueError(f"a column reads {line.strip()!r}")
    size = int(found[3] or 0) if kind is FieldType.V_STRING else 0
    return Field(found[1], kind, size, source=f"File: {source.name}")


def _records(source: Source, head: _Head, count: int) -> list[list[str]]:
    beside = _beside(source.path)
    if beside is None or not head.fields:
        if head.fields:
            raise InvalidError(f'"{source.name}" has no .mid beside it.')
        return [[] for _ in range(count)]
    text = beside.read_text(head.encoding, "replace")
    rows = list(csv.reader(io.StringIO(text), delimiter=head.delimiter))
    if len(head.fields) == 1:
        # The record of an object without a value is an empty line then.
        rows = [row or [""] for row in rows]
    if len(rows) != count or any(len(row) < len(head.fields) for row in rows):
        raise InvalidError(f'"{source.name}" has {count} objects of {len(head.fields)} columns, and its .mid does not.')
    return rows


def _beside(path: Path) -> Path | None:
    return next(
        (one for one in path.parent.iterdir() if one.stem.casefold() == path.stem.casefold() and one.suffix.lower() == ".mid"), None
    )


def _value(field: Field) -> tuple[pl.Expr, pl.Expr | None]:
    text = column(field.name)
    if field.type.is_temporal:
        value = text.str.strptime(field.dtype, _FORMS[field.type], strict=False)  # pyright: ignore[reportArgumentType] - the type is one of three
        return value, pl.when(text.is_not_null() & value.is_null()).then(pl.format(f'"{{}}" is no {field.type}', text))
    converted = convert(text, Field(field.name, FieldType.V_WSTRING), field)
    return converted.value.alias(field.name), converted.problem


class _Objects:
    """Reads one object after the other; what says how they look is left out."""

    def __init__(self, lines: Iterator[str], name: str) -> None:
        self.words = (line.split() for line in lines if line.strip())
        self.name = name

    def all(self) -> Iterator[bytes | None]:
        for words in self.words:
            match words[0].lower():
                case "none":
                    yield None
                case "point":
                    yield struct.pack("<BI2d", 1, 1, float(words[1]), float(words[2]))
                case "line":
                    x1, y1, x2, y2 = map(float, words[1:5])
                    yield _line([(x1, y1), (x2, y2)])
                case "pline":
                    yield self._lines(words)
                case "region":
                    yield _polygons([self._points(self._count()) for _ in range(int(words[1]))])
                case "multipoint":
                    points = self._points(int(words[1]))
                    yield struct.pack("<BII", 1, 4, len(points)) + b"".join(struct.pack("<BI2d", 1, 1, *point) for point in points)
                case "rect":
                    x1, y1, x2, y2 = map(float, words[1:5])
                    yield _polygons([[(x1, y1), (x1, y2), (x2, y2), (x2, y1), (x1, y1)]])
                case "arc" | "ellipse" | "roundrect" | "text" | "collection" as kind:
                    raise UnsupportedError("format MapInfo", f'"{self.name}" holds an object of the kind {kind}')
                case _:
                    pass  # Pen, Brush, Symbol, Smooth, Center

    def _lines(self, words: list[str]) -> bytes:
        if len(words) > 2 and words[1].lower() == "multiple":
            lines = [_line(self._points(self._count())) for _ in range(int(words[2]))]
            return struct.pack("<BII", 1, 5, len(lines)) + b"".join(lines)
        return _line(self._points(int(words[1]) if len(words) > 1 else self._count()))

    def _next(self) -> list[str]:
        words = next(self.words, None)
        if words is None:
            raise ValueError("it is cut off")
        return words

    def _count(self) -> int:
        return int(self._next()[0])

    def _points(self, count: int) -> list[_PAIR]:
        return [(float(words[0]), float(words[1])) for words in (self._next() for _ in range(count))]


def _line(points: Sequence[_PAIR]) -> bytes:
    return struct.pack("<BI", 1, 2) + _packed(points)


def _polygons(rings: Sequence[Sequence[_PAIR]]) -> bytes:
    return polygons_from_rings([b"".join(struct.pack("<2d", *point) for point in ring) for ring in rings])


def _packed(points: Sequence[_PAIR]) -> bytes:
    return struct.pack("<I", len(points)) + b"".join(struct.pack("<2d", *point) for point in points)
