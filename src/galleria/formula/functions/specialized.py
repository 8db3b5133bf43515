"""Null and what takes its place, messages, and things from outside of the row."""

from collections.abc import Sequence

import polars as pl

from galleria.errors import FormulaError, UnsupportedError
from galleria.formula.by_row import by_value
from galleria.formula.kinds import NULL
from galleria.formula.operand import Operand
from galleria.formula.registry import Outcome, Site, function

_MESSAGE_TYPES = (1, 2, 3, 5, 8, 9)


@function("Null() -> Any", detailed=True)
def null(site: Site) -> Outcome:
    """Null, of whatever type is wanted."""
    return Outcome(pl.lit(None), type=NULL)


@function("Coalesce(values: T...) -> T")
def coalesce(values: Sequence[pl.Expr]) -> pl.Expr:
    """The first value that is not Null; all must be of one kind."""
    return pl.coalesce(values)


@function("GetVal(index: Int, values: T...) -> T")
def get_val(index: pl.Expr, values: Sequence[pl.Expr]) -> pl.Expr:
    """The argument at that place, from 0; Null where there is none."""
    result = pl.when(index == 0).then(values[0])
    for place, value in enumerate(values[1:], 1):
        result = result.when(index == place).then(value)
    return result.otherwise(None)


@function("GetEnvironmentVariable(name: String) -> String", detailed=True)
def get_environment_variable(site: Site, name: Operand) -> pl.Expr:
    """The value of a variable of the machine's environment that the run may see; Null where there is none."""
    known = {variable.casefold(): value for variable, value in site.environment.machine_variables.items()}
    return by_value(lambda wanted: known.get(wanted.casefold()), pl.String(), name.expression)


@function('ReadRegistryString(key: String, name: String, default: String = "") -> String')
def read_registry_string(key: pl.Expr, name: pl.Expr, default: pl.Expr) -> pl.Expr:
    """A text of the Windows registry; always the default, since there is no registry here."""
    return default


@function("Message(type: Int, message: String, value: T) -> T", detailed=True)
def message(site: Site, kind: Operand, text: Operand, value: Operand) -> Outcome:
    """`value`, with a message said for the row: 1 a message, 2 a warning, 3 an error, 5 a conversion error, 8 and 9 a file."""
    number = kind.constant if kind.is_constant else None
    if number not in _MESSAGE_TYPES:
        raise FormulaError("Message needs a constant type: 1, 2, 3, 5, 8 or 9", kind.position)
    if number != 5:
        raise UnsupportedError("function Message", "only conversion errors (type 5) can be said by an expression")
    return Outcome(value.expression, problem=text.expression)


@function("EscapeXMLMetacharacters(text: String) -> String")
def escape_xml(text: pl.Expr) -> pl.Expr:
    """The text with `"`, `'`, `<`, `>` and `&` as XML writes them."""
    return text.str.replace_many({"&": "&amp;", '"': "&quot;", "'": "&apos;", "<": "&lt;", ">": "&gt;"})
