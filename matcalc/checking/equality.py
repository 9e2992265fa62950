"""Deciding whether two expressions are equal: by normal form, by one identity, over a finite field, or with numbers.

A rational expression that vanishes at a random point modulo the prime p = 2⁶¹ - 1 is zero with overwhelming probability
(Schwartz 1980, Zippel 1979: at most degree/p per point), and one that does not vanish is certainly not zero.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from ..errors import ShapeError
from ..evaluation.finite_field import NotRational, Singular, random_matrix, value
from ..expressions.nodes import Expr, dimensions, postorder
from ..normal_form.algebra import Algebra
from ..simplification.alternatives import rewritings

POINTS = 3


@dataclass(frozen=True, slots=True)
class Equality:
    """The verdict, true where the two are equal, and how it was reached."""

    equal: bool
    how: str

    def __bool__(self) -> bool:
        return self.equal

    def __str__(self) -> str:
        return f"{'equal' if self.equal else 'not equal'} ({self.how})"


def equality(algebra: Algebra, a: Expr, b: Expr) -> Equality:
    """Decide whether two expressions over the same symbols are equal."""
    if a.shape != b.shape:
        raise ShapeError("Two expressions of different shapes are not compared.")
    if a is b:
        return Equality(True, "one normal form")
    for rule, made in rewritings(algebra, a):
        if made is b:
            return Equality(True, f"by the identity {rule.label}")
    try:
        return _over_field(a, b)
    except NotRational:
        from .agreement import with_numbers  # NumPy only where it is needed

        return Equality(*with_numbers(a, b, POINTS))


def _over_field(a: Expr, b: Expr) -> Equality:
    generator = random.Random(f"{a.digest} {b.digest}")
    decided = 0
    for attempt in range(4 * POINTS):
        sizes = {name: 2 + (i + attempt) % 3 for i, name in enumerate(dimensions(a, b))}
        values = {e: random_matrix(e, sizes, generator) for e in postorder(a, b) if e.head == "symbol"}
        try:
            left, right = value(a, values, sizes), value(b, values, sizes)
        except Singular:
            continue
        if left != right:
            return Equality(False, "exactly: they differ at a point of a finite field")
        decided += 1
        if decided == POINTS:
            return Equality(True, f"exactly, at {POINTS} random points modulo 2^61 - 1")
    raise NotRational
