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
from ..expressions.dimensions import SCALAR
from ..expressions.nodes import Expr, Operation, postorder
from ..expressions.parts import symbols
from .stand_ins import Array, size_of, stand_ins

Path = Callable[[float], Array]

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

_MILDER = ("positive", "small", "near the identity", "positive definite", "in (0, 1)")
MIXED = ("plain", "positive", "negative", "small", "tiny", "large", "near a constant", "turning", "in (0, 1)")
"""The moods that symbols of one point may be in, each its own."""
NICER = ("plain",) * 3 + _MILDER + ("plain", "mixed") * 4 + ("negative", "near a constant") * 2 + _MILDER
"""Plain matrices first, then positive, small or well-conditioned ones."""
SPECIAL = frozenset({"integers", "zero", "singular"})
"""Moods whose points are no open set: singular matrices, kinks themselves, ties."""
WIDE = (
    "plain",
    "plain",
    "turning",
    "one turning",
    "mixed",
    *_MILDER,
    "ill-conditioned",
    "near a constant",
    "large",
    "repeated",
    "ill-conditioned",
    "negative",
    "near a constant",
    "tiny",
    "plain",
    "near a constant",
    "plain",
)
"""Both signs, many magnitudes, complex and large eigenvalues."""
_SCALES = {"small": 0.3, "tiny": 1e-3, "large": 30.0}
_SIGNED = frozenset({"integer", "positive", "nonnegative", "spd", "psd", "orthogonal", "idempotent"})
MOST_CONSTANTS = 8

_LINEAR_SPACES = ("symmetric", "skew", "diagonal", "lower", "upper")


@dataclass(slots=True)
class Point:
    """Sizes, a curve through a value for every symbol, and stand-ins for the unspecified functions."""

    sizes: dict[str, int]
    paths: dict[str, Path]
    tangents: dict[str, Array]
    functions: dict[str, Any] = field(default_factory=dict)
    special: bool = False
    properties: dict[str, frozenset[str]] = field(default_factory=dict)

    def matrices(self, moving: Iterable[str] = (), t: float = 0.0) -> dict[str, Array]:
        """The matrices by name; what moves is taken at time t, the rest at 0."""
        moves = set(moving)
        return {n: p(t if n in moves else 0.0) for n, p in self.paths.items()}

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
    moods: Sequence[str] = NICER,
) -> Iterator[Point]:
    """Points for all symbols `but` these, one for each mood.

    Symbols have their properties and those of the conditions, with all that these imply; what stands in the exponent
    of a matrix is an integer, but where matrices are positive definite.  Scalars take both signs in turn.
    """
    exponents = _exponents(roots)
    leaves = sorted({e.name: e for e in symbols(*roots) if e.name not in (*but, *CONSTANTS)}.items())
    if any(size_of(d, sizes) < 1 for e in postorder(*roots) for d in e.shape):  # n - 3 at n = 2
        return
    constants, arrays = constants_of(roots), [name for name, e in leaves if e.shape != SCALAR]
    for attempt, chosen in enumerate(moods):
        rng = np.random.default_rng([seed, attempt])
        functions = stand_ins(roots, sizes, [seed, *[attempt] * (attempt > 0)])
        point = Point(dict(sizes), {}, {}, functions, chosen in SPECIAL)
        turn = attempt
        turned = arrays[(seed + attempt) % len(arrays)] if arrays else ""
        for name, e in leaves:
            wanted = e.data.properties | (conditions or {}).get(name, frozenset())
            point.properties[name] = wanted
            mood = str(rng.choice(MIXED)) if chosen == "mixed" else chosen
            if chosen == "one turning":
                mood = "turning" if name == turned else "positive"
            if mood in ("zero", "singular"):
                mood = str(rng.choice((mood, "integers")))
            if name in sizes:
                made = straight(np.full((1, 1), float(sizes[name])), np.zeros((1, 1)))
            elif name in exponents and "integer" not in wanted:
                made = straight(np.full((1, 1), _exponent(rng, mood, attempt)), np.zeros((1, 1)))
            else:
                made = curve(rng, name, point.shape(e), wanted, mood, constants)
            free = name not in sizes and name not in exponents and not wanted & _SIGNED
            if e.shape == SCALAR and mood in ("plain", "large", "tiny") and free:
                start = (-1) ** turn * abs(made[0](0.0))
                made, turn = straight(start, made[1]), turn // 2
            point.paths[name], point.tangents[name] = made
        yield point


def _exponents(roots: Sequence[Expr]) -> set[str]:
    """The names in exponents of matrices, be it by the definition of an operator."""
    found: set[str] = set()
    for e in postorder(*roots):
        if e.head == "power":
            found.update(x.name for x in symbols(e.args[1]))
        elif isinstance(e.data, Operation) and e.data.definition is not None:
            pattern, template = e.data.definition
            inner = _exponents([template])
            found.update(
                x.name for v, a in zip(pattern.args, e.args, strict=True) if v.name in inner for x in symbols(a)
            )
    return found


def _exponent(rng: np.random.Generator, mood: str, attempt: int) -> float:
    if mood == "positive definite":
        return float(rng.choice((0.5, 1.5, -0.5)))
    return float(rng.integers(2, 4) if attempt < 2 else rng.choice((-2, -1, 1, 2, 3)))


def constants_of(roots: Sequence[Expr]) -> list[float]:
    """Numbers near which something may happen: those that are added or compared, and their roots."""
    found: set[float] = set()
    for e in postorder(*roots):
        if e.head != "add":
            continue
        parts = list(zip((float(c) for c in e.data), e.args, strict=True))
        levels = [c for c, a in parts if a.head == "ones"]
        for level in levels:
            others = [c for c, a in parts if a.head != "ones"] or [1.0]
            found.update(-level / c for c in others if c)
    found.update([abs(c) ** 0.5 for c in found if abs(c) > 1])
    return sorted(c for c in found if 1e-6 < abs(c) < 1e9)[:MOST_CONSTANTS]


def _free(rng: np.random.Generator, shape: tuple[int, int], mood: str, constants: Sequence[float]) -> Array:
    """A random matrix without a structure."""
    plain = rng.standard_normal(shape)
    square = shape[0] == shape[1]
    if mood in ("positive", "negative"):
        return rng.uniform(0.4, 2.2, shape) * (1 if mood == "positive" else -1)
    if mood == "in (0, 1)":
        return rng.uniform(0.1, 0.8, shape)
    if mood in _SCALES:
        return _SCALES[mood] * plain
    if mood == "near a constant" and constants:
        near = rng.choice(constants, shape)
        return np.asarray(near + plain * rng.choice((1.0, 0.1 * abs(near).max())))
    if mood == "integers":
        return rng.integers(-2, 4, shape).astype(float)
    if mood == "zero":
        return np.zeros(shape)
    if mood == "singular" and min(shape) > 1:
        inner = min(shape) - 1
        return (rng.integers(-2, 4, (shape[0], inner)) @ rng.integers(-2, 4, (inner, shape[1]))).astype(float)
    if mood == "near the identity" and square:
        return np.eye(shape[0]) + 0.15 * plain
    if mood == "positive definite" and square:
        return plain @ plain.T + 0.5 * np.eye(shape[0])
    if mood == "ill-conditioned" and square:
        half = rng.standard_normal((shape[0], int(rng.integers(1, max(2, shape[0] // 2 + 1)))))
        return np.asarray(half @ half.T + 1e-3 * np.eye(shape[0]))
    if mood == "repeated" and square:
        q = np.linalg.qr(plain)[0]
        return np.asarray(q * np.where(np.arange(shape[0]) < 2, 1.0, 2.5) @ q.T)
    if mood == "turning" and square:  # eigenvalues with large imaginary parts
        turn = plain - plain.T
        return np.asarray(rng.uniform(3.5, 9) / (1e-9 + abs(turn).max()) * turn + 0.3 * plain)
    return plain


def straight(start: Array, tangent: Array) -> tuple[Path, Array]:
    """A straight curve, and its tangent."""
    return (lambda t: start + t * tangent), tangent


def curve(
    rng: np.random.Generator,
    name: str,
    shape: tuple[int, int],
    wanted: frozenset[str],
    mood: str,
    constants: Sequence[float] = (),
) -> tuple[Path, Array]:
    """A curve in the set of matrices with the wanted properties, and its tangent at time 0."""
    if "integer" in wanted:
        least = 1 if "positive" in wanted else 0 if "nonnegative" in wanted else -3
        return straight(np.full(shape, float(rng.integers(least, 5))), np.zeros(shape))
    if wanted & {"orthogonal", "idempotent"} and shape[0] == shape[1]:
        return _group_curve(rng, shape[0], wanted)
    start, tangent = _free(rng, shape, mood, constants), rng.standard_normal(shape)
    if "stiefel" in wanted:
        return _stiefel_curve(rng, start)
    if "nonzero" in wanted:
        start = np.where(start == 0, 1.0, start)
    if wanted & {"positive", "nonnegative"}:
        start = abs(start) + (0.0 if mood in SPECIAL and "positive" not in wanted else 0.1)
    if shape[0] != shape[1]:
        return straight(start, tangent)
    if wanted & {"spd", "psd"} and mood in ("ill-conditioned", "repeated"):
        start = (start + start.T) / 2
    elif wanted & {"spd", "psd"} and not (shape == (1, 1) and wanted & {"positive", "nonnegative"}):
        start = start @ start.T + (0.0 if mood in SPECIAL and "spd" not in wanted else 0.4) * np.eye(shape[0])
    for kind in _LINEAR_SPACES:
        if kind in wanted:
            start, tangent = _in_space(kind, start), _in_space(kind, tangent)
    if "invertible" in wanted and mood in SPECIAL and np.linalg.matrix_rank(start) < len(start):
        return curve(rng, name, shape, wanted, "plain")
    return straight(start, tangent)


def direction(rng: np.random.Generator, x: Array, wanted: frozenset[str]) -> Array:
    """A direction in which a matrix with these properties moves from where it is."""
    if "stiefel" in wanted:
        turn = rng.standard_normal((len(x), len(x)))
        return np.asarray((turn - turn.T) @ x)
    return curve(rng, "", (x.shape[0], x.shape[1]), wanted, "plain")[1]


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
