"""`galleria formula`: try an expression, or evaluate a file of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from galleria.errors import InvalidError


def formula(
    expression: Annotated[str | None, typer.Argument(help="The expression.")] = None,
    field: Annotated[list[str] | None, typer.Option(help="A field it may use: 'name:Type=value'; 'name:Type' is Null.")] = None,
    cases: Annotated[Path | None, typer.Option(help="A file with one JSON object a line: {expr, fields: {name: {type, value}}}.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the results of --cases go; standard output otherwise.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the tree, its types and the Polars expression.")] = False,
) -> int:
    """Evaluate an expression of the formula language and print its type and value."""
    from galleria.formula import evaluate
    from galleria.runner.local import local_formula
    from galleria.settings import Settings

    environment = local_formula(Settings().formula_addins)
    if cases is not None:
        with cases.open(encoding="utf-8") as lines:
            results = evaluate.evaluate_cases(lines, environment)
            if out is None:
                sys.stdout.writelines(f"{line}\n" for line in results)
            else:
                with out.open("w", encoding="utf-8") as file:
                    file.writelines(f"{line}\n" for line in results)
        return 0
    if expression is None:
        raise typer.BadParameter("give an expression, or --cases FILE")
    fields = dict(_field(text) for text in field or [])
    if explain:
        typer.echo(evaluate.explain(expression, fields))
        return 0
    result = evaluate.evaluate(expression, fields, environment)
    if "error" in result:
        raise InvalidError(str(result["error"]))
    typer.echo(f"{result['type']}: {json.dumps(result['value'], ensure_ascii=False)}")
    return 0


def _field(text: str) -> tuple[str, tuple[str, str | None]]:
    head, sign, value = text.partition("=")
    name, colon, kind = head.rpartition(":")
    if not colon:
        raise typer.BadParameter(f"a field is written 'name:Type=value', not {text!r}")
    return name.strip(), (kind.strip(), value if sign else None)
