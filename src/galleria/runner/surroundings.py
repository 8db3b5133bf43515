"""What a run finds around itself, and whom it tells what happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from galleria.formula.environment import Environment
from galleria.messages import Message
from galleria.tools.contract import Files, World


class Listener(Protocol):
    """Hears of everything that happens in a run, in order."""

    def message(self, message: Message) -> None: ...

    def progress(self, done: int, steps: int) -> None:
        """So many of the plan's steps have passed all their rows."""
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
