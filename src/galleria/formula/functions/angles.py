"""Angles in radians, and functions of them; a value outside of a function's domain gives Null."""

import math

import polars as pl

from galleria.formula.registry import function


@function("Pi() -> Number")
def pi() -> pl.Expr:
    """3.14159265358979..."""
    return pl.lit(math.pi)


@function("Sin(angle: Double) -> Number")
def sin(angle: pl.Expr) -> pl.Expr:
    """The sine of an angle."""
    return angle.sin()


@function("Cos(angle: Double) -> Number")
def cos(angle: pl.Expr) -> pl.Expr:
    """The cosine of an angle."""
    return angle.cos()


@function("Tan(angle: Double) -> Number")
def tan(angle: pl.Expr) -> pl.Expr:
    """The tangent of an angle."""
    return angle.tan()


@function("ASin(number: Double) -> Number")
def asin(number: pl.Expr) -> pl.Expr:
    """The angle whose sine is the number; Null outside of -1 to 1."""
    return pl.when(number.abs() <= 1).then(number.arcsin())


@function("ACos(number: Double) -> Number")
def acos(number: pl.Expr) -> pl.Expr:
    """The angle whose cosine is the number; Null outside of -1 to 1."""
    return pl.when(number.abs() <= 1).then(number.arccos())


@function("ATan(number: Double) -> Number")
def atan(number: pl.Expr) -> pl.Expr:
    """The angle whose tangent is the number."""
    return number.arctan()


@function("ATan2(y: Double, x: Double) -> Number")
def atan2(y: pl.Expr, x: pl.Expr) -> pl.Expr:
    """The angle of the point (x, y), from -pi to pi."""
    return pl.arctan2(y, x)


@function("SinH(number: Double) -> Number")
def sinh(number: pl.Expr) -> pl.Expr:
    """The hyperbolic sine; Null where it is too large."""
    return finite(number.sinh())


@function("CosH(number: Double) -> Number")
def cosh(number: pl.Expr) -> pl.Expr:
    """The hyperbolic cosine; Null where it is too large."""
    return finite(number.cosh())


@function("TanH(number: Double) -> Number")
def tanh(number: pl.Expr) -> pl.Expr:
    """The hyperbolic tangent."""
    return number.tanh()


def finite(number: pl.Expr) -> pl.Expr:
    """The number; Null for infinity and what is no number."""
    return pl.when(number.is_finite()).then(number)
