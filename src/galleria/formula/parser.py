"""From the text of an expression to its tree.

Levels, from loosest: AND and OR share one (left to right); `=` and `!=`; `<`, `>`, IN, NOT; `+` and `-`; `*` and `/`.
Source: help page Operators.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from galleria.errors import FormulaError
from galleria.formula.lexer import Sort, Token, tokens
from galleria.formula.recursion import deep_recursion
from galleria.formula.tree import Boolean, Branch, Call, Chain, Conditional, Membership, Name, Node, Number, Step, Text, Unary

DEEPEST = 3_000
"""Brackets, calls and IFs inside each other; more is refused."""
LONGEST = 1_000_000

_ROW = re.compile(r"\s*row\s*([+-])\s*(\d{1,9})\s*:(.*)", re.IGNORECASE | re.DOTALL)
_RESERVED = frozenset({"IF", "THEN", "ELSEIF", "ELSE", "ENDIF", "AND", "OR", "NOT", "IN"})


@lru_cache(maxsize=512)
def parse(text: str) -> Node:
    """The tree of a whole expression; raises FormulaError where it is none."""
    if len(text) > LONGEST:
        raise FormulaError(f"The expression has {len(text):,} characters; at most {LONGEST:,} are read", 0)
    with deep_recursion():
        return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(tokens(text))
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        if self._ended():
            raise FormulaError("Empty expression", 0)
        node = self._expression()
        if not self._ended():
            raise self._unexpected()
        return node

    def _ended(self) -> bool:
        return self._peek.sort is Sort.END

    @property
    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next += token.sort is not Sort.END
        return token

    def _at(self, *words: str) -> bool:
        return self._peek.folded in words

    def _expect(self, sign: str, complaint: str) -> None:
        if not self._at(sign):
            raise FormulaError(f"{complaint}: expected {sign}{self._found()}", self._peek.position)
        self._take()

    def _found(self) -> str:
        token = self._peek
        return ", but the expression ends" if token.sort is Sort.END else f" before {token.text!r}"

    def _unexpected(self) -> FormulaError:
        token = self._peek
        if token.sort is Sort.END:
            return FormulaError("Malformed expression: it ends where a value is expected", token.position)
        return FormulaError(f"Malformed expression: {token.text!r} does not fit here", token.position)

    def _expression(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise FormulaError(f"More than {DEEPEST:,} levels of brackets, calls and IFs", self._peek.position)
        node = self._chain(_LOGIC, self._equality)
        self._depth -= 1
        return node

    def _chain(self, operators: dict[str, str], operand: Callable[[], Node]) -> Node:
        start = self._peek.position
        first = operand()
        steps: list[Step] = []
        while self._at(*operators):
            token = self._take()
            steps.append(Step(operators[token.folded], operand(), token.position))
        return Chain(first, tuple(steps), start) if steps else first

    def _equality(self) -> Node:
        return self._chain(_EQUALITY, self._relation)

    def _relation(self) -> Node:
        if self._at("NOT"):
            # NOT stands on the level of < and IN: it takes a whole comparison, but no = and no AND.
            token = self._take()
            return Unary("!", self._nested(self._relation), token.position)
        start = self._peek.position
        node = self._chain(_RELATION, self._sum)
        while self._at("IN") or (self._at("NOT") and self._tokens[self._next + 1].folded == "IN"):
            token = self._take()
            negated = token.folded == "NOT"
            if negated:
                self._take()
            node = Membership(node, self._bracketed("Malformed IN list"), negated, token.position)
            if self._at(*_RELATION):
                node = self._relation_after(node, start)
        return node

    def _relation_after(self, first: Node, start: int) -> Node:
        steps: list[Step] = []
        while self._at(*_RELATION):
            token = self._take()
            steps.append(Step(_RELATION[token.folded], self._sum(), token.position))
        return Chain(first, tuple(steps), start)

    def _sum(self) -> Node:
        return self._chain(_SUM, self._product)

    def _product(self) -> Node:
        return self._chain(_PRODUCT, self._unary)

    def _unary(self) -> Node:
        if self._at("-", "+", "!", "NOT"):
            token = self._take()
            return Unary(token.folded.replace("NOT", "!"), self._nested(self._unary), token.position)
        return self._primary()

    def _nested(self, operand: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise FormulaError(f"More than {DEEPEST:,} levels of signs", self._peek.position)
        node = operand()
        self._depth -= 1
        return node

    def _primary(self) -> Node:
        token = self._peek
        match token.sort:
            case Sort.NUMBER:
                return Number(self._take().text, token.position)
            case Sort.TEXT:
                return Text(self._take().text, token.position)
            case Sort.FIELD:
                return _name(self._take())
            case Sort.WORD if token.folded == "IF":
                return self._conditional()
            case Sort.WORD if token.folded not in _RESERVED:
                return self._word()
            case Sort.SIGN if token.folded == "(":
                self._take()
                node = self._expression()
                self._expect(")", "Unmatched parenthesis")
                return node
            case _:
                raise self._unexpected()

    def _word(self) -> Node:
        token = self._take()
        if self._at("("):
            return Call(token.text, self._bracketed(f"Malformed call of {token.text}", empty=True), token.position)
        if token.folded in ("TRUE", "FALSE"):
            return Boolean(token.folded == "TRUE", token.position)
        return Name(token.text, None, token.position)

    def _bracketed(self, complaint: str, *, empty: bool = False) -> tuple[Node, ...]:
        self._expect("(", complaint)
        if empty and self._at(")"):
            self._take()
            return ()
        nodes = [self._expression()]
        while self._at(","):
            self._take()
            nodes.append(self._expression())
        self._expect(")", complaint)
        return tuple(nodes)

    def _conditional(self) -> Node:
        start = self._peek.position
        branches: list[Branch] = []
        while self._at("IF" if not branches else "ELSEIF"):
            self._take()
            condition = self._expression()
            self._expect("THEN", "Malformed If Statement")
            branches.append(Branch(condition, self._expression()))
        self._expect("ELSE", "Malformed If Statement")
        otherwise = self._expression()
        self._expect("ENDIF", "Malformed If Statement")
        return Conditional(tuple(branches), otherwise, start)


_LOGIC = {"AND": "AND", "&&": "AND", "OR": "OR", "||": "OR"}
_EQUALITY = {"=": "=", "==": "=", "!=": "!=", "<>": "!="}
_RELATION = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}
_SUM = {"+": "+", "-": "-"}
_PRODUCT = {"*": "*", "/": "/"}


def _name(token: Token) -> Name:
    found = _ROW.fullmatch(token.text)
    if found:
        return Name(found[3], int(found[1] + found[2]), token.position)
    return Name(token.text, None, token.position)
