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
        if module.ispkg or module.name.count(".") < 3:
            continue
        for thing in vars(importlib.import_module(module.name)).values():
            if isinstance(thing, type) and issubclass(thing, Tool) and thing.__module__ == module.name and not isabstract(thing):
                found.append(thing)
    return tuple(found)


@cache
def _by_plugin() -> dict[str, type[Tool]]:
    return {plugin.casefold(): tool for tool in all_tools() for plugin in tool.plugins}


@cache
def _by_macro() -> dict[str, type[Tool]]:
    return {PureWindowsPath(name).name.casefold(): tool for tool in all_tools() for name in tool.macros}
