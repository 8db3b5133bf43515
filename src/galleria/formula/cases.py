"""The cases beside the functions: lines of the formula language with what they come to.

```
# Source: help page String Functions, where not marked.
PadLeft("7", 3, "0")  =>  "007"
PadLeft(Null(), 3, "0")  =>  Null()  # unverified
PadLeft(7, 3, "0")  =>  error: String is required
ToNumber("x")  =>  0  says: TONUMBER: x is not a valid number.
```

Two blanks stand around `=>` and before `says:` and `#`. What is marked `unverified` has no source that states it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable

from galleria.formula.environment import Environment

ENVIRONMENT = Environment(started=datetime(2024, 2, 29, 13, 14, 15, 123456), time_zone="Europe/Berlin")
"""Where every case runs: the clock stands still, no files, no variables."""

_LINE = re.compile(
    r"(?P<expression>.*?)  =>  (?:error: (?P<error>.*?)|(?P<expected>.*?)(?:  says: (?P<says>.*?))?)(?P<unverified>  # unverified)?"
)


@dataclass(frozen=True)
class Case:
    family: str
    """The module beside which it stands."""
    line: int
    expression: str
    expected: str | None
    """An expression of the same value; None where an error is expected."""
    error: str | None
    """The end of the error's message."""
    says: str | None
    """The conversion error of the row; None for none."""
    is_verified: bool


def all_cases() -> list[Case]:
    """Every case, family by family; raises ValueError for a line that is none."""
    package = files("galleria.formula")
    found: list[Case] = []
    for folder in (package, package.joinpath("functions")):
        for entry in sorted(folder.iterdir(), key=lambda item: item.name):
            if entry.name.endswith(".cases"):
                found.extend(_cases(entry))
    return found


def _cases(entry: Traversable) -> Iterator[Case]:
    family = entry.name.removesuffix(".cases")
    for number, line in enumerate(entry.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(f"{entry.name}, line {number} is no case: {line}")
        yield Case(family, number, found["expression"], found["expected"], found["error"], found["says"], found["unverified"] is None)
