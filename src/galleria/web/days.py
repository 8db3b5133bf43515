"""Dates that people choose in filters, as moments in their own time zone."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from galleria.errors import InvalidError


def moment_of(text: str, zone: tzinfo, *, end: bool = False) -> datetime | None:
    """Give the beginning of a day, or with `end` its last moment; None for an empty text, InvalidError for none that is a date."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        start = datetime.combine(day + timedelta(days=1) if end else day, time(), zone)
        return (start - timedelta(microseconds=1) if end else start).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidError(f"{text[:20]!r} is no date like 2025-12-31") from None
