"""Lists for people as tables, for scripts as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from galleria.gallery.keys.service import Pair

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, for scripts.")]


def print_rows(rows: Sequence[Mapping[str, object]], columns: Sequence[str], *, as_json: bool) -> None:
    """Print records: as a JSON list with all their members, or as a table with these columns."""
    if as_json:
        typer.echo(json.dumps(list(rows), indent=1, ensure_ascii=False))
        return
    cells = [list(columns), *([_word(row.get(name)) for name in columns] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(columns))]
    for row in cells:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def print_record(record: Mapping[str, object], *, as_json: bool) -> None:
    """Print one record: as a JSON object, or as lines of name and value."""
    if as_json:
        typer.echo(json.dumps(dict(record), indent=1, ensure_ascii=False))
        return
    for name, value in record.items():
        typer.echo(f"{name}: {_word(value)}")


def print_key(owner: str, owner_id: str, key: str | None, make: Callable[[], Pair], *, as_json: bool) -> None:
    """Print the key of a user or studio; where there is none, the pair that `make` makes, this once with its secret."""
    record: dict[str, object] = {owner: owner_id, f"{owner}-key": key}
    if key is None:
        pair = make()
        record |= {f"{owner}-key": pair.key, f"{owner}-secret": pair.secret}
    print_record(record, as_json=as_json)


def _word(value: object) -> str:
    if value is None:
        return ""
    return printable(("yes" if value else "no") if isinstance(value, bool) else str(value))


def printable(text: str) -> str:
    """Give a text fit for a terminal: names are strangers' texts, and nothing in them may move its cursor."""
    return "".join(character if character.isprintable() else " " for character in text)
