"""What is to be run: tools with their settings read, in an order in which each comes after what feeds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from galleria.documents.workflow import Settings
from galleria.fields.types import Field
from galleria.tools.contract import Tool

Key = tuple[int, ...]
"""A tool's place: its id, after the ids of the macros it lies in, outermost first."""


@dataclass(frozen=True)
class Feed:
    """One wire, seen from its end."""

    origin: Key
    anchor: str
    name: str = ""


@dataclass(frozen=True)
class Step:
    key: Key
    plugin: str
    tool: Tool
    feeds: Mapping[str, Sequence[Feed]]
    """By input anchor, in the order of the wires' names."""
    saved_fields: Mapping[str, tuple[Field, ...]] = field(default_factory=dict[str, tuple[Field, ...]])
    after: frozenset[Key] = frozenset()
    """Steps that must be through before this one starts, besides those that feed it."""
    gates: tuple[Feed, ...] = ()
    """Streams that must have brought a record, each of them, for this step to run at all."""
    answers: Mapping[str, str | float | bool | None] = field(default_factory=dict[str, str | float | bool | None])
    """What questions that are connected to the tool say, by the name its expressions use: `#1`, or the wire's own."""
    folder: Path | None = None
    """Of the macro that the tool lies in; None outside macros."""


@dataclass(frozen=True)
class Shown:
    """An anchor of the document as its reader sees it: a macro's outputs are anchors of the macro."""

    tool_id: int
    plugin: str
    anchor: str
    feed: Feed


@dataclass(frozen=True)
class Finding:
    """Why a tool cannot run."""

    key: Key
    plugin: str
    detail: str
    feature: str = ""
    """Set where Galleria does not support it; empty where the configuration itself is wrong."""

    @property
    def tool_id(self) -> int:
        return self.key[0]

    @property
    def is_unsupported(self) -> bool:
        return bool(self.feature)


@dataclass(frozen=True)
class Plan:
    steps: Sequence[Step]
    shown: Sequence[Shown]
    settings: Settings
    findings: Sequence[Finding] = ()
    outlets: Mapping[str, Feed] = field(default_factory=dict[str, Feed])
    """Of a macro: what leaves it, by the name of its Macro Output."""
