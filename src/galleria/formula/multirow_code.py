"""Writes the loop over rows: a statement for each part of an expression that needs the row above."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.columns import column
from galleria.fields.types import Field
from galleria.formula import loop_parts
from galleria.formula.kinds import BOOL, Kind, ValueType, unify
from galleria.formula.loop_lines import Lines
from galleria.formula.multirow_scope import SELF, Missing, RowScope
from galleria.formula.operand import Operand
from galleria.formula.operators import step_types
from galleria.formula.registry import Function, Site, get_function
from galleria.formula.row_calls import call_by_rows, stored
from galleria.formula.row_texts import SOMETIMES, either
from galleria.formula.scalars import NUMBERS_ONLY, SCALARS, plain_text, read_number
from galleria.formula.tree import Boolean, Call, Chain, Conditional, Membership, Name, Number, Text, Unary


@dataclass(frozen=True)
class Code:
    source: str
    function: Callable[..., tuple[list[Any], list[str | None]]]
    """Takes one list of whether each row is the first of its group, and one list a column; gives values and problems."""
    columns: Sequence[pl.Expr]


def write_code(operand: Operand, target: Field, scope: RowScope) -> Code:
    """Compile the loop; raises UnsupportedError where the expression is nested too deeply for one."""
    writer = _Writer(scope)
    source = writer.loop(operand, target)
    names = dict(writer.lines.names)
    try:
        exec(compile(source, "<multi-row formula>", "exec"), names)  # noqa: S102 - our own templates; texts are bound to names
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise UnsupportedError("Multi-Row Formula", f"the expression is nested too deeply for a loop ({error})") from error
    return Code(source, names["loop"], writer.columns)


class _Writer:
    def __init__(self, scope: RowScope) -> None:
        self.lines = Lines()
        self.columns: list[pl.Expr] = []
        self._scope = scope

    def loop(self, operand: Operand, target: Field) -> str:
        """The whole function. `s1` is what the row above came to, `s2` the one above that; `p` the row's first problem."""
        above = [f"s{row}" for row in range(1, self._scope.rows + 1)]
        old = self._column(self._old_value(target))
        with self.lines.block("def loop(firsts, *columns):"):
            self.lines.add("values, problems, seen = [], [], 0")
            with self.lines.block("for first, row in zip(firsts, zip(*columns)):"):
                unpack = len(self.lines.lines)
                self._enter_row(above, old, target)
                result = self.value(operand)
                self.lines.add(f"value, told = {self.lines.bind(stored(operand.type, target))}({result})")
                self.lines.add("values.append(value)")
                self.lines.add("problems.append(p if p is not None else told)")
                self.lines.add("seen += 1")
                self.lines.add(f"{', '.join(above)} = {', '.join(['value', *above[:-1]])}")
            self.lines.add("return values, problems")
        self.lines.lines.insert(unpack, f"        ({', '.join(f'c{place}' for place in range(len(self.columns)))},) = row")
        return "\n".join(self.lines.lines)

    def _old_value(self, target: Field) -> pl.Expr:
        return (
            pl.lit(None, dtype=target.dtype) if self._scope.old is None else column(self._scope.old.name).cast(target.dtype, strict=False)
        )

    def _enter_row(self, above: Sequence[str], old: str, target: Field) -> None:
        """At the start of a group, the rows above do not exist."""
        self.lines.add("p = None")
        nearest = self._scope.missing is Missing.NEAREST
        missing = old if nearest else self.lines.bind(self._scope.missing_value(target))
        with self.lines.block("if first:"):
            self.lines.add("seen = 0")
            self.lines.add(f"{' = '.join(above)} = {missing}")
        if nearest and len(above) > 1:
            # The nearest row that exists, for a row too far above, is the group's first.
            for row in range(2, len(above) + 1):
                self.lines.add(f"if seen and seen < {row}: s{row} = s{row - 1}")

    def value(self, operand: Operand) -> str:
        """Statements that work out the operand; gives the name that holds it then."""
        if SELF not in operand.reads:
            return self._free(operand)
        match operand.node:
            case Name():
                return f"s{-(operand.node.row or 0)}"
            case Unary():
                return self._unary(operand, operand.node)
            case Chain():
                return self._chain(operand, operand.node)
            case Membership():
                return self._membership(operand, operand.node)
            case Conditional():
                count = len(operand.parts) // 2
                return self._choice(operand, operand.parts[:count], operand.parts[count:])
            case Call():
                return self._call(operand, operand.node)
            case Number() | Text() | Boolean():
                raise TypeError("a literal needs no row above")

    def _free(self, operand: Operand) -> str:
        if operand.type.kind is Kind.NULL:
            return "None"
        if operand.problem is None and operand.is_constant:
            return self.lines.bind(operand.constant)
        name = self._column(operand.wide)
        if operand.problem is not None:
            self.lines.add(f"if p is None: p = {self._column(operand.problem)}")
        return name

    def _column(self, expression: pl.Expr) -> str:
        self.columns.append(expression)
        return f"c{len(self.columns) - 1}"

    def _unary(self, operand: Operand, node: Unary) -> str:
        name = self.value(operand.parts[0])
        if node.operator == "!":
            return self.lines.assign(f"not {name}")
        name = loop_parts.as_number(self.lines, (name, operand.parts[0].type))
        return self.lines.assign(f"None if {name} is None else {'-' if node.operator == '-' else '0 + '}{name}")

    def _chain(self, operand: Operand, node: Chain) -> str:
        values = [(self.value(part), part.type) for part in operand.parts]
        signs = [step.operator for step in node.steps]
        left = values[0]
        if signs[0] in ("AND", "OR"):
            name = self.lines.assign(f"bool({left[0]})")
            for sign, right in zip(signs, values[1:], strict=True):
                name = self.lines.assign(f"bool({name} {sign.lower()} {right[0]})")
            return name
        if signs[0] in "+-*/":
            types = [operand.type] * len(signs) if operand.type.kind is Kind.TEXT else step_types([kind for _, kind in values], signs)
            for sign, right, kind in zip(signs, values[1:], types, strict=True):
                left = (loop_parts.arithmetic(self.lines, sign, left, right, kind), kind)
            return left[0]
        for sign, right in zip(signs, values[1:], strict=True):
            left = (loop_parts.comparison(self.lines, sign, left, right), BOOL)
        return left[0]

    def _membership(self, operand: Operand, node: Membership) -> str:
        first, *choices = [(self.value(part), part.type) for part in operand.parts]
        found = [loop_parts.comparison(self.lines, "=", first, choice) for choice in choices]
        return self.lines.assign(f"{'not ' if node.negated else ''}({' or '.join(found)})")

    def _choice(self, operand: Operand, tests: Sequence[Operand], results: Sequence[Operand]) -> str:
        """A block that is left as soon as a test holds, so that long chains of ELSEIF need no deep nesting."""
        return self._first(operand.type, [(self.value, test) for test in tests], results)

    def _first(self, kind: ValueType, tests: Sequence[tuple[Callable[[Any], str], Any]], results: Sequence[Operand]) -> str:
        name = self.lines.fresh()
        with self.lines.block("while True:"):
            for (work_out, test), result in zip(tests, results[:-1], strict=True):
                with self.lines.block(f"if {work_out(test)}:"):
                    self.lines.add(f"{name} = {self._as(result, kind)}")
                    self.lines.add("break")
            self.lines.add(f"{name} = {self._as(results[-1], kind)}")
            self.lines.add("break")
        return name

    def _as(self, operand: Operand, kind: ValueType) -> str:
        return loop_parts.as_type(self.lines, (self.value(operand), operand.type), kind)

    def _call(self, operand: Operand, node: Call) -> str:
        name = node.function.casefold()
        if name == "iif":
            return self._choice(operand, operand.parts[:1], operand.parts[1:])
        if name == "switch":
            return self._switch(operand)
        found = get_function(node.function, node.position)
        short = self._short_call(operand, name, found)
        return short if short is not None else self._column_call(operand, found, node)

    def _switch(self, operand: Operand) -> str:
        subject, default, *rest = operand.parts
        value = (self.value(subject), subject.type)

        def equals(case: Operand) -> str:
            return loop_parts.comparison(self.lines, "=", value, (self.value(case), case.type))

        return self._first(operand.type, [(equals, case) for case in rest[::2]], [*rest[1::2], default])

    def _short_call(self, operand: Operand, name: str, found: Function) -> str | None:
        """A call of a Python function with the same results; None where there is none for these arguments."""
        if name == "tonumber" and len(operand.parts) == 1 and operand.parts[0].type.kind.is_text:
            text = loop_parts.as_text(self.lines, (self.value(operand.parts[0]), operand.parts[0].type))
            result = self.lines.fresh()
            self.lines.add(f"{result}, told = {self.lines.bind(read_number)}({text})")
            self.lines.add("if p is None: p = told")
            return result
        if name == "tostring" and len(operand.parts) == 1:
            part = operand.parts[0]
            shown = self.value(part) if part.type != BOOL else loop_parts.as_number(self.lines, (self.value(part), part.type))
            return self.lines.assign(f"{self.lines.bind(plain_text)}({shown})")
        function = SCALARS.get(name) or (NUMBERS_ONLY.get(name) if operand.type.kind is Kind.NUMBER else None)
        if function is None:
            return None
        arguments = self._arguments(operand, found)
        return None if arguments is None else self.lines.assign(f"{self.lines.bind(function)}({', '.join(arguments)})")

    def _arguments(self, operand: Operand, found: Function) -> list[str] | None:
        parameters = list(found.signature.parameters_for(len(operand.parts)))
        if any(parameter.type in ("T", "N", "A", "R") for parameter in parameters):
            shared = unify([part.type for part in operand.parts])
            return None if shared is None else [self._as(part, shared) for part in operand.parts]
        result: list[str] = []
        for part, parameter in zip(operand.parts, parameters, strict=True):
            argument = loop_parts.as_parameter(self.lines, (self.value(part), part.type), parameter.type)
            if argument is None:
                return None
            result.append(argument)
        return result

    def _column_call(self, operand: Operand, found: Function, node: Call) -> str:
        function = call_by_rows(operand, found, Site(self._scope.environment, node.position))
        arguments = [self.value(part) for part in operand.parts]
        short = SOMETIMES.get(found.name.casefold())
        if short is not None:
            values = zip(arguments, operand.parts, found.signature.parameters_for(len(arguments)), strict=True)
            plain = [loop_parts.as_parameter(self.lines, (name, part.type), parameter.type) for name, part, parameter in values]
            if None not in plain:
                function, arguments = either(short, function), [*filter(None, plain), *arguments]
        result = self.lines.fresh()
        self.lines.add(f"{result}, told = {self.lines.bind(function)}({', '.join(arguments)})")
        self.lines.add("if p is None: p = told")
        return result
