"""A function's signature as one line of text: `PadLeft(text: String, width: Int, fill: String) -> String`.

Types of arguments:

String      text; dates come as their text
Number      a Double or a whole number, as it is; Bool counts as 0 and 1
Double      a number, made a Double
Int         a number, cut to a whole one
Bool        true or false; a number counts as true where it is not 0
DateTime    a date, a date with time, or text that holds one, made a Polars Datetime; other text gives Null and a problem
Spatial     a spatial object
Any         anything as it is
N           numbers that meet in one type
T, A        any kind, the same wherever the letter stands
R           as T, but numbers meet texts as the text that a field shows of them

`name: Type = default` may be left out; `name: Type...` and `(a: Type, b: Type)...`, last, come once or more often. A result
has the same names, or several joined with `|` where the function itself says which.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TYPES = frozenset({"String", "Number", "Double", "Int", "Bool", "DateTime", "Spatial", "Any", "N", "T", "A", "R"})

_SIGNATURE = re.compile(r"(\w+)\((.*)\)\s*->\s*([\w|]+)")
_GROUP = re.compile(r"\(([^()]*)\)\.\.\.")
_PARAMETER = re.compile(r"(\w+):\s*(\w+)(\.\.\.)?(?:\s*=\s*(.+))?")


@dataclass(frozen=True)
class Parameter:
    name: str
    type: str
    default: str | None = None
    """A constant in the formula language; None: must be given."""


@dataclass(frozen=True)
class Signature:
    text: str
    name: str
    parameters: tuple[Parameter, ...]
    repeated: tuple[Parameter, ...]
    """The group that closes the list and comes once or more often; empty for most functions."""
    returns: str

    @property
    def least(self) -> int:
        return sum(parameter.default is None for parameter in self.parameters) + len(self.repeated)

    @property
    def most(self) -> int | None:
        """None: no limit."""
        return None if self.repeated else len(self.parameters)

    def accepts(self, count: int) -> bool:
        if self.most is not None:
            return self.least <= count <= self.most
        return count >= self.least and (count - len(self.parameters)) % len(self.repeated) == 0

    def expected(self) -> str:
        """`2 arguments`, `2 or 3 arguments`, `at least 4 arguments, then 2 at a time`."""
        if self.most is None:
            step = f", then {len(self.repeated)} at a time" if len(self.repeated) > 1 else ""
            return f"at least {self.least} argument{'s' if self.least != 1 else ''}{step}"
        if self.least == self.most:
            return f"{self.least} argument{'s' if self.least != 1 else ''}"
        return f"{self.least} {'or' if self.most == self.least + 1 else 'to'} {self.most} arguments"

    def parameters_for(self, count: int) -> Iterator[Parameter]:
        """One parameter for each of `count` given arguments, in order."""
        yield from self.parameters[: min(count, len(self.parameters))]
        for index in range(max(count - len(self.parameters), 0)):
            yield self.repeated[index % len(self.repeated)]


def parse_signature(text: str) -> Signature:
    """Raises ValueError on a text that is no signature: a mistake in the declaration."""
    found = _SIGNATURE.fullmatch(text)
    if found is None:
        raise ValueError(f"not a signature: {text!r}")
    name, inside, returns = found.groups()
    fixed: list[Parameter] = []
    repeated: tuple[Parameter, ...] = ()
    group = _GROUP.search(inside)
    if group:
        repeated = tuple(_parameter(part)[0] for part in group[1].split(","))
        inside = inside[: group.start()].rstrip(", ")
    for part in _split(inside):
        parameter, is_repeated = _parameter(part)
        if is_repeated:
            repeated = (parameter,)
        else:
            fixed.append(parameter)
    return Signature(text, name, tuple(fixed), repeated, returns)


def _split(inside: str) -> list[str]:
    # A comma may stand in the default of a separator: `separator: String = ","`.
    return [part.strip() for part in re.findall(r"""(?:"[^"]*"|[^,"])+""", inside) if part.strip()]


def _parameter(text: str) -> tuple[Parameter, bool]:
    found = _PARAMETER.fullmatch(text.strip())
    if found is None or found[2] not in TYPES:
        raise ValueError(f"not a parameter: {text!r}")
    return Parameter(found[1], found[2], found[4]), found[3] is not None
