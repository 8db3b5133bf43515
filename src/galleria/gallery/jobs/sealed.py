"""Passwords among a job's answers: sealed before they reach the database, opened only for the run and for what follows it.

A sealed answer is `{"sealed": TEXT}`; what a caller gives is always a text, so the one is never taken for the other.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from galleria.database.vault import Vault
from galleria.gallery.workflows.report import Question

_SEALED = "sealed"


def seal_passwords(vault: Vault, questions: Sequence[Question], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Give the answers with those to password questions sealed; what is sealed already stays as it is."""
    hidden = {question.name for question in questions if question.is_password}
    return {name: {_SEALED: vault.seal(value)} if name in hidden and isinstance(value, str) else value for name, value in answers.items()}


def open_answers(vault: Vault, answers: Mapping[str, Any]) -> dict[str, str]:
    """Give all answers as texts. Raises InvalidError where a sealed one does not open."""
    return {name: str(value) if (sealed := sealed_text(value)) is None else vault.open(sealed) for name, value in answers.items()}


def sealed_text(value: object) -> str | None:
    """What is sealed in an answer; None for one that is a text."""
    return str(cast("dict[str, Any]", value).get(_SEALED, "")) if isinstance(value, dict) else None


def resealed(answers: Mapping[str, Any], reseal: Callable[[str], str]) -> dict[str, Any]:
    """Give the answers with the sealed ones sealed again."""
    return {name: value if (sealed := sealed_text(value)) is None else {_SEALED: reseal(sealed)} for name, value in answers.items()}
