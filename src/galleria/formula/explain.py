"""An expression in words: its tree with the type of every part, and what Polars is asked."""

from galleria.formula.kinds import Kind
from galleria.formula.operand import Operand
from galleria.formula.recursion import deep_recursion
from galleria.formula.tree import Boolean, Call, Chain, Conditional, Membership, Name, Number, Text, Unary


def explained(operand: Operand) -> str:
    """Tree and Polars expression, one part a line, deeper parts further right."""
    with deep_recursion():
        tree = "\n".join(_lines(operand))
        return f"{tree}\n\n{operand.expression}"


def _lines(operand: Operand) -> list[str]:
    found: list[str] = []
    waiting = [(operand, 0)]
    while waiting:
        part, depth = waiting.pop()
        found.append(f"{'  ' * depth}{_head(part)}: {_type(part)}")
        waiting.extend((child, depth + 1) for child in reversed(part.parts))
    return found


def _type(operand: Operand) -> str:
    kind = operand.type
    name = kind.field_type if kind.kind is Kind.NUMBER else kind.kind
    return f"{name}, constant" if operand.is_constant and operand.parts else str(name)


def _head(operand: Operand) -> str:
    match operand.node:
        case Number():
            return operand.node.text
        case Text():
            return repr(operand.node.value)
        case Boolean():
            return str(operand.node.value)
        case Name():
            return f"[{operand.node.name}]" if operand.node.row is None else f"[Row{operand.node.row:+d}:{operand.node.name}]"
        case Call():
            return operand.node.function
        case Unary():
            return "NOT" if operand.node.operator == "!" else operand.node.operator
        case Chain():
            return " ".join(dict.fromkeys(step.operator for step in operand.node.steps))
        case Membership():
            return "NOT IN" if operand.node.negated else "IN"
        case Conditional():
            return "IF"
