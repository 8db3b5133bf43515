"""Values held against the sizes of their fields before they are written: what does not fit is cut and told, never silently."""

from collections.abc import Mapping, Sequence

import polars as pl

from galleria.fields.columns import column
from galleria.fields.conversion import Converted
from galleria.fields.fitting import Fit
from galleria.fields.text_fit import fit_problem, fitted
from galleria.fields.types import V_WSTRING_MAX, Field, FieldType
from galleria.formats.format import TROUBLE
from galleria.messages import Status
from galleria.table.computing import Computing
from galleria.table.table import Table


def sized(field: Field) -> pl.Expr:
    """The column as its field can hold it: texts cut, characters beyond Latin-1 replaced, too long decimals Null."""
    value = column(field.name)
    if field.type is FieldType.FIXED_DECIMAL:
        return pl.when(value.cast(pl.String).str.len_chars() <= field.size).then(value).alias(field.name)
    return fitted(value, field).alias(field.name) if _is_limited(field) else value


def sized_together(table: Table, limit: int) -> tuple[pl.LazyFrame, pl.LazyFrame | None]:
    """All columns as `sized`, and what `size_trouble` tells of them, found in the same pass."""
    computing = Computing(table.frame)
    computing.assign((field, _converted(field)) for field in table.fields if _is_limited(field))
    frame, problems = computing.finish(table.fields, limit)
    status = pl.lit(int(Status.CONVERSION_ERROR)).alias("status")
    troubles = [found.select(status, "field", "count", "texts").cast(TROUBLE) for found in problems.values()]
    return frame, pl.concat(troubles) if troubles else None


def _converted(field: Field) -> Converted:
    return Converted(sized(field), _problem(field), fit=Fit(column(field.name), field) if field.type.is_text else None)


def size_trouble(frame: pl.LazyFrame, fields: Sequence[Field], limit: int) -> pl.LazyFrame | None:
    """What `sized` changes, as a `trouble` query with `limit` texts a field (0 for all); None where nothing can need a change."""
    return trouble_of(frame, {field.name: _problem(field) for field in fields if _is_limited(field)}, limit)


def trouble_of(frame: pl.LazyFrame, problems: Mapping[str, pl.Expr], limit: int) -> pl.LazyFrame | None:
    """Field conversion errors as a `trouble` query: by field, the text for a row or Null. None for no problems."""
    if not problems:
        return None
    told = frame.select(_told(name, problem.drop_nulls(), limit).alias(str(at)) for at, (name, problem) in enumerate(problems.items()))
    # One row of structs into one row for each struct.
    rows = told.select(told=pl.concat_list(pl.all())).explode("told").unnest("told")
    return rows.filter(pl.col("count") > 0).cast(TROUBLE)


def merged_trouble(frame: pl.LazyFrame, limit: int) -> pl.LazyFrame:
    """The troubles of many batches as those of one."""
    texts = pl.col("texts").explode(empty_as_null=False)
    return frame.group_by("status", "field", maintain_order=True).agg(pl.col("count").sum(), texts.head(limit) if limit else texts)


def _told(name: str, problems: pl.Expr, limit: int) -> pl.Expr:
    return pl.struct(
        status=pl.lit(int(Status.CONVERSION_ERROR), pl.Int64),
        field=pl.lit(name),
        count=problems.len().cast(pl.Int64),
        texts=(problems.head(limit) if limit else problems).implode(),
    )


def _problem(field: Field) -> pl.Expr:
    value = column(field.name)
    if field.type.is_text:
        return fit_problem(value, field)
    text = value.cast(pl.String)
    told = pl.concat_str(pl.lit('"'), text, pl.lit(f'" does not fit in Fixed Decimal {field.size}.{field.scale}'))
    return pl.when(text.str.len_chars() > field.size).then(told)


def _is_limited(field: Field) -> bool:
    """Whether there are values of the column's Polars type that the field cannot hold."""
    if field.type.is_text:
        return not field.type.is_wide or field.size < V_WSTRING_MAX
    return field.type is FieldType.FIXED_DECIMAL
