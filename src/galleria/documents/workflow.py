"""A workflow, macro or app as plain data: what its document says, before anybody asks what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from galleria.fields.types import Field

if TYPE_CHECKING:
    from galleria.documents.xml import Element


class Kind(StrEnum):
    WORKFLOW = "workflow"
    APP = "app"
    STANDARD_MACRO = "standard macro"
    BATCH_MACRO = "batch macro"
    ITERATIVE_MACRO = "iterative macro"
    LOCATION_OPTIMIZER = "location optimizer macro"


@dataclass(frozen=True)
class Node:
    """A tool on the canvas, a container, a comment or a macro."""

    tool_id: int
    plugin: str
    """`GuiSettings/@Plugin`; empty for a macro without one."""
    macro: str
    """The macro's path as written; empty for a native tool."""
    configuration: Element
    container: int | None = None
    """The tool id of the container it lies in."""
    position: tuple[float, float] = (0.0, 0.0)
    size: tuple[float, float] | None = None
    annotation: str = ""
    """The text below the tool: the user's, or else the one made by the tool."""
    given_name: str = ""
    """The user's own name for the tool."""
    saved_fields: Mapping[str, tuple[Field, ...]] = field(default_factory=dict[str, tuple[Field, ...]])
    """By anchor: the schema that the document remembers from its last run. May be stale."""
    engine_dll: str = ""
    entry_point: str = ""


@dataclass(frozen=True)
class Wire:
    origin: int
    origin_anchor: str
    destination: int
    destination_anchor: str
    name: str = ""
    """`#1`, or the user's own name; empty for most."""
    wireless: bool = False


@dataclass(frozen=True)
class Constant:
    namespace: str
    """`User` or `Question`."""
    name: str
    value: str
    is_numeric: bool = False


@dataclass(frozen=True)
class Question:
    """Something an app or macro asks. `element` holds what its kind needs (list values, limits)."""

    name: str
    type: str
    """The document's word: TextBox, ListBox, BooleanGroup, Date, FileBrowse, Tab, ..."""
    description: str
    tool_id: int
    element: Element
    children: Sequence[Question] = ()
    """What a tab, group, check box or radio button holds."""


@dataclass(frozen=True)
class Condition:
    """A Condition tool: decides from the answers which of its actions happen."""

    tool_id: int
    expression: str


@dataclass(frozen=True)
class Action:
    """What an answer changes in the document: `<Action>` of the runtime properties."""

    tool_id: int
    type: str
    """UpdateRawXml, UpdateValue, Detour, ...: the document's word."""
    element: Element
    condition: Condition | None = None
    """None for an action that always happens."""
    when: bool = True
    """What the condition must be for it to happen."""


@dataclass(frozen=True)
class Settings:
    """The document's run settings."""

    record_limit: int = 0
    conversion_error_limit: int = 10
    """Per field; 0 for no limit."""
    stop_at_conversion_limit: bool = False
    cancel_on_error: bool = False
    disable_browse: bool = False
    disable_output: bool = False
    show_all_macro_messages: bool = False
    uses_amp: bool = False
    """Saved for the newer engine: Text Input infers other types then."""


@dataclass(frozen=True)
class Workflow:
    name: str
    """The name in its properties, or else the file's name without extension."""
    kind: Kind
    version: str
    """`2021.3`"""
    nodes: Sequence[Node]
    """In document order, those inside containers too."""
    wires: Sequence[Wire]
    constants: Sequence[Constant] = ()
    questions: Sequence[Question] = ()
    actions: Sequence[Action] = ()
    settings: Settings = Settings()
    description: str = ""
    author: str = ""
    path: Path | None = None
    """Where the document lies; relative names in it start from this file's folder."""
    notes: Sequence[str] = ()
    """What reading had to mend: characters replaced, wires left out."""
    runtime: Element | None = None
    """`<RuntimeProperties>` as written."""
    root: Element | None = None
    """The whole document."""
