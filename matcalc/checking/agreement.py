"""Whether two expressions agree in numbers, wherever one looks.

They are computed with floating-point numbers at many points, and wherever these see a difference in forty digits, to
make sure; then in forty digits at as many of the others as are worth their time.  What is left of a difference in forty
digits is real if it does not shrink with eighty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice, zip_longest
from typing import Literal

import numpy as np

from ..evaluation.arrays import Numbers
from ..evaluation.precise import Outcome, Precise
from ..evaluation.precise_matrices import NoValue as Nowhere
from ..evaluation.sizes import is_telling, size_choices
from ..expressions.nodes import Expr
from ..expressions.parts import symbols
from ..normal_form.algebra import Algebra
from .effort import in_floats, in_many_digits, largest
from .kinks import both_sides
from .outcomes import NoValue
from .points import WIDE, Point, random_points
from .slopes import numbers_at, value_at
from .stand_ins import Array

DIGITS = 40
CLOSE = 1e-9  # relative, of two values in floating-point numbers
EQUAL = 1e-20  # relative, of two values in forty digits; a lesser difference has to stand the test of eighty
PER_SIZE = 3  # points for each choice of sizes
ALONE = 16  # points where there are no sizes to choose
DOUBLED = 2  # points where a difference that looks like rounding is computed in eighty, too
KINKS = 16  # points beside kinks
SPECIAL = ("integers", "zero", "zero", "singular", "singular", "zero")

# Microseconds, about:
GLANCING = 2_000_000  # in floating-point numbers, for all points
CONFIRMING = 3_000_000  # in forty digits, where floating-point numbers see a difference
PRECISELY = 150_000  # in forty digits, where they see none
AT_LEAST = 1_500_000  # for the first of these, however long they take
FIRST = 3
MOST_PRECISE = 40
MOST_ENTRIES = 500_000  # of an array


Domain = Literal["almost everywhere", "everywhere", "of the left side"]
"""Where one expression may not be without a value that the other has: but for points that are no open set, anywhere,
or anywhere where the left one has a value."""


@dataclass(slots=True)
class Agreement:
    """What numbers say: at how many points two expressions agree, or where they do not.

    `reason` says why there may be no points, and `seeming` where there seems to be a difference, which it would have
    taken too long to make sure of.
    """

    points: int = 0
    telling: bool = False  # not all sizes were 1
    difference: str = ""
    precise: int = 0
    doubled: int = 0
    reason: str = ""
    seeming: str = ""
    unfinished: bool = False


@dataclass(slots=True)
class _Pair:
    """Two expressions, their difference in normal form, what is known of their symbols, and how long one may look."""

    left: Expr
    right: Expr
    difference: Expr
    conditions: Mapping[str, frozenset[str]]
    domain: Domain
    found: Agreement = field(default_factory=Agreement)
    digits: dict[int, Precise] = field(default_factory=dict)
    glancing: int = GLANCING
    confirming: int = CONFIRMING
    precisely: int = PRECISELY

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
    later: list[list[tuple[Point, bool]]] = []
    for group in _all_points(pair):
        later.append([])
        for point in group:
            before = pair.found.points
            if not _glance(pair, point):
                later[-1].append((point, pair.found.points > before))
            elif pair.found.difference:
                return pair.found
    for found in chain.from_iterable(zip_longest(*later)):  # the first of every group, the second of every group, …
        if found is not None and not _look_again(pair, *found):
            break
    return pair.found


def _all_points(pair: _Pair) -> Iterator[Iterator[Point]]:
    """Groups of points: of each choice of sizes, singular ones, and those beside kinks."""
    choices = []
    for sizes in size_choices(*pair.roots):
        entries, widest = largest(sizes, *pair.roots)
        if entries > MOST_ENTRIES:
            pair.found.reason = pair.found.reason or (
                f"{widest.head} has {entries:,} entries, and {MOST_ENTRIES:,} is the limit"
            )
            pair.found.unfinished = True
        else:
            choices.append(sizes)
    for number, sizes in enumerate(choices):
        yield _usual(pair, sizes, number, ALONE if len(choices) == 1 else PER_SIZE)
    for sizes in choices[:2]:
        yield random_points(pair.roots, sizes, 0, pair.conditions, (), SPECIAL)
        allowed = pair.glancing // (2 * in_floats(sizes, *pair.roots))
        for start in islice(random_points(pair.roots, sizes, 0, pair.conditions, (), WIDE), 1):
            yield islice(both_sides(start, *pair.roots, allowed=allowed), KINKS)


def _usual(pair: _Pair, sizes: Mapping[str, int], number: int, wanted: int) -> Iterator[Point]:
    """Points of all moods until so many of them agreed."""
    before = pair.found.points
    moods = (*WIDE[number % len(WIDE) :], *WIDE[: number % len(WIDE)])
    for point in random_points(pair.roots, sizes, number, pair.conditions, (), moods):
        yield point
        if pair.found.points >= before + wanted:
            break


def _glance(pair: _Pair, point: Point) -> bool:
    """Compare at a point in floating-point numbers, and where they differ in many digits; whether that was done."""
    pair.glancing -= in_floats(point.sizes, *pair.roots)
    if pair.glancing < 0:
        pair.found.unfinished = True
        return True
    known, memo = numbers_at(point), dict[Expr, Array]()
    a, b = (_roughly(pair, e, known, memo) for e in pair.roots)
    if a is None and b is None:
        return False
    if a is not None and b is not None and _apart(a, b) <= CLOSE * max(_size(a), _size(b)):
        _count(pair, point)
        return False
    work = in_many_digits(point.sizes, *pair.roots, pair.difference)
    if work > pair.confirming:
        pair.found.seeming = pair.found.seeming or _place(pair, point) or "where one looks"
    else:
        pair.confirming -= work
        _look_closely(pair, point, False)
    return True


def _look_again(pair: _Pair, point: Point, counted: bool) -> bool:
    """Compare in many digits where floating-point numbers see no difference, or no value; whether to go on."""
    found = pair.found
    work = in_many_digits(point.sizes, *pair.roots, pair.difference)
    if work > pair.precisely and (found.precise >= FIRST or work > AT_LEAST):
        return found.precise < FIRST  # elsewhere it may take less time
    pair.precisely -= work
    _look_closely(pair, point, counted)
    return not found.difference and found.precise < MOST_PRECISE


def _roughly(pair: _Pair, e: Expr, known: Numbers, memo: dict[Expr, Array]) -> Array | None:
    try:
        return value_at(e, known, memo)
    except NoValue as problem:
        pair.found.reason = pair.found.reason or str(problem)
        return None


def _size(a: Array) -> float:
    return float(np.abs(a).max(initial=0))


def _apart(a: Array, b: Array) -> float:
    return float(np.abs(a - b).max(initial=0))


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


def _look_closely(pair: _Pair, point: Point, counted: bool) -> None:
    """Compare at a point in forty digits; what is found is described, or counted if it was not."""
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
        if finer.largest(again) > EQUAL * gap:  # many digits were lost: what is left may be anything
            return
    pair.found.precise += 1
    if not counted:
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
