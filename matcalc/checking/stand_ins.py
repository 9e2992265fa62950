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


def _sine(z: Any) -> Any:
    """The sine of each entry, of mpmath's numbers too."""
    a = np.asarray(z)
    return np.frompyfunc(lambda x: x.context.sin(x), 1, 1)(a) if a.dtype == object else np.sin(a)


def _cosine(z: Any) -> Any:
    a = np.asarray(z)
    return np.frompyfunc(lambda x: x.context.cos(x), 1, 1)(a) if a.dtype == object else np.cos(a)


def _entrywise_stand_in(rng: np.random.Generator) -> tuple[Callable[[Array], Array], ...]:
    a, b = rng.uniform(0.5, 1.5, 2)
    return (
        lambda z: _sine(a * z + b) + z * z / 4,
        lambda z: a * _cosine(a * z + b) + z / 2,
        lambda z: -a * a * _sine(a * z + b) + 0.5,
        lambda z: -a * a * a * _cosine(a * z + b),
    )


def _coefficients(salt: Sequence[int], shape: tuple[int, ...], which: int) -> Array:
    """The same numbers for the same shape, so that one function takes arguments of several."""
    return np.asarray(np.random.default_rng([*salt, which, *shape]).standard_normal(shape))


def _scalar_stand_in(salt: Sequence[int]) -> tuple[Callable[..., Any], ...]:
    """sin(Σ A : X) + ½ Σ B : X ⊙ X, with A and B for each of its arguments; the derivatives are of one argument."""

    def parts(x: Array, slot: int = 0) -> tuple[Array, Array, Any]:
        a, b = (_coefficients([*salt, *[slot] * (slot > 0)], np.shape(x), i) for i in (0, 1))
        return a, b, (a * x).sum()

    def value(*args: Array) -> Any:
        found = [parts(x, slot) for slot, x in enumerate(args)]
        squares = sum((b * x * x).sum() for x, (_, b, _) in zip(args, found, strict=True))
        return _sine(sum(inner for _, _, inner in found)) + squares / 2

    def first(x: Array) -> Any:
        a, b, s = parts(x)
        return _cosine(s) * a + b * x

    def second(x: Array) -> Any:
        a, b, s = parts(x)
        flat = -_sine(s) * np.multiply.outer(a, a)
        return flat + (np.diag(b) if np.ndim(x) == 1 else b if np.ndim(x) == 0 else 0)

    return value, first, second


def _array_stand_in(salt: Sequence[int], result: tuple[int, int]) -> tuple[Callable[..., Any], ...]:
    """M sin(Σ N vec(X)) in the shape of the result, with an N for each of its arguments."""

    def parts(x: Array, slot: int = 0) -> tuple[Array, Array]:
        flat = np.asarray(x).reshape(-1)
        outer = _coefficients(salt, (result[0] * result[1], 3), 2)
        return outer, _coefficients([*salt, *[slot] * (slot > 0)], (3, flat.size), 3)

    def value(*args: Array) -> Array:
        inner = sum(parts(x, slot)[1] @ np.asarray(x).reshape(-1) for slot, x in enumerate(args))
        return np.asarray(parts(args[0])[0] @ _sine(inner)).reshape(result)

    def first(x: Array) -> Array:
        m, n = parts(x)
        jacobian = m @ (_cosine(n @ np.asarray(x).reshape(-1))[:, None] * n)
        return np.asarray(jacobian.reshape(result) if np.ndim(x) == 0 else jacobian)

    return value, first
