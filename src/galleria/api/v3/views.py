"""How much of each thing a list of the Web API, v3, shows."""

from enum import StrEnum


class View(StrEnum):
    DEFAULT = "default"
    FULL = "full"
