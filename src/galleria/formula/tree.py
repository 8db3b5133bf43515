"""The tree of an expression, and its text. Every node knows its 0-based position in the source."""

from dataclasses import dataclass, field

from galleria.formula.recursion import deep_recursion


@dataclass(frozen=True)
class Number:
    text: str
    """As written: `1`, `.5`, `1e-3`."""
    position: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Text:
    value: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Boolean:
    value: bool
    position: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Name:
    """A field, a constant, or something that the host of the expression provides."""

    name: str
    row: int | None = None
    """Rows away from the present one, for `[Row-1:X]`; None for a plain name."""
    position: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Call:
    function: str
    arguments: "tuple[Node, ...]"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Unary:
    operator: str
    """`-`, `+` or `!`."""
    operand: "Node"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Step:
    """An operator of a chain and what stands to its right."""

    operator: str
    """`* / + - < <= > >= = != AND OR`, in this spelling only."""
    operand: "Node"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Chain:
    """Operators of one level, applied strictly from left to right: flat, so that long sums are not deep trees."""

    first: "Node"
    steps: tuple[Step, ...]
    position: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Membership:
    """`x IN (...)` or `x NOT IN (...)`."""

    operand: "Node"
    choices: "tuple[Node, ...]"
    negated: bool = False
    position: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Branch:
    condition: "Node"
    result: "Node"


@dataclass(frozen=True)
class Conditional:
    """IF ... THEN ... ELSEIF ... THEN ... ELSE ... ENDIF."""

    branches: tuple[Branch, ...]
    otherwise: "Node"
    position: int = field(default=0, compare=False)


Node = Number | Text | Boolean | Name | Call | Unary | Chain | Membership | Conditional


def to_text(node: Node) -> str:
    """An expression that parses to the same tree."""
    with deep_recursion():
        return _text(node)


def _text(node: Node) -> str:
    # Lists, not generators, in here: a generator inside join() would take C stack for every level.
    match node:
        case Number():
            return node.text
        case Text():
            return _quoted(node.value)
        case Boolean():
            return "True" if node.value else "False"
        case Name():
            return f"[{node.name}]" if node.row is None else f"[Row{node.row:+d}:{node.name}]"
        case Call():
            return f"{node.function}({', '.join([_text(argument) for argument in node.arguments])})"
        case Unary():
            return f"{node.operator}{_operand(node.operand)}"
        case Chain():
            return _operand(node.first) + "".join([f" {step.operator} {_operand(step.operand)}" for step in node.steps])
        case Membership():
            choices = ", ".join([_text(choice) for choice in node.choices])
            return f"{_operand(node.operand)} {'NOT IN' if node.negated else 'IN'} ({choices})"
        case Conditional():
            branches = " ELSEIF ".join([f"{_text(branch.condition)} THEN {_text(branch.result)}" for branch in node.branches])
            return f"IF {branches} ELSE {_text(node.otherwise)} ENDIF"


def _operand(node: Node) -> str:
    return f"({_text(node)})" if isinstance(node, Chain | Membership | Unary) else _text(node)


def _quoted(text: str) -> str:
    # The language has no escapes: the parser never makes a text that holds both kinds of quotes.
    return f"'{text}'" if '"' in text else f'"{text}"'
