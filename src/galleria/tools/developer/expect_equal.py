"""Expect Equal: says an error where a stream is not record by record what another one says that it should be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.fields.names import find_field
from galleria.fields.types import Field
from galleria.messages import counted
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Seen, Tool, error

_MOST_ERRORS = 10


@dataclass(frozen=True)
class ExpectEqual(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.ExpectEqual.ExpectEqual",)
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Actual"), Anchor("Expected"))
    outputs: ClassVar[Sequence[str]] = ()

    @classmethod
    def read(cls, config: Configuration) -> Self:
        return cls()

    def build(self, inputs: Inputs, context: Context) -> Built:
        actual, expected = inputs.one("Actual"), inputs.one("Expected")
        notes = [error(text) for text in _field_problems(actual.fields, expected.fields)]
        counts = pl.concat([expected.frame.select(expected=pl.len()), actual.frame.select(actual=pl.len())], how="horizontal")
        if notes or not actual.fields:
            return Built(tallies={"counts": counts}, notes=notes)
        return Built(tallies={"counts": counts, "differing": _differing(actual, expected)})

    def messages(self, seen: Seen) -> Iterable[Say]:
        wanted, given = seen.tallies["counts"].row(0)
        if wanted != given:
            yield error(f"Expected: {wanted} row(s) Actual: {given} row(s)")
        elif "differing" in seen.tallies:
            found = seen.tallies["differing"]
            for name, row, expected, actual, _ in found.head(_MOST_ERRORS).iter_rows():
                yield error(f"Unexpected Value - Field:{name} Row:{row} Expected:{expected or ''} Actual:{actual or ''}")
            more = (found["number"].item(0) if len(found) else 0) - _MOST_ERRORS
            if more > 0:
                yield error(f"{counted(more, 'more error')} not displayed")


def _field_problems(actual: Sequence[Field], expected: Sequence[Field]) -> Iterable[str]:
    surplus = [field.name for field in actual if find_field(expected, field.name) is None]
    missing = [field.name for field in expected if find_field(actual, field.name) is None]
    if surplus:
        yield f"Field(s): {_listed(surplus)} present, but not expected."
    if missing:
        yield f"Field(s): {_listed(missing)} expected, but not present."
    if not surplus and not missing:
        orders = [";".join(field.name for field in fields) for fields in (expected, actual)]
        if orders[0].casefold() != orders[1].casefold():
            yield f"Different field order. Expected:{orders[0]} Actual:{orders[1]}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _told(field: Field) -> pl.Expr:
    """The value as a text that tells it from all others."""
    value = column(field.name)
    return value.bin.encode("hex") if field.type.is_binary else text_of(value, field)


def _differing(actual: Table, expected: Table) -> pl.LazyFrame:
    """A row for each of the first values that differ, with `number`, how many there are in all."""
    given = actual.frame.select(_told(field).alias(f"actual {at}") for at, field in enumerate(actual.fields))
    wanted = expected.frame.select(_told(field).alias(f"expected {at}") for at, field in enumerate(expected.fields))
    # Joined by number, not laid side by side: the streams may have different lengths.
    both = given.with_row_index("row", 1).join(wanted.with_row_index("row", 1), on="row", maintain_order="left")
    parts: list[pl.LazyFrame] = []
    for at, field in enumerate(expected.fields):
        values = both.select(name=pl.lit(field.name), row="row", expected=f"expected {at}", actual=f"actual {at}")
        parts.append(values.filter(pl.col("expected").ne_missing(pl.col("actual"))))
    found = pl.concat(parts).with_columns(number=pl.len())
    return found.sort("row", maintain_order=True).head(_MOST_ERRORS)
