"""What a caller is asked, and what a valid answer is, in the text form that actions and constants use.

Sources: tools.md 11.4 (documents), api.md 9 (what clients send).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from galleria.documents.interface import flat
from galleria.documents.workflow import Kind, Question, Workflow
from galleria.errors import InvalidError

_ASKED = frozenset(
    {
        "TextBox",
        "NumericUpDown",
        "ListBox",
        "BooleanGroup",
        "RadioGroup",
        "Date",
        "FileBrowse",
        "FolderBrowse",
        "Tree",
        "Map",
        "DcmConnection",
    }
)
_LABEL_END = "5419541n5148905f1n0941f5809"
"""Between what an item shows and what it stands for, in newer documents."""


@dataclass(frozen=True)
class Item:
    key: str
    """What is shown."""
    value: str
    """What is answered."""


@dataclass(frozen=True)
class Asked:
    """A question as the APIs list it."""

    name: str
    type: str
    """`QuestionTextBox`, `QuestionListBox`, ..."""
    description: str
    value: str | None
    """What holds without an answer; None where nothing is known, or a password."""
    items: Sequence[Item] | None
    """The choices of a list, as far as the document itself holds them; None for other questions."""
    multiple: bool | None
    """Whether a list takes several answers; None for other questions."""


def asked(workflow: Workflow) -> tuple[Asked, ...]:
    """The flat list of what a caller of an app is asked; a plain workflow asks nothing."""
    if workflow.kind is Kind.WORKFLOW:
        return ()
    return tuple(_asked(question) for question in flat(workflow.questions) if question.type in _ASKED)


def default_value(question: Question) -> str | None:
    """What holds without an answer, in text form; None where the document does not say."""
    default = question.element.find("Default")
    match question.type:
        case "TextBox":
            return "" if default is None else default.text or ""
        case "NumericUpDown":
            return None if default is None else _plain_number(default.get("value", "").strip()) or None
        case "BooleanGroup" | "RadioGroup":
            return "True" if default is not None and default.get("value", "").strip().casefold() in _TRUE else "False"
        case "ListBox" if _flag(question, "Multiple"):
            return _joined(question, [item.value for item in items(question)] if _flag(question, "Multiple_Default") else [])
        case "ListBox":
            return None if default is None else (default.text or "").strip() or None
        case _:
            return None


def checked_answer(question: Question, answer: str) -> str | None:
    """A caller's answer in text form; None for an empty one that leaves the question unanswered.

    Raises InvalidError, without the question's name, on an answer of the wrong kind, out of range or not in the list.
    """
    text = answer.strip()
    match question.type:
        case "NumericUpDown":
            return _number(question, text) if text else None
        case "BooleanGroup" | "RadioGroup":
            return _boolean(text) if text else None
        case "Date":
            return _date(text) if text else None
        case "ListBox" if _flag(question, "Multiple"):
            return _several(question, text)
        case "ListBox":
            return _choice(question, text) if text else None
        case _:
            return answer


def items(question: Question) -> tuple[Item, ...]:
    """The choices that the document itself holds; empty where they are fields or come from a file."""
    if question.element.findtext("Mode", "Manual").strip() != "Manual":
        return ()
    lines = question.element.findtext("Manual_Values", "").splitlines()
    return tuple(_item(line.strip()) for line in lines if line.strip())


def exclusive_groups(questions: Iterable[Question]) -> Iterable[Sequence[Question]]:
    """The radio buttons that lie beside each other: one of a group may be chosen."""
    together = list(questions)
    if radios := [question for question in together if question.type == "RadioGroup"]:
        yield radios
    for question in together:
        yield from exclusive_groups(question.children)


_TRUE = ("true", "1", "yes", "on")
_FALSE = ("false", "0", "no", "off")


def _asked(question: Question) -> Asked:
    is_list = question.type == "ListBox"
    return Asked(
        name=question.name,
        type=f"Question{question.type}",
        description=question.description,
        value=None if _flag(question, "Password") else default_value(question),
        items=items(question) if is_list else None,
        multiple=_flag(question, "Multiple") if is_list else None,
    )


def _item(line: str) -> Item:
    for separator in (_LABEL_END, ":"):
        key, found, value = line.partition(separator)
        if found and key and value:
            return Item(key, value)
    return Item(line, line)


def _number(question: Question, text: str) -> str:
    number = _decimal(text)
    if number is None:
        raise InvalidError(f"{text!r} is no number")
    low, high = _limit(question, "Minimum"), _limit(question, "Maximum")
    if (low is not None and number < low) or (high is not None and number > high):
        raise InvalidError(f"{text} is not between {low if low is not None else 'any'} and {high if high is not None else 'any'}")
    plain = _plain_number(text)
    decimals = int(_limit(question, "Decimals") or 0)
    if len(plain.partition(".")[2]) > decimals:
        raise InvalidError(f"{text} has more than {decimals} digits after the point")
    return plain


def _plain_number(text: str) -> str:
    """A number without exponent and without zeros that say nothing; other text as it is."""
    number = _decimal(text)
    if number is None:
        return text
    whole, _, fraction = f"{number:f}".partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def _decimal(text: str) -> Decimal | None:
    """The number in a text; None where there is none, or one beyond what a Double can hold."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 309 and len(text) < 700 else None


def _limit(question: Question, tag: str) -> Decimal | None:
    found = question.element.find(tag)
    return None if found is None else _decimal(found.get("value", "").strip())


def _boolean(text: str) -> str:
    if text.casefold() in _TRUE:
        return "True"
    if text.casefold() in _FALSE:
        return "False"
    raise InvalidError(f"{text!r} is neither True nor False")


def _date(text: str) -> str:
    try:
        day = date.fromisoformat(text).isoformat()
    except ValueError:
        day = ""
    if day != text:
        raise InvalidError(f"{text!r} is no date of the form 2025-12-31")
    return day


def _choice(question: Question, text: str) -> str:
    """The value of an item, given by its value or by what it shows; any text where the items are not known."""
    choices = items(question)
    if not choices or any(item.value == text for item in choices):
        return text
    for item in choices:
        if item.key == text:
            return item.value
    shown = ", ".join(repr(item.value) for item in choices[:10])
    raise InvalidError(f"{text!r} is not in the list ({shown}{', ...' if len(choices) > 10 else ''})")


def _several(question: Question, text: str) -> str:
    ticks = _json_ticks(text)
    if ticks is None:
        ticks = _text_ticks(question, text)
    ticks = [(_choice(question, name), is_ticked) for name, is_ticked in ticks]
    if not _flag(question, "Multiple_Custom") and not items(question):
        # Fields: only the caller knows which there are, so those not chosen are told too.
        return ",".join(f"{name}={is_ticked}" for name, is_ticked in ticks)
    return _joined(question, [name for name, is_ticked in ticks if is_ticked])


def _json_ticks(text: str) -> list[tuple[str, bool]] | None:
    """The names and ticks of `["a", "b"]` or `[{"key": "a", "value": true}, ...]`; None for other text."""
    if not text.startswith("["):
        return None
    try:
        entries: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    ticks: list[tuple[str, bool]] = []
    for entry in cast("list[Any]", entries):
        if isinstance(entry, str | int | float):
            ticks.append((str(entry), True))
        elif isinstance(entry, dict) and "key" in entry:
            pair = cast("dict[str, Any]", entry)
            ticks.append((str(pair["key"]), str(pair.get("value", True)).casefold() in _TRUE))
        else:
            raise InvalidError("a list is answered by names, or by objects with key and value")
    return ticks


def _text_ticks(question: Question, text: str) -> list[tuple[str, bool]]:
    """The names and ticks of `a=True,b=False`, of the list's own joined form, or of `a,b`."""
    start, separator, end = _joints(question)
    is_custom = _flag(question, "Multiple_Custom")
    if not text or (is_custom and text == start + end):
        return []
    if any(text in (item.value, item.key) for item in items(question)):
        return [(text, True)]
    if pairs := parse_ticks(text):
        return pairs
    if is_custom and start and text.startswith(start) and text.endswith(end) and len(text) > len(start + end):
        return [(name, True) for name in text[len(start) : len(text) - len(end)].split(separator or ",")]
    return [(name.strip(), True) for name in text.split(",") if name.strip()]


def parse_ticks(text: str) -> list[tuple[str, bool]]:
    """The names and ticks of `a=True,b,c=False` (a name may hold commas); empty for other text."""
    ticks: list[tuple[str, bool]] = []
    name = ""
    for part in text.split(","):
        head, found, tick = part.rpartition("=")
        if found and tick.strip().casefold() in ("true", "false"):
            ticks.append((name + head, tick.strip().casefold() == "true"))
            name = ""
        else:
            name += part + ","
    return ticks if not name.strip(", \n") else []


def _joined(question: Question, values: Sequence[str]) -> str:
    """The text of a list's chosen values: between its own marks, or with a tick for every item."""
    if _flag(question, "Multiple_Custom"):
        start, separator, end = _joints(question)
        return start + separator.join(values) + end
    known = [item.value for item in items(question)]
    return ",".join(f"{value}={value in values}" for value in known or values)


def _joints(question: Question) -> tuple[str, str, str]:
    element = question.element
    return (
        element.findtext("Multiple_Start", ""),
        element.findtext("Multiple_Separator", ","),
        element.findtext("Multiple_End", ""),
    )


def _flag(question: Question, tag: str) -> bool:
    found = question.element.find(tag)
    return found is not None and (found.get("value") or found.text or "").strip().casefold() in _TRUE
