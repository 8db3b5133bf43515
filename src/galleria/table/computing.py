"""Columns computed one after another, and the problems met on the way: what Formula, Select and their relatives share."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl
import polars.selectors as cs

from galleria.fields.columns import columns
from galleria.fields.conversion import Converted, problems_by_field
from galleria.fields.fitting import Fit, fitted_together
from galleria.fields.rare import is_constant
from galleria.fields.types import Field


class Computing:
    """Collects assignments to fields; problems are found in the pass that computes the values."""

    def __init__(self, frame: pl.LazyFrame) -> None:
        self.frame = frame
        """With what was assigned so far."""
        self._problems: list[tuple[str, str]] = []
        """Hidden columns with the fields that they tell of; no field where the column says it itself."""
        self._reported: dict[str, None] = {}
        """The fields that may have problems, in the order in which these are reported."""
        self._hidden = 0

    def assign(self, assignments: Iterable[tuple[Field, Converted]]) -> None:
        """Set columns, all from the values as they were before."""
        first: list[pl.Expr] = []
        then: list[pl.Expr] = []
        fits: list[Fit] = []
        for field, made in assignments:
            if made.problem is not None:
                self._reported[field.name] = None
            if (made.together is None and made.fit is None) or is_constant(made.value):
                first.append(made.value.alias(field.name))
                if made.problem is not None:
                    first.append(made.problem.alias(self._told(field.name)))
            elif made.fit is not None:
                fits.append(made.fit)
            elif made.together is not None:
                both = self._name()
                first.append(made.together.alias(both))
                parts = pl.col(both).struct
                then += [parts.field("value").alias(field.name), parts.field("problem").alias(self._told(field.name))]
        all_of_them = self._name()
        if fits:
            first.append(fitted_together(fits, self._told("")).alias(all_of_them))
        self._add(first)
        self._add(then)
        if fits:
            replaced = cs.by_name(*(fit.target.name for fit in fits), require_all=False)
            self.frame = self.frame.drop(replaced).unnest(all_of_them)

    def _add(self, added: Sequence[pl.Expr]) -> None:
        if added:
            self.frame = self.frame.with_columns(added)

    def finish(self, fields: Sequence[Field], limit: int) -> tuple[pl.LazyFrame, Mapping[str, pl.LazyFrame]]:
        """The columns of `fields`, and the problems as `Built.problems`."""
        queries: dict[str, pl.LazyFrame] = {}
        if self._problems:
            self.frame = self.frame.cache()
            hidden = [pl.col(name) for name, _ in self._problems]
            # Only rows with problems wait for their turn in the union: all the others would have to be kept for it.
            odd = self.frame.select(hidden).filter(pl.any_horizontal(one.is_not_null() for one in hidden)).cache()
            told = pl.concat([_texts(odd, name, field) for name, field in self._problems])
            queries = {"": problems_by_field(told, list(self._reported), limit)}
        return self.frame.select(columns(field.name for field in fields)), queries

    def _told(self, field: str) -> str:
        name = self._name()
        self._problems.append((name, field))
        return name

    def _name(self) -> str:
        # No field is called so: a document cannot hold this character.
        self._hidden += 1
        return f"\0computed {self._hidden}"


def _texts(frame: pl.LazyFrame, hidden: str, field: str) -> pl.LazyFrame:
    """Field and text of each problem in a hidden column."""
    if not field:
        return frame.select(hidden).drop_nulls().explode(hidden).unnest(hidden)
    return frame.select(field=pl.lit(field), problem=pl.col(hidden)).drop_nulls()
