"""Names of files that a field's values change: the way in which several tools make one name for each record."""

from enum import StrEnum
from pathlib import PureWindowsPath


class Change(StrEnum):
    """What a value changes in a name; the words of documents."""

    PATH = "Path"
    """All of it."""
    NAME = "FileName"
    """The name without its folder; its extension stays unless the value brings one."""
    SUFFIX = "Suffix"
    PREFIX = "Prefix"


def changed_name(name: str, change: Change, value: str) -> str:
    """The name (Windows or POSIX spelling) as a value changes it."""
    if change is Change.PATH:
        return value
    path = PureWindowsPath(name)
    folder = name[: len(name) - len(path.name)]
    keeps_extension = change is not Change.NAME or not PureWindowsPath(value).suffix
    return f"{folder}{changed_part(path.stem, change, value)}{path.suffix if keeps_extension else ''}"


def changed_part(part: str, change: Change, value: str) -> str:
    """A sheet's or table's name as a value changes it."""
    return {Change.SUFFIX: part + value, Change.PREFIX: value + part}.get(change, value)
