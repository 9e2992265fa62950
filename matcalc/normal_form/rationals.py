"""Exact rational coefficients: their content, their powers, and what a number makes of a root beside it."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, isqrt, lcm

from ..expressions.nodes import Rational

LARGEST_POWER = 10_000  # bits of a number that is raised to a power; beyond, the power stays as it is written


def exact(c: Rational) -> Rational:
    """An integer as an int, which is quicker to add and to multiply."""
    if type(c) is int:  # asking whether an int is a Fraction is slow: that is an abstract class
        return c
    return c.numerator if c.denominator == 1 else c


def content_of(coefficients: list[Rational]) -> Rational:
    """The rational number that leaves coprime integers, the first of them positive."""
    numerator, denominator = 0, 1
    for c in coefficients:
        numerator = gcd(numerator, c.numerator)
        denominator = lcm(denominator, c.denominator)
    sign = -1 if coefficients[0] < 0 else 1
    return exact(Fraction(sign * numerator, denominator))


def under_root(coefficient: Rational, c: Rational, p: Rational) -> tuple[Rational, Rational]:
    """A number times a power of another: 2 times 2^(-1/2) is 2^(1/2), and 2^(1/2) over 2 is 2^(-1/2)."""
    if abs(c) == 1:
        return coefficient, p
    if p < 0 and (coefficient / Fraction(c)).denominator == 1:
        return exact(coefficient / Fraction(c)), exact(p + 1)
    if p > 0 and c.denominator == 1 and Fraction(coefficient).denominator % c == 0:
        return exact(coefficient * Fraction(c)), exact(p - 1)
    return coefficient, p


def rational_power(c: Rational, p: Rational) -> Rational | None:
    """c^p where that is rational and can be computed, else None."""
    if isinstance(p, int):
        if abs(p) * (c.numerator.bit_length() + c.denominator.bit_length()) > LARGEST_POWER and abs(c) != 1:
            return None
        return exact(Fraction(c) ** p) if c else (None if p < 0 else 0)
    if c < 0 or p.denominator != 2:
        return 1 if c == 1 else None
    top, bottom = isqrt(c.numerator), isqrt(c.denominator)
    if top * top == c.numerator and bottom * bottom == c.denominator:
        return rational_power(Fraction(top, bottom), p.numerator)
    return None
