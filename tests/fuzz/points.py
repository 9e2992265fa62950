"""Points at which problems are evaluated: sizes, random members of the declared kinds, stand-ins for functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.fuzz.numerics import Array, Unfit
from tests.fuzz.trees import Problem, Shape, Symbol, Tree, size_of
from tests.fuzz.values import LARGEST, Stand, entrywise, value

STEP = 1e-60


@dataclass(frozen=True)
class Point:
    """Sizes, arrays as matrices, and functions for the names of a problem."""

    sizes: Mapping[str, int]
    arrays: Mapping[str, Array]
    stands: Mapping[str, Stand]
    given: Mapping[str, Any]  # as matcalc takes them
    functions: Mapping[str, tuple[Callable[..., Array], ...]]


SIZES = ((3, 2, 4, 1), (2, 3, 1, 4), (2, 4, 3, 2), (1, 3, 2, 2), (3, 3, 2, 1), (4, 2, 2, 3))


def member(kind: str, rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """A random matrix with a property."""
    a = rng.standard_normal(shape) * 0.8
    n = shape[0]
    if kind == "symmetric":
        return (a + a.T) / 2
    if kind == "skew":
        return (a - a.T) / 2
    if kind == "diagonal":
        return np.asarray(np.diag(np.diag(a)))
    if kind == "orthogonal":
        return np.asarray(np.linalg.qr(a)[0])
    if kind == "spd":
        return np.asarray(a @ a.T + np.eye(n))
    if kind == "psd":
        thin = a[:, : max(1, n - 1)]
        return np.asarray(thin @ thin.T)
    if kind in ("lower", "upper"):
        return np.asarray(np.tril(a) if kind == "lower" else np.triu(a))
    if kind == "idempotent":
        basis = a + 2 * np.eye(n)
        return np.asarray(basis @ np.diag([1.0] * ((n + 1) // 2) + [0.0] * (n // 2)) @ np.linalg.inv(basis))
    if kind == "invertible":
        return np.asarray(a + 1.5 * np.eye(n))
    if kind == "integer":
        return np.full(shape, float(rng.integers(1, 5)))
    return abs(a) + 0.2 if kind in ("positive", "nonnegative") else a


def directions(kind: str, a: Array) -> list[Array]:
    """Unit directions in which a matrix may move and keep its property; all of the space where it has none."""
    units = []
    for place in np.ndindex(a.shape):
        e = np.zeros(a.shape)
        e[place] = 1
        units.append(e)
    if kind in ("symmetric", "spd", "psd"):
        return [(e + e.T) / 2 for e in units]
    if kind == "skew":
        return [(e - e.T) / 2 for e in units]
    if kind in ("diagonal", "lower", "upper"):
        kept = {"diagonal": np.eye(len(a)), "lower": np.tril(np.ones(a.shape)), "upper": np.triu(np.ones(a.shape))}
        return [e for e in units if (e * kept[kind]).any()]
    if kind == "orthogonal":
        return [a @ (e - e.T) / 2 for e in units]
    if kind == "idempotent":
        return [a @ e - e @ a for e in units]
    return units


def point(problem: Problem, draw: int) -> Point:
    """A random point; the first draws have sizes of every order, one of them and more than one name 1."""
    rng = np.random.default_rng([problem.seed & 0xFFFFFFFF, draw])
    chosen = SIZES[(problem.seed + draw) % len(SIZES)]
    sizes = dict(zip(problem.dims, chosen, strict=False))
    arrays = {}
    for name, symbol in problem.symbols.items():
        shape = (size_of(symbol.shape[0], sizes), size_of(symbol.shape[1], sizes))
        arrays[name] = member(symbol.property, rng, shape)
    stands = {
        name: Stand(i, tuple(size_of(d, sizes) for d in axes_shape(f.result)))
        for i, (name, f) in enumerate(sorted(problem.functions.items()))
        if not f.elementwise
    }
    given: dict[str, Any] = {**sizes, **{n: laid_out(problem.symbols[n], a) for n, a in arrays.items()}}
    functions = {n: s.given() for n, s in stands.items()}
    for name, f in problem.functions.items():
        if f.elementwise:
            functions[name] = tuple(lambda z, k=k: entrywise(k, z) for k in range(6))  # type: ignore[misc]
    return Point(sizes, arrays, stands, given, functions)


def axes_shape(shape: Shape) -> tuple[Any, ...]:
    """The axes of a value: none of a scalar, one of a column."""
    return () if shape == (1, 1) else shape[:1] if shape[1] == 1 else shape


def laid_out(symbol: Symbol, a: Array) -> Array:
    """A matrix with the axes that its name is declared with."""
    return np.asarray(a[0, 0] if symbol.axes == 0 else a[:, 0] if symbol.axes == 1 else a)


def at_rest(root: Tree, p: Point) -> Array:
    """The value of a tree at a point, as a matrix."""
    stacked = {n: a[None].astype(complex) for n, a in p.arrays.items()}
    found = value(root, stacked, p.sizes, p.stands)
    return np.asarray(found[0].real)


def slopes(root: Tree, name: str, moves: Sequence[Array], p: Point) -> tuple[Array, Array]:
    """The value and the derivatives of a tree by one name in some directions: (m, n) and (directions, m, n)."""
    stacked = {n: a[None].astype(complex) for n, a in p.arrays.items()}
    stacked[name] = p.arrays[name][None] + 1j * STEP * np.stack(moves)
    found = np.broadcast_to(value(root, stacked, p.sizes, p.stands), (len(moves), *_numeric(root, p)))
    slope = found.imag / STEP
    if not np.abs(slope).max(initial=0) < LARGEST:
        raise Unfit("too large or not finite")
    return np.asarray(found[0].real), slope


def _numeric(root: Tree, p: Point) -> tuple[int, int]:
    return size_of(root.shape[0], p.sizes), size_of(root.shape[1], p.sizes)
