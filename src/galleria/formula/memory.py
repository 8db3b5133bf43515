"""Expressions that were compiled before: macros that go round compile the same ones hundreds of times."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache
from threading import Lock
from typing import TypeVar

from galleria.formula.environment import Environment
from galleria.formula.parser import parse
from galleria.formula.tree import Name

Made = TypeVar("Made")
_MOST = 1_000
_known: OrderedDict[Hashable, object] = OrderedDict()
_lock = Lock()


def remembered(key: Hashable, make: Callable[[], tuple[Made, bool]]) -> Made:
    """What was made for that key before, or now; `make` also says whether it may be kept (chance may not)."""
    with _lock:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]  # pyright: ignore[reportReturnType] - keys begin with the kind of thing
    made, may_keep = make()
    if may_keep:
        with _lock:
            _known[key] = made
            if len(_known) > _MOST:
                _known.popitem(last=False)
    return made


@lru_cache(maxsize=2_000)
def names_in(text: str) -> frozenset[str]:
    """The folded names of an expression: fields, constants, and what a host adds; raises FormulaError as `parse` does."""
    found: set[str] = set()
    waiting: list[object] = [parse(text)]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Name):
            found.add(part.name.casefold())
        elif isinstance(part, tuple):
            waiting.extend(part)  # pyright: ignore[reportUnknownArgumentType] - untyped there
        elif hasattr(part, "__dict__"):
            waiting.extend(vars(part).values())
    return frozenset(found)


def surroundings_key(environment: Environment) -> Hashable:
    """What of an environment an expression depends on, besides its variables."""
    files = environment.file_exists
    machine = tuple(sorted(environment.machine_variables.items()))
    return (environment.started, environment.time_zone, environment.addin_folder, files, machine)
