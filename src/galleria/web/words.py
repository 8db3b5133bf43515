"""Moments, lengths of time, sizes and numbers as people read them."""

from datetime import datetime, tzinfo

_STEPS = ((60, 1, "second"), (3600, 60, "minute"), (86400, 3600, "hour"), (30 * 86400, 86400, "day"))
_UNITS = ("kB", "MB", "GB", "TB")


def moment(at: datetime, zone: tzinfo) -> str:
    """`5 March 2025, 14:03`, in a zone."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%B %Y, %H:%M}"


def ago(at: datetime, now: datetime, zone: tzinfo) -> str:
    """`3 minutes ago`, `in 2 days`; the day itself when it lies far away."""
    seconds = (now - at).total_seconds()
    distance = abs(seconds)
    if distance < 10:
        return "just now" if seconds >= 0 else "in a moment"
    for limit, unit_s, name in _STEPS:
        if distance < limit:
            count = round(distance // unit_s)
            words = counted(count, name)
            return f"{words} ago" if seconds > 0 else f"in {words}"
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %Y}"


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def size(count_bytes: int) -> str:
    """`640 bytes`, `1.2 MB`; a kB has 1000 bytes."""
    if count_bytes < 1000:
        return counted(count_bytes, "byte")
    value, power = float(count_bytes), 0
    while value >= 999.5 and power < len(_UNITS):
        value /= 1000
        power += 1
    return f"{value:.1f} {_UNITS[power - 1]}" if value < 9.95 else f"{value:.0f} {_UNITS[power - 1]}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """`1 run`, `2,000 runs`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
