"""The `<FormatSpecificOptions>` of a file, read by name; what is not there has the format's usual value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

from galleria.errors import InvalidError

_TRUE, _FALSE = ("true", "1", "-1", "t", "yes"), ("false", "0", "f", "no")


@dataclass(frozen=True)
class Options:
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    """By name, as written."""
    element: Element | None = None
    """For formats whose options are a structure (flat files)."""

    @classmethod
    def of(cls, element: Element | None) -> Self:
        if element is None:
            return cls()
        texts = {str(child.tag): child.get("value", child.text or "") for child in element if isinstance(child.tag, str)}
        return cls(texts, element)

    def changed(self, name: str, text: str) -> Self:
        return replace(self, texts={**self.texts, name: text})

    def text(self, name: str, default: str = "") -> str:
        return self.texts.get(name) or default

    def flag(self, name: str, *, default: bool = False) -> bool:
        text = self.texts.get(name, "").strip().lower()
        if text not in _TRUE + _FALSE:
            if text:
                raise InvalidError(f"{name} must be True or False, not {text!r}")
            return default
        return text in _TRUE

    def whole(self, name: str, default: int) -> int:
        text = self.texts.get(name, "").strip()
        try:
            return int(text) if text else default
        except ValueError:
            raise InvalidError(f"{name} must be a whole number, not {text!r}") from None

    def choice(self, name: str, choices: Mapping[str, str], default: str) -> str:
        """The value of the choice whose key it is, in any letter case."""
        text = self.texts.get(name, "").strip() or default
        for key, value in choices.items():
            if key.lower() == text.lower():
                return value
        raise InvalidError(f"{name} must be one of {', '.join(choices)}, not {text!r}")
