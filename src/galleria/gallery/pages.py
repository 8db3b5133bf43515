"""A page of a list."""

from dataclasses import dataclass
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
