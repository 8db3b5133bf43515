"""Passwords among the answers of jobs, schedules and triggers: sealed before they reach the database, opened only for a run.

A sealed answer is `{"sealed": TEXT}`; what a caller gives is always a text, so the one is never taken for the other.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, cast

from galleria.database.vault import Vault
from galleria.gallery.workflows.report import Question

_SEALED = "sealed"


def seal_passwords(
    vault: Vault, questions: Sequence[Question], answers: Mapping[str, Any], secrets: Collection[str] = ()
) -> dict[str, Any]:
    """Give the answers with those to password questions, and to those named in `secrets`, sealed; what is sealed already stays."""
    hidden = {question.name for question in questions if question.is_password} | set(secrets)
    return {name: {_SEALED: vault.seal(value)} if name in hidden and isinstance(value, str) else value for name, value in answers.items()}


def open_answers(vault: Vault, answers: Mapping[str, Any]) -> dict[str, str]:
    """Give all answers as texts. Raises InvalidError where a sealed one does not open."""
    return {name: str(value) if (sealed := sealed_text(value)) is None else vault.open(sealed) for name, value in answers.items()}


def sealed_names(answers: Mapping[str, Any]) -> frozenset[str]:
    """Name the questions whose answers are sealed."""
    return frozenset(name for name, value in answers.items() if sealed_text(value) is not None)


def readable_answers(answers: Mapping[str, Any]) -> dict[str, str | None]:
    """Give the answers for others' eyes: None in place of one that is sealed."""
    return {name: None if sealed_text(value) is not None else str(value) for name, value in answers.items()}


def kept_answers(before: Mapping[str, Any], given: Mapping[str, str | None]) -> dict[str, Any]:
    """Give those answers of before that are to stay: for which None is given."""
    return {name: before[name] for name, value in given.items() if value is None and name in before}


def sealed_text(value: object) -> str | None:
    """What is sealed in an answer; None for one that is a text."""
    return str(cast("dict[str, Any]", value).get(_SEALED, "")) if isinstance(value, dict) else None


def resealed(answers: Mapping[str, Any], reseal: Callable[[str], str]) -> dict[str, Any]:
    """Give the answers with the sealed ones sealed again."""
    return {name: value if (sealed := sealed_text(value)) is None else {_SEALED: reseal(sealed)} for name, value in answers.items()}
