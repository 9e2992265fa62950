"""Whether expressions agree in numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..errors import VerificationError
from ..expressions.nodes import Expr, dimensions
from .outcomes import NoValue
from .points import DESCENDING, random_points, sizes_of
from .slopes import steady
from .stand_ins import Array

TOLERANCE = 1e-9


def with_numbers(a: Expr, b: Expr, points: int) -> tuple[bool, str]:
    """Whether two expressions agree at random points, and how closely."""
    worst = 0.0
    for left, right in values([a, b], points):
        scale = max(1.0, float(np.max(np.abs(left))), float(np.max(np.abs(right))))
        worst = max(worst, float(np.max(np.abs(left - right))) / scale)
    return worst < TOLERANCE, f"with numbers: the relative difference is {worst:.0e}, the tolerance {TOLERANCE:.0e}"


def values(roots: Sequence[Expr], count: int, seed: int = 0) -> Iterator[list[Array]]:
    """The values of expressions at `count` random points of their common domain.

    Raises VerificationError where no such point is found.
    """
    names = dimensions(*roots)
    found = 0
    for round_, choice in enumerate(DESCENDING):
        for point in random_points(roots, sizes_of(names, choice), seed + round_):
            try:
                both = [steady(e, point) for e in roots]
            except NoValue:
                continue
            yield both
            found += 1
            if found == count:
                return
            break
    if not found:
        raise VerificationError("No point was found where the expressions have values.")
