"""What a client wants run: the body of "queue a job", in every form that clients in use send.

None at all, `{}`, a list of `{name, value}` (also of nothing: `{}` or `[]`), an object of names and values, a form whose
`questions` is such JSON; values that are numbers, true, false, lists; priorities as number, digits or name.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qsl

from galleria.api.queries import number_or_name
from galleria.errors import InvalidError
from galleria.gallery.jobs.records import Priority


@dataclass(frozen=True)
class Order:
    answers: Mapping[str, str]
    """By the question's name; what nobody answered is not in it."""
    priority: Priority | None
    """None when nothing was said, or `Default`."""
    credential_id: str | None


def read_order(text: str, *, is_form: bool) -> Order:
    """Read a body; unnamed questions and unknown members are ignored, InvalidError says what makes no sense."""
    members = _form_members(text) if is_form else _json_members(text)
    return Order(
        answers=dict(_answers(members.get("questions"))),
        priority=_priority(_word(members, "priority")),
        credential_id=_word(members, "credentialid"),
    )


def _json_members(text: str) -> dict[str, object]:
    if not text.strip():
        return {}
    read = _json(text, "the request's body")
    if read is None:
        return {}
    if not isinstance(read, dict):
        raise InvalidError('the request\'s body must be a JSON object such as {"questions": []}')
    return {name.lower(): value for name, value in cast(dict[str, object], read).items()}


def _form_members(text: str) -> dict[str, object]:
    members: dict[str, object] = {name.lower(): value for name, value in parse_qsl(text)}
    questions = members.get("questions")
    if isinstance(questions, str):
        members["questions"] = _json(questions, "the field 'questions'")
    return members


def _json(text: str, what: str) -> object:
    try:
        read = json.loads(text)
        # Half a pair of surrogates is JSON, but no text that anything could store or answer.
        json.dumps(read, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        # The error's own text quotes nothing of the body but a position.
        raise InvalidError(f"{what} is not JSON: {error}") from error
    return read


def _answers(questions: object) -> Iterator[tuple[str, str]]:
    if isinstance(questions, dict):
        # `{}` is "none"; other objects hold answers by name.
        pairs: list[tuple[object, object]] = list(cast(dict[object, object], questions).items())
    elif isinstance(questions, list):
        entries = [cast(dict[str, object], entry) for entry in cast(list[object], questions) if isinstance(entry, dict)]
        lowered = [{name.lower(): value for name, value in entry.items()} for entry in entries]
        pairs = [(entry.get("name"), entry.get("value")) for entry in lowered]
    elif questions is None or questions == "":
        return
    else:
        raise InvalidError('"questions" must be a list of {"name", "value"}')
    for name, value in pairs:
        if name not in (None, "") and value is not None:
            yield str(name), _as_text(value)


def _as_text(value: object) -> str:
    """Write a JSON value as the text that a question takes; lists and objects stay JSON for the question to read."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "True" if value else "False"
    return json.dumps(value, ensure_ascii=False)


def _word(members: dict[str, object], name: str) -> str | None:
    value = members.get(name)
    return None if value is None or isinstance(value, (dict, list)) else str(value).replace("\0", "").strip() or None


def _priority(word: str | None) -> Priority | None:
    return None if word is None or word.lower() == "default" else number_or_name(word, Priority, "priority")
