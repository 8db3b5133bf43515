"""Questions connected straight to a tool (the lightning bolt): its expressions read them as `[#1]`, `[#2]`, ..."""

from __future__ import annotations

from collections.abc import Iterable

from galleria.documents.interface import flat
from galleria.documents.workflow import Question, Wire, Workflow

Value = str | float | bool | None


def wired_answers(workflow: Workflow, wires: Iterable[Wire]) -> dict[str, Value]:
    """The values of the questions that `wires` bring, by the name the expressions use for them.

    A check box or radio button is a truth, a spin button a number, anything else a text. The values are the document's
    `Question` constants, which hold the answers by then.
    """
    questions = {question.tool_id: question for question in flat(workflow.questions)}
    values = {constant.name: constant.value for constant in workflow.constants if constant.namespace == "Question"}
    bolts = [wire for wire in wires if wire.origin in questions and wire.origin_anchor.casefold() == "question"]
    return {
        wire.name or f"#{number}": _typed(questions[wire.origin], values.get(questions[wire.origin].name))
        for number, wire in enumerate(bolts, 1)
    }


def _typed(question: Question, text: str | None) -> Value:
    if text is None:
        return None
    if question.type in ("BooleanGroup", "RadioGroup"):
        return text.casefold() == "true"
    if question.type == "NumericUpDown":
        try:
            return float(text)
        except ValueError:
            return None
    return text
