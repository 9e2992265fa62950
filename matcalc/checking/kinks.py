"""Points on both sides of every kink and branch.

relu(t - 50) is 0 at all points that one would draw.  So from a point one goes along lines, and looks where the argument
of an operation with a kink or a limited domain changes its sign, or touches zero: between two neighbouring such places,
and beyond the last, lies a point to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache, partial
from itertools import pairwise

import numpy as np

from ..expressions.nodes import Expr, Operation, postorder
from ..expressions.parts import symbols
from ..language.code import Term, names_in, parse_code
from .outcomes import NoValue
from .points import Point, straight
from .slopes import numbers_at, value_at
from .stand_ins import Array

KINKED = frozenset(
    (
        *("np.abs", "np.sign", "np.maximum", "np.minimum", "np.heaviside", "np.log", "np.sqrt"),
        *("matcalc.gamma", "matcalc.lgamma", "matcalc.digamma", "matcalc.trigamma"),
    )
)
"""Functions with a kink, a jump or the end of their domain where their argument is 0."""
EXTREME = frozenset(("np.max", "np.min", "=="))
"""What changes where two of the entries are equal."""
INVERSE = frozenset(("np.arcsin", "np.arccos"))
"""Functions that end where their argument is -1 or 1."""
PEAK = "np.inf"
"""The order of a norm that is the greatest of all moduli."""
ROOT = "root"

STEPS = tuple(2.0 ** (k / 2) for k in range(-8, 25))
"""How far along a line one looks."""
BISECTIONS = 12
TOUCHING = 1e-3  # relative
MOST_LOOKS = 1000
MOST_CROSSINGS = 6
MOST_ENTRIES = 6

Line = Callable[[float], Array]
Signs = Callable[[float], Array]


def switches(*roots: Expr) -> list[tuple[str, Expr]]:
    """The operations with kinks, each with what decides on which side one is."""
    found: dict[tuple[str, Expr], None] = {}
    for e in postorder(*roots):
        if kind := _switch(e):
            found[(kind, e.args[0])] = None
        elif e.head == "dotpower":
            found[(ROOT, e.args[0])] = None
        elif e.head == "had":
            found.update({(ROOT, a): None for a, p in zip(e.args, e.data, strict=True) if isinstance(p, Fraction)})
    return [(head, part) for head, arg in found for part in _factors(arg)]


def _switch(e: Expr) -> str:
    """What makes the kinks of an operator that is a function of its first argument; nothing of others."""
    code = e.data.code if isinstance(e.data, Operation) else None
    return _switch_of(code.numpy) if code is not None and code.numpy else ""


@lru_cache(maxsize=1024)
def _switch_of(clause: str) -> str:
    term, named = parse_code(clause), names_in(clause)
    if PEAK in named or "==" in named:
        return PEAK if PEAK in named else "=="
    of_the_first = term.kind == "call" and term.args[:1] == (Term("place", "1"),)
    return term.text if of_the_first and term.text in KINKED | EXTREME | INVERSE else ""


def _factors(e: Expr) -> Sequence[Expr]:
    """Each of the factors of a product of numbers changes its sign on its own."""
    return e.args if e.head == "had" else (e,)


def both_sides(point: Point, *roots: Expr, allowed: int = MOST_LOOKS) -> Iterator[Point]:
    """Points between the places along lines where some argument changes its sign, looked for so many times."""
    watched = switches(*roots)
    if not watched:
        return
    lines = list(_lines(point, symbols(*[e for _, e in watched])))
    for name, line in lines[: allowed // (len(STEPS) * 2 + 1)]:
        for s in _between(_crossings(partial(_signs_along, point, name, line, watched))):
            yield _moved(point, name, line(s))


def _lines(point: Point, moving: Sequence[Expr]) -> Iterator[tuple[str, Line]]:
    """For each symbol a line through its value, and one of equal entries; a structured one is stretched, which keeps
    what it is."""
    rng = np.random.default_rng(7)
    for e in moving:
        properties = point.properties.get(e.name, frozenset())
        if e.name not in point.paths or e.name in point.sizes or properties & {"orthogonal", "idempotent", "integer"}:
            continue
        start = point.paths[e.name](0.0)
        if properties - {"invertible", "constant"}:
            stretched = _along_cone if properties & {"positive", "nonnegative", "spd", "psd"} else _along_ray
            yield e.name, partial(stretched, start)
        else:
            toward = np.asarray(rng.uniform(0.2, 1, start.shape) if start.size > 1 else np.ones(start.shape))
            yield e.name, partial(_along_line, start * (start.size > 1), toward)
            if start.size > 1:
                yield e.name, partial(_along_line, 0 * start, np.ones(start.shape))


def _along_line(start: Array, toward: Array, s: float) -> Array:
    return start + s * toward


def _along_ray(start: Array, s: float) -> Array:
    return s * start


def _along_cone(start: Array, s: float) -> Array:
    return abs(s) * start


def _moved(point: Point, name: str, value: Array) -> Point:
    """The point with another value for one symbol, which goes on in the same direction."""
    path, _ = straight(value, point.tangents[name])
    return replace(point, paths={**point.paths, name: path})


def _signs_along(point: Point, name: str, line: Line, watched: Sequence[tuple[str, Expr]], s: float) -> Array:
    return _signs(_moved(point, name, line(s)), watched)


def _signs(point: Point, watched: Sequence[tuple[str, Expr]]) -> Array:
    """The numbers whose signs tell where one is; NaN where there is none."""
    out: list[Array] = []
    known, memo = numbers_at(point), dict[Expr, Array]()
    for head, e in watched:
        try:
            a = value_at(e, known, memo).reshape(-1)[:MOST_ENTRIES]
        except NoValue:
            rows, columns = point.shape(e)
            a = np.full(min(rows * columns, MOST_ENTRIES), np.nan)
        if head in EXTREME or head == PEAK:
            a = np.concatenate([abs(a) if head == PEAK else a, [0.0]])
            a = np.array([x - y for i, x in enumerate(a[:-1]) for y in a[:i]] or [0.0])
        elif head in INVERSE:
            a = np.concatenate([a - 1, a + 1])
        out.append(a)
    return np.concatenate(out)


def _crossings(signs: Signs) -> list[float]:
    """Where along a line some number changes its sign, from the least to the greatest."""
    grid = [-s for s in reversed(STEPS)] + [0.0, *STEPS]
    rows = [signs(s) for s in grid]
    found: list[float] = []
    for i in range(len(grid) - 1):
        left, right = rows[i], rows[i + 1]
        for k in np.flatnonzero(np.sign(left) * np.sign(right) < 0)[:MOST_CROSSINGS]:
            found.append(_bisected(signs, grid[i], grid[i + 1], int(k)))
        if i and (np.sign(rows[i - 1]) * np.sign(right) < 0)[left == 0].any():
            found.append(grid[i])
        if i:
            found.extend(_touching(signs, grid[i - 1 : i + 2], rows[i - 1 : i + 2]))
    return sorted(found, key=abs)[:MOST_CROSSINGS]


def _bisected(signs: Signs, low: float, high: float, k: int) -> float:
    first = signs(low)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if np.sign(signs(middle)[k]) == np.sign(first[k]):
            low = middle
        else:
            high = middle
    return high


def _touching(signs: Signs, grid: Sequence[float], rows: Sequence[Array]) -> Iterator[float]:
    """Where a number comes near zero between two steps and goes away again: where it touches, or goes through twice."""
    before, here, after = rows
    same = (np.sign(before) == np.sign(here)) & (np.sign(here) == np.sign(after)) & (here != 0)
    near = same & (abs(here) < abs(before)) & (abs(here) < abs(after))
    for k in np.flatnonzero(near)[:2]:
        sign = np.sign(here[k])
        low, high = grid[0], grid[2]
        for _ in range(2 * BISECTIONS):  # the least of a convex part
            thirds = (2 * low + high) / 3, (low + 2 * high) / 3
            a, b = (signs(s) for s in thirds)
            low, high = (low, thirds[1]) if a[k] * sign < b[k] * sign else (thirds[0], high)
            if min(a[k] * sign, b[k] * sign) < 0:
                through = thirds[0] if a[k] * sign < 0 else thirds[1]
                yield _bisected(signs, grid[0], through, int(k))
                yield _bisected(signs, through, grid[2], int(k))
                break
        else:
            if abs(signs(low)[k]) <= TOUCHING * max(abs(before[k]), abs(after[k])):
                yield low


def _between(places: Sequence[float]) -> list[float]:
    """A point in every interval that the places make, and near both of their sides."""
    if not places:
        return []
    places = sorted(places)
    ends = [places[0] - max(1.0, abs(places[0]) / 8), *places, places[-1] + max(1.0, abs(places[-1]) / 8)]
    return [(a + b) / 2 for a, b in pairwise(ends) if b - a > 1e-9 * (abs(a) + abs(b))]
