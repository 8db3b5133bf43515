"""The simple mode of Filter: a field, an operator and a value, told as the expression that the original makes of them.

Source: documents that keep both (`tools.md` 5.2).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from galleria.errors import UnsupportedError
from galleria.fields.names import get_field
from galleria.fields.types import Field, FieldType
from galleria.tools.configuration import Configuration

_COMPARISONS = ("=", "!=", ">", ">=", "<", "<=")
_DATE = re.compile(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})[ T][0-9:.]*$")
"""A date with a time behind it."""
_TESTED = "_TestedField_"
_FIXED = "fixed"
_DAYS: Mapping[str, str] = {
    "today": "DateTimeToday()",
    "yesterday": 'DateTimeAdd(DateTimeToday(), -1, "days")',
    "tomorrow": 'DateTimeAdd(DateTimeToday(), 1, "days")',
}
_PATTERNS: Mapping[str, str] = {
    "IsNull": "IsNull({field})",
    "IsNotNull": "!IsNull({field})",
    "IsEmpty": "IsEmpty({field})",
    "IsNotEmpty": "!IsEmpty({field})",
    "IsTrue": "{field} = 1",
    "IsFalse": "{field} = 0",
    "Contains": "Contains({field},{value})",
    "NotContains": "!Contains({field},{value})",
    "DateRange": "{field} >= {start} AND {field} <= {end}",
    **{comparison: f"{{field}} {comparison} {{value}}" for comparison in _COMPARISONS},
}


@dataclass(frozen=True)
class SimpleTest:
    field: str
    operator: str
    value: str
    start: str
    end: str
    ignores_time: bool
    """DateTimes are compared by their date alone."""
    day: str
    """What a date is compared with: `fixed` for what is written, or a day counted from that of the run."""

    def expression(self, fields: Sequence[Field]) -> str:
        """The test as an expression over `names(fields)`; raises ToolError where the field is missing."""
        field = get_field(fields, self.field)
        name = f"[{_TESTED}]"
        if field.type.is_temporal and self.day != _FIXED and self.operator in _COMPARISONS:
            return f"ToDate({name}) {self.operator} {_DAYS[self.day]}"
        by_date = field.type is FieldType.DATE or (field.type is FieldType.DATETIME and self.ignores_time)
        if by_date and field.type is FieldType.DATETIME:
            name = f"ToDate({name})"
        values = {
            key: _literal(_DATE.sub(r"\1", text) if by_date else text, field)
            for key, text in (("value", self.value), ("start", self.start), ("end", self.end))
        }
        return _PATTERNS[self.operator].format(field=name, **values)

    def names(self, fields: Sequence[Field]) -> Mapping[str, Field]:
        """What the expression calls the field: its own name may hold brackets, which no expression can."""
        return {_TESTED: get_field(fields, self.field)}


def read_simple_test(config: Configuration) -> SimpleTest:
    """The `<Simple>` element; raises UnsupportedError for operators and relative dates that are not known."""
    operator = config.value("Operator").strip()
    if operator not in _PATTERNS:
        raise UnsupportedError(f"Filter operator {operator}", "it is not known here")
    day = config.value("Operands/DateType").strip().casefold() or _FIXED
    if day not in (_FIXED, *_DAYS) and operator in (*_COMPARISONS, "DateRange"):
        raise UnsupportedError(f"Filter by a date relative to today ({day})", "what the original counts from is not known")
    return SimpleTest(
        config.value("Field"),
        operator,
        value=config.value("Operands/Operand") or config.value("Operand"),
        start=config.value("Operands/StartDate"),
        end=config.value("Operands/EndDate"),
        ignores_time=config.flag("Operands/IgnoreTimeInDateTime", default=False),
        day=day,
    )


def _literal(text: str, field: Field) -> str:
    """Numbers bare, everything else in quotes."""
    if field.type.is_numeric or field.type is FieldType.BOOL:
        return text
    if '"' not in text:
        return f'"{text}"'
    return f"'{text}'" if "'" not in text else " + '\"' + ".join(f'"{part}"' for part in text.split('"'))
