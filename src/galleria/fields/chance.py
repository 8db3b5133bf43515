"""Seeds for what is left to chance. All come from here, so that one can see whether something asked for one."""

from dataclasses import dataclass
from secrets import randbits


@dataclass
class _Drawn:
    count: int = 0


_DRAWN = _Drawn()


def fresh_seed() -> int:
    """63 bits that nobody knows beforehand."""
    _DRAWN.count += 1
    return randbits(63)


def seeds_drawn() -> int:
    """How many seeds this process has drawn: more than before, if something in between depends on chance."""
    return _DRAWN.count
