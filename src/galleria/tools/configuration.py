"""A tool's `<Configuration>` element, read by name: order, letter case of booleans and missing children do not matter."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from galleria.errors import ToolError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it


class Configuration:
    """Paths are child tags joined with `/`; a value is the `value` attribute of an element or else its text."""

    def __init__(self, element: Element) -> None:
        self.element = element

    def find(self, path: str) -> Configuration | None:
        found = self.element.find(path)
        return None if found is None else Configuration(found)

    def child(self, path: str) -> Configuration:
        """The element at `path`; an empty one where it is absent."""
        found = self.find(path)
        return Configuration(self.element.makeelement(path.rsplit("/", 1)[-1], {})) if found is None else found

    def each(self, path: str) -> Iterator[Configuration]:
        return (Configuration(found) for found in self.element.iterfind(path))

    def has(self, path: str) -> bool:
        return self.element.find(path) is not None

    def field_names(self, path: str) -> tuple[str, ...]:
        """The names in a list of `<Field field="..."/>` or `<Field name="..."/>` below `path` (`.`: here) that are selected."""
        chosen = (entry for entry in self.each(f"{path}/Field") if entry.attribute_flag("selected", default=True))
        return tuple(entry.attribute("field") or entry.attribute("name") for entry in chosen)

    @property
    def text(self) -> str:
        """The element's own text as written, `""` for none."""
        return "".join(self.element.itertext(with_tail=False)) if len(self.element) == 0 else (self.element.text or "")

    def attribute(self, name: str, default: str = "") -> str:
        return self.element.get(name, default)

    def attribute_flag(self, name: str, *, default: bool = False) -> bool:
        return _flag(self.element.get(name), f"@{name}", default=default)

    def attribute_whole(self, name: str, default: int = 0) -> int:
        """An integer; raises ToolError on other text."""
        return _whole(self.element.get(name, ""), f"@{name}", default)

    def value(self, path: str, default: str = "") -> str:
        found = self.element.find(path)
        if found is None:
            return default
        value = found.get("value")
        return value if value is not None else Configuration(found).text

    def flag(self, path: str, *, default: bool = False) -> bool:
        return _flag(self.value(path) or None, path, default=default)

    def whole(self, path: str, default: int = 0) -> int:
        """An integer; raises ToolError on other text."""
        return _whole(self.value(path), path, default)

    def number(self, path: str, default: float = 0.0) -> float:
        text = self.value(path).strip()
        if not text:
            return default
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise ToolError(f"{path} must be a number, not {text!r}")
        return number

    def choice(self, path: str, choices: Sequence[str], default: str = "") -> str:
        """One of `choices`, whatever the letter case it was written in; raises ToolError on anything else."""
        text = self.value(path).strip() or default
        for choice in choices:
            if choice.casefold() == text.casefold():
                return choice
        raise ToolError(f"{path} must be one of {', '.join(choices)}, not {text!r}")


def _flag(text: str | None, where: str, *, default: bool) -> bool:
    if text is None or not text.strip():
        return default
    folded = text.strip().casefold()
    # -1 is what an expression of an app's form makes of a truth.
    if folded in ("true", "1", "-1", "t", "yes"):
        return True
    if folded in ("false", "0", "f", "no"):
        return False
    raise ToolError(f"{where} must be True or False, not {text!r}")


def _whole(text: str, where: str, default: int) -> int:
    text = text.strip()
    if not text:
        return default
    try:
        return int(text) if text.lstrip("+-").isdecimal() else int(float(text))
    except (ValueError, OverflowError):
        raise ToolError(f"{where} must be a whole number, not {text!r}") from None
