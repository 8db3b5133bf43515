"""DateTime: reads dates from texts, and writes dates as texts, in a format."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from galleria.errors import ToolError
from galleria.fields.conversion import problem_query
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType
from galleria.formula.compile import Compiled, assign, compile_expression
from galleria.formula.date_names import names_of
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.date_formats import PLUGIN, respelled, unpadded, written_width


@dataclass(frozen=True)
class DateTime(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)

    writes: bool
    """From date to text; else from text to date."""
    field: str
    format: str
    language: str
    output: str

    @classmethod
    def read(cls, config: Configuration) -> Self:
        text = config.value("Format")
        if not text.strip():
            raise ToolError(f'The format "{text}" is not valid.')
        language = config.value("Language") or "English"
        names_of(language)
        writes = config.flag("IsFrom")
        respelled(text, writing=writes, marks=True)
        return cls(writes, config.value("InputFieldName"), text, language, config.value("OutputFieldName") or "DateTime_Out")

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        source = table.field(self.field)
        if not (source.type.is_temporal if self.writes else source.type.is_text):
            raise ToolError(f'The field "{source.name}" is not a {"date or time" if self.writes else "text"}.')
        compiled = self._compiled(source, context)
        new = self._new_field(unique_name(self.output, table.names), compiled)
        value = assign(compiled, new)
        output = table.with_columns({new.name: value.value}, [*table.fields, new])
        if value.problem is None:
            return Built({"Output": output})
        return Built({"Output": output}, problems={new.name: problem_query(table.frame, value.problem, context.problem_limit)})

    def _compiled(self, source: Field, context: Context) -> Compiled:
        """The conversion, as expressions know it."""
        function = "DateTimeFormat" if self.writes else "DateTimeParse"
        extra = {"value": source, "format": respelled(self.format, writing=self.writes, marks=True), "language": self.language}
        compiled = compile_expression(f"{function}([value], [format], [language])", (), context.formula, extra=extra)
        return replace(compiled, value=unpadded(compiled.value)) if self.writes else compiled

    def _new_field(self, name: str, compiled: Compiled) -> Field:
        if not self.writes:
            return Field(name, compiled.field.type, source=f"DateTime: To {self.format}")
        names = names_of(self.language)
        is_wide = any(max(text) > "\xff" for text in (*names.months, *names.days))
        width = written_width(respelled(self.format, writing=True, marks=True))
        return Field(name, FieldType.WSTRING if is_wide else FieldType.STRING, width, source=f"DateTime: From {self.format}")
