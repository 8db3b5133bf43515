"""From a document to a plan: which tools run, with which settings, fed by what.

Standard macros are spliced in: their steps become steps of the plan, their Macro Inputs and Outputs disappear.
Batch and iterative macros become one step each, which runs a plan of its own again and again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from galleria.compiler.answers import wired_answers
from galleria.compiler.field_map import FieldMap, Names, field_maps
from galleria.compiler.nodes import is_interface, is_silent, live_nodes, macro_name, nodes_inside
from galleria.compiler.order import after_what_they_need, in_order
from galleria.compiler.plan import Feed, Finding, Key, Plan, Shown, Step
from galleria.compiler.sequence import in_turn
from galleria.documents.workflow import Kind, Node, Wire, Workflow
from galleria.errors import GalleriaError, InvalidError, ToolError, UnsupportedError
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Tool
from galleria.tools.palette import find_macro_tool, find_tool

MAX_MACRO_DEPTH = 32


class Making(Protocol):
    """What compiling needs from outside."""

    def find_macro(self, name: str, beside: Workflow) -> Workflow:
        """The macro that a workflow means by a path; raises UnsupportedError where it is not to be found."""
        ...

    def answer(self, workflow: Workflow, answers: Mapping[str, str], iteration: int = 0) -> Workflow:
        """A document with its questions answered and its constants filled in; iterations count from 0."""
        ...

    def loop(self, macro: Workflow, answers: Mapping[str, str], key: Key) -> Tool:
        """The tool that runs a batch or iterative macro."""
        ...


def compile_workflow(
    workflow: Workflow,
    making: Making,
    prefix: Key = (),
    inlets: Mapping[str, Sequence[Step]] | None = None,
    maps: Mapping[str, Names] | None = None,
) -> Plan:
    """The plan of a document whose questions are answered and whose constants are filled in.

    `inlets` feed the Macro Inputs of a macro, by name in lower case: steps with one anchor, `Output`; `maps` say by the
    same names which fields they take. `prefix` is the place of the macro itself.

    What cannot run is among the plan's `findings`, by tool; the other tools are planned all the same. Raises
    InvalidError for a document that makes no sense as a whole (wires in a circle).
    """
    given = inlets or {}
    whole = _Compilation(making, [step for steps in given.values() for step in steps])
    feeds = {name: [Feed(step.key, "Output") for step in steps] for name, steps in given.items()}
    document = whole.add(workflow, prefix, feeds, maps or {})
    steps = in_order(in_turn(whole.steps), workflow.name)
    return Plan(steps, document.shown, workflow.settings, whole.findings, document.outlets)


@dataclass
class _Compilation:
    making: Making
    steps: list[Step] = field(default_factory=list[Step])
    findings: list[Finding] = field(default_factory=list[Finding])

    def add(self, workflow: Workflow, prefix: Key, inlets: Mapping[str, list[Feed]], maps: Mapping[str, Names]) -> _Document:
        """Add the steps of a document. `inlets` feed its Macro Inputs by name; returns the document with its anchors and outlets."""
        document = _Document(self, workflow, prefix, inlets, maps)
        document.add()
        return document


@dataclass
class _Document:
    """One document on its way into the plan."""

    whole: _Compilation
    workflow: Workflow
    prefix: Key
    inlets: Mapping[str, list[Feed]]
    maps: Mapping[str, Names]
    sources: dict[tuple[int, str], Feed] = field(default_factory=dict[tuple[int, str], Feed])
    """Where the rows of a node's output anchor really come from."""
    outlets: dict[str, Feed] = field(default_factory=dict[str, Feed])
    shown: list[Shown] = field(default_factory=list[Shown])
    asleep: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    """Output anchors that no rows leave in this run, because a detour leads past them; `*` for all of a node."""
    sleeping_outlets: set[str] = field(default_factory=set[str])

    def add(self) -> None:
        nodes = live_nodes(self.workflow)
        for node in in_wire_order(nodes, self.workflow.wires, self.workflow.name):
            key = (*self.prefix, node.tool_id)
            name = node.plugin or macro_name(node)
            try:
                self._add_node(node, key)
            except UnsupportedError as error:
                self.whole.findings.append(Finding(key, name, error.detail, error.feature))
                self._dangle(node, key)
            except GalleriaError as error:
                self.whole.findings.append(Finding(key, name, error.message))
                self._dangle(node, key)
        for node in nodes:
            if _is(node, "ControlContainer"):
                self._control(node, nodes)

    def _add_node(self, node: Node, key: Key) -> None:
        if is_silent(node) or is_interface(node):
            return
        wires = [wire for wire in self.workflow.wires if wire.destination == node.tool_id]
        if self._is_bypassed(node, wires):
            self.asleep.add((node.tool_id, "*"))
            if _is(node, "MacroOutput"):
                self.sleeping_outlets.add(_outlet_name(node))
        elif _is(node, "MacroInput"):
            self._add_inlet(node, key)
        elif _is(node, "MacroOutput"):
            self._add_outlet(node, wires)
        elif node.macro and find_tool(node.plugin) is None:
            self._add_macro(node, key, wires)
        else:
            self._add_tool(node, key, wires)

    def _add_tool(self, node: Node, key: Key, wires: list[Wire]) -> None:
        kind = find_tool(node.plugin)
        if kind is None:
            raise UnsupportedError(node.plugin or "tool", "Galleria has no such tool yet")
        self._add_step(node, key, kind.read(Configuration(node.configuration)), wires)

    def _add_step(self, node: Node, key: Key, tool: Tool, wires: list[Wire]) -> None:
        feeds: dict[str, list[Feed]] = {}
        as_written = any(anchor.as_written for anchor in tool.input_anchors)
        for wire in wires if as_written else sorted(wires, key=_wire_order):
            feed = self._feed(wire)
            if feed is not None:
                feeds.setdefault(_anchor(tool.input_anchors, wire.destination_anchor), []).append(feed)
        answers = wired_answers(self.workflow, wires)
        folder = self.workflow.path.parent if self.prefix and self.workflow.path else None
        step = Step(key, node.plugin or macro_name(node), tool, feeds, node.saved_fields, answers=answers, folder=folder)
        self.whole.steps.append(step)
        for anchor in tool.output_anchors:
            self._show(node, anchor, Feed(key, anchor))
        self.asleep.update((node.tool_id, anchor.casefold()) for anchor in tool.outputs if anchor not in tool.output_anchors)
        if not tool.output_anchors and feeds:
            self.shown.append(Shown(node.tool_id, node.plugin or node.macro, "Input", next(iter(feeds.values()))[0]))

    def _control(self, container: Node, nodes: Sequence[Node]) -> None:
        """Let what lies in a Control Container wait for its control stream, and the container's own step for all of it."""
        wires = [wire for wire in self.workflow.wires if wire.destination == container.tool_id]
        gates = tuple(feed for wire in wires if (feed := self._feed(wire)) is not None)
        inside = nodes_inside(container, nodes)
        depth = len(self.prefix)
        members = {step.key for step in self.whole.steps if step.key[:depth] == self.prefix and step.key[depth] in inside}
        for at, step in enumerate(self.whole.steps):
            if step.key in members:
                self.whole.steps[at] = replace(step, gates=step.gates + gates)
            elif step.key == (*self.prefix, container.tool_id):
                self.whole.steps[at] = replace(step, gates=step.gates + gates, after=step.after | members)

    def _add_macro(self, node: Node, key: Key, wires: list[Wire]) -> None:
        kind = find_macro_tool(node.macro)
        if kind is not None:
            self._add_step(node, key, kind.read(Configuration(node.configuration)), wires)
            return
        if len(key) > MAX_MACRO_DEPTH:
            raise InvalidError(f"macros lie more than {MAX_MACRO_DEPTH} deep in each other; does {macro_name(node)} hold itself?")
        macro = self.whole.making.find_macro(node.macro, self.workflow)
        answers = {value.attribute("name"): value.text for value in Configuration(node.configuration).each("Value")}
        if macro.kind in (Kind.BATCH_MACRO, Kind.ITERATIVE_MACRO):
            self._add_step(node, key, self.whole.making.loop(macro, answers, key), wires)
            return
        if macro.kind is Kind.LOCATION_OPTIMIZER:
            raise UnsupportedError(f"macro {macro_name(node)}", "location optimizer macros are not supported yet")
        inlets: dict[str, list[Feed]] = {}
        for wire in sorted(wires, key=_wire_order):
            feed = self._feed(wire)
            if feed is not None:
                inlets.setdefault(wire.destination_anchor.casefold(), []).append(feed)
        inside = self.whole.add(self.whole.making.answer(macro, answers), key, inlets, field_maps(answers))
        for anchor, feed in inside.outlets.items():
            self._show(node, anchor, feed)
        self.asleep.update((node.tool_id, name.casefold()) for name in inside.sleeping_outlets)
        if not inside.outlets and inlets:
            self.shown.append(Shown(node.tool_id, node.macro, "Input", next(iter(inlets.values()))[0]))

    def _add_inlet(self, node: Node, key: Key) -> None:
        """A Macro Input: what feeds the macro there, or else its own template rows."""
        config = Configuration(node.configuration)
        name = config.value("Name").casefold()
        feeds = self.inlets.get(name, [])
        if feeds and config.flag("ShowFieldMap") and name in self.maps:
            step = Step(key, node.plugin, FieldMap(self.maps[name]), {"Input": [feeds[0]]}, node.saved_fields)
            self.whole.steps.append(step)
            self._show(node, "Output", Feed(key, "Output"))
            return
        if feeds:
            self.sources[node.tool_id, "output"] = feeds[0]
            return
        from_file = config.flag("UseFileInput")
        template = config.find("FileInput/Configuration" if from_file else "TextInput/Configuration")
        if template is None:
            raise ToolError(f"Nothing is connected to the Macro Input {config.value('Name')!r}, and it has no template data.")
        plugin = "AlteryxBasePluginsGui.DbFileInput.DbFileInput" if from_file else "AlteryxBasePluginsGui.TextInput.TextInput"
        kind = find_tool(plugin)
        if kind is None:
            raise UnsupportedError(plugin, "Galleria has no such tool yet")
        self._add_step(node, key, kind.read(template), [])

    def _add_outlet(self, node: Node, wires: list[Wire]) -> None:
        for wire in wires:
            feed = self._feed(wire)
            if feed is not None:
                self.outlets[_outlet_name(node)] = feed
                self.shown.append(Shown(node.tool_id, node.plugin, "Input", feed))

    def _is_bypassed(self, node: Node, wires: Sequence[Wire]) -> bool:
        """Whether a detour leads past the node: an input that it cannot do without has nothing but sleeping wires."""
        if not self.asleep:
            return False
        kind = find_tool(node.plugin)
        optional = {anchor.name.casefold() for anchor in kind.inputs if anchor.optional} if kind else set[str]()
        sleeping: dict[str, bool] = {}
        for wire in wires:
            anchor = wire.destination_anchor.casefold()
            origins = {(wire.origin, "*"), (wire.origin, wire.origin_anchor.casefold())}
            sleeping[anchor] = sleeping.get(anchor, True) and bool(origins & self.asleep)
        return bool(sleeping) and (all(sleeping.values()) or any(is_off for anchor, is_off in sleeping.items() if anchor not in optional))

    def _feed(self, wire: Wire) -> Feed | None:
        source = self.sources.get((wire.origin, wire.origin_anchor.casefold()))
        return None if source is None else Feed(source.origin, source.anchor, wire.name)

    def _show(self, node: Node, anchor: str, feed: Feed) -> None:
        self.sources[node.tool_id, anchor.casefold()] = feed
        self.shown.append(Shown(node.tool_id, node.plugin or node.macro, anchor, feed))

    def _dangle(self, node: Node, key: Key) -> None:
        """Let what reads from a tool that cannot run depend on it all the same, so that it does not run either."""
        for wire in self.workflow.wires:
            if wire.origin == node.tool_id and (node.tool_id, wire.origin_anchor.casefold()) not in self.sources:
                self._show(node, wire.origin_anchor, Feed(key, wire.origin_anchor))


def in_wire_order(nodes: Iterable[Node], wires: Iterable[Wire], name: str) -> list[Node]:
    """The nodes, each after those it is fed by; raises InvalidError where wires run in a circle."""
    by_id = {node.tool_id: node for node in nodes}
    before: dict[int, list[int]] = {tool_id: [] for tool_id in by_id}
    for wire in wires:
        is_data = wire.origin in by_id and wire.destination in by_id
        if is_data and not is_interface(by_id[wire.origin]) and wire.origin_anchor != "Question":
            before[wire.destination].append(wire.origin)
    return [by_id[tool_id] for tool_id in after_what_they_need(before, name)]


def _wire_order(wire: Wire) -> tuple[int, int]:
    number = wire.name.removeprefix("#")
    return (0, int(number)) if number.isdecimal() and wire.name.startswith("#") else (1, 0)


def _anchor(anchors: Iterable[Anchor], name: str) -> str:
    """The tool's own name of an input anchor; a tool with only one input takes every name."""
    anchors = tuple(anchors)
    for anchor in anchors:
        if name.casefold() in (anchor.name.casefold(), *(alias.casefold() for alias in anchor.aliases)):
            return anchor.name
    if len(anchors) == 1:
        return anchors[0].name
    raise ToolError(f"there is no input anchor {name!r}; it has {', '.join(anchor.name for anchor in anchors) or 'none'}")


def _outlet_name(node: Node) -> str:
    return Configuration(node.configuration).value("Name") or f"Output{node.tool_id}"


def _is(node: Node, last: str) -> bool:
    return node.plugin.rpartition(".")[2].casefold() == last.casefold()
