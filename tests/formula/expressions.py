"""Random expressions of the language over a small table, typed so that most of them compile."""

import random
from collections.abc import Callable
from datetime import date, datetime

import polars as pl

from galleria.fields.types import Field, FieldType
from galleria.formula.registry import Function

FIELDS = [
    Field("i", FieldType.INT32),
    Field("j", FieldType.INT64),
    Field("d", FieldType.DOUBLE),
    Field("s", FieldType.V_WSTRING),
    Field("t", FieldType.V_STRING, 100),
    Field("b", FieldType.BOOL),
    Field("day", FieldType.DATE),
    Field("moment", FieldType.DATETIME),
]
TABLE = pl.DataFrame(
    {
        "i": [1, -7, 0, None, 250, 3],
        "j": [2**40, -3, None, 0, 12, 5],
        "d": [1.5, -2.25, 0.0, None, 1e10, 0.1],
        "s": ["Apple", "straße", "", None, "a-b c", "2024-02-29"],
        "t": ["apple", "STRASSE", None, "", "12.5", "é x"],
        "b": [True, False, None, True, False, None],
        "day": [date(2024, 2, 29), date(1999, 12, 31), None, date(2024, 1, 1), date(1400, 1, 1), date(2030, 6, 15)],
        "moment": [
            datetime(2024, 2, 29, 13, 5, 9),
            None,
            datetime(1999, 12, 31, 23, 59, 59),
            datetime(2024, 1, 1),
            datetime(2001, 2, 3, 4, 5, 6),
            None,
        ],
    },
    schema={field.name: field.dtype for field in FIELDS},
)

_CONSTANTS = {
    "pattern": ['"a"', r'"(\w)(\w)"', '"[a-c]+"', '"a(?=p)"', '""'],
    "replacement": ['"$1"', '"x"', r'"<\1>"', '""'],
    "format": ['"%Y-%m-%d"', '"%d/%m/%y %H:%M"', '"%B %j"'],
    "language": ['"English"', '"German"', "Null()"],
    "zone": ['"UTC"', '"Europe/Berlin"', "Null()"],
    "relation": ['"T*F**F***"'],
    "form": ['"NFC"', '"nfkd"'],
    "code_page": ["1252", "65001"],
    "keep_nulls": ["0", "1"],
    "ignore_errors": ["0", "1"],
    "separator": ['","', '"."', "Null()"],
    "thousands": ["0", "1"],
    "number": ["0", "1", "2", "-1", "i"],
    "digits": ["3", "6"],
    "width": ["0", "3", "7", "i"],
    "length": ["0", "2", "-1", "i", "Null()"],
    "start": ["0", "1", "-1", "i"],
    "index": ["0", "1", "i"],
}
_UNITS = {"date": ['"days"', '"months"', '"hours"', '"seconds"'], "spatial": ['"km"', '"miles"']}


class Expressions:
    """Draws from a seed; deeper expressions are rarer."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def call_of(self, function: Function, depth: int = 1) -> str:
        """A call of the function with arguments of the right kinds."""
        signature = function.signature
        count = self._dice.randint(
            signature.least, signature.most if signature.most is not None else signature.least + 2 * len(signature.repeated)
        )
        while not signature.accepts(count):
            count += 1
        letters = {letter: self._dice.choice(["number", "text", "date"]) for letter in "TAR"}
        arguments = [
            self._argument(function, parameter.name, letters.get(parameter.type, parameter.type), depth)
            for parameter in signature.parameters_for(count)
        ]
        return f"{function.name}({', '.join(arguments)})"

    def _argument(self, function: Function, name: str, kind: str, depth: int) -> str:
        if name == "unit":
            return self._dice.choice(_UNITS["spatial" if function.family.startswith("spatial") else "date"])
        if name in _CONSTANTS and not (name == "number" and kind == "Number"):
            return self._dice.choice(_CONSTANTS[name])
        return self._of_kind(kind, depth)

    def _of_kind(self, kind: str, depth: int) -> str:
        makers: dict[str, Callable[[int], str]] = {
            "String": self.text,
            "text": self.text,
            "Bool": self.truth,
            "DateTime": self.moment,
            "date": self.moment,
            "Any": self.anything,
            "Spatial": lambda _: self._dice.choice(
                ["ST_CreatePoint(i, 2)", "ST_CreatePoint(1, 1)", "ST_BoundingRectangle(ST_CreatePoint(0, 0), ST_CreatePoint(i, 3))"]
            ),
        }
        return makers.get(kind, self.number)(depth)

    def anything(self, depth: int) -> str:
        return self._dice.choice([self.number, self.text, self.truth, self.moment])(depth)

    def number(self, depth: int) -> str:
        if depth <= 0:
            return self._dice.choice(["[i]", "j", "[d]", "0", "1", "2.5", "-3", "Null()", "7"])
        return self._dice.choice(
            [
                lambda: self.number(0),
                lambda: f"({self.number(depth - 1)} {self._dice.choice('+-*/')} {self.number(depth - 1)})",
                lambda: f"-{self.number(0)}".replace("--", "- -"),
                lambda: f"IIF({self.truth(depth - 1)}, {self.number(depth - 1)}, {self.number(depth - 1)})",
                lambda: f"Length({self.text(depth - 1)})",
                lambda: f"Switch({self.text(0)}, {self.number(0)}, {self.text(0)}, {self.number(0)})",
            ]
        )()

    def text(self, depth: int) -> str:
        if depth <= 0:
            return self._dice.choice(["[s]", "t", '"a"', '"Apple"', '""', '"straße"', "Null()", '"12.5"'])
        return self._dice.choice(
            [
                lambda: self.text(0),
                lambda: f"({self.text(depth - 1)} + {self._dice.choice(['[s]', 't', 'day', 'moment'])})",
                lambda: self._choice(depth),
                lambda: f"Left({self.text(depth - 1)}, {self.number(0)})",
                lambda: f"Uppercase({self.text(depth - 1)})",
            ]
        )()

    def _choice(self, depth: int) -> str:
        branches = f"{self.truth(depth - 1)} THEN {self.text(depth - 1)} ELSEIF {self.truth(0)} THEN {self.text(0)}"
        return f"IF {branches} ELSE {self.text(depth - 1)} ENDIF"

    def truth(self, depth: int) -> str:
        if depth <= 0:
            return self._dice.choice(["[b]", "True", "(i > 0)", "(s = 'apple')", "IsNull(t)"])
        sign = self._dice.choice(["=", "!=", "<", "<=", ">", ">="])
        return self._dice.choice(
            [
                lambda: self.truth(0),
                lambda: f"({self.number(depth - 1)} {sign} {self.number(depth - 1)})",
                lambda: f"({self.text(depth - 1)} {sign} {self.text(depth - 1)})",
                lambda: f"({self.moment(0)} {sign} {self.moment(0)})",
                lambda: f"({self.truth(depth - 1)} {self._dice.choice(['AND', 'OR', '&&', '||'])} {self.truth(depth - 1)})",
                lambda: f"!{self.truth(depth - 1)}",
                lambda: f"({self.text(0)} {self._dice.choice(['IN', 'NOT IN'])} ({self.text(0)}, 'APPLE', {self.text(0)}))",
                lambda: f"({self.number(0)} IN (1, {self.number(0)}, 2.5))",
            ]
        )()

    def moment(self, depth: int) -> str:
        if depth <= 0:
            return self._dice.choice(["[day]", "[moment]", '"2024-02-29"', '"2024-02-29 13:05:09"', "DateTimeToday()"])
        return self._dice.choice(
            [lambda: self.moment(0), lambda: f"DateTimeAdd({self.moment(0)}, {self._dice.choice(['1', 'i'])}, 'days')"]
        )()
