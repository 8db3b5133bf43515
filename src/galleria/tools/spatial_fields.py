"""What the spatial tools share: their fields, their units, a new field behind the others."""

from collections.abc import Sequence

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.names import unique_names
from galleria.fields.types import Field, FieldType
from galleria.spatial.sphere import METRES_A_MILE
from galleria.table.table import Table
from galleria.tools.configuration import Configuration

UNITS = {"Miles": METRES_A_MILE, "Kilometers": 1000.0}
"""Metres."""


def spatial_field(table: Table, name: str) -> Field:
    """The field of that name; raises ToolError where it is missing or holds no spatial objects."""
    found = table.field(name)
    if found.type is not FieldType.SPATIAL:
        raise ToolError(f'The field "{found.name}" is a {found.type}, not a spatial object.')
    return found


def read_units(config: Configuration, path: str = "Units") -> str:
    """`Miles` or `Kilometers`."""
    return config.choice(path, list(UNITS), "Miles")


def not_negative(config: Configuration, path: str, default: float) -> float:
    """A length or a share; raises ToolError for one below zero."""
    number = config.number(path, default)
    if number < 0:
        raise ToolError(f"{path} must not be negative, and is {number:g}.")
    return number


def appended(table: Table, made: Sequence[tuple[Field, pl.Expr]], dropped: Field | None = None) -> Table:
    """The table with fields behind the others, numbered where their names are taken, and without one that they replace; same rows."""
    kept = [field for field in table.fields if field is not dropped]
    names = unique_names([field.name for field in (*kept, *(field for field, _ in made))])
    fields = [*kept, *(field.renamed(name) for (field, _), name in zip(made, names[len(kept) :], strict=True))]
    values = [column(field.name) for field in kept] + [value.alias(name) for (_, value), name in zip(made, names[len(kept) :], strict=True)]
    return table.same_rows(table.frame.select(values), fields)
