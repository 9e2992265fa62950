"""Values and slopes of expressions at points, found with numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from ..errors import EvaluationError
from ..evaluation.arrays import Numbers, value
from ..expressions.nodes import Expr
from .outcomes import NoValue
from .points import Point
from .stand_ins import Array

TOLERANCE = 1e-6  # relative, of a slope found with numbers
EXACT = 1e-8  # relative, of two values that should be one
AGREEMENT = 1e-7  # relative, of two slopes found with different steps
STEPS = (1e-2, 1.7e-3, 3e-4)  # the widest of the steps that a slope is extrapolated from, in turn
STEADY = 1e-11  # a value that a change of this size in the inputs changes visibly is none
LARGEST = 1e7  # what is larger may oscillate faster than the steps


def value_at(e: Expr, known: Numbers, memo: dict[Expr, Array] | None = None) -> Array:
    """The value as a matrix; raises NoValue where there is no finite real one."""
    try:
        a = value(e, known, memo)
    except (EvaluationError, ArithmeticError, ValueError, np.linalg.LinAlgError) as problem:
        raise NoValue(str(problem)) from problem
    if a.dtype.kind == "c" or not np.isfinite(a).all():
        raise NoValue("it has no finite real value")
    return a


def numbers_at(
    point: Point, more: Mapping[str, Array] | None = None, moving: Iterable[str] = (), t: float = 0.0
) -> Numbers:
    """What the names stand for at a point, what moves being taken at time t."""
    return Numbers({**point.matrices(moving, t), **(more or {})}, dict(point.sizes), point.functions)


def at(
    e: Expr, point: Point, more: Mapping[str, Array] | None = None, moving: Iterable[str] = (), t: float = 0.0
) -> Array:
    """The value at a point, what moves being taken at time t."""
    return value_at(e, numbers_at(point, more, moving, t))


def steady(e: Expr, point: Point, more: Mapping[str, Array] | None = None) -> Array:
    """The value where the least change of the inputs does not change it: near a singular matrix numbers say nothing."""
    a = at(e, point, more)
    b = at(e, point, more, point.paths, STEADY)
    if np.abs(a - b).max(initial=0) > 1e-7 * (1 + np.abs(a).max(initial=0)):
        raise NoValue("it is too sensitive there")
    return a


def slope(e: Expr, point: Point, moving: Iterable[str]) -> Array:
    """The derivative along the curves at time 0, which two ranges of steps agree on: else it has a kink or waves."""
    names = list(moving)
    if magnitude(at(e, point)) > LARGEST:
        raise NoValue("it is too large there")
    before: Array | None = None
    for step in STEPS:
        found = _extrapolated(e, point, names, step)
        if before is not None and magnitude(found - before) <= AGREEMENT * (1e-3 + magnitude(found)):
            return found
        before = found
    raise NoValue("it has no slope there that numbers could find")


def _extrapolated(e: Expr, point: Point, names: Sequence[str], step: float) -> Array:
    """Central differences at four steps, extrapolated three times to a step of zero."""
    steps = [step / 2**i for i in range(4)]
    row = [(at(e, point, None, names, h) - at(e, point, None, names, -h)) / (2 * h) for h in steps]
    for level in range(1, 4):
        row = [(4**level * b - a) / (4**level - 1) for a, b in pairwise(row)]
    return np.asarray(row[0])


def differ(a: Array, b: Array, tolerance: float, scale: float = 0.0) -> str:
    """Where and by how much two arrays differ, or nothing."""
    if a.shape != b.shape:
        return f"{a.shape[0]}×{a.shape[1]} and {b.shape[0]}×{b.shape[1]}"
    size = max(np.abs(a).max(initial=0), np.abs(b).max(initial=0), 1e-3 * scale, 1e-6)
    gap = np.abs(a - b)
    if gap.max(initial=0) <= tolerance * size:
        return ""
    i, j = (int(k) for k in np.unravel_index(gap.argmax(), gap.shape))
    place = "" if a.size == 1 else f" in entry ({i + 1}, {j + 1})"
    return f"{a[i, j]:.10g} and {b[i, j]:.10g}{place}"


def magnitude(a: Array) -> float:
    """The largest absolute entry."""
    return float(np.abs(a).max(initial=0))
