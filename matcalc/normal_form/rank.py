"""How large the rank of a matrix can be, from the way it is made: that of x yᵀ is at most 1."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ..expressions.nodes import Expr, fold

Bound = int | None


def is_singular(e: Expr) -> bool:
    """Whether a square matrix has no inverse, unless a size that is a name is one of the first few numbers.

    >>> from matcalc import parse
    >>> is_singular(parse("x y'")), is_singular(parse("X")), is_singular(parse("x y' + I"))
    (True, False, False)
    """
    size, bound = e.shape[0], fold(e, _bound, {})
    return bound is not None and size != 1 and (not isinstance(size, int) or bound < size)


def _bound(e: Expr, args: Sequence[Bound]) -> Bound:
    """A number that the rank does not exceed, of a matrix of any size, or None."""
    found: list[Bound] = [d for d in e.shape if isinstance(d, int)]
    if e.head in ("ones", "unit", "entry"):
        found.append(1)
    elif e.head == "zero":
        found.append(0)
    elif e.head in ("mul", "transpose"):
        found += args
    elif e.head == "scale":
        found.append(args[1])
    elif e.head == "add":
        found.append(None if None in args else sum(b for b in args if b is not None))
    elif e.head == "had" and all(isinstance(p, int) and p > 0 for p in e.data):
        found.append(None if None in args else prod(b**p for b, p in zip(args, e.data, strict=True) if b is not None))
    return min((b for b in found if b is not None), default=None)
