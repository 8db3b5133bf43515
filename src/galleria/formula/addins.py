"""Functions that users define in XML: `<FormulaAddIn><Function><Name>...<Formula>P1 + P2</Formula>`, read from a folder.

Source: the kit for formula add-ins. A function that lives in a Windows library (`<Dll>`)
is computed where `library_functions` knows its formula, and refused by name elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from galleria.errors import FormulaError, InvalidError, UnsupportedError
from galleria.formula.environment import Environment
from galleria.formula.library_functions import formula_of
from galleria.formula.operand import Operand
from galleria.formula.parser import parse
from galleria.formula.registry import all_functions
from galleria.formula.tree import Call, Name, Node

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

DEEPEST = 50
"""Add-in functions that call each other; more is taken for a circle."""
_LARGEST_BYTES = 10_000_000


@dataclass(frozen=True)
class AddIn:
    name: str
    least: int
    """Arguments that it takes."""
    is_variable: bool
    """It takes more than `least`, too."""
    formula: str
    """Over the arguments P1, P2, ...; empty for one that lives in a library."""
    library: str = ""
    entry: str = ""
    """What the library calls it."""


def find_addin(name: str, environment: Environment) -> AddIn | None:
    """The add-in function of that name; a built-in function goes first."""
    if environment.addin_folder is None or name.casefold() in all_functions():
        return None
    return _all_in(environment.addin_folder).get(name.casefold())


class AddInScope:
    """The names P1, P2, ... of one call."""

    def __init__(self, addin: AddIn, arguments: list[Operand], environment: Environment, depth: int) -> None:
        self.environment = environment
        self.depth = depth
        self._addin = addin
        self._arguments = {f"p{place}": argument for place, argument in enumerate(arguments, 1)}

    def resolve(self, name: Name) -> Operand:
        argument = self._arguments.get(name.name.casefold()) if name.row is None else None
        if argument is None:
            raise FormulaError(f'Unknown variable "{name.name}" in the add-in function {self._addin.name}', name.position)
        return argument


def body_of(addin: AddIn, node: Call, depth: int, environment: Environment) -> Node:
    """The tree of the function's formula; raises for a wrong number of arguments, unknown libraries, circles and bad formulas."""
    count = len(node.arguments)
    if count < addin.least or (count > addin.least and not addin.is_variable):
        plural = "s" if addin.least != 1 else ""
        raise FormulaError(f"{addin.name} takes {addin.least} argument{plural}, {count} given", node.position)
    formula = addin.formula or formula_of(addin.library, addin.entry, count, environment)
    if not formula:
        raise UnsupportedError(f"function {addin.name}", f"it is an add-in that lives in the Windows library {addin.library}")
    if depth >= DEEPEST:
        raise FormulaError(f"The add-in function {addin.name} calls itself", node.position)
    try:
        return parse(formula)
    except FormulaError as error:
        raise FormulaError(f"The add-in function {addin.name} is wrong: {error.message}", node.position) from error


@lru_cache(maxsize=8)
def _all_in(folder: Path) -> Mapping[str, AddIn]:
    """Raises InvalidError for a file that cannot be read."""
    found: dict[str, AddIn] = {}
    for path in sorted(folder.glob("*.xml")):
        if path.stat().st_size > _LARGEST_BYTES:
            raise InvalidError(f"the add-in file {path.name} is too large")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            root = etree.parse(path, parser).getroot()
        except etree.XMLSyntaxError as error:
            raise InvalidError(f"the add-in file {path.name} is no XML: {error}") from error
        for element in root.iterfind("Function"):
            addin = _addin(element)
            found.setdefault(addin.name.casefold(), addin)
    return found


def _addin(element: Element) -> AddIn:
    count = element.find("NumParams")
    number = "" if count is None else (count.text or "").strip()
    is_variable = count is not None and count.get("variable", "").strip().casefold() == "true"
    return AddIn(
        (element.findtext("Name") or "").strip(),
        int(number) if number.isdigit() else 0,
        is_variable,
        (element.findtext("Formula") or "").strip(),
        (element.findtext("Dll/Name") or "").strip(),
        (element.findtext("Dll/EntryPoint") or "").strip(),
    )
