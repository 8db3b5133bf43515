"""Every function of the language: declared where it is written, found by name."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import polars as pl

from galleria.errors import FormulaError
from galleria.fields.names import suggestion
from galleria.formula import functions
from galleria.formula.environment import Environment
from galleria.formula.kinds import ValueType
from galleria.formula.signature import Signature, parse_signature


@dataclass(frozen=True)
class Site:
    """Where a function is called."""

    environment: Environment
    position: int


@dataclass(frozen=True)
class Outcome:
    """What a function makes of its arguments, where that is more than an expression of the declared type."""

    value: pl.Expr
    problem: pl.Expr | None = None
    """Text for the rows that went wrong. The arguments' own problems are added, unless the function handles them."""
    type: ValueType | None = None
    """Where the declaration leaves it open."""


Body = TypeVar("Body", bound=Callable[..., pl.Expr | Outcome])


@dataclass(frozen=True)
class Function:
    signature: Signature
    body: Callable[..., pl.Expr | Outcome]
    family: str
    """The name of the module that it stands in."""
    is_detailed: bool
    """The body gets the site and operands instead of bare expressions."""
    is_volatile: bool
    """Differs from row to row though its arguments do not."""
    handles_problems: bool

    @property
    def name(self) -> str:
        return self.signature.name

    @property
    def summary(self) -> str:
        return inspect.getdoc(self.body) or ""


_by_folded: dict[str, Function] = {}


def function(
    signature: str, *, aliases: Sequence[str] = (), detailed: bool = False, volatile: bool = False, handles_problems: bool = False
) -> Callable[[Body], Body]:
    """Declare a function of the language.

    The body gets an expression for each fixed parameter, in order, and for a repeated group one list last (of tuples,
    where the group has several). `detailed`: it gets the Site first, and Operands instead of expressions.
    """
    parsed = parse_signature(signature)

    def declare(body: Body) -> Body:
        family = body.__module__.rsplit(".", 1)[-1]
        for name in (parsed.name, *aliases):
            if name.casefold() in _by_folded:
                raise ValueError(f"{name} is declared twice")
            _by_folded[name.casefold()] = Function(parsed, body, family, detailed, volatile, handles_problems)
        return body

    return declare


@cache
def all_functions() -> Mapping[str, Function]:
    """By folded name, aliases included."""
    for module in pkgutil.iter_modules(functions.__path__):
        importlib.import_module(f"{functions.__name__}.{module.name}")
    return _by_folded


def get_function(name: str, position: int) -> Function:
    """Raises FormulaError for a name that is no function."""
    found = all_functions().get(name.casefold())
    if found is None:
        near = suggestion(name, (known.name for known in all_functions().values()))
        raise FormulaError(f'Unknown function "{name}".{near}', position)
    return found
