"""Reads values of the other server's JSON: whatever it sends becomes one of ours or nothing."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from galleria.errors import InvalidError

_ID = re.compile(r"[0-9a-f]{24}")
_WCF = re.compile(r"\\?/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\\?/")
_EARLIEST = 1900
_NEVER = 9999
"""The last year that there is stands for no end, as the year 1 does for no beginning."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def mappings(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list; what is none is left out."""
    found = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("Mapping[str, Any]", entry) for entry in found if isinstance(entry, Mapping)]


def text(data: Mapping[str, Any], name: str, longest: int = 300) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        return ""
    # Half a pair of surrogates is JSON, but no text that a database could hold.
    return value.replace("\0", "").encode("utf-8", "replace").decode().strip()[:longest]


def whole(value: object) -> int | None:
    """A number, or digits as text."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value.strip()):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9 else None


def flag(data: Mapping[str, Any], name: str, default: bool) -> bool:
    value = data.get(name)
    if isinstance(value, str):
        return value.strip().lower() == "true"
    return value if isinstance(value, bool) else default


def id_of(data: Mapping[str, Any], name: str = "id") -> str:
    """An id; empty when there is none. Raises InvalidError for a text that cannot be one."""
    value = data.get(name)
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or not _ID.fullmatch(value.lower()):
        raise InvalidError(f"{str(value)[:40]!r} is no id: one has 24 hexadecimal digits")
    return value.lower()


def moment(value: object) -> datetime | None:
    """A time as any generation of the APIs writes it, in UTC; None for none, and for the years 1 and 9999, which mean none."""
    found = _local_or_moment(value)
    if found is None or not _EARLIEST <= found.year < _NEVER:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def wall_time(value: object, zone: Any) -> datetime | None:
    """A time as the wall clocks of `zone` show it: one with an offset is converted, one without is read as it stands."""
    found = _local_or_moment(value)
    if found is None or not _EARLIEST <= found.year < _NEVER:
        return None
    return found.astimezone(zone).replace(tzinfo=None) if found.tzinfo else found


def _local_or_moment(value: object) -> datetime | None:
    if not isinstance(value, str) or not value.strip():
        return None
    wcf = _WCF.fullmatch(value.strip())
    try:
        return _EPOCH + timedelta(milliseconds=int(wcf[1])) if wcf else datetime.fromisoformat(value.strip())
    except (ValueError, OverflowError) as error:
        raise InvalidError(f"{value[:40]!r} is no time") from error
