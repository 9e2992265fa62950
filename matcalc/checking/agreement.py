"""Whether two expressions agree in numbers, wherever one looks.

They are computed with floating-point numbers at many points, and in forty digits at some of them and wherever the first
see a difference.  What is left of a difference then is real if it does not shrink with eighty digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

import numpy as np

from ..evaluation.arrays import Numbers
from ..evaluation.precise import Outcome, Precise
from ..evaluation.precise_matrices import NoValue as Nowhere
from ..evaluation.sizes import size_choices
from ..expressions.nodes import Expr, postorder
from ..expressions.parts import symbols
from ..normal_form.algebra import Algebra
from .kinks import both_sides
from .outcomes import NoValue
from .points import WIDE, Point, is_telling, random_points
from .slopes import numbers_at, value_at
from .stand_ins import Array

DIGITS = 40
CLOSE = 1e-9  # relative, of two values in floating-point numbers
EQUAL = 1e-20  # relative, of two values in forty digits; a lesser difference has to stand the test of eighty
PER_SIZE = 3  # points for each choice of sizes
ALONE = 16  # points where there are no sizes to choose
PRECISELY = 12  # points that are computed in forty digits though nothing is suspicious
DOUBLED = 2  # points where a difference that looks like rounding is computed in eighty, too
KINKS = 16  # points beside kinks
WORK = 100_000  # multiplications in forty digits that are spent where nothing is suspicious
PRODUCTS = {
    "expm": 30,
    "sqrtm": 50,
    "logm": 100,
    "frechet_expm": 240,
    "frechet_sqrtm": 400,
    "frechet_logm": 3000,
    "kronecker_expm": 240,
    "kronecker_power": 50,
}
"""About how many products of matrices a function takes; a direction is one of a matrix of twice the size."""
SPECIAL = ("integers", "zero", "zero", "singular", "singular", "zero")


Domain = Literal["almost everywhere", "everywhere", "of the left side"]
"""Where one expression may not be without a value that the other has: but for points that are no open set, anywhere,
or anywhere where the left one has a value."""


@dataclass(slots=True)
class Agreement:
    """What numbers say: at how many points two expressions agree, or where they do not."""

    points: int = 0
    telling: bool = False  # not all sizes were 1
    difference: str = ""
    precise: int = 0
    doubled: int = 0


@dataclass(slots=True)
class _Pair:
    """Two expressions, their difference in normal form, and what is known of their symbols."""

    left: Expr
    right: Expr
    difference: Expr
    conditions: Mapping[str, frozenset[str]]
    domain: Domain
    found: Agreement = field(default_factory=Agreement)
    digits: dict[int, Precise] = field(default_factory=dict)
    work: int = WORK

    @property
    def roots(self) -> tuple[Expr, Expr]:
        return self.left, self.right


def agreement(
    algebra: Algebra,
    left: Expr,
    right: Expr,
    conditions: Mapping[str, frozenset[str]] | None = None,
    domain: Domain = "almost everywhere",
) -> Agreement:
    """Compare two expressions at random points, for sizes of every order, and on both sides of kinks.

    Where one of them is real and the other is not they differ; so they do where one has no value at all, as far as
    `domain` says.
    """
    difference = algebra.linear([(1, left), (-1, right)])
    pair = _Pair(left, right, difference, conditions or {}, domain)
    for point in _all_points(pair):
        _look(pair, point)
        if pair.found.difference:
            break
    return pair.found


def _all_points(pair: _Pair) -> Iterator[Point]:
    choices = list(size_choices(*pair.roots))
    wanted = ALONE if len(choices) == 1 else PER_SIZE
    for number, sizes in enumerate(choices):
        before = pair.found.points
        moods = (*WIDE[number % len(WIDE) :], *WIDE[: number % len(WIDE)])
        for point in random_points(pair.roots, sizes, number, pair.conditions, (), moods):
            yield point
            if pair.found.points >= before + wanted:
                break
    for sizes in choices[:2]:
        yield from random_points(pair.roots, sizes, 0, pair.conditions, (), SPECIAL)
        for start in islice(random_points(pair.roots, sizes, 0, pair.conditions, (), WIDE), 1):
            yield from islice(both_sides(start, *pair.roots), KINKS)


def _look(pair: _Pair, point: Point) -> None:
    """Compare at a point; what is found is counted, or described."""
    known, memo = numbers_at(point), dict[Expr, Array]()
    a, b = (_roughly(e, known, memo) for e in pair.roots)
    if a is None and b is None:
        return
    close = a is not None and b is not None and _apart(a, b) <= CLOSE * max(_size(a), _size(b))
    work = _work(pair, point)
    if not close and work > pair.work + 10 * WORK:
        return
    if close and (pair.found.precise >= PRECISELY or work > pair.work):
        _count(pair, point)
        return
    pair.work -= work
    _look_closely(pair, point)


def _roughly(e: Expr, known: Numbers, memo: dict[Expr, Array]) -> Array | None:
    try:
        return value_at(e, known, memo)
    except NoValue:
        return None


def _size(a: Array) -> float:
    return float(np.abs(a).max(initial=0))


def _apart(a: Array, b: Array) -> float:
    return float(np.abs(a - b).max(initial=0))


def _work(pair: _Pair, point: Point) -> int:
    """About how many multiplications an evaluation takes."""
    total = 0
    for e in postorder(*pair.roots):
        widest = max((n for x in e.args or (e,) for n in point.shape(x)), default=1)
        total += widest**3 * PRODUCTS.get(e.head, 1) * (widest**2 if e.head.startswith("kronecker_") else 1)
    return total


def _values(pair: _Pair, point: Point, digits: int) -> tuple[Precise, list[Outcome]]:
    precise = pair.digits.get(digits)
    if precise is None:
        precise = pair.digits[digits] = Precise(digits)
    known = point.properties
    arrays = {name: polished(precise, path(0.0), known.get(name, frozenset())) for name, path in point.paths.items()}
    return precise, precise.evaluate([*pair.roots, pair.difference], arrays, point.sizes, point.functions)


def polished(precise: Precise, a: Array, properties: frozenset[str]) -> Array:
    """A matrix that is orthogonal or idempotent in floating-point numbers, made so in all digits by Newton's steps."""
    a = precise.lifted(a)
    if not properties & {"orthogonal", "idempotent"} or a.shape[0] != a.shape[1]:
        return a
    if "symmetric" in properties:
        a = (a + a.T) / 2
    for _ in range(4):
        a = (3 * a - a @ a.T @ a) / 2 if "orthogonal" in properties else 3 * a @ a - 2 * a @ a @ a
    return np.asarray(a)


def _look_closely(pair: _Pair, point: Point) -> None:
    precise, (a, b, d) = _values(pair, point, DIGITS)
    real_a, real_b = precise.is_real(a), precise.is_real(b)
    if not real_a and (pair.domain == "of the left side" or not real_b):
        return
    if isinstance(a, Nowhere) or isinstance(b, Nowhere):
        if not point.special or pair.domain != "almost everywhere":
            value, missing = (b, "first") if isinstance(a, Nowhere) else (a, "second")
            assert isinstance(value, np.ndarray)
            shown = precise.shown(value[0, 0]) if value.size == 1 else "a matrix"
            other = "second" if missing == "first" else "first"
            pair.found.difference = f"{_place(pair, point)}the {other} is {shown} and the {missing} has no value"
        return
    if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray):
        return
    pair.found.precise += 1
    d = d if isinstance(d, np.ndarray) else a - b
    gap, scale = precise.largest(d), max(precise.largest(a), precise.largest(b))
    if gap > EQUAL * scale or (gap and pair.found.doubled < DOUBLED):
        pair.found.doubled += gap <= EQUAL * scale
        finer, (again_a, again_b, again) = _values(pair, point, 2 * DIGITS)
        if not isinstance(again_a, np.ndarray) or not isinstance(again_b, np.ndarray):
            return
        again = again if isinstance(again, np.ndarray) else again_a - again_b
        if finer.largest(again) > gap / 2:
            pair.found.difference = _place(pair, point) + _entries(precise, a, b, d)
            return
        if gap > EQUAL * scale:  # many digits were lost: what is left may be anything
            return
    _count(pair, point)


def _count(pair: _Pair, point: Point) -> None:
    pair.found.points += 1
    pair.found.telling = pair.found.telling or is_telling(point.sizes)


def _place(pair: _Pair, point: Point) -> str:
    """Where a point is: its scalars, and the shapes of the rest."""
    said = []
    for e in symbols(*pair.roots):
        if e.name not in point.paths or e.name in point.sizes:
            continue
        value = point.paths[e.name](0.0)
        shape = f"{value.shape[0]}×{value.shape[1]}" if value.shape[1] > 1 else f"of {value.shape[0]}"
        said.append(f"{e.name} = {value[0, 0]:.6g}" if value.size == 1 else f"{e.name} {shape}")
    shown = ", ".join(dict.fromkeys(said))
    return f"with {shown}: " if said else ""


def _entries(precise: Precise, a: Array, b: Array, d: Array) -> str:
    """The entries that differ most."""
    at = max(np.ndindex(d.shape), key=lambda i: abs(d[i]))
    where = "" if d.size == 1 else f" in entry ({at[0] + 1}, {at[1] + 1})"
    left, right = precise.shown(a[at]), precise.shown(b[at])
    if left == right:
        return f"{left}{where}, and they differ by {precise.shown(d[at])}"
    return f"{left} and {right}{where}"
