"""From a tree to typed operands with Polars expressions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from galleria.errors import FormulaError
from galleria.formula import operators
from galleria.formula.addins import AddIn, AddInScope, body_of, find_addin
from galleria.formula.arguments import call
from galleria.formula.choice import choose
from galleria.formula.comparison import compare, member
from galleria.formula.environment import Environment
from galleria.formula.kinds import BOOL, DOUBLE, INT64, TEXT, Kind, ValueType
from galleria.formula.operand import Operand, as_truth, literal_operand, meet_as_results, whole
from galleria.formula.registry import Site, get_function
from galleria.formula.settling import settled
from galleria.formula.tree import Boolean, Call, Chain, Conditional, Membership, Name, Node, Number, Text, Unary


class Scope(Protocol):
    """What names mean, and what functions may know."""

    @property
    def environment(self) -> Environment: ...

    def resolve(self, name: Name) -> Operand:
        """Raises FormulaError for an unknown name."""
        ...


def lower(node: Node, scope: Scope) -> Operand:
    """Type a tree from its leaves up, and build its expressions; raises FormulaError with the position of a mismatch."""
    if isinstance(node, Number | Text | Boolean):
        return _literal(node)
    if isinstance(node, Name):
        return scope.resolve(node)
    parts = [lower(part, scope) for part in _children(node)]

    def assemble(given: Sequence[Operand]) -> Operand:
        return _assemble(node, given, scope)

    return settled(assemble(parts), parts, assemble)


def _children(node: Call | Unary | Chain | Membership | Conditional) -> list[Node]:
    match node:
        case Call():
            return list(node.arguments)
        case Unary():
            return [node.operand]
        case Chain():
            return [node.first, *[step.operand for step in node.steps]]
        case Membership():
            return [node.operand, *node.choices]
        case Conditional():
            # An ELSE that holds nothing but another IF continues this one: a flat chain instead of a deep tree.
            branches = list(node.branches)
            otherwise = node.otherwise
            while isinstance(otherwise, Conditional):
                branches.extend(otherwise.branches)
                otherwise = otherwise.otherwise
            return [*[branch.condition for branch in branches], *[branch.result for branch in branches], otherwise]


def _assemble(node: Call | Unary | Chain | Membership | Conditional, parts: Sequence[Operand], scope: Scope) -> Operand:
    match node:
        case Call():
            return _call(node, parts, scope)
        case Unary():
            return _unary(node, parts[0])
        case Chain():
            return _chain(node, parts)
        case Membership():
            found = member(parts[0], parts[1:], node.position)
            return whole(node, BOOL, ~found if node.negated else found, parts, sure=True)
        case Conditional():
            return _conditional(node, parts)


def _literal(node: Number | Text | Boolean) -> Operand:
    match node:
        case Number():
            if node.text.isdigit() and len(node.text) < 20 and int(node.text) <= INT64[1]:
                value = int(node.text)
                return literal_operand(node, ValueType(Kind.NUMBER, (value, value)), value)
            return literal_operand(node, DOUBLE, float(node.text))
        case Text():
            return literal_operand(node, TEXT, node.value)
        case Boolean():
            return literal_operand(node, BOOL, node.value)


def _unary(node: Unary, operand: Operand) -> Operand:
    if node.operator == "!":
        return whole(node, BOOL, ~as_truth(operand).expression, [operand], sure=True)
    kind, expression = operators.signed(node.operator, operand, node.position)
    return whole(node, kind, expression, [operand], sure=operand.is_sure)


def _chain(node: Chain, parts: Sequence[Operand]) -> Operand:
    first, rest = parts[0], list(zip(node.steps, parts[1:], strict=True))
    sign = node.steps[0].operator
    if sign in ("AND", "OR"):
        return whole(node, *operators.logic(first, rest), parts, sure=True)
    if sign in "+-*/":
        return whole(node, *operators.arithmetic(first, rest), parts, sure=sign == "+" and _all_sure(parts))
    left = first
    for step, right in rest:
        left = whole(node, BOOL, compare(step.operator, left, right, step.position), [left, right], sure=True)
    return whole(node, BOOL, left.expression, parts, sure=True)


def _all_sure(parts: Sequence[Operand]) -> bool:
    return all(part.is_sure for part in parts)


def _conditional(node: Conditional, parts: Sequence[Operand]) -> Operand:
    count = len(parts) // 2
    conditions, results = parts[:count], parts[count:]
    kind, values = meet_as_results(results, "the results of an IF", node.position)
    value, problem = choose(conditions, list(zip(values, results, strict=True)))
    return replace(whole(node, kind, value, parts, sure=_all_sure(results)), problem=problem)


def _call(node: Call, arguments: Sequence[Operand], scope: Scope) -> Operand:
    addin = find_addin(node.function, scope.environment)
    if addin is not None:
        return _addin_call(node, addin, list(arguments), scope)
    found = get_function(node.function, node.position)
    if not found.signature.accepts(len(arguments)):
        count = f"{len(arguments)} given"
        raise FormulaError(f"{found.name} takes {found.signature.expected()}, {count}: {found.signature.text}", node.position)
    return call(node, found, arguments, Site(scope.environment, node.position))


def _addin_call(node: Call, addin: AddIn, arguments: list[Operand], scope: Scope) -> Operand:
    depth = scope.depth + 1 if isinstance(scope, AddInScope) else 1
    body = body_of(addin, node, depth, scope.environment)
    try:
        result = lower(body, AddInScope(addin, arguments, scope.environment, depth))
    except FormulaError as error:
        raise FormulaError(f"in the add-in function {addin.name}: {error.reason}", node.position) from error
    # The operand keeps the tree of the function's formula: what works on trees sees what really happens.
    return result
