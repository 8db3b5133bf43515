"""The short ways that loops take for single values give what the column functions give."""

from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from galleria.errors import FormulaError
from galleria.fields.types import Field, FieldType, field_type
from galleria.formula.cases import ENVIRONMENT
from galleria.formula.compile import assign, compile_expression
from galleria.formula.kinds import type_of_field
from galleria.formula.registry import all_functions
from galleria.formula.row_calls import stored
from galleria.formula.row_texts import ELSEWHERE, SOMETIMES
from galleria.formula.scalars import NUMBERS_ONLY, SCALARS

_TEXTS = st.none() | st.text("aAbB zß7.1-éΣ\t\x0b\u3000😀'\"", max_size=8) | st.sampled_from(["", "a b  c", "Word wOrd", "12.5x"])
_WHOLES = st.none() | st.integers(-4, 12) | st.sampled_from([2**40, 66, 0x1F600])
_VALUES = {
    "String": (FieldType.V_WSTRING, _TEXTS),
    "Int": (FieldType.INT64, _WHOLES),
    "Number": (FieldType.DOUBLE, st.none() | st.floats(-1e6, 1e6)),
    "Bool": (FieldType.BOOL, st.booleans()),
    "Any": (FieldType.V_WSTRING, _TEXTS),
    "T": (FieldType.V_WSTRING, _TEXTS),
    "N": (FieldType.DOUBLE, st.none() | st.floats(-1e6, 1e6)),
    "R": (FieldType.DOUBLE, st.none() | st.floats(-1e6, 1e6)),
    "A": (FieldType.DOUBLE, st.none() | st.floats(-1e6, 1e6)),
}
_PATTERNS = st.sampled_from(["a", "[ab]+", "(a)(b)?", r"\w+", r"^\s*", "b|", "(?<=a)b", "A.", r"\d+\.", "", r"\bw", "(.)\\1", "[^a]$"])
_NEW = st.sampled_from(["", "x", "$1", "${2}-", "\\1\\1", "\\U$&", "$9"])
SHORT = {**SCALARS, **NUMBERS_ONLY, **SOMETIMES}


def _field(name: str, kind: FieldType) -> Field:
    return Field(name, kind, 1000) if kind.is_text else Field(name, kind)


def _by_column(name: str, kinds: list[FieldType], values: list[Any]) -> Any:
    fields = [_field(f"a{place}", kind) for place, kind in enumerate(kinds)]
    compiled = compile_expression(f"{name}({', '.join(f'[{field.name}]' for field in fields)})", fields, ENVIRONMENT)
    frame = pl.DataFrame({field.name: [value] for field, value in zip(fields, values, strict=True)}, {f.name: f.dtype for f in fields})
    return frame.lazy().select(compiled.value).collect().item()


@pytest.mark.parametrize("name", sorted(SHORT))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_short_way_gives_what_the_column_function_gives(name: str, data: st.DataObject) -> None:
    function = all_functions()[name]
    least = sum(parameter.default is None for parameter in function.signature.parameters) or 2
    count = data.draw(st.integers(least, max(len(function.signature.parameters), 3 if function.signature.repeated else least)))
    kinds: list[FieldType] = []
    values: list[Any] = []
    for place, parameter in enumerate(function.signature.parameters_for(count)):
        kind, any_value = _VALUES["N" if name in NUMBERS_ONLY else parameter.type]
        if name.startswith("regex") and place:
            any_value = {1: _PATTERNS, 2: _NEW if name == "regex_replace" else any_value}.get(place, any_value)
        if name.startswith("pad") and place == 1:
            any_value = st.none() | st.integers(-3, 20)
        kinds.append(kind)
        values.append(data.draw(any_value))
    short = SHORT[name](*values)
    if short is ELSEWHERE:
        return
    try:
        wanted = _by_column(name, kinds, values)
    except FormulaError:
        return
    assert (short, short is None) == (wanted, wanted is None), values


@settings(max_examples=60, deadline=None)
@given(
    value=_TEXTS | st.floats(allow_nan=False) | st.integers(-(2**40), 2**40),
    target=st.sampled_from(
        ["String(3)", "V_String(5)", "WString(4)", "V_WString(2)", "V_WString(100)", "Int16", "Byte", "Double", "Int64"]
    ),
)
@example(value="abcdef", target="String(3)")
def test_what_a_field_keeps_is_what_the_conversion_keeps(value: Any, target: str) -> None:
    name, _, size = target.rstrip(")").partition("(")
    field = Field("t", field_type(name), int(size)) if size else Field("t", field_type(name))
    kind = FieldType.INT64 if isinstance(value, int) else FieldType.DOUBLE if isinstance(value, float) else FieldType.V_WSTRING
    source = _field("a0", kind)
    compiled = assign(compile_expression("[a0]", [source], ENVIRONMENT), field)
    frame = pl.DataFrame({"a0": [value]}, {"a0": source.dtype}).lazy()
    problem = pl.lit(None, pl.String()) if compiled.problem is None else compiled.problem
    wanted = frame.select(value=compiled.value, problem=problem).collect().row(0)
    assert stored(type_of_field(source), field)(value) == wanted
