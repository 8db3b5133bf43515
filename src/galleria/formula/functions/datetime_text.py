"""Dates written and read in formats."""

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.dates import text_of_date
from galleria.fields.rare import mapped
from galleria.fields.types import FieldType
from galleria.formula.by_row import by_row
from galleria.formula.date_columns import read_column
from galleria.formula.date_format import format_moments, split_format, write
from galleria.formula.date_names import Names, names_of
from galleria.formula.date_parse import Reader, reader_for
from galleria.formula.kinds import DATETIME, TEXT, Kind
from galleria.formula.operand import Operand
from galleria.formula.registry import Outcome, Site, function
from galleria.formula.zones import zone_of


@function("DateTimeFormat(moment: DateTime, format: String, language: String = Null(), zone: String = Null()) -> String", detailed=True)
def date_time_format(site: Site, moment: Operand, format_text: Operand, language: Operand, zone: Operand) -> pl.Expr:
    """The date as text in a format of `%` specifiers (`%d/%m/%Y`), with names in that language."""
    names = _names(language)
    where = zone_of(zone, site)
    if format_text.is_constant:
        pattern = format_text.constant_text
        if pattern is None:
            return pl.lit(None, dtype=pl.String)
        return format_moments(moment.expression, pattern, names, format_text.position, where)
    return by_row(
        lambda value, pattern: write(value, split_format(pattern), names, where),
        pl.String(),
        [moment.expression, format_text.expression],
    )


@function(
    "DateTimeParse(text: String, format: String, language: String = Null(), zone: String = Null()) -> Date|Time|DateTime|String",
    detailed=True,
)
def date_time_parse(site: Site, text: Operand, format_text: Operand, language: Operand, zone: Operand) -> Outcome:
    """The date that a text says in a format of `%` specifiers (`%d/%m/%Y`), with names in that language.

    A Date, a Time or a DateTime, as the format has it. Null, and a conversion error, where the text does not follow the
    format or names a day that does not exist.
    """
    names = _names(language)
    year = site.environment.started.year
    told = pl.concat_str(
        pl.lit('DATETIMEPARSE: "'), text.expression, pl.lit('" does not match the format "'), format_text.expression, pl.lit('"')
    )
    if not format_text.is_constant:
        value = by_row(
            lambda item, pattern: _any_text(reader_for(pattern, names, year), item), pl.String(), [text.expression, format_text.expression]
        )
        return Outcome(value, pl.when(value.is_null() & text.expression.is_not_null()).then(told), TEXT)
    pattern = format_text.constant_text
    if pattern is None:
        return Outcome(pl.lit(None, dtype=pl.Datetime("us")), type=DATETIME)
    reader = reader_for(pattern, names, year, format_text.position)
    kind = reader.kind
    value = mapped(text.expression, lambda column: read_column(column, pattern, reader), kind.dtype)
    return Outcome(value, pl.when(value.is_null() & text.expression.is_not_null()).then(told), kind)


def _names(language: Operand) -> Names:
    if not language.is_constant:
        raise UnsupportedError("DateTimeFormat and DateTimeParse", "the language must be a constant")
    return names_of(language.constant_text or "")


def _any_text(reader: Reader, text: str) -> str | None:
    moment = reader.read(text)
    if moment is None:
        return None
    kind = reader.kind.kind
    value = moment.date() if kind is Kind.DATE else moment.time() if kind is Kind.TIME else moment
    return pl.select(text_of_date(pl.lit(value), FieldType(kind.value))).item()
