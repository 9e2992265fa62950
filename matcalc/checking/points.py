"""Random points: members of the stated domain, and not its nicest ones.

A sampled symmetric matrix hides a missing transpose.  So a plain random matrix is tried first, and positive, small or
well-conditioned ones only where that has no value.  A structured variable moves along a curve of its kind: an
orthogonal matrix stays orthogonal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..evaluation.arrays import CONSTANTS
from ..expressions.nodes import Expr, postorder, symbols
from ..normal_form.algebra import closure
from .stand_ins import Array, size_of, stand_ins

Path = Callable[[float], Array]

ATTEMPTS = 24
SIZES = (
    (2, 3, 4, 5, 6, 7, 8),
    (3, 2, 5, 4, 7, 6, 9),
    (1, 1, 1, 1, 1, 1, 1),
    (4, 1, 3, 1, 2, 1, 5),
    (1, 4, 1, 2, 1, 3, 1),
    (6, 3, 4, 2, 5, 1, 2),
)
"""Sizes for the names of dimensions, in order: even, odd, rectangular, and 1; in the last, 6 is half of 3×3."""
BLOCKS = ((6, 6, 2, 3, 3, 2), (4, 3, 2, 1, 2, 3))
"""Sizes where the first two are the products of the next ones, for operators on blocks."""
DESCENDING = (
    (3, 2, 4, 5, 6, 7, 8),
    (2, 3, 5, 4, 7, 6, 9),
    (5, 4, 3, 2, 4, 3, 2),
    (2, 3, 4, 5, 6, 7, 8),
    (3, 3, 3, 3, 3, 3, 3),
)
"""Sizes for a derivative; where the first have no point in its domain, the next are tried."""

_LINEAR_SPACES = ("symmetric", "skew", "diagonal", "lower", "upper")


@dataclass(slots=True)
class Point:
    """Sizes, a curve through a value for every symbol, and stand-ins for the unspecified functions."""

    sizes: dict[str, int]
    paths: dict[str, Path]
    tangents: dict[str, Array]
    functions: dict[str, Any] = field(default_factory=dict)

    def arrays(self, moving: Iterable[str] = (), t: float = 0.0) -> dict[str, Any]:
        """The arrays by name; what moves is taken at time t, the rest at 0."""
        moves = set(moving)
        return {n: p(t if n in moves else 0.0) for n, p in self.paths.items()} | self.sizes

    def shape(self, e: Expr) -> tuple[int, int]:
        """The shape of an expression here."""
        rows, columns = (size_of(d, self.sizes) for d in e.shape)
        return rows, columns


def random_points(
    roots: Sequence[Expr],
    sizes: Mapping[str, int],
    seed: int,
    conditions: Mapping[str, frozenset[str]] | None = None,
    but: Iterable[str] = (),
) -> Iterator[Point]:
    """Points for all symbols `but` these, plain random ones first, then nicer ones.

    Symbols have their properties and those of the conditions; what stands in the exponent of a matrix is an integer.
    """
    exponents = {e.name for x in postorder(*roots) if x.head == "power" for e in symbols(x.args[1])}
    leaves = sorted({e.name: e for e in symbols(*roots) if e.name not in (*but, *CONSTANTS)}.items())
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng([seed, attempt])
        point = Point(dict(sizes), {}, {}, stand_ins(roots, sizes, seed))
        for name, e in leaves:
            wanted = closure(e.data.properties | (conditions or {}).get(name, frozenset()))
            if name in exponents:
                wanted |= {"integer"}
            mood = _MOODS[attempt - 2 if 2 < attempt < 2 + len(_MOODS) else 0 if attempt <= 2 else rng.integers(6)]
            made = curve(rng, name, point.shape(e), wanted, mood)
            if name in sizes:
                made = straight(np.full((1, 1), float(sizes[name])), np.zeros((1, 1)))
            point.paths[name], point.tangents[name] = made
        yield point


_MOODS = ("plain", "positive", "small", "near the identity", "positive definite", "in (0, 1)")


def _free(rng: np.random.Generator, shape: tuple[int, int], mood: str) -> Array:
    """A random matrix without a structure."""
    plain = rng.standard_normal(shape)
    square = shape[0] == shape[1]
    if mood == "positive":
        return rng.uniform(0.4, 2.2, shape)
    if mood == "in (0, 1)":
        return rng.uniform(0.1, 0.8, shape)
    if mood == "small":
        return 0.3 * plain
    if mood == "near the identity" and square:
        return np.eye(shape[0]) + 0.15 * plain
    if mood == "positive definite" and square:
        return plain @ plain.T + 0.5 * np.eye(shape[0])
    return plain


def straight(start: Array, tangent: Array) -> tuple[Path, Array]:
    """A straight curve, and its tangent."""
    return (lambda t: start + t * tangent), tangent


def curve(
    rng: np.random.Generator, name: str, shape: tuple[int, int], wanted: frozenset[str], mood: str
) -> tuple[Path, Array]:
    """A curve in the set of matrices with the wanted properties, and its tangent at time 0."""
    if "integer" in wanted:
        return straight(np.full(shape, float(rng.integers(2, 4))), np.zeros(shape))
    if wanted & {"orthogonal", "idempotent"} and shape[0] == shape[1]:
        return _group_curve(rng, shape[0], wanted)
    start, tangent = _free(rng, shape, mood), rng.standard_normal(shape)
    if "stiefel" in wanted:
        return _stiefel_curve(rng, start)
    if wanted & {"positive", "nonnegative"}:
        start = abs(start) + 0.1
    if shape[0] != shape[1]:
        return straight(start, tangent)
    if wanted & {"spd", "psd"}:
        start = start @ start.T + 0.4 * np.eye(shape[0])
    for kind in _LINEAR_SPACES:
        if kind in wanted:
            start, tangent = _in_space(kind, start), _in_space(kind, tangent)
    return straight(start, tangent)


def _stiefel_curve(rng: np.random.Generator, start: Array) -> tuple[Path, Array]:
    """Matrices with orthonormal columns, turned by orthogonal ones."""
    if start.shape[0] < start.shape[1]:
        start = start.T  # the transpose has orthonormal columns, and there is no matrix that has
    q = np.linalg.qr(start)[0]
    turn = rng.standard_normal((len(q), len(q)))
    skew = (turn - turn.T) / 2
    return (lambda t: _cayley(skew, t) @ q), skew @ q


def _cayley(skew: Array, t: float) -> Array:
    """The orthogonal matrix (I - tS/2)⁻¹ (I + tS/2), whose slope at 0 is S."""
    return np.asarray(np.linalg.solve(np.eye(len(skew)) - t / 2 * skew, np.eye(len(skew)) + t / 2 * skew))


def _in_space(kind: str, a: Array) -> Array:
    if kind == "symmetric":
        return (a + a.T) / 2
    if kind == "skew":
        return (a - a.T) / 2
    return np.diag(np.diag(a)) if kind == "diagonal" else np.tril(a) if kind == "lower" else np.triu(a)


def _group_curve(rng: np.random.Generator, n: int, wanted: frozenset[str]) -> tuple[Path, Array]:
    """Orthogonal matrices, projections and reflections, turned by orthogonal or by any invertible matrices."""
    q = np.linalg.qr(rng.standard_normal((n, n)))[0] * rng.choice((-1.0, 1.0), n)
    turn = rng.standard_normal((n, n))
    skew = (turn - turn.T) / 2
    signs = np.diag(rng.choice((-1.0, 1.0), n)) if "orthogonal" in wanted else np.diag(rng.choice((0.0, 1.0), n))

    if wanted & {"idempotent", "symmetric"}:
        if "symmetric" in wanted:
            p = q @ signs @ q.T
            return (lambda t: _cayley(skew, t) @ p @ _cayley(skew, t).T), skew @ p - p @ skew
        s = np.eye(n) + 0.3 * rng.standard_normal((n, n))
        p = s @ signs @ np.linalg.inv(s)
        return (lambda t: (np.eye(n) + t * turn) @ p @ np.linalg.inv(np.eye(n) + t * turn)), turn @ p - p @ turn
    return (lambda t: q @ _cayley(skew, t)), q @ skew


def sizes_of(names: Iterable[str], choice: Sequence[int]) -> dict[str, int]:
    """Sizes for the names of dimensions, in order."""
    wanted = list(names)
    return {n: choice[i] if i < len(choice) else 2 + i % 3 for i, n in enumerate(wanted)}


def is_telling(sizes: Mapping[str, int]) -> bool:
    """Whether agreement at these sizes says something: a matrix of size 1 is symmetric, and commutes with others."""
    return all(n != 1 for n in sizes.values())
