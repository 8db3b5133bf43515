"""The type of a column in which columns of several types meet (Union, Transpose, Cross Tab, Find Replace).

Source: cached schemas of real workflows, `tools.md` 2.3.
"""

from collections.abc import Sequence
from dataclasses import replace

from galleria.errors import InvalidError
from galleria.fields.types import V_STRING_MAX, V_WSTRING_MAX, Field, FieldType

_LADDER = [FieldType.BOOL, FieldType.BYTE, FieldType.INT16, FieldType.INT32, FieldType.INT64]
_TEXT_KINDS = {
    (False, False): FieldType.STRING,
    (False, True): FieldType.WSTRING,
    (True, False): FieldType.V_STRING,
    (True, True): FieldType.V_WSTRING,
}
_WIDTHS = {
    FieldType.BOOL: 5,
    FieldType.BYTE: 3,
    FieldType.INT16: 6,
    FieldType.INT32: 10,
    FieldType.INT64: 20,
    FieldType.DOUBLE: 23,
    FieldType.FLOAT: 13,
    FieldType.DATE: 10,
    FieldType.TIME: 8,
    FieldType.DATETIME: 19,
}


def promote(fields: Sequence[Field]) -> Field:
    """The field that can hold every one of `fields` (at least one); name and source are the first's.

    Raises InvalidError where a spatial object or blob meets anything else.
    """
    result = fields[0]
    for field in fields[1:]:
        result = _promote_pair(result, field)
    return result


def text_width(field: Field) -> int:
    """Characters that a value of the field needs as text."""
    return field.size if field.type.is_text or field.type is FieldType.FIXED_DECIMAL else _WIDTHS.get(field.type, V_WSTRING_MAX)


def _promote_pair(left: Field, right: Field) -> Field:
    if left.type is right.type:
        if left.type is FieldType.FIXED_DECIMAL and (left.size, left.scale) != (right.size, right.scale):
            whole = max(left.size - left.scale, right.size - right.scale)
            scale = max(left.scale, right.scale)
            return replace(left, size=whole + scale, scale=scale)
        return replace(left, size=max(left.size, right.size))
    kinds = {left.type, right.type}
    if any(kind.is_binary for kind in kinds):
        raise InvalidError(f'"{left.name}" cannot hold both {left.type} and {right.type}.')
    if any(kind.is_text for kind in kinds):
        return _promote_text(left, right)
    if kinds <= set(_LADDER):
        wider = max(left, right, key=lambda field: _LADDER.index(field.type))
        return replace(left, type=wider.type, size=wider.size, scale=0)
    if all(kind.is_numeric or kind is FieldType.BOOL for kind in kinds):
        return replace(left, type=FieldType.DOUBLE, size=8, scale=0)
    if kinds == {FieldType.DATE, FieldType.DATETIME}:
        return replace(left, type=FieldType.DATETIME, size=19)
    return replace(left, type=FieldType.V_STRING, size=max(text_width(left), text_width(right)), scale=0)


def _promote_text(left: Field, right: Field) -> Field:
    both_text = left.type.is_text and right.type.is_text
    wide = left.type.is_wide or right.type.is_wide
    variable = not both_text or left.type.is_variable or right.type.is_variable
    kind = _TEXT_KINDS[variable, wide]
    size = min(max(text_width(left), text_width(right)), V_WSTRING_MAX if wide else V_STRING_MAX)
    return replace(left, type=kind, size=size, scale=0)
