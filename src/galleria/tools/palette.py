"""Every tool there is, found by scanning the folders below `galleria.tools`: a new tool needs no edit here."""

import importlib
import pkgutil
from functools import cache
from inspect import isabstract
from pathlib import PureWindowsPath

from galleria import tools
from galleria.tools.contract import Tool


def find_tool(plugin: str) -> type[Tool] | None:
    """The tool that documents call by that plugin name, in any letter case."""
    return _by_plugin().get(plugin.casefold())


def find_macro_tool(path: str) -> type[Tool] | None:
    """The tool that stands in for a shipped macro, by the macro's file name whatever its folder."""
    return _by_macro().get(PureWindowsPath(path).name.casefold())


@cache
def all_tools() -> tuple[type[Tool], ...]:
    """Every tool class, in the order of its module's name. The first call imports them all."""
    found: list[type[Tool]] = []
    for module in pkgutil.walk_packages(tools.__path__, f"{tools.__name__}."):
        if not module.ispkg and module.name.count(".") > 2:
            found.extend(_tools_in(module.name))
    return tuple(found)


def _tools_in(module: str) -> list[type[Tool]]:
    things = vars(importlib.import_module(module)).values()
    kinds = [thing for thing in things if isinstance(thing, type) and thing.__module__ == module]
    return [kind for kind in kinds if issubclass(kind, Tool) and not isabstract(kind)]


@cache
def _by_plugin() -> dict[str, type[Tool]]:
    return {plugin.casefold(): tool for tool in all_tools() for plugin in tool.plugins}


@cache
def _by_macro() -> dict[str, type[Tool]]:
    return {PureWindowsPath(name).name.casefold(): tool for tool in all_tools() for name in tool.macros}
