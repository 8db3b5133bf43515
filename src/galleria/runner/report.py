"""What publishing wants to know about a package: one JSON object, whose form `gallery.workflows.report` reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from galleria.documents.interface import flat
from galleria.documents.questions import Asked, asked, exclusive_groups
from galleria.documents.read import read_workflow_file
from galleria.documents.workflow import Question, Workflow
from galleria.fields.types import Field
from galleria.runner.canvas import Fields, canvas_of
from galleria.runner.check import Checked, check_workflow
from galleria.runner.listeners import Silent
from galleria.runner.surroundings import Surroundings
from galleria.tools.configuration import Configuration


def report_on(path: Path, around: Surroundings, missing: Sequence[str] = (), macro_folders: Sequence[Path] = ()) -> dict[str, Any]:
    """Describe the workflow at `path`: its tools, supported or not and why, its questions, what its package lacks.

    Raises InvalidError or UnsupportedError where the document as a whole cannot be read.
    """
    workflow = read_workflow_file(path)
    checked = check_workflow(path, around, Silent(), macro_folders)
    return {
        "file_name": path.name,
        "name": workflow.name,
        "kind": workflow.kind.value,
        "version": workflow.version,
        "uses_amp": workflow.settings.uses_amp,
        "meta": _meta(workflow),
        "tools": _tools(checked),
        "questions": _questions(workflow),
        "missing": list(missing),
        "canvas": canvas_of(workflow, _fields(checked)),
    }


def _tools(checked: Checked) -> list[dict[str, Any]]:
    why = {finding.key: finding for finding in checked.findings}
    listed: list[dict[str, Any]] = [
        {"tool_id": step.key[0], "plugin": step.plugin, "supported": True} for step in checked.plan.steps if step.key not in why
    ]
    for key, finding in why.items():
        # Where a file is missing that only the run will bring, the tool itself is all right.
        listed.append(
            {
                "tool_id": key[0],
                "plugin": finding.plugin,
                "supported": not finding.is_unsupported,
                "feature": finding.feature,
                "detail": finding.detail,
            }
        )
    return sorted(listed, key=lambda tool: tool["tool_id"])


def _fields(checked: Checked) -> Fields:
    found: dict[int, dict[str, Sequence[Field]]] = {}
    for shown in checked.plan.shown:
        table = checked.tables.get((shown.feed.origin, shown.feed.anchor))
        if table is not None:
            found.setdefault(shown.tool_id, {})[shown.anchor] = table.fields
    return found


def _questions(workflow: Workflow) -> list[dict[str, Any]]:
    groups = {id(radio): number for number, radios in enumerate(exclusive_groups(workflow.questions), 1) for radio in radios}
    by_name = {question.name: question for question in flat(workflow.questions)}
    return [_question(question) | _form(by_name[question.name], groups) for question in asked(workflow)]


def _form(question: Question, groups: Mapping[int, int]) -> dict[str, Any]:
    """What a form needs beside what the APIs tell; `group` is the same for radio buttons that exclude each other."""
    told = Configuration(question.element)
    form: dict[str, Any] = {
        "minimum": told.value("Minimum"),
        "maximum": told.value("Maximum"),
        "step": told.value("Increment"),
        "decimals": told.value("Decimals"),
        "is_password": told.value("Password").casefold() == "true",
        "is_multiline": told.value("Multiline").casefold() == "true",
        "pattern": told.value("FileSpec"),
        "group": groups.get(id(question)),
    }
    return {word: value for word, value in form.items() if value}


def _question(question: Asked) -> dict[str, Any]:
    return {
        "name": question.name,
        "type": question.type.removeprefix("Question"),
        "description": question.description,
        "value": question.value,
        "items": [{"key": item.key, "value": item.value} for item in question.items or ()],
        "multiple": question.multiple,
    }


def _meta(workflow: Workflow) -> dict[str, str]:
    if workflow.root is None:
        return {}
    properties = Configuration(workflow.root).child("Properties")
    meta, runtime = properties.child("MetaInfo"), properties.child("RuntimeProperties")
    link = meta.child("DescriptionLink")
    return {
        "description": workflow.description,
        "author": workflow.author,
        "copyright": meta.value("Copyright"),
        "url": link.attribute("actual"),
        "url_text": link.attribute("displayed"),
        "output_message": runtime.value("Wiz_OutputMessage"),
        "no_output_files_message": runtime.value("Wiz_NoOutputFilesMessage"),
    }
