"""The interface of an app or macro: what its runtime properties ask, and what the answers change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from galleria.documents.workflow import Action, Condition, Kind, Question
from galleria.documents.xml import Element

NO_TOOL = -1
"""The tool id of what belongs to no tool of the canvas."""


def read_kind(runtime: Element | None, name: str) -> Kind:
    """The kind of a document: a plain workflow may keep the runtime properties of the app that it once was."""
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.casefold()
    module = "" if runtime is None else runtime.findtext("ModuleType", "").strip().casefold()
    if suffix == ".yxmd" or (not suffix.startswith((".yxwz", ".yxmc")) and module not in ("wizard", "macro")):
        return Kind.WORKFLOW
    if suffix == ".yxwz" or (not suffix.startswith(".yxmc") and module == "wizard"):
        return Kind.APP
    for tag, kind in _MACROS.items():
        if runtime is not None and runtime.find(tag) is not None:
            return kind
    return Kind.STANDARD_MACRO


_MACROS = {
    "IterativeMacro": Kind.ITERATIVE_MACRO,
    "BatchMacro": Kind.BATCH_MACRO,
    "LocationOptimizerMacro": Kind.LOCATION_OPTIMIZER,
    "LocationOptimizer": Kind.LOCATION_OPTIMIZER,
}


def read_questions(runtime: Element | None) -> tuple[Question, ...]:
    """The tree of tabs, groups and questions."""
    return () if runtime is None else tuple(_questions(runtime))


def flat(questions: Iterable[Question]) -> Iterator[Question]:
    """All questions of a tree, tabs and groups among them, each before what it holds."""
    for question in questions:
        yield question
        yield from flat(question.children)


def control_parameters(runtime: Element | None) -> tuple[str, ...]:
    """The names of a batch macro's control parameters. Documents of 8.5 list them here alone, without a question each."""
    found = () if runtime is None else runtime.iterfind("BatchMacro/ControlParams/ControlParam")
    return tuple(parameter.findtext("Name", "") for parameter in found)


def read_actions(runtime: Element | None) -> tuple[Action, ...]:
    """Every action in the order of the document: first those that always happen, then those of each condition."""
    if runtime is None:
        return ()
    return tuple(action for group in runtime.iterfind("Actions/*") for action in _group(group))


def _questions(parent: Element) -> Iterator[Question]:
    for element in parent.iterfind("Questions/Question"):
        yield Question(
            name=element.findtext("Name", ""),
            type=element.findtext("Type", "").strip(),
            description=element.findtext("Description", ""),
            tool_id=_tool_id(element),
            element=element,
            children=tuple(_questions(element)),
        )


def _group(group: Element) -> Iterator[Action]:
    condition = Condition(_tool_id(group), group.findtext("Expression", "")) if group.tag == "Condition" else None
    for branch in ("True", "False"):
        for element in group.iterfind(f"{branch}/Action"):
            yield Action(_tool_id(element), element.findtext("Type", "").strip(), element, condition, branch == "True")


def _tool_id(element: Element) -> int:
    found = element.find("ToolId")
    try:
        return NO_TOOL if found is None else int(found.get("value", ""))
    except ValueError:
        return NO_TOOL
