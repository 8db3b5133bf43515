"""From a file to a plan: read, answer, fill in constants, find macros, compile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PureWindowsPath

from galleria.compiler.compile import compile_workflow
from galleria.compiler.plan import Key, Plan
from galleria.documents.answers import apply_answers
from galleria.documents.read import read_workflow_file
from galleria.documents.substitute import substitute
from galleria.documents.workflow import Workflow
from galleria.errors import GalleriaError, UnsupportedError
from galleria.formula.environment import Environment
from galleria.runner.evaluate import evaluate_text
from galleria.runner.loops import make_loop
from galleria.runner.surroundings import Listener, Surroundings
from galleria.tools.contract import Files, Tool

ENGINE_VERSION = "2025.1.0.0"
"""What `[Engine.Version]` says: the newest release whose documents are read."""


@dataclass(frozen=True)
class Preparation:
    """Makes plans; the `Making` that the compiler asks for."""

    around: Surroundings
    listener: Listener
    macro_folders: Sequence[Path] = ()
    """Where macros are looked for, after the workflow's own folder."""
    macros: dict[Path, Workflow] = field(default_factory=dict[Path, Workflow])
    """Read already."""

    def find_macro(self, name: str, beside: Workflow) -> Workflow:
        path = _find_macro_file(name, beside, self.around.files, self.macro_folders)
        if path not in self.macros:
            self.macros[path] = read_workflow_file(path)
        return self.macros[path]

    def answer(self, workflow: Workflow, answers: Mapping[str, str], iteration: int = 0) -> Workflow:
        variables = variables_of(workflow, self.around.formula, iteration)
        environment = replace(self.around.formula, variables=variables)
        answered = apply_answers(workflow, answers, lambda text, values: evaluate_text(text, values, environment))
        return self.as_designed(answered, iteration)

    def as_designed(self, workflow: Workflow, iteration: int = 0) -> Workflow:
        """The document with nothing but its constants filled in."""
        texts = {name: _text(value) for name, value in variables_of(workflow, self.around.formula, iteration).items()}
        return substitute(workflow, texts)

    def loop(self, macro: Workflow, answers: Mapping[str, str], key: Key) -> Tool:
        return make_loop(macro, answers, key, self, self.around, self.listener)


def prepare(workflow: Workflow, around: Surroundings, listener: Listener, macro_folders: Sequence[Path] = ()) -> tuple[Plan, Surroundings]:
    """The plan of a workflow with its questions answered from `around.answers`, and the surroundings to run it in.

    Without any answers (None) the document runs as it was designed: its actions are for whoever fills in its form.
    """
    start = Preparation(around, listener, macro_folders)
    answered = start.as_designed(workflow) if around.answers is None else start.answer(workflow, around.answers)
    formula = replace(around.formula, variables=variables_of(answered, around.formula, 0))
    around = replace(around, formula=formula)
    return compile_workflow(answered, Preparation(around, listener, macro_folders)), around


def variables_of(workflow: Workflow, environment: Environment, iteration: int) -> dict[str, str | float | bool | None]:
    """Constants, questions and engine values of a document, by full name."""
    folder = workflow.path.parent if workflow.path else Path.cwd()
    variables: dict[str, str | float | bool | None] = {
        "Engine.TempFilePath": "temporary/",
        "Engine.Version": ENGINE_VERSION,
        "Engine.WorkflowDirectory": f"{folder}/",
        "Engine.ModuleDirectory": f"{folder}/",
        "Engine.WorkflowFileName": workflow.path.name if workflow.path else workflow.name,
        "Engine.GuiInteraction": False,
        "Engine.IterationNumber": iteration,
    }
    variables.update(environment.variables)
    variables["Engine.IterationNumber"] = iteration
    for constant in workflow.constants:
        variables[f"{constant.namespace}.{constant.name}"] = _number(constant.value) if constant.is_numeric else constant.value
    return variables


def _find_macro_file(name: str, beside: Workflow, files: Files, folders: Sequence[Path]) -> Path:
    candidates = [f"{folder}/{name}" for folder in ([beside.path.parent] if beside.path else []) + list(folders)]
    for candidate in [*candidates, name]:
        try:
            path = files.to_read(candidate)
        except GalleriaError:
            continue
        if path.is_file():
            return path
    raise UnsupportedError(
        f"macro {PureWindowsPath(name).name}", f'Can\'t find the macro "{name}", and no tool of Galleria stands in for it'
    )


def _text(value: str | float | bool | None) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
