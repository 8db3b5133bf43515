"""Report snippets: texts that hold a piece of a report in XHTML of few elements, built of constants and column expressions.

Whatever comes from data is escaped here, at the only place; and whoever shows a snippet reads it through `cleaning`.
"""

import html
import re

import polars as pl

from galleria.fields.types import V_STRING_MAX, Field, FieldType

BREAK = '<hr class="break"/>'
"""A new page begins here."""

_CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
"""What XML cannot hold."""

Part = str | pl.Expr
"""A constant piece of markup, or a column of markup."""


def snippet_field(name: str, kind: str) -> Field:
    """The field that a reporting tool makes; `kind` as the original says it (`Table:Basic`)."""
    return Field(name, FieldType.V_STRING, V_STRING_MAX, source=f"Report:{kind}:")


def is_snippet(field: Field) -> bool:
    return field.source.startswith("Report:")


def escape(text: str) -> str:
    """A text as markup; line breaks stay."""
    return html.escape(without_controls(text)).replace("\n", "<br/>")


def without_controls(text: str) -> str:
    """The text without what XML cannot hold."""
    return re.sub(_CONTROLS.replace(r"\x{fffe}\x{ffff}", "\ufffe\uffff"), "", text)


def escaped(text: pl.Expr) -> pl.Expr:
    """A column of texts as markup, Null as nothing."""
    value = text.fill_null("").str.replace_all(_CONTROLS, "").str.replace_all("&", "&amp;", literal=True)
    for character, markup in (("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\n", "<br/>")):
        value = value.str.replace_all(character, markup, literal=True)
    return value


def together(*parts: Part) -> pl.Expr:
    """The parts one after another; a Null among them is nothing."""
    return pl.concat_str([pl.lit(part) if isinstance(part, str) else part for part in parts], ignore_nulls=True)
