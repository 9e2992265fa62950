"""Whether two expressions agree in numbers, wherever one looks.

They are computed with floating-point numbers at many points, and wherever these see a difference in forty digits, to
make sure; then in forty digits at as many of the others as are worth their time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice, zip_longest

import numpy as np

from ..evaluation.arrays import Numbers
from ..evaluation.sizes import is_telling, size_choices
from ..expressions.nodes import Expr
from ..expressions.parts import symbols
from ..normal_form.algebra import Algebra
from .closely import Comparison, Domain
from .effort import in_floats, in_many_digits, largest
from .kinks import both_sides
from .outcomes import NoValue
from .points import WIDE, Point, random_points
from .slopes import numbers_at, value_at
from .stand_ins import Array

CLOSE = 1e-9  # relative, of two values in floating-point numbers
GREAT = 1e-2  # relative, of a difference that rounding does not make
ROUNDING = 1e-11  # relative to the greatest number on the way to two values, what they may differ by
NUDGE = 1e-9  # the way to a point very near
PER_SIZE = 3  # points for each choice of sizes
ALL = 48  # points for all of them together
DOUBLED = 2  # points where a difference that looks like rounding is computed in more digits, too
KINKS = 20  # points beside kinks
ANCHORS = 2  # points from which these are looked for
SPECIAL = ("integers", "zero", "zero", "singular", "singular", "zero")

# Microseconds, about:
GLANCING = 2_000_000  # in floating-point numbers, for all points
CONFIRMING = 3_000_000  # in forty digits, where floating-point numbers see a difference
PRECISELY = 150_000  # in forty digits, where they see none
AT_LEAST = 1_500_000  # for the first of these, if that does not suffice
FIRST = 3
CONFIRMED = 3  # times as long it may take to be sure
MOST_PRECISE = 40
MOST_ENTRIES = 500_000  # of an array


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
    reason: str = ""
    seeming: str = ""
    unfinished: bool = False


@dataclass(slots=True)
class _Pair:
    """Two expressions, what is known of their symbols, how they are compared, and how long one may look."""

    left: Expr
    right: Expr
    conditions: Mapping[str, frozenset[str]]
    comparison: Comparison
    found: Agreement = field(default_factory=Agreement)
    doubled: int = DOUBLED
    glancing: int = GLANCING
    confirming: int = CONFIRMING
    precisely: int = PRECISELY
    first: int = AT_LEAST

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
    pair = _Pair(left, right, conditions or {}, Comparison(left, right, difference, domain))
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
    choices, anchors = [], list[list[Point]]()
    for sizes in size_choices(*pair.roots, more=True):
        entries, widest = largest(sizes, *pair.roots)
        if entries > MOST_ENTRIES:
            pair.found.reason = pair.found.reason or (
                f"{widest.head} has {entries:,} entries, and {MOST_ENTRIES:,} is the limit"
            )
            pair.found.unfinished = True
        else:
            choices.append(sizes)
    for number, sizes in enumerate(choices):
        anchors.append([])
        yield _usual(pair, sizes, number, max(PER_SIZE, ALL // len(choices)), anchors[-1])
    alone = [i for i, sizes in enumerate(choices) if not is_telling(sizes)][:1]  # a vector of one entry is a number
    for sizes, starts in [(choices[i], anchors[i]) for i in sorted({0, 1, *alone}) if i < len(choices)]:
        yield random_points(pair.roots, sizes, 0, pair.conditions, (), SPECIAL)
        for start in starts[:ANCHORS]:
            allowed = pair.glancing // (2 * ANCHORS * in_floats(sizes, *pair.roots))
            yield islice(both_sides(start, *pair.roots, allowed=allowed), KINKS)


def _usual(pair: _Pair, sizes: Mapping[str, int], number: int, wanted: int, agreed: list[Point]) -> Iterator[Point]:
    """Points of all moods until so many of them agreed."""
    start = number * PER_SIZE % len(WIDE)
    moods, first = (*WIDE[start:], *WIDE[:start]), None
    for point in random_points(pair.roots, sizes, number, pair.conditions, (), moods):
        before, first = pair.found.points, first or point
        yield point
        if pair.found.points > before:
            agreed.append(point)
        if len(agreed) >= wanted:
            break
    if first and not agreed:
        agreed.append(first)


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
    work = in_many_digits(point.sizes, *pair.roots, pair.comparison.difference)
    gap = np.inf if a is None or b is None else _apart(a, b)
    told = False
    if CONFIRMED * work <= pair.confirming:
        pair.confirming -= CONFIRMED * work
        told = _look_closely(pair, point, work, gap, False)
    shows = ROUNDING * max(map(_size, memo.values()), default=0) < gap < np.inf
    if not told and shows and a is not None and b is not None and _is_steady(pair, point, a, b):
        pair.found.seeming = pair.found.seeming or _place(pair, point).rstrip(": ") or "where one looks"
    return True


def _look_again(pair: _Pair, point: Point, counted: bool) -> bool:
    """Compare in many digits where floating-point numbers see no difference, or no value; whether to go on."""
    found = pair.found
    work = in_many_digits(point.sizes, *pair.roots, pair.comparison.difference)
    if work <= pair.precisely:
        pair.precisely -= work
    elif found.precise < FIRST and work <= pair.first:
        pair.first -= work
    else:
        return found.precise < FIRST  # elsewhere it may take less time
    _look_closely(pair, point, work, 0.0, counted)
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


def _look_closely(pair: _Pair, point: Point, work: int, gap: float, counted: bool) -> bool:
    """Compare at a point in many digits; what is found is described, or counted if it was not.  Whether they tell.

    `work` is what it takes with forty digits, and `gap` the difference that floating-point numbers have seen there,
    infinite where only one side had a value.
    """
    twice = not gap and pair.doubled > 0 and work <= PRECISELY
    pair.doubled -= not gap
    found = pair.comparison.at(point, gap, twice)
    if found.kind == "apart":
        pair.found.difference = _place(pair, point) + found.said
    elif found.kind == "equal":
        pair.found.precise += 1
        if not counted:
            _count(pair, point)
    return found.kind != "untold"


def _is_steady(pair: _Pair, point: Point, a: Array, b: Array) -> bool:
    """Whether a difference is great, and much the same very near to the point."""
    gap = _apart(a, b)
    known, memo = numbers_at(point, None, point.paths, NUDGE), dict[Expr, Array]()
    near_a, near_b = (_roughly(pair, e, known, memo) for e in pair.roots)
    if near_a is None or near_b is None or gap <= GREAT * max(_size(a), _size(b)):
        return False
    return max(_apart(near_a, a), _apart(near_b, b)) <= GREAT * gap


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
