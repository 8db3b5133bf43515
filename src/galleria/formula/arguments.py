"""Calls a function of the registry: arguments checked and converted as its signature says."""

from collections.abc import Callable, Sequence

import polars as pl

from galleria.errors import FormulaError
from galleria.formula.kinds import BOOL, DATE, DATETIME, DOUBLE, NULL, SPATIAL, TEXT, TIME, WHOLE, Kind, ValueType
from galleria.formula.moments import as_moment
from galleria.formula.operand import (
    Operand,
    as_double,
    as_number,
    as_text,
    as_truth,
    as_type,
    as_whole,
    join_problems,
    literal_operand,
    meet,
    meet_as_results,
)
from galleria.formula.registry import Function, Outcome, Site
from galleria.formula.signature import Parameter
from galleria.formula.tree import Call, Number, Text


def call(node: Call, function: Function, given: Sequence[Operand], site: Site) -> Operand:
    """One call, typed and lowered; raises FormulaError for an argument of the wrong kind. The count is right already."""
    parameters = list(function.signature.parameters_for(len(given)))
    left_out = function.signature.parameters[len(given) :]
    shared: dict[str, ValueType] = {}
    arguments = _convert([*zip(parameters, given, strict=True)], function, shared)
    defaults = [_convert([(parameter, _default(parameter, node))], function, {})[0] for parameter in left_out]
    outcome = _outcome(function, [*arguments, *defaults], site)
    problems = [outcome.problem] if function.handles_problems else [*(item.problem for item in arguments), outcome.problem]
    return Operand(
        node,
        outcome.type or _result_type(function, shared),
        outcome.value,
        problem=join_problems(problems),
        parts=tuple(given),
        reads=frozenset[str]().union(*(item.reads for item in given)),
        is_volatile=function.is_volatile or any(item.is_volatile for item in given),
    )


def _outcome(function: Function, arguments: Sequence[Operand], site: Site) -> Outcome:
    fixed = len(function.signature.parameters)
    group = len(function.signature.repeated)
    values = [item if function.is_detailed else item.expression for item in arguments]
    sent: list[object] = [site] if function.is_detailed else []
    sent += values[:fixed]
    if group == 1:
        sent.append(values[fixed:])
    elif group:
        sent.append([tuple(values[start : start + group]) for start in range(fixed, len(values), group)])
    result = function.body(*sent)
    return result if isinstance(result, Outcome) else Outcome(result)


def _default(parameter: Parameter, node: Call) -> Operand:
    text = parameter.default or "Null()"
    if text == "Null()":
        return literal_operand(node, NULL, None)
    if text.startswith('"'):
        return literal_operand(Text(text[1:-1]), TEXT, text[1:-1])
    return literal_operand(Number(text), WHOLE, int(text))


def _convert(pairs: Sequence[tuple[Parameter, Operand]], function: Function, shared: dict[str, ValueType]) -> list[Operand]:
    result = [_as_parameter(item, parameter, function) for parameter, item in pairs]
    for letter in ("R", "T", "A", "N"):
        where = [index for index, (parameter, _) in enumerate(pairs) if parameter.type == letter]
        if where and letter == "R":
            items = [result[index] for index in where]
            kind, values = meet_as_results(items, f"the results of {function.name}", items[0].position)
            shared[letter] = kind
            for index, item, value in zip(where, items, values, strict=True):
                result[index] = item.with_expression(value, kind)
        elif where:
            kind = _meet_letter(letter, [result[index] for index in where], function)
            shared[letter] = kind
            for index in where:
                result[index] = result[index].with_expression(as_type(result[index], kind), kind)
    return result


def _as_parameter(item: Operand, parameter: Parameter, function: Function) -> Operand:
    if parameter.type == "DateTime":
        return as_moment(item, function.name)
    return _CONVERSIONS[parameter.type](item) if parameter.type in _CONVERSIONS else item


def _meet_letter(letter: str, items: Sequence[Operand], function: Function) -> ValueType:
    if letter == "N":
        items = [as_number(item) if item.type.kind is not Kind.NULL else item for item in items]
    kind, _ = meet(items, f"the arguments of {function.name}", items[0].position)
    return DOUBLE if letter == "N" and kind.kind is Kind.NULL else kind


def _result_type(function: Function, shared: dict[str, ValueType]) -> ValueType:
    returns = function.signature.returns
    if returns in shared:
        return shared[returns]
    try:
        return _RESULTS[returns]
    except KeyError:
        raise TypeError(f"{function.name} must say what type it returned") from None


def _as_plain_number(item: Operand) -> Operand:
    number = as_number(item)
    return as_double(number) if number.type.dtype == pl.Int128() else number


def _as_spatial(item: Operand) -> Operand:
    if item.type.kind is Kind.NULL:
        return item.with_expression(pl.lit(None, dtype=pl.Binary), SPATIAL)
    if item.type.kind is not Kind.SPATIAL:
        raise FormulaError(f"Type mismatch. {item.type.kind} provided where a spatial object is required.", item.position)
    return item


_CONVERSIONS: dict[str, Callable[[Operand], Operand]] = {
    "String": as_text,
    "Number": _as_plain_number,
    "Double": as_double,
    "Int": as_whole,
    "Bool": as_truth,
    "Spatial": _as_spatial,
}
_RESULTS = {
    "String": TEXT,
    "Number": DOUBLE,
    "Double": DOUBLE,
    "Int": WHOLE,
    "Bool": BOOL,
    "Date": DATE,
    "Time": TIME,
    "DateTime": DATETIME,
    "Spatial": SPATIAL,
}
