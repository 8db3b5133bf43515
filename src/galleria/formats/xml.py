"""Extensible Markup Language: the elements of a document as rows."""

import codecs
import re

import polars as pl

from galleria.errors import InvalidError, TooLargeError
from galleria.fields.names import unique_names
from galleria.fields.types import Field, FieldType
from galleria.formats.format import Circumstances, Content, Format, Source
from galleria.formats.options import Options
from galleria.formats.xml_elements import XmlOptions, read_rows
from galleria.messages import Status
from galleria.table.table import Table

_MOST_BYTES = 1024**3
_DECLARED = re.compile(rb"""\A\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Xml(Format):
    name = "Extensible Markup Language"
    codes = (37,)
    extensions = (".xml",)

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        """As XML Parse does with a text: one row for each element, texts as long as their longest value."""
        wanted = XmlOptions(
            element=options.text("XmlElement").strip(),
            root=options.flag("ParseRoot"),
            child_values=options.flag("ChildValues"),
            outer_xml=options.flag("OuterXML"),
        )
        try:
            rows = read_rows(_text(source), wanted)
        except InvalidError as error:
            if not options.flag("IgnoreErrors"):
                raise InvalidError(f'"{source.name}": {error.message}') from error
            return Content(_table([], source), notes=[(Status.WARNING, f'"{source.name}": {error.message}')])
        return Content(_table(rows, source))


def _text(source: Source) -> str:
    if source.path.stat().st_size > _MOST_BYTES:
        raise TooLargeError(f'"{source.name}" is refused: XML is read up to {_MOST_BYTES:,} bytes')
    data = source.path.read_bytes()
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    declared = _DECLARED.match(data)
    try:
        return data.decode(marked or (declared[1].decode() if declared else "utf-8"))
    except (UnicodeDecodeError, LookupError) as error:
        raise InvalidError(f"the text is not in the encoding that it says ({error})") from error


def _table(rows: list[dict[str, str]], source: Source) -> Table:
    found = list(dict.fromkeys(key for row in rows for key in row)) or ["Field_1"]
    names = unique_names(found)
    columns = [pl.Series(name, [row.get(key) for row in rows], pl.String) for key, name in zip(found, names, strict=True)]
    fields = tuple(_field(column, f"File: {source.name}") for column in columns)
    return Table(pl.DataFrame(columns).lazy(), fields)


def _field(column: pl.Series, source: str) -> Field:
    longest = column.str.len_chars().max()
    is_wide = bool(column.str.contains(r"[^\x{00}-\x{ff}]").any())
    size = max(longest if isinstance(longest, int) else 0, 1)
    return Field(column.name, FieldType.V_WSTRING if is_wide else FieldType.V_STRING, size, source=source)
