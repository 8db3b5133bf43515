"""Values of fields in reports: as text with so many decimal places, as markup."""

import polars as pl

from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.types import Field
from galleria.reports.markup import escaped, is_snippet
from galleria.tools.contract import Context
from galleria.tools.expressions import compiled


def value_markup(field: Field, places: str, context: Context) -> pl.Expr:
    """A field's values as markup, Null as nothing: snippets as they are, numbers with `places` decimals where that says a number."""
    value = column(field.name)
    if is_snippet(field):
        return value.fill_null("")
    if field.type.is_binary:
        return pl.lit("")
    if places.isdecimal() and field.type.is_numeric:
        return escaped(compiled(f"ToString([_Value_], {int(places)})", [field], context, extra={"_Value_": field}).value)
    return escaped(text_of(value, field))


def shown_markup(field: Field) -> pl.Expr:
    """What a field that was chosen as a piece of the report adds to it: texts are markup, whoever made them; Null is nothing.

    A snippet that went through other tools may have lost its source, and users write markup in formulas; whoever shows it
    reads it through `reports.cleaning`.
    """
    value = column(field.name)
    if field.type.is_text:
        return value.fill_null("")
    return pl.lit("") if field.type.is_binary else escaped(text_of(value, field))
