"""What an expression can know besides the fields of its row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(eq=False)
class Counter:
    """A number that may change from one pass to the next while the expressions that ask for it stay."""

    value: float


@dataclass(frozen=True)
class Environment:
    """Shared by every expression of a run."""

    variables: Mapping[str, str | float | bool | None] = field(default_factory=dict[str, str | float | bool | None])
    """By full name as written between brackets (`Engine.Version`, `User.x`, `Question.Name`); names compare without case."""
    counters: Mapping[str, Counter] = field(default_factory=dict[str, Counter])
    """As `variables`, and before them."""
    started: datetime = field(default_factory=datetime.now)
    """The clock as DateTimeNow and its like see it: constant over a run. Local time, no zone."""
    time_zone: str = ""
    """IANA name of the local zone; empty for the machine's."""
    addin_folder: Path | None = None
    """Where XML function definitions (`<FormulaAddin>`) lie."""
    machine_variables: Mapping[str, str] = field(default_factory=dict[str, str])
    """What GetEnvironmentVariable finds, by name; nothing, unless the host lets expressions see the machine's."""
    file_exists: Callable[[str], bool] | None = None
    """How FileExists looks for a file or folder; None: this run may not look."""
