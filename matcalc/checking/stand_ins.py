"""Smooth functions with their derivatives, which stand for the unspecified ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..expressions.dimensions import SCALAR, Dim, Shape, substitute
from ..expressions.nodes import Expr, postorder
from .outcomes import NoValue

Array = np.ndarray[Any, np.dtype[Any]]


def size_of(d: Dim, sizes: Mapping[str, int]) -> int:
    """A dimension as a number."""
    found = substitute(d, dict(sizes))
    if not isinstance(found, int):
        raise NoValue(f"the size {d} is not known")
    return found


def stand_ins(roots: Sequence[Expr], sizes: Mapping[str, int], seed: int) -> dict[str, Any]:
    """Smooth functions with their derivatives, for the unspecified ones."""
    found: dict[str, Any] = {}
    calls = [e for e in postorder(*roots) if e.head == "call"]
    entrywise = {e.data.name for e in calls if e.data.elementwise}  # such a function may be called with a scalar too
    for e in calls:
        if e.data.name not in found:
            result = _value_shape(e)
            salt = [seed, *e.data.name.encode()]
            if e.data.name in entrywise:
                found[e.data.name] = _entrywise_stand_in(np.random.default_rng(salt))
            elif result == SCALAR:
                found[e.data.name] = _scalar_stand_in(salt)
            else:
                found[e.data.name] = _array_stand_in(salt, (size_of(result[0], sizes), size_of(result[1], sizes)))
    return found


def _value_shape(e: Expr) -> Shape:
    """The shape of an unspecified function's value, from a call of it or of its derivative."""
    x = e.args[0]
    if e.data.order == 0 or x.shape == SCALAR:
        return e.shape
    return SCALAR if e.shape == x.shape else (e.shape[0], 1)


def _entrywise_stand_in(rng: np.random.Generator) -> tuple[Callable[[Array], Array], ...]:
    a, b = rng.uniform(0.5, 1.5, 2)
    return (
        lambda z: np.sin(a * z + b) + z * z / 4,
        lambda z: a * np.cos(a * z + b) + z / 2,
        lambda z: -a * a * np.sin(a * z + b) + 0.5,
        lambda z: -(a**3) * np.cos(a * z + b),
    )


def _coefficients(salt: Sequence[int], shape: tuple[int, ...], which: int) -> Array:
    """The same numbers for the same shape, so that one function takes arguments of several."""
    return np.asarray(np.random.default_rng([*salt, which, *shape]).standard_normal(shape))


def _scalar_stand_in(salt: Sequence[int]) -> tuple[Callable[..., Any], ...]:
    """sin(A : X) + ½ B : X ⊙ X, summed over its arguments; the derivatives are those by one argument."""

    def parts(x: Array) -> tuple[Array, Array, Any]:
        a, b = (_coefficients(salt, np.shape(x), i) for i in (0, 1))
        return a, b, (a * x).sum()

    def value(*args: Array) -> Any:
        return sum(np.sin(parts(x)[2]) + (parts(x)[1] * x * x).sum() / 2 for x in args)

    def first(x: Array) -> Any:
        a, b, s = parts(x)
        return np.cos(s) * a + b * x

    def second(x: Array) -> Any:
        a, b, s = parts(x)
        flat = -np.sin(s) * np.multiply.outer(a, a)
        return flat + (np.diag(b) if np.ndim(x) == 1 else b if np.ndim(x) == 0 else 0)

    return value, first, second


def _array_stand_in(salt: Sequence[int], result: tuple[int, int]) -> tuple[Callable[..., Any], ...]:
    """M sin(N vec(X)) in the shape of the result, summed over its arguments."""

    def parts(x: Array) -> tuple[Array, Array]:
        flat = np.asarray(x).reshape(-1)
        return _coefficients(salt, (result[0] * result[1], 3), 2), _coefficients(salt, (3, flat.size), 3)

    def value(*args: Array) -> Array:
        total = sum(m @ np.sin(n @ np.asarray(x).reshape(-1)) for x in args for m, n in [parts(x)])
        return np.asarray(total).reshape(result)

    def first(x: Array) -> Array:
        m, n = parts(x)
        jacobian = m @ (np.cos(n @ np.asarray(x).reshape(-1))[:, None] * n)
        return np.asarray(jacobian.reshape(result) if np.ndim(x) == 0 else jacobian)

    return value, first
