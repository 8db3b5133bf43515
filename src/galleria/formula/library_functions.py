"""What add-in functions compute that live in a known Windows library: each as a formula of ours over P1, P2, ...

Source: the public description of the formula add-ons (AlteryxAbacus.dll) and their own test workflows.
"""

from collections.abc import Callable

from galleria.formula.environment import Environment

Writer = Callable[[int, Environment], str | None]
"""From the number of arguments to a formula; None where the library takes another number."""


def formula_of(library: str, entry: str, count: int, environment: Environment) -> str | None:
    """The formula that computes the entry point of a library for `count` arguments; None for one that is not known here."""
    write = _KNOWN.get((library.replace("\\", "/").rpartition("/")[2].casefold(), entry.casefold()))
    return write(count, environment) if write else None


def _names(count: int) -> list[str]:
    return [f"P{place}" for place in range(1, count + 1)]


def _version(count: int, environment: Environment) -> str | None:
    major, _, rest = str(environment.variables.get("Engine.Version") or "").partition(".")
    minor = rest.partition(".")[0]
    return f"{int(major)}.{int(minor)}" if count == 0 and major.isdigit() and minor.isdigit() else None


def _padded(part: str, width: int) -> str:
    return f"PadLeft(ToString({part}), {width}, '0')"


def _whole(place: int, count: int, default: int) -> str:
    """An argument cut towards zero; `default` where it is Null or not given."""
    part = f"P{place}"
    return f"IIF(IsNull({part}), {default}, IIF({part} < 0, CEIL({part}), FLOOR({part})))" if place <= count else str(default)


def _make_date(count: int, environment: Environment) -> str | None:
    """Years 1400 to 9999; a month or day that is Null or not given is 1. A day that does not exist gives Null."""
    if not 1 <= count <= 3:
        return None
    year, month, day = (_whole(place, count, default) for place, default in ((1, 0), (2, 1), (3, 1)))
    leap = f"Mod({year}, 4) = 0 AND (Mod({year}, 100) != 0 OR Mod({year}, 400) = 0)"
    days = f"IIF({month} = 2, IIF({leap}, 29, 28), IIF({month} IN (4, 6, 9, 11), 30, 31))"
    known = f"{year} >= 1400 AND {year} <= 9999 AND {month} >= 1 AND {month} <= 12 AND {day} >= 1 AND {day} <= {days}"
    return f"IIF({known}, {_padded(year, 4)} + '-' + {_padded(month, 2)} + '-' + {_padded(day, 2)}, Null())"


def _make_time(count: int, environment: Environment) -> str | None:
    """A part that is Null or not given is 0; a time that does not exist gives Null."""
    if count > 3:
        return None
    hour, minute, second = (_whole(place, count, 0) for place in (1, 2, 3))
    known = " AND ".join(f"{part} >= 0 AND {part} <= {most}" for part, most in ((hour, 23), (minute, 59), (second, 59)))
    return f"IIF({known}, {_padded(hour, 2)} + ':' + {_padded(minute, 2)} + ':' + {_padded(second, 2)}, Null())"


def _count(count: int, environment: Environment) -> str:
    return " + ".join(f"IIF(IsNull({name}), 0, 1)" for name in _names(count))


def _sum(count: int, environment: Environment) -> str:
    """Nulls count as nothing: of Nulls alone, 0."""
    return " + ".join(f"IIF(IsNull({name}), 0, {name})" for name in _names(count))


def _average(count: int, environment: Environment) -> str:
    counted = _count(count, environment)
    return f"IIF({counted} = 0, Null(), ({_sum(count, environment)}) / IIF({counted} = 0, 1, {counted}))"


def _coalesce(count: int, environment: Environment) -> str:
    """The first that is not Null."""
    *before, last = _names(count)
    return "ELSE".join(f"IF !IsNull({name}) THEN {name} " for name in before) + f"ELSE {last} ENDIF" if before else last


_KNOWN: dict[tuple[str, str], Writer] = {
    ("alteryxabacus.dll", entry): write
    for entry, write in {
        "version": _version,
        "makedate": _make_date,
        "maketime": _make_time,
        "count": _count,
        "sum": _sum,
        "avg": _average,
        "coalesce": _coalesce,
    }.items()
}
