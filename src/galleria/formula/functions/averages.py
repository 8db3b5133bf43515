"""Means of the arguments."""

from collections.abc import Sequence

import polars as pl

from galleria.errors import UnsupportedError
from galleria.formula.registry import function


@function("Average(numbers: Double...) -> Number")
def average(numbers: Sequence[pl.Expr]) -> pl.Expr:
    """The mean of all arguments; Null counts as 0."""
    return pl.mean_horizontal([number.fill_null(0) for number in numbers])


@function("AverageNonNull(numbers: Double...) -> Number")
def average_non_null(numbers: Sequence[pl.Expr]) -> pl.Expr:
    """The mean of the arguments that are not Null; Null where all are."""
    return pl.mean_horizontal(numbers, ignore_nulls=True)


@function("Median(numbers: Double...) -> Number")
def median(numbers: Sequence[pl.Expr]) -> pl.Expr:
    """The middle one of the arguments in order of size, or the mean of the two middle ones; Null counts as 0."""
    return pl.concat_list([number.fill_null(0) for number in numbers]).list.median()


@function("RangeMedian(ranges: Double...) -> Number")
def range_median(ranges: Sequence[pl.Expr]) -> pl.Expr:
    """The median of a distribution that is given as counts of ranges."""
    raise UnsupportedError("function RangeMedian", "no published text says how the ranges are given")
