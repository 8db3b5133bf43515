"""What a tool is: settings read from XML, and a description of what becomes of its inputs. It runs nothing itself.

A tool is a frozen dataclass of its settings that inherits from `Tool`. It lies in a file of its own below a family's
folder (`tools/preparation/filter.py`), is found by scanning, and has its page beside it (`filter.md`), whose tables
run as tests. Tools never import each other and never collect.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Protocol, Self

import polars as pl

from galleria.connecting.known import Databases
from galleria.errors import ToolError
from galleria.fields.types import Field
from galleria.formula.environment import Environment
from galleria.messages import Message, Status
from galleria.table.table import Table
from galleria.tools.configuration import Configuration


@dataclass(frozen=True)
class Anchor:
    """An input of a tool."""

    name: str
    multiple: bool = False
    """Takes any number of wires, told apart by their names (`#1`, `#2`, ...)."""
    optional: bool = False
    aliases: tuple[str, ...] = ()
    """Other names that documents use for it."""
    as_written: bool = False
    """Its wires come in the document's order, not in that of their numbers."""


@dataclass(frozen=True)
class Wired:
    """What one wire brings."""

    table: Table
    name: str = ""
    """The wire's own name: `#1`, or the user's."""


class Inputs:
    """What arrived at the anchors of a tool."""

    def __init__(self, wires: Mapping[str, Sequence[Wired]]) -> None:
        self._wires = wires

    def one(self, anchor: str = "Input") -> Table:
        """The table at an anchor; raises ToolError where nothing is connected."""
        table = self.find(anchor)
        if table is None:
            raise ToolError(f"The {anchor} anchor must have an incoming connection.")
        return table

    def find(self, anchor: str) -> Table | None:
        wires = self._wires.get(anchor, ())
        return wires[0].table if wires else None

    def all(self, anchor: str = "Input") -> Sequence[Wired]:
        """Every wire at an anchor, in the order in which it was connected (`#1` first)."""
        return self._wires.get(anchor, ())

    def wires(self) -> Mapping[str, Sequence[Wired]]:
        return self._wires


@dataclass(frozen=True)
class Say:
    """A message of a tool, before the runner adds whose it is."""

    status: Status
    text: str


def info(text: str) -> Say:
    return Say(Status.INFO, text)


def warning(text: str) -> Say:
    return Say(Status.WARNING, text)


def error(text: str) -> Say:
    return Say(Status.ERROR, text)


@dataclass(frozen=True)
class Sink:
    """Something a tool writes. `query` is collected in the run's one pass, then `finish` gets its result.

    A query that writes by itself (`sink_csv(path, lazy=True)`) needs no finish.
    """

    query: pl.LazyFrame
    finish: Callable[[pl.DataFrame], None] | None = None
    path: Path | None = None
    """The file that will be there: an output of the job."""


@dataclass(frozen=True)
class Built:
    """What a tool makes of its inputs."""

    outputs: Mapping[str, Table] = field(default_factory=dict[str, Table])
    """By anchor; every anchor of the tool, in the tool's order."""
    sinks: Sequence[Sink] = ()
    tallies: Mapping[str, pl.LazyFrame] = field(default_factory=dict[str, pl.LazyFrame])
    """Small queries for `messages`, collected in the same pass: aggregates, the first N offending values."""
    counts: Mapping[str, Table] = field(default_factory=dict[str, Table])
    """Tables of which `messages` needs the number of rows; such as share their `rows` with an anchor's cost nothing."""
    problems: Mapping[str, pl.LazyFrame] = field(default_factory=dict[str, pl.LazyFrame])
    """By field name, made by `fields.conversion.problem_query`, or by any name, made by `problems_by_field`: reported as field
    conversion errors up to the limit."""
    notes: Sequence[Say] = ()
    """Said as soon as the tool is built (a field that was renamed, ...)."""
    errors: int = 0
    """How many errors it has told by itself: those of a macro that it ran."""


@dataclass(frozen=True)
class Seen:
    """What the pass counted for one tool."""

    records_in: Mapping[str, int]
    """By input anchor, all wires together."""
    records_out: Mapping[str, int]
    tallies: Mapping[str, pl.DataFrame]
    counts: Mapping[str, int]


class Files(Protocol):
    """How a tool reaches files: the only way, so that a fenced run cannot leave its folders."""

    def to_read(self, name: str) -> Path:
        """The existing file or folder that a workflow means (Windows or POSIX spelling, any letter case).

        Raises ToolError where there is none, or none that this run may read.
        """
        ...

    def to_write(self, name: str) -> Path:
        """Where the run may write that file; the folder exists."""
        ...

    def temporary(self, suffix: str = "") -> Path:
        """A fresh path that goes away with the run."""
        ...


class World(Protocol):
    """What acts may use beyond files."""

    def request(self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None, timeout_s: float) -> Answer:
        """One HTTP exchange, redirects followed; raises ToolError where the address is refused or the transfer fails."""
        ...

    @property
    def unrestricted(self) -> bool:
        """Whether the run may start programs and send mail."""
        ...


@dataclass(frozen=True)
class Answer:
    """An HTTP response."""

    status: int
    reason: str
    http_version: str
    headers: Sequence[tuple[str, str]]
    content: bytes


@dataclass(frozen=True)
class Context:
    """What a tool may know besides its inputs."""

    tool_id: int
    files: Files
    formula: Environment
    """Constants, questions and the start of the run, as expressions see them."""
    facts: Mapping[str, pl.DataFrame] = field(default_factory=dict[str, pl.DataFrame])
    """The answers to the tool's `facts`."""
    saved_fields: Mapping[str, tuple[Field, ...]] = field(default_factory=dict[str, tuple[Field, ...]])
    """By output anchor: the schema that the document remembers."""
    started: datetime = field(default_factory=datetime.now)
    record_limit: int = 0
    """Rows that a source may give; 0 for all."""
    problem_limit: int = 10
    """Field conversion errors told per field; 0 for all."""
    uses_amp: bool = False
    """The document was saved for the newer engine, which infers types in its own way."""
    checking: bool = False
    """True while only schemas are wanted: nothing will be run, files may be missing."""
    databases: Databases = field(default_factory=Databases)
    """The connections to databases that the run was given."""
    is_little: bool = False
    """What the run has found to read so far is little: rows may be held in memory where that makes a result more like the original's."""
    heard: Sequence[Message] = ()
    """What the steps that this one comes after have said (of a Control Container: the tools inside)."""


class Tool(ABC):
    plugins: ClassVar[Sequence[str]] = ()
    """The plugin names that documents use for it."""
    macros: ClassVar[Sequence[str]] = ()
    """File names of shipped macros that this tool answers to; the tool's anchors are the macro's."""
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Input"),)
    outputs: ClassVar[Sequence[str]] = ("Output",)
    writes_output: ClassVar[bool] = False
    """A document can disable all such tools at once."""
    scans: ClassVar[bool] = False
    """Reads sources of any size beside what its wires bring."""
    acts: ClassVar[bool] = False
    """True: the runner calls `act` with collected inputs instead of `build`."""
    in_turn: ClassVar[bool] = False
    """True: what reads from a later output starts only when everything behind the earlier outputs is through."""

    @property
    def input_anchors(self) -> Sequence[Anchor]:
        """The class's `inputs`; a tool whose settings decide about its anchors says them here."""
        return self.inputs

    @property
    def output_anchors(self) -> Sequence[str]:
        """As `input_anchors`; what a wire from one of the other `outputs` leads to does not run."""
        return self.outputs

    @classmethod
    @abstractmethod
    def read(cls, config: Configuration) -> Self:
        """The settings in a configuration; raises ToolError on nonsense, UnsupportedError on options not supported."""

    @abstractmethod
    def build(self, inputs: Inputs, context: Context) -> Built:
        """Describe the outputs, lazily. For a tool that acts: their schemas only (`empty_table`)."""

    def facts(self, inputs: Inputs, context: Context) -> Mapping[str, pl.LazyFrame]:
        """Small queries whose answers `build` needs as `context.facts`. A tool with facts has no static schema."""
        return {}

    def act(self, inputs: Inputs, context: Context, world: World) -> Built:
        """Do to the world what `acts` promises; the frames of `inputs` are in memory, collecting them is cheap."""
        raise NotImplementedError(f"{type(self).__name__} does not act")

    def messages(self, seen: Seen) -> Iterable[Say]:
        """What the tool reports once its rows have passed."""
        return ()
