"""A page of a list, and the parts of a list that one query can name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Select

from galleria.errors import InvalidError

_LARGEST = 2**31 - 1
_Query = TypeVar("_Query", bound=Select[Any])


@dataclass(frozen=True)
class Page:
    offset: int = 0
    limit: int | None = None
    """None for everything."""

    def __post_init__(self) -> None:
        if not 0 <= self.offset <= _LARGEST or not (self.limit is None or 0 <= self.limit <= _LARGEST):
            raise InvalidError("offset and limit are whole numbers from 0 on")

    def of(self, query: _Query) -> _Query:
        if self.limit is not None:
            query = query.limit(self.limit)
        return query.offset(self.offset) if self.offset else query


EVERYTHING = Page()
_Name = TypeVar("_Name", str, int)
_MOST_NAMED = 10_000
"""Databases limit the values that one statement may name: SQLite to 32,766, PostgreSQL to 65,535."""


def batches(names: Iterable[_Name]) -> Iterator[list[_Name]]:
    """Give the distinct names in parts that one query can look for."""
    rest = iter(dict.fromkeys(names))
    while some := list(islice(rest, _MOST_NAMED)):
        yield some
