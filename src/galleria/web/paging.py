"""Pages of long lists: twenty-five at a time, with a way on and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from galleria.gallery.pages import Page as Window

SIZE = 25
_FURTHEST = 40_000_000
_Row = TypeVar("_Row")


@dataclass(frozen=True)
class Listing(Generic[_Row]):
    """A part of a list."""

    rows: Sequence[_Row]
    number: int
    """Of the page, from 1 on."""
    has_more: bool
    path: str
    """Below the root."""
    query: Mapping[str, str]
    total: int | None = None
    """None where nobody counted."""

    @property
    def first(self) -> int:
        return (self.number - 1) * SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def previous(self) -> str:
        """Path and query of the page before; empty on the first."""
        return self._at(self.number - 1) if self.number > 1 else ""

    @property
    def following(self) -> str:
        return self._at(self.number + 1) if self.has_more else ""

    def _at(self, number: int) -> str:
        given = {name: value for name, value in self.query.items() if value}
        if number > 1:
            given["page"] = str(number)
        return f"{self.path}?{urlencode(given)}" if given else self.path


def number_of(text: str) -> int:
    """Read a page's number; 1 for anything odd."""
    return min(max(int(text), 1), _FURTHEST) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def window(number: int) -> Window:
    """Give the part of the list to ask for: one row more than is shown tells whether there are more."""
    return Window((number - 1) * SIZE, SIZE + 1)


def listing(
    rows: Sequence[_Row], number: int, path: str, query: Mapping[str, str] | None = None, total: int | None = None
) -> Listing[_Row]:
    """Make the part of the list from the rows that `window` brought."""
    return Listing(rows[:SIZE], number, len(rows) > SIZE, path, query or {}, total)
