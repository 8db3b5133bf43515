"""The pages of what is declared in code: settings and commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import typer
from pydantic import SecretStr

from galleria.cli.app import app
from galleria.documentation.pages import GUIDES, Page
from galleria.settings import Settings


def settings_page() -> Page:
    """Every setting by its variable, with what it does and what holds without it."""
    lines = ["# Settings", "", "From the environment, or from a file `.env` in the folder where the server starts.", ""]
    lines += ["| variable | without it | what it does |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        said = " ".join((field.description or "").split()).replace("|", "\\|")
        lines.append(
            f"| `GALLERIA_{name.upper()}` | {'' if field.is_required() or field.default_factory else _default(field.default)} | {said} |"
        )
    return Page("settings", "\n".join(lines) + "\n", GUIDES)


def _default(value: object) -> str:
    return "" if value in (None, "", ()) or isinstance(value, SecretStr) else f"`{value}`"


def command_page() -> Page:
    """Every command with its options, as `--help` tells them."""
    parts = ["# Commands", "`galleria COMMAND --help` says the same in the terminal."]
    for words, command in _commands(typer.main.get_command(app), ("galleria",)):
        parts += [f"## {' '.join(words)}", str(command.help or "").partition("\f")[0].strip()]
        context = typer.Context(command, info_name=" ".join(words))
        options = [record for parameter in command.params if (record := parameter.get_help_record(context))]
        if options:
            rows = [f"| `{names}` | {' '.join(said.split())} |" for names, said in _escaped(options)]
            parts.append("\n".join(["| option | |", "|---|---|", *rows]))
    return Page("commands", "\n\n".join(part for part in parts if part) + "\n", GUIDES)


def _escaped(options: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """A bar would end the cell."""
    for names, said in options:
        yield names.replace("|", "\\|"), said.replace("|", "\\|")


def _commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The commands below one, with the words that call each."""
    inner: dict[str, Any] | None = getattr(command, "commands", None)
    if inner is None:
        yield words, command
        return
    for name, one in sorted(inner.items()):
        yield from _commands(one, (*words, name))
