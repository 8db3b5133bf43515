"""Style rules of the Table tool: which cells of a report's table look otherwise, told by tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.conversion import text_of
from galleria.fields.names import get_field, same_name
from galleria.fields.types import Field
from galleria.reports.markup import escaped, together
from galleria.reports.styles import font_style, style_text
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Context
from galleria.tools.expressions import compiled, compiled_condition

UNKNOWN = "*Unknown"
_OPERATORS = {"==": "=", "=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True)
class StyleRule:
    of_row: bool
    of_header: bool
    field: str
    """The column that it styles; `*Unknown` for those that the configuration does not name."""
    test: str
    """An expression; empty for always."""
    simple: tuple[str, str, str] | None
    """Field, operator and value of a simple test."""
    style: str
    """What becomes of a cell, as a style attribute's value."""
    style_formula: str
    """An expression that gives more of it; what no report may have is left out where the table is shown."""

    def styles(self, field: Field, named: Sequence[str]) -> bool:
        """Whether it is about the column of that field."""
        if self.field == UNKNOWN:
            return all(not same_name(field.name, name) for name in named)
        return same_name(self.field, field.name)

    def condition(self, field: Field | None, fields: Sequence[Field], context: Context) -> pl.Expr | None:
        """The rows that it is about; `field` is what `[_CurrentField_]` means. None for all rows."""
        text = self.test
        if self.simple:
            name, operator, value = self.simple
            tested = get_field(fields, name) if name else field
            is_number = tested is not None and tested.type.is_numeric
            text = f"[{tested.name if tested else ''}] {operator} " + (value if is_number else '"' + value.replace('"', "") + '"')
        if not text:
            return None
        return compiled_condition(text, fields, context, extra=_current(field)).value


def read_rule(config: Configuration, tool: str) -> StyleRule:
    """One `Rule`; raises UnsupportedError for what cannot be done yet."""
    name = config.value("PrettyName")
    kind = config.choice("Test", ["Always", "Formula", "Simple"], "Always")
    of_header = config.choice("ApplyTo", ["Data", "Header"], "Data") == "Header"
    style = config.child("Style")
    formula = style.attribute("Formula").strip()
    if of_header and formula:
        raise UnsupportedError(tool, f"a style by formula for a header (rule {name})")
    if of_header and kind != "Always":
        raise UnsupportedError(tool, f"a test for a header (rule {name})")
    if config.flag("HighPrecedence"):
        raise UnsupportedError(tool, f"a rule that comes before the others (rule {name})")
    simple = None
    if kind == "Simple":
        operator = _OPERATORS.get(config.value("SimpleOp").strip())
        if operator is None:
            raise UnsupportedError(tool, f"the operator {config.value('SimpleOp')} (rule {name})")
        simple = (config.value("SimpleVar"), operator, config.value("SimpleConst").strip())
    look = font_style(style.attribute("Font"), style.attribute("Size"), style.attribute("TextColor"), style.attribute("BackColor"))
    test = config.value("Formula") if kind == "Formula" else ""
    return StyleRule(config.flag("RowRule"), of_header, config.value("Field"), test, simple, style_text(look), formula)


def styled(rules: Sequence[StyleRule], field: Field | None, fields: Sequence[Field], context: Context) -> pl.Expr | str:
    """The ` style="..."` that the rules give a row, or the cell of `field` in it; a later rule wins."""
    parts: list[pl.Expr | str] = []
    for rule in rules:
        condition = rule.condition(field, fields, context)
        style = together(f"{rule.style};", _computed(rule, field, fields, context), ";") if rule.style_formula else f"{rule.style};"
        if condition is not None:
            style = pl.when(condition).then(pl.lit(style) if isinstance(style, str) else style).otherwise(pl.lit(""))
        parts.append(style)
    if not parts:
        return ""
    if all(isinstance(part, str) for part in parts):
        return f' style="{"".join(part for part in parts if isinstance(part, str))}"'
    style = together(*parts)
    return pl.when(style == "").then(pl.lit("")).otherwise(together(' style="', style, '"'))


def _computed(rule: StyleRule, field: Field | None, fields: Sequence[Field], context: Context) -> pl.Expr:
    """The style that a rule's formula gives each row."""
    found = compiled(rule.style_formula, fields, context, extra=_current(field))
    return escaped(text_of(found.value, found.field))


def _current(field: Field | None) -> Mapping[str, Field | str] | None:
    return {"_CurrentField_": field, "_CurrentFieldName_": field.name} if field else None
