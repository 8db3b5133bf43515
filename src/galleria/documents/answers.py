"""The answers to an app's or macro's questions, checked and worked into the document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from galleria.documents.actions import Evaluate, apply_actions
from galleria.documents.interface import control_parameters, flat
from galleria.documents.questions import checked_answer, default_value, exclusive_groups
from galleria.documents.workflow import Constant, Kind, Question, Workflow
from galleria.errors import InvalidError

_NO_VALUE = frozenset({"Tab", "Label", "LabelGroup", "Link", "MacroInput", "MacroOutput"})


def apply_answers(workflow: Workflow, answers: Mapping[str, str], evaluate: Evaluate) -> Workflow:
    """The workflow as its document's actions make it, given answers by question name; its question constants hold the answers.

    An app's answers are checked; an unknown name is refused, an empty one ignored. A macro's answers come from a document and
    are in text form already. A question without an answer keeps its default. A plain workflow has no questions and stays.
    `root` and `runtime` stay as written. Raises InvalidError naming question and reason, or as `apply_actions` does.
    """
    if workflow.kind is Kind.WORKFLOW:
        if given := [name for name in answers if name]:
            raise InvalidError(f"question {given[0]!r}: a plain workflow asks nothing; only apps do")
        return workflow
    questions = [question for question in flat(workflow.questions) if question.type not in _NO_VALUE]
    given = check_answers(workflow, answers) if workflow.kind is Kind.APP else answers
    constants = {constant.name: constant.value for constant in workflow.constants if constant.namespace == "Question" and constant.value}
    values: dict[str, str | None] = {name: given.get(name) for name in control_parameters(workflow.runtime)}
    for question in questions:
        default = default_value(question)
        values[question.name] = given.get(question.name, default if default is not None else constants.get(question.name))
    return _with_constants(apply_actions(workflow, values, evaluate), questions, values)


def check_answers(workflow: Workflow, answers: Mapping[str, str]) -> dict[str, str]:
    """A caller's answers in the text form that actions use, by question name; questions left empty are not among them.

    Raises InvalidError naming question and reason.
    """
    questions = [question for question in flat(workflow.questions) if question.type not in _NO_VALUE]
    checked: dict[str, str] = {}
    for name, answer in answers.items():
        if not name.strip():
            continue
        question = _question(questions, name)
        try:
            text = checked_answer(question, answer)
        except InvalidError as error:
            raise InvalidError(f"question {question.name!r}: {error}") from None
        if text is not None:
            checked[question.name] = text
    for group in exclusive_groups(workflow.questions):
        _choose_one(group, checked)
    return checked


def _question(questions: Sequence[Question], name: str) -> Question:
    for question in questions:
        if question.name == name:
            return question
    for question in questions:
        if question.name.casefold() == name.strip().casefold():
            return question
    known = ", ".join(repr(question.name) for question in questions) or "none"
    raise InvalidError(f"question {name!r}: there is no such question; the questions are {known}")


def _choose_one(radios: Sequence[Question], checked: dict[str, str]) -> None:
    """Where a radio button was chosen, the others beside it are not."""
    chosen = [radio for radio in radios if checked.get(radio.name) == "True"]
    if len(chosen) > 1:
        raise InvalidError(f"question {chosen[1].name!r}: only one may be True beside {chosen[0].name!r}")
    if chosen:
        checked.update({radio.name: "False" for radio in radios if radio is not chosen[0]})


def _with_constants(workflow: Workflow, questions: Sequence[Question], values: Mapping[str, str | None]) -> Workflow:
    answered = {question.name: value for question in questions if (value := values[question.name]) is not None}
    numeric = {question.name for question in questions if question.type == "NumericUpDown"}
    constants = [
        replace(constant, value=answered.pop(constant.name)) if constant.namespace == "Question" and constant.name in answered else constant
        for constant in workflow.constants
    ]
    constants += [Constant("Question", name, value, is_numeric=name in numeric) for name, value in answered.items()]
    return replace(workflow, constants=tuple(constants))
