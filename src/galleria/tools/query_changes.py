"""WHERE clauses of a query, given the values of records: what Dynamic Input does to its template.

Source: help page "Dynamic Input" and the settings of one real workflow. Unverified: how values are written into the clause.
Whatever stands in a value, it stays one: numbers are checked, texts are quoted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from galleria.errors import ToolError
from galleria.tools.configuration import Configuration

_WHOLE = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_NUMBERS = {"integer": _WHOLE, "int": _WHOLE, "float": _NUMBER, "double": _NUMBER, "number": _NUMBER, "numeric": _NUMBER}
_EQUALS = re.compile(r"(?P<field>.*\S)\s*(?:=|\bIN\b)\s*\(?\s*$", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Clause:
    """`CUSTOMER_ID=1234`, in which the values of `field` take the place of `1234`."""

    text: str
    old: str
    field: str
    kind: str
    """In lower case: integer, float, or anything else for texts in quotes."""
    most: int
    """Values in one `IN` list; 0 asks once for each record."""

    def changed(self, query: str, values: Sequence[str]) -> str:
        """The query about the values; raises ToolError where it does not have the clause, or a number is none."""
        if self.text not in query:
            raise ToolError(f'The query does not have the clause "{self.text}".')
        return query.replace(self.text, self._listed(values) if self.most else self._single(values[0]))

    def _single(self, value: str) -> str:
        before, _, after = self.text.partition(self.old)
        quoted = before.endswith("'") and after.startswith("'")
        return f"{before[:-1] if quoted else before}{self._literal(value)}{after[1:] if quoted else after}"

    def _listed(self, values: Sequence[str]) -> str:
        equals = _EQUALS.fullmatch(self.text.partition(self.old)[0].removesuffix("'"))
        if equals is None:
            raise ToolError(f'The clause "{self.text}" has no = or IN: its values cannot be put into a list.')
        return f"{equals['field']} IN ({', '.join(self._literal(value) for value in values)})"

    def _literal(self, value: str) -> str:
        number = _NUMBERS.get(self.kind)
        if number is None:
            return "'" + value.replace("'", "''") + "'"
        if not number.fullmatch(value.strip()):
            raise ToolError(f'The field "{self.field}" must be a number in every record, not {value!r}.')
        return value.strip()


def clause_of(step: Configuration) -> Clause:
    """The clause of a `Modify`; raises ToolError where it does not hold the text to replace."""
    text, old = step.value("ReplaceIn"), step.value("ReplaceText")
    if not old or old not in text:
        raise ToolError(f'The clause "{text}" does not hold the text to replace, "{old}".')
    most = step.whole("GroupForIn_Limit", 1000) if step.flag("GroupForIn") else 0
    if step.flag("GroupForIn") and most < 1:
        raise ToolError(f"A list must have room for at least 1 value, not {most}.")
    return Clause(text, old, step.value("Field"), step.value("ReplaceValueType").strip().casefold(), most)
