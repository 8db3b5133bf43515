"""Functions of single values in Python, for loops that cannot be columns: the same results as the column functions.

Arguments come as the signature's types; None is Null.
"""

import math
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from galleria.fields.number_text import number_text
from galleria.fields.text_numbers import read_double

Number = int | float


def date_text(value: date | datetime | time | str | None) -> str | None:
    """A date as text, text as it is."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        shown = value.strftime("%Y-%m-%d %H:%M:%S") if value.year > 999 else value.isoformat(" ", "seconds")
        return shown + _fraction(value.microsecond)
    return value.strftime("%H:%M:%S") + _fraction(value.microsecond) if isinstance(value, time) else value.isoformat()


def _fraction(microseconds: int) -> str:
    if not microseconds:
        return ""
    return f".{microseconds // 1000:03d}" if microseconds % 1000 == 0 else f".{microseconds:06d}"


def plain_text(value: Number | bool | str | date | time | None) -> str | None:
    """A value as a text field shows it."""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, int):
        return str(value)
    return number_text(value) if isinstance(value, float) else date_text(value)


def half_away(value: float) -> int | None:
    """A Double as the nearest whole number, as fields store it."""
    return int(value + (-0.5 if value < 0 else 0.5)) if math.isfinite(value) else None


def _is_null(value: object) -> bool:
    return value is None


def _is_empty(value: object) -> bool:
    return value is None or value == ""


def _length(text: str | None) -> int:
    return len(text or "")


def _absolute(value: Number | None) -> Number | None:
    return None if value is None else abs(value)


def _first_known(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _left(text: str | None, length: int | None) -> str | None:
    if text is None:
        return None
    return text if length is not None and length < 0 else text[: length or 0]


def _right(text: str | None, length: int | None) -> str | None:
    if text is None or (length is not None and length < 0):
        return text
    return text[-length:] if length else ""


def _substring(text: str | None, start: int | None, length: int | None = None) -> str | None:
    if text is None:
        return None
    first = start or 0
    end = len(text) if length is None else max(first + length, 0)
    return text[max(first, 0) : max(end, 0)]


def _mod(number: int | None, divisor: int | None) -> int | None:
    if number is None or not divisor:
        return None
    rest = abs(number) % abs(divisor)
    return -rest if number < 0 else rest


def _contains(text: str | None, target: str | None, ignore_case: bool = True) -> bool:
    if text is None or target is None:
        return False
    return target.casefold() in text.casefold() if ignore_case else target in text


def _starts_with(text: str | None, target: str | None, ignore_case: bool = True) -> bool:
    if text is None or target is None:
        return False
    return text.casefold().startswith(target.casefold()) if ignore_case else text.startswith(target)


def _ends_with(text: str | None, target: str | None, ignore_case: bool = True) -> bool:
    if text is None or target is None:
        return False
    return text.casefold().endswith(target.casefold()) if ignore_case else text.endswith(target)


def _find_string(text: str | None, target: str | None) -> int:
    return (text or "").find(target or "")


def _replace(text: str | None, target: str | None, replacement: str | None) -> str:
    return (text or "").replace(target, replacement or "") if target else text or ""


def _greatest(*values: Any) -> Any:
    known = [value for value in values if value is not None]
    return max(known, default=None)


def _least(*values: Any) -> Any:
    known = [value for value in values if value is not None]
    return min(known, default=None)


def read_number(text: str | None) -> tuple[float, str | None]:
    """The number that a text begins with, else 0, as ToNumber reads it, and its complaint."""
    if text is None:
        return 0.0, None
    value, problem = read_double(text)
    return value or 0.0, problem and f"TONUMBER: {problem}"


SCALARS: dict[str, Callable[..., Any]] = {
    "isnull": _is_null,
    "isempty": _is_empty,
    "left": _left,
    "right": _right,
    "substring": _substring,
    "length": _length,
    "contains": _contains,
    "startswith": _starts_with,
    "endswith": _ends_with,
    "findstring": _find_string,
    "replace": _replace,
    "mod": _mod,
    "abs": _absolute,
    "coalesce": _first_known,
}
"""By folded name."""
NUMBERS_ONLY: dict[str, Callable[..., Any]] = {"max": _greatest, "min": _least}
"""Those that compare texts in another way than Python does."""
