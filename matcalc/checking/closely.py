"""Two expressions at one point, in as many digits as it takes to tell a difference from rounding.

A difference is real if it is the same in forty digits and in six times as many, or in floating-point numbers, and if
it is more than rounding makes of the greatest number on the way to it: 1 - sigmoid(300) is 0 in forty digits, and times
exp(300) it is nearly 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, Literal

import numpy as np

from ..evaluation.precise import Outcome, Precise
from ..evaluation.precise_matrices import NoValue as Nowhere
from ..expressions.nodes import Expr
from .points import Point
from .stand_ins import Array

DIGITS = 40
MORE = 240
MOST_DIGITS = 2500
LEVELS = 3
MARGIN = 10  # powers of ten by which a difference must be more than rounding
MODERATE = 10  # and by which numbers may be greater than 1 so that floating-point numbers are worth something
SAME = 1e-6  # relative, of a difference in so many digits and in more

Domain = Literal["almost everywhere", "everywhere", "of the left side"]
"""Where one expression may not be without a value that the other has: but for points that are no open set, anywhere,
or anywhere where the left one has a value."""

Kind = Literal["equal", "apart", "neither", "untold"]


@dataclass(slots=True)
class Found:
    """What there is at a point in so many digits: whether the two are equal, and how they differ.

    There is no gap where one of them has no value; where it may be rounding they are equal.
    """

    kind: Kind
    gap: Any = None
    said: str = ""


@dataclass(slots=True)
class Comparison:
    """Two expressions and their difference in normal form, to be compared at points."""

    left: Expr
    right: Expr
    difference: Expr
    domain: Domain
    levels: dict[int, Precise] = field(default_factory=dict)

    def at(self, point: Point, rough: float, twice: bool) -> Found:
        """Compare at a point; `twice` where a difference should be looked for that is less than forty digits show.

        `rough` is the difference that floating-point numbers have seen there, infinite where only one has a value.
        """
        digits, before = DIGITS, Found("apart", rough) if 0 < rough < inf else Found("untold")
        for level in range(LEVELS):
            precise, outcomes = self._values(point, digits)
            found = self._told(precise, outcomes, point)
            if found.kind == "neither" or found.kind == "untold" and not rough and not twice:
                return found
            if found.kind == "equal" and (level or not twice or not found.gap and precise.spread < digits):
                return found
            credible = found.gap is None or precise.ctx.log10(found.gap or 1) > precise.reach - digits + MARGIN
            if credible and _is_same(before, found) and (level or precise.reach <= MODERATE):
                return found
            before, digits = found, max(MORE * 3**level, 2 * digits)
            if not credible or found.gap is None or not found.gap:
                digits = max(digits, DIGITS + 2 * precise.spread)
            if digits > MOST_DIGITS:
                break
        return before if before.kind == "equal" else Found("untold")

    def _values(self, point: Point, digits: int) -> tuple[Precise, list[Outcome]]:
        precise = self.levels.get(digits)
        if precise is None:
            precise = self.levels[digits] = Precise(digits)
        arrays = {
            name: polished(precise, path(0.0), point.properties.get(name, frozenset()))
            for name, path in point.paths.items()
        }
        roots = [self.left, self.right, self.difference]
        return precise, precise.evaluate(roots, arrays, point.sizes, point.functions)

    def _told(self, precise: Precise, outcomes: Sequence[Outcome], point: Point) -> Found:
        """What so many digits tell."""
        a, b, d = outcomes
        real_a, real_b = precise.is_real(a), precise.is_real(b)
        if not real_a and (self.domain == "of the left side" or not real_b):
            return Found("untold" if _is_untold(a) or _is_untold(b) else "neither")
        if isinstance(a, Nowhere) or isinstance(b, Nowhere):
            if point.special and self.domain == "almost everywhere":
                return Found("neither")
            value, missing, other = (b, "first", "second") if isinstance(a, Nowhere) else (a, "second", "first")
            if not isinstance(value, np.ndarray):
                return Found("untold")
            shown = precise.shown(value[0, 0]) if value.size == 1 else "a matrix"
            return Found("apart", None, f"the {other} is {shown} and the {missing} has no value")
        if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray):
            return Found("untold")
        d = d if isinstance(d, np.ndarray) else a - b
        gap, scale = precise.largest(d), max(precise.largest(a), precise.largest(b))
        if gap <= scale * precise.ctx.mpf(10) ** (-precise.ctx.dps // 2):
            return Found("equal", gap)
        return Found("apart", gap, _entries(precise, a, b, d))


def _is_untold(value: Outcome) -> bool:
    return not isinstance(value, np.ndarray | Nowhere)


def _is_same(before: Found, found: Found) -> bool:
    """Whether the same difference shows again."""
    if before.kind != "apart" or found.kind != "apart":
        return False
    if before.gap is None or found.gap is None:
        return before.gap is None and found.gap is None
    return bool(abs(found.gap - before.gap) <= SAME * before.gap)


def polished(precise: Precise, a: Array, properties: frozenset[str]) -> Array:
    """A matrix that is orthogonal or idempotent in floating-point numbers, made so in all digits by Newton's steps."""
    a = precise.lifted(a)
    if not properties & {"orthogonal", "idempotent"} or a.shape[0] != a.shape[1]:
        return a
    if "symmetric" in properties:
        a = (a + a.T) / 2
    steps = precise.ctx.dps.bit_length()
    for _ in range(steps):
        a = (3 * a - a @ a.T @ a) / 2 if "orthogonal" in properties else 3 * a @ a - 2 * a @ a @ a
    return np.asarray(a)


def _entries(precise: Precise, a: Array, b: Array, d: Array) -> str:
    """The entries that differ most."""
    at = max(np.ndindex(d.shape), key=lambda i: abs(d[i]))
    where = "" if d.size == 1 else f" in entry ({at[0] + 1}, {at[1] + 1})"
    left, right = precise.shown(a[at]), precise.shown(b[at])
    if left == right:
        return f"{left}{where}, and they differ by {precise.shown(d[at])}"
    return f"{left} and {right}{where}"
