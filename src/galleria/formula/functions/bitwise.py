"""Whole numbers as 64 bits; decimals are cut off first."""

import polars as pl

from galleria.formula.registry import function

_BITS = 64


@function("BinaryAnd(left: Int, right: Int) -> Int")
def binary_and(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """The bits that are set in both numbers."""
    return left & right


@function("BinaryOr(left: Int, right: Int) -> Int")
def binary_or(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """The bits that are set in either number."""
    return left | right


@function("BinaryXOr(left: Int, right: Int) -> Int")
def binary_xor(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """The bits that are set in one of the numbers only."""
    return left ^ right


@function("BinaryNot(number: Int) -> Int")
def binary_not(number: pl.Expr) -> pl.Expr:
    """Every bit turned over: -7 for 6."""
    return -1 - number


@function("ShiftLeft(number: Int, bits: Int) -> Int")
def shift_left(number: pl.Expr, bits: pl.Expr) -> pl.Expr:
    """The bits moved left; those beyond the 64th are lost; a negative count moves them right."""
    return pl.when(bits < 0).then(_right(number, -bits)).otherwise(_left(number, bits))


@function("ShiftRight(number: Int, bits: Int) -> Int")
def shift_right(number: pl.Expr, bits: pl.Expr) -> pl.Expr:
    """The bits moved right, zeros coming in: the largest Int64 for -1 and 1; a negative count moves them left."""
    return pl.when(bits < 0).then(_left(number, -bits)).otherwise(_right(number, bits))


def _left(number: pl.Expr, bits: pl.Expr) -> pl.Expr:
    # A product of unsigned numbers wraps, as bits that are moved out do.
    power = pl.lit(2, dtype=pl.UInt64).pow(bits.clip(0, _BITS - 1).cast(pl.UInt32))
    moved = (_unsigned(number) * power).reinterpret(signed=True)
    return pl.when(bits >= _BITS).then(number * 0).otherwise(moved)


def _right(number: pl.Expr, bits: pl.Expr) -> pl.Expr:
    power = pl.lit(2, dtype=pl.UInt64).pow(bits.clip(0, _BITS - 1).cast(pl.UInt32))
    moved = (_unsigned(number) // power).reinterpret(signed=True)
    return pl.when(bits >= _BITS).then(number * 0).otherwise(moved)


def _unsigned(number: pl.Expr) -> pl.Expr:
    return number.reinterpret(signed=False)
