"""One expression with given values: what `galleria formula` prints, and what answers a workflow's own questions."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

import polars as pl

from galleria.errors import GalleriaError
from galleria.fields.conversion import convert
from galleria.fields.dates import text_of_date
from galleria.fields.types import Field, FieldType, field_type
from galleria.formula.compile import Compiled, compile_expression, lower_expression
from galleria.formula.environment import Environment
from galleria.formula.explain import explained
from galleria.formula.scope import FieldScope

Value = str | float | bool | None
Given = Mapping[str, tuple[str, Value]]


def evaluate(expression: str, fields: Given, environment: Environment) -> dict[str, object]:
    """`{"type": ..., "value": ...}`, or `{"error": ...}`; `fields` maps names to a type's name and a value, dates as text.

    Type is `Null` where the value is Null; a date is text, bytes are their size in words. A conversion error of the row comes
    beside its value, as `problem`.
    """
    try:
        declared = [_field(name, field_type(kind)) for name, (kind, _) in fields.items()]
        frame = pl.LazyFrame({_ROW: [0]} | {field.name: _column(field, fields[field.name][1]) for field in declared})
        compiled = compile_expression(expression, declared, environment)
        return _shown(compiled, frame)
    except (GalleriaError, pl.exceptions.PolarsError) as error:
        return {"error": str(error)}


def explain(expression: str, fields: Given) -> str:
    """The tree of an expression with the type of each part, and the Polars expression that it becomes; raises FormulaError."""
    declared = [_field(name, field_type(kind)) for name, (kind, _) in fields.items()]
    return explained(lower_expression(expression, FieldScope(declared, Environment())))


def evaluate_cases(lines: Iterable[str], environment: Environment | None = None) -> Iterator[str]:
    """A line of JSON for each line `{"expr": ..., "fields": {name: {"type": ..., "value": ...}}}`, in order, whatever happens."""
    around = environment or Environment()
    for line in lines:
        if line.strip():
            yield json.dumps(_case(line, around))


def _case(line: str, environment: Environment) -> dict[str, object]:
    try:
        case: Any = json.loads(line)
        given = {str(name): (str(item["type"]), item["value"]) for name, item in case.get("fields", {}).items()}
        result = evaluate(str(case["expr"]), given, environment)
        return {key: result[key] for key in ("type", "value", "error") if key in result}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return {"error": f"not a case: {error!r}"}


def _field(name: str, kind: FieldType) -> Field:
    return Field(name, kind, 38, 10) if kind is FieldType.FIXED_DECIMAL else Field(name, kind)


def _column(field: Field, value: Value) -> pl.Series:
    if isinstance(value, str) and not field.type.is_text:
        text = pl.DataFrame({"text": [value]})
        return text.select(convert(pl.col("text"), Field("text", FieldType.V_WSTRING), field).value).to_series()
    return pl.Series([value], dtype=field.dtype, strict=False)


def _shown(compiled: Compiled, frame: pl.LazyFrame) -> dict[str, object]:
    problem = pl.lit(None, dtype=pl.String) if compiled.problem is None else compiled.problem
    # The first column is there for expressions that read no field.
    row = frame.select(pl.col(_ROW), value=compiled.value, problem=problem).collect()
    value, told = row["value"].item(), row["problem"].item()
    if value is None and compiled.exact is not None:
        # Beyond Int64 the original goes on with a Double.
        wide = compiled.exact.cast(pl.Float64)
        return _shown(Compiled(wide, Field("", FieldType.DOUBLE), None, compiled.reads), frame)
    result: dict[str, object] = {"type": str(compiled.field.type), "value": _plain(value, compiled)}
    if value is None:
        result["type"] = "Null"
    return result | ({"problem": told} if told is not None else {})


def _plain(value: object, compiled: Compiled) -> Value:
    if isinstance(value, date | datetime | time):
        return pl.select(text_of_date(pl.lit(value), compiled.field.type)).item()
    if isinstance(value, bytes):
        return f"{len(value)} Bytes"
    return value if isinstance(value, str | int | float | bool) or value is None else float(str(value))


_ROW = "\0"
