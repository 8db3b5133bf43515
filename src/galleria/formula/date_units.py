"""Units of time for DateTimeAdd, DateTimeDiff and DateTimeTrim. Source: help page, `formula.md` 9."""

from dataclasses import dataclass

from galleria.errors import FormulaError

_LONG = {"years": "yea", "months": "mon", "days": "day", "hours": "hou", "minutes": "min", "seconds": "sec"}
_SECONDS = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
_DIGITS = {
    1: ("ds", "dsec", "dsecs", "deciseconds"),
    2: ("cs", "csec", "csecs", "centiseconds"),
    3: ("ms", "msec", "msecs", "milliseconds"),
    6: ("us", "usec", "usecs", "microseconds"),
    9: ("ns", "nsec", "nsecs", "nanoseconds"),
    12: ("ps", "psec", "psecs", "picoseconds"),
    15: ("fs", "fsec", "fsecs", "femtoseconds"),
    18: ("as", "asec", "asecs", "attoseconds"),
}


@dataclass(frozen=True)
class Unit:
    """Months, or seconds, or a fraction of a second of that many decimal digits."""

    months: int = 0
    seconds: int = 0
    digits: int = 0

    @property
    def is_whole_days(self) -> bool:
        return bool(self.months) or self.seconds == 86_400

    @property
    def microseconds(self) -> int:
        """0 for months, and for units finer than that."""
        if self.seconds:
            return self.seconds * 1_000_000
        return 10 ** (6 - self.digits) if 1 <= self.digits <= 6 else 0


def unit_for(text: str, position: int) -> Unit:
    """The unit of that name, whatever its letter case; raises FormulaError for any other text."""
    name = text.strip().lower()
    if name.isdigit() and 1 <= int(name) <= 18:
        return Unit(digits=int(name))
    for digits, words in _DIGITS.items():
        if name in words:
            return Unit(digits=digits)
    for full, shortest in _LONG.items():
        if name == "day" or (name.startswith(shortest) and full.startswith(name) and shortest != "day") or name == full:
            word = "days" if name in ("day", "days") else full
            return Unit(months={"years": 12, "months": 1}.get(word, 0), seconds=_SECONDS.get(word, 0))
    raise FormulaError(f'"{text}" is no unit of time; known are {", ".join(_LONG)}, milliseconds, microseconds, ...', position)
