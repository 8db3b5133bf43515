"""Query parameters as clients send them: empty counts as absent, numbers and names for enums, any letter case."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Annotated, TypeVar

from fastapi import Query
from pydantic import BeforeValidator

from galleria.errors import InvalidError
from galleria.gallery.pages import EVERYTHING, Page

_Number = TypeVar("_Number", bound=IntEnum)
_Word = TypeVar("_Word", bound=StrEnum)


def _none_if_blank(value: object) -> object:
    if not isinstance(value, str):
        return value
    # No database can be asked for a text with NUL in it.
    text = value.replace("\0", "")
    return text if text.strip() else None


WholeNumber = Annotated[int | None, BeforeValidator(_none_if_blank)]
Word = Annotated[str | None, BeforeValidator(_none_if_blank)]

Search = Annotated[Word, Query(description="Text that name, description, file name or author must hold, in any letter case.")]
SortField = Annotated[Word, Query(alias="sortField", description="What to sort by, in any letter case.")]
Order = Annotated[Word, Query(alias="direction", description="`asc` or `desc`; without a field the latest come first.")]
Offset = Annotated[WholeNumber, Query(description="How many are skipped, from 0 on.")]
Limit = Annotated[WholeNumber, Query(description="How many are given at most; all when absent.")]
Wait = Annotated[Word, Query(description="So many seconds, 60 at most, the answer waits for the run to be over; 0 when absent.")]
PageNumber = Annotated[WholeNumber, Query(description="Which page, from 1 on.")]
PageFromZero = Annotated[WholeNumber, Query(description="Which page, from 0 on.")]
PageSize = Annotated[WholeNumber, Query(alias="pageSize", description="How many a page has; 0 or absent: all in one.")]


def page_from_offset(offset: int | None, limit: int | None) -> Page:
    return Page(offset or 0, limit)


def page_from_number(page: int | None, size: int | None, *, first: int) -> Page:
    """Read a page given by its number, the lowest of which is `first`; a size of 0, like none at all, means everything."""
    if not size:
        return EVERYTHING
    if size < 0 or (page is not None and page < 0):
        raise InvalidError("page and pageSize are whole numbers from 0 on")
    # Page 0 where counting starts at 1 is the first page, too: nobody wants none.
    number = first if page is None else max(page, first)
    return Page((number - first) * size, size)


def names_of(text: str | None) -> list[str] | None:
    """Read a comma list; None when there is none."""
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    return names or None


def moment_from(text: str | None, what: str, *, is_end: bool = False) -> datetime | None:
    """Read a date or a time, in UTC unless it says otherwise. A date alone as an inclusive end lasts until its last moment."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        if is_end and len(text.strip()) <= len("2025-12-31"):
            moment += timedelta(days=1, microseconds=-1)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidError(f"{what} {text[:40]!r} is no date; one is written like 2025-12-31 or 2025-12-31T23:59:59Z") from error


def is_true(text: str | None, default: bool) -> bool:
    """Read a switch: `True`, `1`, `yes` and their opposites in any letter case."""
    if text is None:
        return default
    word = text.strip().lower()
    if word in ("true", "1", "yes", "on"):
        return True
    if word in ("false", "0", "no", "off"):
        return False
    raise InvalidError(f"{text[:40]!r} is neither true nor false")


def number_or_name(text: str | None, choices: type[_Number], what: str, names: Mapping[str, _Number] | None = None) -> _Number | None:
    """Read an enum given as digits or by its published name; None when nothing was given."""
    if text is None:
        return None
    word = text.strip().lower()
    by_name = {choice.name.lower(): choice for choice in choices} if names is None else names
    if word in by_name:
        return by_name[word]
    if word.isascii() and word.isdigit() and len(word) < 4 and int(word) in {choice.value for choice in choices}:
        return choices(int(word))
    raise InvalidError(f"{what} {text[:40]!r} is unknown; it is one of {', '.join(by_name)} or its number")


def word_of(text: str | None, choices: type[_Word], what: str) -> _Word | None:
    if text is None:
        return None
    try:
        return choices(text.strip().lower())
    except ValueError as error:
        raise InvalidError(f"{what} {text[:40]!r} is unknown; it is one of {', '.join(choices)}") from error


class JobSort(StrEnum):
    CREATED = "createdate"


class Direction(StrEnum):
    ASCENDING = "asc"
    DESCENDING = "desc"


def is_descending(direction: str | None, *, is_sorted: bool) -> bool:
    """Without any wish the latest come first; with a field alone the order rises."""
    wanted = word_of(direction, Direction, "direction")
    return not is_sorted if wanted is None else wanted is Direction.DESCENDING
