"""XML Parse: makes a row of every element of a text that is XML."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.errors import InvalidError, ToolError
from galleria.fields.columns import column, columns
from galleria.fields.names import unique_name, unique_names
from galleria.fields.types import Field, FieldType
from galleria.formats.xml_elements import XmlOptions, read_rows
from galleria.table.table import Table, empty_table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Tool, warning

_ROW = "row"


@dataclass(frozen=True)
class XmlParse(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.XMLParse.XMLParse",)

    field: str
    options: XmlOptions
    keeps_field: bool
    ignores_errors: bool

    @classmethod
    def read(cls, config: Configuration) -> Self:
        options = XmlOptions(
            element=config.value("XMLElement").strip(),
            root=config.flag("ParseRoot"),
            child_values=config.flag("ChildValues", default=True),
            outer_xml=config.flag("OuterXML"),
        )
        return cls(config.value("XMLField"), options, config.flag("IncludeInOutput", default=True), config.flag("IgnoreErrors"))

    def facts(self, inputs: Inputs, context: Context) -> Mapping[str, pl.LazyFrame]:
        table = inputs.one()
        field = table.field(self.field)
        if not field.type.is_text:
            raise ToolError(f'The field "{field.name}" is not a text: XML is read from texts only.')
        return {"texts": table.frame.select(texts=column(field.name))}

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        name = table.field(self.field).name
        kept = [field for field in table.fields if self.keeps_field or field.name != name]
        if "texts" not in context.facts:
            return Built({"Output": empty_table(kept)})
        origins, parsed, notes = self._parse(context.facts["texts"]["texts"])
        # A name that occurs in any row is a column, in the order of first appearance.
        found = list(dict.fromkeys(key for row in parsed for key in row))
        names = unique_names([*(field.name for field in kept), *found])[len(kept) :]
        values = {new: [row.get(key) for row in parsed] for key, new in zip(found, names, strict=True)}
        fields = [_text_field(new, texts) for new, texts in values.items()]
        number = unique_name(_ROW, [*table.names, *names])
        rows = pl.DataFrame(
            {number: origins, **values}, schema={number: pl.get_index_type(), **{field.name: field.dtype for field in fields}}
        )
        frame = rows.lazy().join(table.frame.with_row_index(number), on=number, how="left", maintain_order="left")
        output = [*kept, *fields]
        return Built({"Output": Table(frame.select(columns(field.name for field in output)), tuple(output))}, notes=notes)

    def _parse(self, texts: pl.Series) -> tuple[list[int], list[dict[str, str]], list[Say]]:
        """The input row of every output row, the output rows' parsed columns, and warnings."""
        origins: list[int] = []
        parsed: list[dict[str, str]] = []
        notes: list[Say] = []
        for number, text in enumerate(texts):
            if not text:
                continue
            try:
                rows = read_rows(text, self.options)
            except InvalidError as error:
                if not self.ignores_errors:
                    raise ToolError(f"{error.message} (record #{number + 1})") from error
                notes.append(warning(f"{error.message} (record #{number + 1})"))
                continue
            origins.extend([number] * len(rows))
            parsed.extend(rows)
        return origins, parsed, notes


def _text_field(name: str, texts: Iterable[str | None]) -> Field:
    """A text field that just holds the longest text; narrow where Latin-1 suffices."""
    present = [text for text in texts if text is not None]
    is_wide = any(not text.isascii() and max(text) > "\xff" for text in present)
    return Field(name, FieldType.V_WSTRING if is_wide else FieldType.V_STRING, max(1, *map(len, present), 1))
