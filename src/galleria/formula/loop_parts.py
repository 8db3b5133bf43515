"""Operators of the language as statements of Python, with the same rules for Null, letter case and dates."""

from galleria.formula.kinds import BOOL, Kind, ValueType
from galleria.formula.loop_lines import Lines
from galleria.formula.scalars import date_text, plain_text

Value = tuple[str, ValueType]
"""A name (or literal) in the loop, and the type of what it holds."""


def is_null(name: str) -> bool:
    return name == "None"


def arithmetic(lines: Lines, sign: str, left: Value, right: Value, kind: ValueType) -> str:
    """One step of a chain of numbers, or of texts and dates."""
    (one, one_type), (other, other_type) = left, right
    if kind.kind is not Kind.TEXT:
        one, other = as_number(lines, left), as_number(lines, right)
    else:
        one, other = as_text(lines, left), as_text(lines, right)
        return lines.assign(f"{one} if {other} is None else {other} if {one} is None else {one} + {other}")
    if is_null(one) or is_null(other):
        return "None"
    if sign == "/":
        return lines.assign(f"None if {one} is None or not {other} else float({one}) / {other}")
    result = f"{one} {sign} {other}"
    if not kind.is_whole and one_type.bounds and other_type.bounds:
        result = f"float({result})"
    return lines.assign(f"None if {one} is None or {other} is None else {result}")


def comparison(lines: Lines, sign: str, left: Value, right: Value) -> str:
    """True or False, never Null."""
    one, other = left[0], right[0]
    if left[1].kind.is_text and right[1].kind.is_text and (left[1].kind is not right[1].kind or left[1].kind is Kind.TEXT):
        one, other = _folded(lines, left), _folded(lines, right)
    elif left[1].kind is not right[1].kind:
        one, other = as_number(lines, left), as_number(lines, right)
    if sign in ("=", "!="):
        return lines.assign(f"{one} {'==' if sign == '=' else '!='} {other}")
    both = f"{one} is not None and {other} is not None and {one} {sign} {other}"
    return lines.assign(both if sign in ("<", ">") else f"({both}) or ({one} is None and {other} is None)")


def _folded(lines: Lines, value: Value) -> str:
    text = as_text(lines, value)
    return text if is_null(text) else lines.assign(f"None if {text} is None else {text}.casefold()")


def as_text(lines: Lines, value: Value) -> str:
    """Dates as their text."""
    name, kind = value
    if not kind.kind.is_temporal:
        return name
    return lines.assign(f"{lines.bind(date_text)}({name})")


def as_type(lines: Lines, value: Value, wanted: ValueType) -> str:
    """A value as the type in which several meet."""
    name, have = value
    if is_null(name) or have == wanted:
        return name
    if have.kind is Kind.BOOL and wanted.kind is not Kind.BOOL:
        return as_type(lines, (as_number(lines, value), ValueType(Kind.NUMBER, have.bounds)), wanted)
    if wanted.kind is Kind.TEXT and have.kind.is_number:
        return lines.assign(f"{lines.bind(plain_text)}({name})")
    if wanted.kind is Kind.TEXT:
        return as_text(lines, value)
    if wanted.kind is Kind.NUMBER and not wanted.is_whole and have.is_whole:
        return lines.assign(f"None if {name} is None else float({name})")
    return name


def as_number(lines: Lines, value: Value) -> str:
    """A Bool as the number that it is; numbers as they are."""
    name, kind = value
    if kind.kind is not Kind.BOOL or is_null(name):
        return name
    return lines.assign(f"None if {name} is None else {'-' if kind == BOOL else ''}int({name})")


def as_parameter(lines: Lines, value: Value, parameter: str) -> str | None:
    """A value as a parameter of that type takes it; None where only the column function knows how."""
    name, kind = value
    match parameter:
        case "String":
            return as_text(lines, value)
        case "Bool":
            return lines.assign(f"bool({name})")
        case "Number":
            return as_number(lines, value)
        case "Int" if kind.is_whole or kind.kind is Kind.BOOL or is_null(name):
            return as_number(lines, value)
        case "Int":
            return lines.assign(f"None if {name} is None else int({name})")
        case "Any":
            return name
        case _:
            return None
