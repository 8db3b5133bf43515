"""The questions of an app as fields of a form: one of a few kinds each, filled with a default or an earlier answer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from galleria.gallery.jobs.answers import askable
from galleria.gallery.jobs.sealed import readable_answers
from galleria.gallery.workflows.report import Question, read

_KINDS: Mapping[str, str] = {
    "TextBox": "text",
    "NumericUpDown": "number",
    "BooleanGroup": "tick",
    "RadioGroup": "radio",
    "Date": "date",
    "FileBrowse": "file",
    "FolderBrowse": "text",
    "Tree": "tree",
    "Map": "map",
}
_NEVER_FILLED = ("file", "password")
_TRUE = ("true", "1", "yes", "on")


@dataclass(frozen=True)
class Option:
    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True)
class Asked:
    """A question as a field."""

    position: int
    """Names the field in the form, because a question's own name may hold anything."""
    name: str
    kind: str
    """`text`, `long text`, `password`, `number`, `tick`, `radio`, `date`, `file`, `choice`, `many`, `list`, `tree` or `map`.

    `list` is one of several answers whose choices only the run knows."""
    words: str
    value: str
    options: Sequence[Option] = ()
    group: int = 0
    """Radio buttons with the same number exclude each other."""
    minimum: str = ""
    maximum: str = ""
    step: str = "any"
    problem: str = ""
    """Why the answer was not taken."""
    is_kept: bool = False
    """A password of before stays unless another is written."""

    @property
    def field(self) -> str:
        return f"q{self.position}"

    @property
    def is_ticked(self) -> bool:
        return self.value.strip().lower() in _TRUE

    def again(self, answer: str | None, problem: str) -> "Asked":
        """The same field with an answer and what is wrong with it."""
        return replace(_with_answer(self, answer), problem=problem)


def asked(report: Mapping[str, Any]) -> list[Asked]:
    """Make the fields of an app's form from the report on it."""
    details = _details(report)
    return [_field(position, question, details.get(question.name, {})) for position, question in enumerate(askable(read(report).questions))]


def filled(questions: Sequence[Asked], answers: Mapping[str, object], *, keeps_passwords: bool = False) -> list[Asked]:
    """Put earlier answers into the fields; an uploaded file and what is sealed are asked for again, unless passwords are kept."""
    texts = readable_answers(answers)
    known = {name: answer for name, answer in texts.items() if answer is not None}
    if keeps_passwords:
        questions = [replace(one, is_kept=one.kind == "password" and one.name in texts) for one in questions]
    return [question if question.kind in _NEVER_FILLED else _with_answer(question, known.get(question.name)) for question in questions]


def _details(report: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    entries: Any = report.get("questions")
    mappings = [cast("Mapping[str, Any]", entry) for entry in cast("list[Any]", entries or []) if isinstance(entry, Mapping)]
    return {str(entry.get("name", "")): entry for entry in mappings}


def _field(position: int, question: Question, details: Mapping[str, Any]) -> Asked:
    value = question.value or ""
    field = Asked(
        position=position,
        name=question.name,
        kind=_kind(question, details),
        words=question.description or question.name,
        value=value,
        options=[Option(value_, key or value_, False) for key, value_ in question.items],
        group=group if isinstance(group := details.get("group"), int) else 0,
        minimum=str(details.get("minimum") or ""),
        maximum=str(details.get("maximum") or ""),
        step=str(details.get("step") or "any"),
    )
    return _with_answer(field, value)


def _kind(question: Question, details: Mapping[str, Any]) -> str:
    if question.type == "ListBox":
        several = "many" if question.multiple else "choice"
        return several if question.items else ("list" if question.multiple else "text")
    if question.type == "TextBox" and details.get("is_password"):
        return "password"
    if question.type == "TextBox" and details.get("is_multiline"):
        return "long text"
    return _KINDS.get(question.type, "text")


def _with_answer(question: Asked, answer: str | None) -> Asked:
    if answer is None:
        return question
    if question.kind not in ("choice", "many"):
        return replace(question, value=answer)
    chosen = _several(answer, [option.value for option in question.options]) if question.kind == "many" else {answer}
    return replace(question, value=answer, options=[replace(option, is_chosen=option.value in chosen) for option in question.options])


def _several(answer: str, known: Sequence[str]) -> set[str]:
    """Read which values an answer to a list names: `["a"]`, `a=True,b=False` or `a,b`."""
    if answer.startswith("["):
        try:
            entries: Any = json.loads(answer)
        except (ValueError, RecursionError):
            entries = []
        return {str(entry) for entry in cast("list[Any]", entries) if isinstance(entry, str | int | float)}
    parts = [part.strip() for part in answer.split(",")]
    return {value for value in known if value in parts or f"{value}=True" in parts}
