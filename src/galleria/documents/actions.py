"""What the actions of an app or macro do to its configurations, once the answers are known.

The configurations are copied before they are written to: the document that was read stays as it is.
Source: tools.md 11.5. Where that says nothing: a missing value leaves the action out; of several places the first is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import PureWindowsPath

from galleria.documents.destination import Place, find_place, parse_destination
from galleria.documents.interface import flat
from galleria.documents.questions import parse_ticks
from galleria.documents.substitute import substitute_text
from galleria.documents.workflow import Action, Condition, Node, Wire, Workflow
from galleria.documents.xml import Element
from galleria.errors import InvalidError, ToolError, UnsupportedError

Evaluate = Callable[[str, Mapping[str, str]], str]
"""The text of an expression's result, given the texts of its variables: `#1`, a wire's name, `Destination`, `Question.x`.

Boxes come as `True` and `False`: real documents both compare them with texts and use them as truths (`![#1]`).
"""

_INPUT = "{{INPUT}}"
_PLAIN_HELPERS = frozenset(
    {
        "update cell",
        "update detour direction",
        "update detour direction from question",
        "enable/disable container",
        "enable/disable container from question",
        "update directory with folder browse",
        "update trade area radius",
    }
)
"""Helpers that write their value as it is. `from question` too: Disabled and DetourRight get the box's own True or False."""


def apply_actions(workflow: Workflow, values: Mapping[str, str | None], evaluate: Evaluate) -> Workflow:
    """The workflow after its actions; `values` are the answers' texts by question name, None where there is none.

    Raises ToolError naming the interface tool where an action makes no sense or an error message fires, UnsupportedError on a
    kind of action that is not supported and would happen.
    """
    acting = _Acting(workflow, values, evaluate)
    for action in workflow.actions:
        if action.condition is None or acting.is_met(action.condition) == action.when:
            acting.apply(action)
    return acting.result()


@dataclass
class _Acting:
    workflow: Workflow
    values: Mapping[str, str | None]
    evaluate: Evaluate
    questions: dict[int, str] = field(init=False)
    """The names of the questions that have values, by tool id."""
    copies: dict[int, Element] = field(default_factory=dict[int, Element])
    """Configurations written to, by tool id."""
    nodes: dict[int, Node] = field(init=False)
    wires: list[Wire] = field(init=False)
    met: dict[Condition, bool] = field(default_factory=dict[Condition, bool])

    def __post_init__(self) -> None:
        self.nodes = {node.tool_id: node for node in self.workflow.nodes}
        self.wires = list(self.workflow.wires)
        self.questions = {question.tool_id: question.name for question in flat(self.workflow.questions) if question.name in self.values}

    def result(self) -> Workflow:
        nodes = (replace(node, configuration=self.copies.get(node.tool_id, node.configuration)) for node in self.nodes.values())
        return replace(self.workflow, nodes=tuple(nodes), wires=tuple(self.wires))

    def is_met(self, condition: Condition) -> bool:
        if condition not in self.met:
            inputs = self._inputs(condition.tool_id)
            self.met[condition] = _is_true(self._evaluate(condition.expression, inputs, condition.tool_id))
        return self.met[condition]

    def apply(self, action: Action) -> None:
        inputs = self._inputs(action.tool_id)
        if inputs and all(value is None for value in inputs.values()):
            return
        act = _KINDS.get(action.type)
        if act is None:
            raise UnsupportedError(f"action {action.type}", "this kind of action is not supported", action.tool_id)
        try:
            act(self, action, inputs)
        except ToolError:
            raise
        except InvalidError as error:
            raise ToolError(f"the action cannot be applied: {error}", action.tool_id) from error

    # -- kinds of action ------------------------------------------------------------------------------------------

    def update_value(self, action: Action, inputs: Mapping[str, str | None]) -> None:
        place = self._place(action)
        value = self._variable(action, inputs)
        old = action.element.findtext("ReplaceText", "")
        place.write(place.text.replace(old, value) if old and _is_true(_attribute(action, "Replace")) else value)

    def update_by_formula(self, action: Action, inputs: Mapping[str, str | None]) -> None:
        place = self._place(action)
        place.write(self._evaluate(action.element.findtext("Expression", ""), inputs, action.tool_id, place.text))

    def update_raw_xml(self, action: Action, inputs: Mapping[str, str | None]) -> None:
        place = self._place(action)
        is_outer = _is_true(_attribute(action, "OuterXml"))
        expression = action.element.findtext("Expression", "")
        xml = self._evaluate(expression, inputs, action.tool_id, place.outer_xml if is_outer else place.inner_xml)
        if not is_outer:
            place.write_inner(xml)
        elif (whole := place.write_outer(xml)) is not None:
            self.copies[self._target(action)] = whole

    def update_by_helper(self, action: Action, inputs: Mapping[str, str | None]) -> None:
        helper = action.element.findtext("Mapping", "").strip()
        if helper.casefold() not in _PLAIN_HELPERS:
            raise UnsupportedError(f"action {helper or action.type}", "this kind of action is not supported", action.tool_id)
        expression = action.element.findtext("Expression", "").strip()
        place = self._place(action)
        if expression in ("", _INPUT):
            place.write(self._variable(action, inputs))
        else:
            expression = expression.replace(_INPUT, f"[{next(iter(inputs), '#1')}]")
            place.write(self._evaluate(expression, inputs, action.tool_id, place.text))

    def update_select(self, action: Action, inputs: Mapping[str, str | None]) -> None:
        configuration = self._configuration(self._tool(action, "SelectTool"))
        fields = configuration.find("SelectFields")
        if fields is None:
            raise InvalidError("the tool it changes has no list of fields")
        text = self._variable(action, inputs)
        for name, is_ticked in parse_ticks(text) or [(name, True) for name in text.split(",") if name]:
            entry = next((known for known in fields if known.get("field") == name), None)
            if entry is None:
                entry = fields.makeelement("SelectField", {"field": name})
                unknown = next((at for at, known in enumerate(fields) if known.get("field") == "*Unknown"), len(fields))
                fields.insert(unknown, entry)
            entry.set("selected", str(is_ticked))

    def update_file(self, action: Action, inputs: Mapping[str, str | None]) -> None:
        name = self._variable(action, inputs)
        if not name:
            if _is_true(_attribute(action, "Required")):
                raise ToolError("a file must be chosen", action.tool_id)
            return
        configuration = self._configuration(self._tool(action, "InputTool" if action.type == "UpdateInput" else "OutputTool"))
        file = configuration.find("File")
        if file is None:
            raise InvalidError("the tool it changes has no file")
        if _extension(file.text or "") != _extension(name):
            # The options were those of the old file's format.
            file.attrib.pop("FileFormat", None)
        file.text = name

    def delete_tool(self, action: Action, inputs: Mapping[str, str | None]) -> None:
        """Take the tool away; what came into its one input goes on to where its one output went."""
        tool_id = self._tool(action, "DeleteTool")
        self.nodes.pop(tool_id, None)
        into = [wire for wire in self.wires if wire.destination == tool_id and not _is_interface(wire)]
        out = [wire for wire in self.wires if wire.origin == tool_id and not _is_interface(wire)]
        self.wires = [wire for wire in self.wires if tool_id not in (wire.origin, wire.destination)]
        if len(into) == 1 and len({wire.origin_anchor for wire in out}) == 1:
            self.wires += [replace(wire, origin=into[0].origin, origin_anchor=into[0].origin_anchor) for wire in out]

    def stop(self, action: Action, inputs: Mapping[str, str | None]) -> None:
        if _is_true(self._evaluate(action.element.findtext("Expression", ""), inputs, action.tool_id)):
            raise ToolError(action.element.findtext("Description", "").strip() or "the answers were refused", action.tool_id)

    # -- what they share ------------------------------------------------------------------------------------------

    def _inputs(self, tool_id: int) -> dict[str, str | None]:
        """The values at an interface tool by the names of their wires."""
        wires = [wire for wire in self.workflow.wires if wire.destination == tool_id and wire.origin in self.questions]
        return {wire.name or f"#{number}": self.values[self.questions[wire.origin]] for number, wire in enumerate(wires, start=1)}

    def _variable(self, action: Action, inputs: Mapping[str, str | None]) -> str:
        """The value that an action names by its wire or question, or else its first."""
        name = action.element.findtext("Variable", "").strip()
        if name in inputs:
            return inputs[name] or ""
        for known in (name, name.removeprefix("ControlParam."), name.removeprefix("Question.")):
            if known in self.values:
                return self.values[known] or ""
        if not inputs:
            raise InvalidError(f"no question is connected{f' as {name}' if name else ''}")
        return next(iter(inputs.values())) or ""

    def _evaluate(self, expression: str, inputs: Mapping[str, str | None], tool_id: int, destination: str | None = None) -> str:
        answers = {name: value or "" for name, value in self.values.items()}
        variables = answers | {f"Question.{name}": value for name, value in answers.items()}
        variables |= {name: value or "" for name, value in inputs.items()}
        if destination is not None:
            variables["Destination"] = destination
        constants = {f"question.{name}".casefold(): value for name, value in answers.items()}
        try:
            return self.evaluate(substitute_text(expression, constants), variables)
        except InvalidError as error:
            raise ToolError(f"its expression cannot be evaluated: {error}", tool_id) from error
        except UnsupportedError as error:
            raise UnsupportedError(error.feature, error.detail, tool_id) from error

    def _target(self, action: Action) -> int:
        """The tool that an action changes: that of its destination, or the one it is connected to where that is gone."""
        tool_id = parse_destination(action.element.findtext("Destination", "")).tool_id
        return tool_id if tool_id in self.nodes else self._connected(action) or tool_id

    def _tool(self, action: Action, tag: str) -> int:
        try:
            tool_id = int(_attribute(action, tag))
        except ValueError:
            tool_id = -1
        return tool_id if tool_id >= 0 else self._connected(action) or -1

    def _connected(self, action: Action) -> int | None:
        tools = {wire.destination for wire in self.workflow.wires if wire.origin == action.tool_id and wire.origin_anchor == "Action"}
        return tools.pop() if len(tools) == 1 else None

    def _place(self, action: Action) -> Place:
        destination = parse_destination(action.element.findtext("Destination", ""))
        place = find_place(destination, self._configuration(self._target(action)))
        if place is None:
            raise InvalidError(f"there is nothing at {destination.text}")
        return place

    def _configuration(self, tool_id: int) -> Element:
        """The tool's configuration, to be written to."""
        if tool_id not in self.nodes:
            raise InvalidError(f"there is no tool {tool_id}")
        if tool_id not in self.copies:
            self.copies[tool_id] = deepcopy(self.nodes[tool_id].configuration)
        return self.copies[tool_id]


_KINDS: Mapping[str, Callable[[_Acting, Action, Mapping[str, str | None]], None]] = {
    "UpdateValue": _Acting.update_value,
    "UpdateValueFormula": _Acting.update_by_formula,
    "UpdateRawXml": _Acting.update_raw_xml,
    "Dynamic": _Acting.update_by_helper,
    "UpdateSelect": _Acting.update_select,
    "UpdateInput": _Acting.update_file,
    "UpdateOutput": _Acting.update_file,
    "DeleteTool": _Acting.delete_tool,
    "Error": _Acting.stop,
}


def _attribute(action: Action, tag: str) -> str:
    found = action.element.find(tag)
    return "" if found is None else found.get("value", "")


def _is_true(text: str) -> bool:
    """Whether a result says yes: True, or any number but zero."""
    folded = text.strip().casefold()
    try:
        return float(folded) != 0
    except ValueError:
        return folded == "true"


def _is_interface(wire: Wire) -> bool:
    return wire.destination_anchor in ("Action", "Question", "Condition") or wire.origin_anchor in ("Action", "Question")


def _extension(name: str) -> str:
    return PureWindowsPath(name.partition("|||")[0].strip()).suffix.casefold()
