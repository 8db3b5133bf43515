"""From a tree to typed operands with Polars expressions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import polars as pl

from galleria.errors import FormulaError
from galleria.formula import operators
from galleria.formula.addins import AddIn, AddInScope, body_of, find_addin
from galleria.formula.arguments import call
from galleria.formula.choice import choose
from galleria.formula.comparison import compare, member
from galleria.formula.environment import Environment
from galleria.formula.kinds import BOOL, DOUBLE, INT64, TEXT, Kind, ValueType
from galleria.formula.operand import Operand, as_truth, meet, whole
from galleria.formula.registry import Site, get_function
from galleria.formula.tree import Boolean, Call, Chain, Conditional, Membership, Name, Node, Number, Step, Text, Unary


class Scope(Protocol):
    """What names mean, and what functions may know."""

    @property
    def environment(self) -> Environment: ...

    def resolve(self, name: Name) -> Operand:
        """Raises FormulaError for an unknown name."""
        ...


def lower(node: Node, scope: Scope) -> Operand:
    """Type a tree from its leaves up, and build its expressions; raises FormulaError with the position of a mismatch."""
    match node:
        case Number() | Text() | Boolean():
            return _literal(node)
        case Name():
            return scope.resolve(node)
        case Call():
            return _call(node, scope)
        case Unary():
            return _unary(node, scope)
        case Chain():
            return _chain(node, scope)
        case Membership():
            return _membership(node, scope)
        case Conditional():
            return _conditional(node, scope)


def _literal(node: Number | Text | Boolean) -> Operand:
    match node:
        case Number():
            if node.text.isdigit() and len(node.text) < 20 and int(node.text) <= INT64[1]:
                value = int(node.text)
                return Operand(node, ValueType(Kind.NUMBER, (value, value)), pl.lit(value, dtype=pl.Int64), is_sure=True)
            return Operand(node, DOUBLE, pl.lit(float(node.text), dtype=pl.Float64), is_sure=True)
        case Text():
            return Operand(node, TEXT, pl.lit(node.value, dtype=pl.String), is_sure=True)
        case Boolean():
            return Operand(node, BOOL, pl.lit(node.value), is_sure=True)


def _unary(node: Unary, scope: Scope) -> Operand:
    operand = lower(node.operand, scope)
    if node.operator == "!":
        return whole(node, BOOL, ~as_truth(operand).expression, [operand], sure=True)
    kind, expression = operators.signed(node.operator, operand, node.position)
    return whole(node, kind, expression, [operand], sure=operand.is_sure)


def _chain(node: Chain, scope: Scope) -> Operand:
    first = lower(node.first, scope)
    rest = [(step, lower(step.operand, scope)) for step in node.steps]
    parts = [first, *[item for _, item in rest]]
    sign = node.steps[0].operator
    if sign in ("AND", "OR"):
        return whole(node, *operators.logic(first, rest), parts, sure=True)
    if sign in "+-*/":
        return whole(node, *operators.arithmetic(first, rest), parts, sure=sign in "+" and _all_sure(parts))
    return _comparisons(node, first, rest)


def _all_sure(parts: Sequence[Operand]) -> bool:
    return all(part.is_sure for part in parts)


def _comparisons(node: Chain, first: Operand, rest: Sequence[tuple[Step, Operand]]) -> Operand:
    left = first
    for step, right in rest:
        left = whole(node, BOOL, compare(step.operator, left, right, step.position), [left, right], sure=True)
    return whole(node, BOOL, left.expression, [first, *[item for _, item in rest]], sure=True)


def _membership(node: Membership, scope: Scope) -> Operand:
    operand = lower(node.operand, scope)
    choices = [lower(choice, scope) for choice in node.choices]
    found = member(operand, choices, node.position)
    return whole(node, BOOL, ~found if node.negated else found, [operand, *choices], sure=True)


def _conditional(node: Conditional, scope: Scope) -> Operand:
    # An ELSE that holds nothing but another IF continues this one: a flat chain instead of a deep tree.
    branches = list(node.branches)
    otherwise = node.otherwise
    while isinstance(otherwise, Conditional):
        branches.extend(otherwise.branches)
        otherwise = otherwise.otherwise
    conditions = [lower(branch.condition, scope) for branch in branches]
    results = [lower(branch.result, scope) for branch in branches]
    last = lower(otherwise, scope)
    kind, values = meet([*results, last], "the results of an IF", node.position)
    value, problem = choose(conditions, list(zip(values, [*results, last], strict=True)))
    parts = [*conditions, *results, last]
    return replace(whole(node, kind, value, parts, sure=_all_sure([*results, last])), problem=problem)


def _call(node: Call, scope: Scope) -> Operand:
    arguments = [lower(argument, scope) for argument in node.arguments]
    addin = find_addin(node.function, scope.environment)
    if addin is not None:
        return _addin_call(node, addin, arguments, scope)
    found = get_function(node.function, node.position)
    if not found.signature.accepts(len(arguments)):
        count = f"{len(arguments)} given"
        raise FormulaError(f"{found.name} takes {found.signature.expected()}, {count}: {found.signature.text}", node.position)
    return call(node, found, arguments, Site(scope.environment, node.position))


def _addin_call(node: Call, addin: AddIn, arguments: list[Operand], scope: Scope) -> Operand:
    depth = scope.depth + 1 if isinstance(scope, AddInScope) else 1
    body = body_of(addin, node, depth)
    try:
        result = lower(body, AddInScope(addin, arguments, scope.environment, depth))
    except FormulaError as error:
        raise FormulaError(f"in the add-in function {addin.name}: {error.reason}", node.position) from error
    # The operand keeps the tree of the function's formula: what works on trees sees what really happens.
    return result
