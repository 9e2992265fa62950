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


def stand_ins(roots: Sequence[Expr], sizes: Mapping[str, int], seeds: Sequence[int]) -> dict[str, Any]:
    """Smooth functions with their derivatives, for the unspecified ones: neither odd nor even, and unbounded."""
    found: dict[str, Any] = {}
    calls = [e for e in postorder(*roots) if e.head == "call"]
    entrywise = {e.data.name for e in calls if e.data.elementwise}  # such a function may be called with a scalar too
    orders: dict[str, int] = {}
    for e in calls:
        orders[e.data.name] = max(e.data.order, orders.get(e.data.name, 1))
    for e in calls:
        name = e.data.name
        if name not in found:
            result = _value_shape(e)
            salt = [*seeds, *name.encode()]
            if name in entrywise:
                found[name] = _entrywise_stand_in(salt, orders[name])
            elif result == SCALAR:
                found[name] = _scalar_stand_in(salt, orders[name])
            else:
                shape = size_of(result[0], sizes), size_of(result[1], sizes)
                found[name] = _array_stand_in(salt, shape, orders[name])
    return found


def _value_shape(e: Expr) -> Shape:
    """The shape of an unspecified function's value, from a call of it or of its derivative."""
    x = e.args[0]
    if e.data.mode == "pull":
        return e.args[1].shape
    if e.data.order == 0 or x.shape == SCALAR or e.data.mode == "push":
        return e.shape
    return SCALAR if e.shape == x.shape or e.data.order > 1 else (e.shape[0], 1)


def _sine(order: int, z: Any) -> Any:
    """The sine of each entry, or its derivative of some order, of mpmath's numbers too."""
    a = np.asarray(z)
    even, sign = order % 2 == 0, (1, 1, -1, -1)[order % 4]
    if a.dtype == object:
        return sign * np.frompyfunc(lambda x: x.context.sin(x) if even else x.context.cos(x), 1, 1)(a)
    return sign * (np.sin(a) if even else np.cos(a))


def _wave(order: int, z: Any) -> Any:
    """sin(z) + z²/4 of each entry, or its derivative of some order."""
    return _sine(order, z) + (z * z / 4, z / 2, 0.5, 0)[min(order, 3)]


def _coefficients(salt: Sequence[int], shape: tuple[int, ...], which: int) -> Array:
    """The same numbers for the same shape, so that one function takes arguments of several."""
    return np.asarray(np.random.default_rng([*salt, which, *shape]).standard_normal(shape))


def _constants(salt: Sequence[int], count: int) -> Array:
    """What is added inside of the sine: it differs from function to function, and makes it neither odd nor even."""
    return np.asarray(np.random.default_rng([*salt, 4]).uniform(0.5, 1.5, count))


def _entrywise_stand_in(salt: Sequence[int], most: int) -> list[Callable[[Array], Array]]:
    """±(sin(a z + c) + (a z + c)²/4) and its derivatives: of either sign, rising or falling."""
    a, c = _constants(salt, 2)
    sign, direction = np.random.default_rng([*salt, 5]).choice((-1.0, 1.0), 2)
    a *= direction

    def derivative(k: int) -> Callable[[Array], Array]:
        return lambda z: np.asarray(sign * a**k * _wave(k, a * z + c))

    return [derivative(k) for k in range(most + 1)]


def _scalar_stand_in(salt: Sequence[int], most: int) -> list[Callable[..., Any]]:
    """sin(c + Σ A : X) + ½ Σ B : X ⊙ X, with A and B for each of its arguments; the derivatives are of one argument."""
    c = _constants(salt, 1)[0]

    def parts(x: Array, slot: int = 0) -> tuple[Array, Array, Any]:
        a, b = (_coefficients([*salt, *[slot] * (slot > 0)], np.shape(x), i) for i in (0, 1))
        return a, b, np.asarray(a * x).sum()

    def value(*args: Array) -> Any:
        found = [parts(x, slot) for slot, x in enumerate(args)]
        squares = sum(np.asarray(b * x * x).sum() for x, (_, b, _) in zip(args, found, strict=True))
        return _sine(0, c + sum(inner for _, _, inner in found)) + squares / 2

    def first(x: Array) -> Any:
        a, b, s = parts(x)
        return _sine(1, c + s) * a + b * x

    def second(x: Array) -> Any:
        a, b, s = parts(x)
        flat = _sine(2, c + s) * np.multiply.outer(a, a)
        return flat + (np.diag(b) if np.ndim(x) == 1 else b if np.ndim(x) == 0 else 0)

    def later(k: int) -> Callable[[Any], Any]:
        """Of a number: derivatives of a vector have no place in an expression."""

        def derivative(x: Any) -> Any:
            a, _, s = parts(x)
            return _sine(k, c + s) * a**k

        return derivative

    return [value, first, second, *(later(k) for k in range(3, most + 1))]


def _array_stand_in(salt: Sequence[int], result: tuple[int, int], most: int) -> list[Callable[..., Any]]:
    """M (sin(z) + z²/4) with z = c + Σ N vec(X) in the shape of the result, with an N for each of its arguments."""
    outer, c = _coefficients(salt, (result[0] * result[1], 3), 2), _constants(salt, 3)

    def inner(x: Array, slot: int = 0) -> Array:
        return _coefficients([*salt, *[slot] * (slot > 0)], (3, np.asarray(x).size), 3)

    def value(*args: Array) -> Array:
        z = c + sum(inner(x, slot) @ np.asarray(x).reshape(-1) for slot, x in enumerate(args))
        return np.asarray(outer @ _wave(0, z)).reshape(result)

    def derivative(k: int) -> Callable[[Array], Array]:
        """By a number, of any order; by an array of the first: an axis for each of the value and of the argument."""

        def f(x: Array) -> Array:
            n = inner(x)
            z = c + n @ np.asarray(x).reshape(-1)
            jacobian = outer @ (_wave(k, z)[:, None] * n**k)
            axes = result if np.ndim(x) == 0 or result[1] > 1 else result[:1]
            return np.asarray(jacobian.reshape(*axes, *np.shape(x)))

        return f

    return [value, *(derivative(k) for k in range(1, most + 1))]
