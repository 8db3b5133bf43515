"""What a file format is: how tables come out of it and go into it, lazily.

A format is a class in a module of its own below `galleria.formats` that inherits from `Format`; it is found by scanning.
It knows files and options, no tool and no workflow.
"""

from abc import ABC
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import polars as pl

from galleria.connecting.known import Databases
from galleria.errors import UnsupportedError
from galleria.formats.options import Options
from galleria.messages import Status
from galleria.table.table import Table

TROUBLE = pl.Schema({"status": pl.Int64(), "field": pl.String(), "count": pl.Int64(), "texts": pl.List(pl.String())})
"""The schema of a `trouble` query: what went wrong, how often, and the first texts that say so.

`field` is Null where it is about whole records. `status` is a `messages.Status`.
"""


@dataclass(frozen=True)
class Source:
    """Where a table is."""

    path: Path
    name: str
    """The file as the workflow names it, for messages."""
    part: str = ""
    """What the workflow names behind `|||`: a sheet, a table, a query, a file inside an archive."""


@dataclass(frozen=True)
class Target:
    """Where a table shall go; the folder exists, the file may or may not."""

    path: Path
    name: str
    part: str = ""
    previous: Path | None = None
    """The file of that name which the workflow finds, for formats that put something into it; None where there is none."""


@dataclass(frozen=True)
class Circumstances:
    """What surrounds a reading or writing."""

    temporary: Callable[[str], Path]
    """Gives a fresh path with that suffix, which goes away with the run."""
    record_limit: int = 0
    """Records that are wanted at most; 0 for all."""
    problem_limit: int = 10
    """Field conversion errors told per field; 0 for all."""
    checking: bool = False
    """Only the fields are wanted; rows need not be looked at."""
    databases: Databases = field(default_factory=Databases)
    """The connections to databases that the run was given."""


@dataclass(frozen=True)
class Content:
    """What a file holds."""

    table: Table
    trouble: pl.LazyFrame | None = None
    """A query with the schema `TROUBLE`."""
    notes: Sequence[tuple[Status, str]] = ()
    """What is known before a row was read."""


@dataclass(frozen=True)
class Writing:
    """How a table gets into its file: `query` is collected in the run's one pass, then `finish` gets its result."""

    query: pl.LazyFrame
    finish: Callable[[pl.DataFrame], None] | None = None
    trouble: pl.LazyFrame | None = None
    """A query with the schema `TROUBLE`."""
    notes: Sequence[tuple[Status, str]] = field(default=())


class Format(ABC):
    name: ClassVar[str]
    """The product's name for it: `Alteryx Database`."""
    codes: ClassVar[Sequence[int]]
    """The numbers of `File/@FileFormat`, the usual one first."""
    extensions: ClassVar[Sequence[str]] = ()
    """In lower case, with the dot."""

    def read(self, source: Source, options: Options, around: Circumstances) -> Content:
        """The table in a file. Raises InvalidError on a file that is damaged or not of this format."""
        raise UnsupportedError(f"format {self.name}", "reading it is not supported")

    def write(self, table: Table, target: Target, options: Options, around: Circumstances) -> Writing:
        """How to put the table into a file, replacing it. Raises InvalidError on what the format cannot hold."""
        raise UnsupportedError(f"format {self.name}", "writing it is not supported")
