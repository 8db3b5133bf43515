"""Time zones: the one that a function names, or the run's own."""

import os
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from galleria.errors import FormulaError, UnsupportedError
from galleria.formula.environment import Environment
from galleria.formula.operand import Operand
from galleria.formula.registry import Site


def zone_of(zone: Operand, site: Site) -> str:
    """The IANA name of a constant argument, or of the run's zone where it is Null; raises FormulaError for an unknown name."""
    if not zone.is_constant:
        raise UnsupportedError("time zones", "the name of a zone must be a constant")
    name = zone.constant_text
    if not name:
        return local_zone(site.environment)
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise FormulaError(f'"{name}" is no time zone; use a name such as "Europe/Berlin"', zone.position) from None
    return name


def local_zone(environment: Environment) -> str:
    """The IANA name of the run's zone; UTC where the machine does not say."""
    return environment.time_zone or _machine_zone()


@cache
def _machine_zone() -> str:
    linked = Path("/etc/localtime")
    candidates = [os.environ.get("TZ", "").lstrip(":"), str(linked.resolve()).partition("zoneinfo/")[2] if linked.exists() else ""]
    for name in candidates:
        try:
            if name and ZoneInfo(name):
                return name
        except (KeyError, ValueError, OSError):
            continue
    return "UTC"
