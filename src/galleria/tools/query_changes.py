"""WHERE clauses of a query, given the values of records: what Dynamic Input does to its template.

Source: help page "Dynamic Input" and the settings of one real workflow. Unverified: how values are written into the clause.
Whatever stands in a value, it stays one: numbers are checked, texts are quoted.
"""

import re
from collections.abc import Mapping, Sequence
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

    def written(self, values: Sequence[str]) -> str:
        """The clause about the values; raises ToolError where a number is none."""
        return self._listed(values) if self.most else self._single(values[0])

    def _single(self, value: str) -> str:
        before, _, after = self.text.rpartition(self.old)
        quoted = before.endswith("'") and after.startswith("'")
        return f"{before[:-1] if quoted else before}{self._literal(value)}{after[1:] if quoted else after}"

    def _listed(self, values: Sequence[str]) -> str:
        equals = _EQUALS.fullmatch(self.text.rpartition(self.old)[0].removesuffix("'"))
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


def given(query: str, values: Mapping[Clause, Sequence[str]], *, escapes: bool) -> str:
    """The query with its clauses about these values; raises ToolError where it does not have one of them.

    All at once: what looks like a clause in the value of another stays a value. `escapes`: to the database a backslash may be
    more than a character, so that no value may have one.
    """
    for clause, those in values.items():
        if clause.text not in query:
            raise ToolError(f'The query does not have the clause "{clause.text}".')
        if escapes and any("\\" in value for value in those):
            raise ToolError(f'The field "{clause.field}" has a backslash in some records, which a database may take for an escape.')
    written = {clause.text: clause.written(those) for clause, those in values.items()}
    longest_first = sorted(written, key=len, reverse=True)
    return re.sub("|".join(re.escape(text) for text in longest_first), lambda found: written[found[0]], query)


def clause_of(step: Configuration) -> Clause:
    """The clause of a `Modify`; raises ToolError where it does not hold the text to replace."""
    text, old = step.value("ReplaceIn"), step.value("ReplaceText")
    if not old or old not in text:
        raise ToolError(f'The clause "{text}" does not hold the text to replace, "{old}".')
    most = step.whole("GroupForIn_Limit", 1000) if step.flag("GroupForIn") else 0
    if step.flag("GroupForIn") and most < 1:
        raise ToolError(f"A list must have room for at least 1 value, not {most}.")
    return Clause(text, old, step.value("Field"), step.value("ReplaceValueType").strip().casefold(), most)
