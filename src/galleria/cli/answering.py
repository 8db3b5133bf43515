"""Answers to an app's questions, as commands take them: readable ones in the command line, secret ones from standard input."""

from __future__ import annotations

from typing import Annotated

import typer

from galleria.errors import InvalidError

Answers = Annotated[list[str] | None, typer.Option(help='An answer to a question of an app: "Question name=value".')]
SecretAnswers = Annotated[list[str] | None, typer.Option(help="A question whose answer is the next line of standard input: a password's.")]


def given_answers(answers: list[str] | None, secret_names: list[str] | None) -> dict[str, str]:
    """Read all answers; raises InvalidError for a text that is none, and where standard input holds too few lines."""
    from galleria.cli.secrets import read_secret

    pairs = [text.partition("=") for text in answers or []]
    for name, sign, _ in pairs:
        if not sign:
            raise InvalidError(f'an answer is written "Question name=value", not {name!r}')
    readable = {name: value for name, _, value in pairs}
    return {**readable, **{name: read_secret(f"answer to {name!r}") for name in secret_names or []}}
