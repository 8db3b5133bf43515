"""What a run finds around itself, and whom it tells what happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from galleria.connecting.known import Databases
from galleria.formula.environment import Environment
from galleria.messages import Message
from galleria.tools.contract import Files, World


@dataclass(frozen=True)
class Far:
    """How far a run is."""

    done: int
    """Of the plan's steps: those that have passed all their rows."""
    steps: int
    at_work: Mapping[int, str] = field(default_factory=dict[int, str])
    """The tools of the stage that rows pass at this moment: their kind by id. Empty between two stages."""
    records: Mapping[int, Mapping[str, int]] = field(default_factory=dict[int, Mapping[str, int]])
    """How many records came out of each tool that is through, by anchor; tools in macros are left out."""
    read: Mapping[int, int] = field(default_factory=dict[int, int])
    """How many records have come so far from each file that is being read, by tool."""


class Listener(Protocol):
    """Hears of everything that happens in a run, in order."""

    def message(self, message: Message) -> None: ...

    def progress(self, far: Far) -> None:
        """A stage begins or is over, or reads on."""
        ...

    def output(self, path: Path) -> None:
        """A file that is whole."""
        ...


@dataclass(frozen=True)
class Surroundings:
    files: Files
    world: World
    formula: Environment = field(default_factory=Environment)
    answers: Mapping[str, str] | None = None
    """By question name; None runs an app as it was designed, without its form."""
    databases: Databases = field(default_factory=Databases)
    """The connections to databases that the run was given."""
