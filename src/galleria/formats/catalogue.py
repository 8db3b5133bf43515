"""Every format there is, found by scanning this folder: a new format needs no edit here."""

import importlib
import pkgutil
from functools import cache
from pathlib import PurePath
from typing import TypeGuard

from galleria import formats
from galleria.errors import ToolError, UnsupportedError
from galleria.formats.codes import FORMAT_NAMES
from galleria.formats.format import Format


def format_of(code: int | None, path: PurePath) -> Format:
    """The format with that number or, for None and numbers that nobody knows, the one that the file's extension tells.

    Raises ToolError where neither tells (documents write -1 for none), UnsupportedError for what is not supported.
    """
    if not path.suffix and (code is None or code < 0):
        raise ToolError(f'The type of the file "{path.name}" cannot be told: it has no extension.')
    if code is None or code not in FORMAT_NAMES:
        return format_for(path)
    found = _by_code().get(code)
    if found is None:
        raise UnsupportedError(f"format {FORMAT_NAMES.get(code, f'number {code}')}", "this kind of file or connection is not supported")
    return found


def format_for(path: PurePath) -> Format:
    """The format that the file's extension tells; raises UnsupportedError."""
    found = _by_extension().get(path.suffix.lower())
    if found is None:
        raise UnsupportedError(f"format {path.suffix or 'without an extension'}", f'nothing is known about files such as "{path.name}"')
    return found


@cache
def all_formats() -> tuple[Format, ...]:
    """One of each format, in the order of its module's name. The first call imports them all."""
    modules = [importlib.import_module(module.name) for module in pkgutil.iter_modules(formats.__path__, f"{formats.__name__}.")]
    return tuple(thing() for module in modules for thing in vars(module).values() if _is_format(thing, module.__name__))


def _is_format(thing: object, module: str) -> TypeGuard[type[Format]]:
    return isinstance(thing, type) and issubclass(thing, Format) and thing.__module__ == module and thing is not Format


@cache
def _by_code() -> dict[int, Format]:
    return {code: one for one in all_formats() for code in one.codes}


@cache
def _by_extension() -> dict[str, Format]:
    return {extension: one for one in all_formats() for extension in one.extensions}
