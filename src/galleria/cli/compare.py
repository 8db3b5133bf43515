"""`galleria compare`: whether two files hold the same table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import polars as pl

    from galleria.table.comparison import Comparison
    from galleria.table.table import Table

_SHOWN_ROWS = 10
_SHOWN_CELLS = 6
_SHOWN_CHARACTERS = 60


def compare(
    first: Annotated[
        str, typer.Argument(metavar="A", help="What is expected: a file that Input Data reads; FILE|||PART for a sheet or table.")
    ],
    second: Annotated[str, typer.Argument(metavar="B", help="What is to be judged.")],
    key: Annotated[list[str] | None, typer.Option(help="A column that tells which rows belong together; as often as needed.")] = None,
    tolerance: Annotated[float, typer.Option(min=0, max=1, help="How far fractions may be apart, relative to the larger.")] = 1e-6,
) -> int:
    """Compare two tables: columns by name, rows in any order, numbers as numbers. Exit code 0: equal; 1: different; 2: unreadable."""
    import tempfile

    from galleria.table.comparison import compare_tables

    with tempfile.TemporaryDirectory(prefix="galleria-") as scratch:
        left, right = (_table(text, Path(scratch)) for text in (first, second))
        found = compare_tables(left, right, key or (), tolerance)
    for line in report(found):
        typer.echo(line)
    return 0 if found.is_equal else 1


def report(found: Comparison) -> list[str]:
    """What was found, in lines for people."""
    lines = [f"{found.rows[0]} and {found.rows[1]} rows"]
    for names, words in ((found.missing_columns, "only in A"), (found.extra_columns, "only in B"), (found.not_compared, "not compared")):
        if names:
            lines.append(f"columns {words}: {', '.join(names)}")
    for one in found.columns:
        lines.append(f"column {one.name} differs in {one.count} {'row' if one.count == 1 else 'rows'}")
        lines += [f"    {where}: {_cell(left)} became {_cell(right)}" for where, left, right in one.examples]
    lines += _rows(found.missing, "only in A")
    lines += _rows(found.extra, "only in B")
    return [*lines, "equal" if found.is_equal else "different"]


def _rows(frame: pl.DataFrame, words: str) -> list[str]:
    if frame.is_empty():
        return []
    shown = [f"    {_row(row)}" for row in frame.head(_SHOWN_ROWS).iter_rows(named=True)]
    return [f"{len(frame)} {'row' if len(frame) == 1 else 'rows'} {words}:", *shown, *(["    ..."] if len(frame) > _SHOWN_ROWS else [])]


def _row(row: dict[str, str]) -> str:
    cells = [f"{name}={_cell(value)}" for name, value in list(row.items())[:_SHOWN_CELLS]]
    return ", ".join([*cells, *([f"{len(row) - _SHOWN_CELLS} more"] if len(row) > _SHOWN_CELLS else [])])


def _cell(text: str | None) -> str:
    plain = " ".join((text or "").split())
    return "(empty)" if not plain else plain if len(plain) <= _SHOWN_CHARACTERS else f"{plain[:_SHOWN_CHARACTERS]}..."


def _table(text: str, scratch: Path) -> Table:
    """Read a file as Input Data does with its usual options. Raises InvalidError and UnsupportedError."""
    import uuid

    from galleria.errors import InvalidError
    from galleria.formats.format import Circumstances
    from galleria.formats.reading import Request, read, split_name

    def find(name: str) -> Path:
        path = Path(name)
        if not path.exists():
            raise InvalidError(f"{name} is not there")
        return path

    name, part = split_name(text)
    return read(Request(name, part), find, Circumstances(lambda suffix: scratch / f"{uuid.uuid4().hex}{suffix}")).table
