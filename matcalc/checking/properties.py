"""What a property means in numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .slopes import EXACT, differ, magnitude
from .stand_ins import Array

TINY = 1e-10


def near(a: Array, b: Array) -> bool:
    """Whether two matrices are one but for rounding."""
    return a.shape == b.shape and not differ(a, b, EXACT, magnitude(a))


def _apart(values: Array) -> bool:
    """Whether neighbouring values differ."""
    return bool((np.abs(np.diff(values)) > TINY * magnitude(values)).all())


PROPERTIES: dict[str, Callable[[Array], bool]] = {
    "symmetric": lambda a: near(a, a.T),
    "skew": lambda a: near(a, -a.T),
    "diagonal": lambda a: near(a, np.diag(np.diag(a))),
    "lower": lambda a: near(a, np.tril(a)),
    "upper": lambda a: near(a, np.triu(a)),
    "orthogonal": lambda a: near(a @ a.T, np.eye(len(a))),
    "stiefel": lambda a: near(a.T @ a, np.eye(a.shape[1])),
    "idempotent": lambda a: near(a @ a, a),
    "invertible": lambda a: bool(np.linalg.cond(a) < 1e12),
    "positive": lambda a: bool((a > 0).all()),
    "nonnegative": lambda a: bool((a >= -1e-12).all()),
    "nonzero": lambda a: bool((np.abs(a) > TINY).all()),
    "nonnull": lambda a: magnitude(a) > TINY,
    "bounded": lambda a: bool((np.abs(a) <= 1).all()),
    "full_rank": lambda a: bool(np.linalg.cond(a) < 1e12),
    "steady_rank": lambda a: bool(np.linalg.cond(a) < 1e12),
    "principal": lambda a: bool((np.abs(np.angle(np.linalg.eigvals(a))) < np.pi - TINY).all() and np.linalg.det(a)),
    "unique_max": lambda a: _apart(np.sort(a, axis=None)[-2:]),
    "unique_peak": lambda a: _apart(np.sort(np.abs(a), axis=None)[-2:]),
    "simple_max": lambda a: _apart(np.linalg.eigvalsh(a)[-2:]),
    "simple_min": lambda a: _apart(np.linalg.eigvalsh(a)[:2]),
    "simple_norm": lambda a: _apart(np.linalg.svd(a)[1][:2]),
    "psd": lambda a: near(a, a.T) and bool(np.linalg.eigvalsh(a).min() > -1e-9),
    "spd": lambda a: near(a, a.T) and bool(np.linalg.eigvalsh(a).min() > 1e-12),
}
"""What a property means in numbers."""

BROKEN: dict[str, Callable[[np.random.Generator, Array], Array]] = {
    "nonnull": lambda rng, a: np.zeros_like(a),
    "nonzero": lambda rng, a: _with(a, int(rng.integers(a.size)), 0.0),
    "positive": lambda rng, a: _with(a, int(rng.integers(a.size)), -1.0),
    "invertible": lambda rng, a: a - np.outer(a @ (v := rng.standard_normal(len(a))), v) / (v @ v),
}
"""Matrices near to a given one that do not have a property."""


def _with(a: Array, place: int, value: float) -> Array:
    out = a.copy()
    out.flat[place] = value
    return out
