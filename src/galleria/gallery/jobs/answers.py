"""Answers to an app's questions: checked by name before a job is queued."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from galleria.errors import InvalidError
from galleria.gallery.workflows.report import Question

_LONGEST = 1_000_000
FILE_BROWSE = "FileBrowse"
_SHOWN_ONLY = frozenset(("Label", "Link", "Tab", "LabelGroup", "ControlParam", "MacroInput", "MacroOutput"))
"""In the document a question as well, but nothing that a caller answers."""


def askable(questions: Sequence[Question]) -> tuple[Question, ...]:
    """Give those questions that a caller can answer."""
    return tuple(question for question in questions if question.type not in _SHOWN_ONLY)


def check_answers(questions: Sequence[Question], answers: Mapping[str, str]) -> dict[str, str]:
    """Give the answers back, or raise InvalidError naming the question that is wrong.

    A workflow that asks nothing takes no answers; what is not answered keeps its default, so nothing has to be.
    """
    known = {question.name: question for question in askable(questions)}
    for name, value in answers.items():
        if name not in known:
            there = ", ".join(map(repr, known)) or "it asks nothing"
            raise InvalidError(f"the workflow asks no question {name[:100]!r}; its questions: {there}")
        if len(value) > _LONGEST:
            raise InvalidError(f"the answer to {name!r} is longer than {_LONGEST:,} characters")
        _check_value(known[name], value)
    return {name: value.replace("\0", "") for name, value in answers.items()}


def _check_value(question: Question, value: str) -> None:
    match question.type:
        case "NumericUpDown":
            _number(question, value)
        case "Date":
            _date(question, value)
        case "BooleanGroup" | "RadioGroup":
            if value.strip().lower() not in ("true", "false", "1", "0", ""):
                raise InvalidError(f"the answer to {question.name!r} is True or False, not {value[:40]!r}")
        case _:
            pass


def _number(question: Question, value: str) -> None:
    try:
        float(value)
    except ValueError as error:
        raise InvalidError(f"the answer to {question.name!r} is a number, not {value[:40]!r}") from error


def _date(question: Question, value: str) -> None:
    try:
        datetime.fromisoformat(value.strip())
    except ValueError as error:
        raise InvalidError(f"the answer to {question.name!r} is a date like 2025-12-31, not {value[:40]!r}") from error


def file_ids(questions: Sequence[Question], answers: Mapping[str, str]) -> tuple[str, ...]:
    """Give the ids of uploaded files that answers name."""
    browse = {question.name for question in questions if question.type == FILE_BROWSE}
    return tuple(value for name, value in answers.items() if name in browse and value)
