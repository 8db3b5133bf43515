"""The text of a loop in the making: lines with their indentation, fresh names, and the objects that the names stand for."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any


class Lines:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {}
        """What the loop's free names are bound to. Texts of an expression get in here only, never into the lines."""
        self._depth = 0
        self._count = 0

    def add(self, line: str) -> None:
        self.lines.append("    " * self._depth + line)

    @contextmanager
    def block(self, head: str) -> Generator[None]:
        self.add(head)
        self._depth += 1
        yield
        self._depth -= 1

    def fresh(self, letter: str = "t") -> str:
        self._count += 1
        return f"{letter}{self._count}"

    def assign(self, expression: str) -> str:
        """A new name for a value."""
        name = self.fresh()
        self.add(f"{name} = {expression}")
        return name

    def bind(self, thing: object) -> str:
        """A name for an object."""
        name = self.fresh("k")
        self.names[name] = thing
        return name
