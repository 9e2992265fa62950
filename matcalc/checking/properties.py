"""What a property means in numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .slopes import EXACT, differ, magnitude
from .stand_ins import Array


def near(a: Array, b: Array) -> bool:
    """Whether two matrices are one but for rounding."""
    return a.shape == b.shape and not differ(a, b, EXACT, magnitude(a))


PROPERTIES: dict[str, Callable[[Array], bool]] = {
    "symmetric": lambda a: near(a, a.T),
    "skew": lambda a: near(a, -a.T),
    "diagonal": lambda a: near(a, np.diag(np.diag(a))),
    "lower": lambda a: near(a, np.tril(a)),
    "upper": lambda a: near(a, np.triu(a)),
    "orthogonal": lambda a: near(a @ a.T, np.eye(len(a))),
    "idempotent": lambda a: near(a @ a, a),
    "invertible": lambda a: bool(np.linalg.cond(a) < 1e12),
    "nonzero": lambda a: bool((a != 0).all()),
    "positive": lambda a: bool((a > 0).all()),
    "nonnegative": lambda a: bool((a >= -1e-12).all()),
    "psd": lambda a: near(a, a.T) and bool(np.linalg.eigvalsh(a).min() > -1e-9),
    "spd": lambda a: near(a, a.T) and bool(np.linalg.eigvalsh(a).min() > 1e-12),
}
"""What a property means in numbers."""
