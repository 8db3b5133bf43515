"""Answers of a chained run, taken from the job that it follows: `{answer:Region}`, `{output:rates.yxdb}` and the like in a text.

`{job}` `{workflow}` `{outcome}` `{error}` are the job's id, its workflow's name, Success or Error, and its first error.
`{answer:QUESTION}` is what the job was given; `{records:FILE}` how many records an output has; `{output:FILE}`, alone in its
text, is an output as the answer to a question for a file.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from galleria.errors import InvalidError, NotFoundError

_PLACE = re.compile(r"\{(\w+)(?::([^{}]*))?\}")
_PLAIN = frozenset(("job", "workflow", "outcome", "error"))
_NAMED = frozenset(("answer", "records", "output"))
_LONGEST = 10_000


@dataclass(frozen=True)
class Made:
    """An output of the job that is over."""

    name: str
    storage_key: str
    size_bytes: int
    record_count: int | None


@dataclass(frozen=True)
class Story:
    """What a chained run may take from the job that it follows."""

    values: Mapping[str, str]
    """Of the plain names."""
    answers: Mapping[str, Any]
    outputs: Sequence[Made]


@dataclass(frozen=True)
class Filled:
    answers: Mapping[str, str]
    files: Mapping[str, Made]
    """By the question that each answers."""


def check_templates(templates: Mapping[str, str]) -> None:
    """Raise InvalidError for a text that names something that no job has."""
    for question, template in templates.items():
        if len(template) > _LONGEST:
            raise InvalidError(f"the answer to {question!r} is longer than {_LONGEST:,} characters")
        for kind, name in _PLACE.findall(template):
            if not (kind in _PLAIN and not name) and not (kind in _NAMED and name.strip()):
                known = ", ".join([*(f"{{{word}}}" for word in sorted(_PLAIN)), *(f"{{{word}:name}}" for word in sorted(_NAMED))])
                raise InvalidError(f"the answer to {question!r} asks for {{{kind}}}, which no run has; there are {known}")
            if kind == "output" and not _PLACE.fullmatch(template.strip()):
                raise InvalidError(f"the answer to {question!r} mixes a file with text; {{output:name}} stands alone")


def is_secret(template: str) -> bool:
    """Say whether an answer to a question for a password is one itself: whether it is more than what a run is to hand on."""
    return bool(_PLACE.sub("", template).strip())


def takes_from(template: str, questions: Collection[str]) -> bool:
    """Say whether a text hands on what the run was given for one of these questions."""
    return any(kind == "answer" and name in questions for kind, name in _PLACE.findall(template))


def fill(templates: Mapping[str, str], story: Story) -> Filled:
    """Put what the job has into the texts. Raises NotFoundError for an output that it did not make."""
    answers: dict[str, str] = {}
    files: dict[str, Made] = {}
    for question, template in templates.items():
        whole = _PLACE.fullmatch(template.strip())
        if whole is not None and whole[1] == "output":
            files[question] = _output(story, whole[2])
        else:
            answers[question] = _PLACE.sub(lambda found: _value(story, found[1], found[2] or ""), template)
    return Filled(answers, files)


def _value(story: Story, kind: str, name: str) -> str:
    if kind == "answer":
        return str(story.answers.get(name, ""))
    if kind == "records":
        count = _output(story, name).record_count
        return "" if count is None else str(count)
    return story.values.get(kind, "")


def _output(story: Story, name: str) -> Made:
    wanted = name.strip().lower()
    for made in story.outputs:
        path = made.name.replace("\\", "/").lower()
        if wanted in (path, PurePosixPath(path).name):
            return made
    there = ", ".join(PurePosixPath(made.name.replace("\\", "/")).name for made in story.outputs[:20]) or "no file at all"
    raise NotFoundError(f"the run made no output {name!r}; it made {there}")
