"""Functions that NumPy has not: of numbers from `math` and mpmath, and of square matrices."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .spectral import columns

Array = np.ndarray[Any, np.dtype[Any]]

SERIES = 20  # terms of the power series of exp; at ½ the next one is below 1e-24
MOST_HALVINGS = 60
MOST_STEPS = 60
NEAR = 0.25  # how near to I a matrix is whose logarithm is found by quadrature
NODES = 10  # of the quadrature, whose error is below 1e-16 there
EPSILON = 4e-16
ZERO = 1e-10  # an eigenvalue that is smaller than this part of the greatest is taken for 0

erf = math.erf
gamma = math.gamma
lgamma = math.lgamma


def digamma(t: float) -> float:
    """The derivative of lgamma."""
    import mpmath

    return float(mpmath.digamma(t))


def trigamma(t: float) -> float:
    """The derivative of digamma."""
    return polygamma(1, t)


def polygamma(k: float, t: float) -> float:
    """The derivative of order k of digamma, for the integers k from 0 on."""
    import mpmath

    if k != round(k) or k < 0:
        raise ValueError(f"its order is {k:g}")
    return float(mpmath.polygamma(round(k), t))


def expm(a: Array) -> Array:
    """The matrix exponential: its power series near 0, squared back."""
    size = np.linalg.norm(a, 1)
    if not np.isfinite(size):
        raise ValueError("it has an entry that is not a finite number")
    halvings = max(0, int(np.ceil(np.log2(2 * size)))) if size else 0
    if halvings > MOST_HALVINGS:
        raise ValueError("its entries are too large")
    scaled, term = a / 2**halvings, np.eye(len(a))
    total = term
    for k in range(1, SERIES):
        term = term @ scaled / k
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return np.asarray(total)


def sqrtm(a: Array) -> Array:
    """The principal square root of a matrix.

    By the product form of the iteration of Denman and Beavers: Higham (2008), Functions of Matrices, eq. 6.29.
    """
    near_singular = _is_near_singular(a)
    if _is_symmetric(a):
        return _by_eigenvalues(np.sqrt, a)
    if near_singular:
        return _root_by_mpmath(a)
    identity = np.eye(len(a))
    root = ratio = a
    for _ in range(MOST_STEPS):
        inverse = np.linalg.inv(ratio)
        before, root = root, root @ (identity + inverse) / 2
        ratio = (identity + (ratio + inverse) / 2) / 2
        if np.abs(root - before).max() <= EPSILON * np.abs(root).max():
            return np.asarray(root)
    return _root_by_mpmath(a)


def logm(a: Array) -> Array:
    """The principal matrix logarithm.

    Roots are taken until the matrix is near I, where log(I + X) is the integral of X (I + t X)⁻¹ over t in [0, 1], by
    Gauss quadrature: Higham (2008), Functions of Matrices, sec. 11.4.
    """
    if _is_near_singular(a):
        raise ValueError("it is singular")
    if _is_symmetric(a):
        return _by_eigenvalues(np.log, a)
    identity, root, roots = np.eye(len(a)), a, 0
    while np.linalg.norm(root - identity, 1) > NEAR and roots < MOST_STEPS:
        root, roots = sqrtm(root), roots + 1
    x = root - identity
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    parts = [w / 2 * np.linalg.solve(identity + (t + 1) / 2 * x, x) for t, w in zip(nodes, weights, strict=True)]
    return np.asarray(2**roots * sum(parts))


def matrix_power(a: Array, k: float) -> Array:
    """A^k, a product of k factors A or A⁻¹, and exp(k log(A)) where k is no integer."""
    return np.asarray(np.linalg.matrix_power(a, int(k)) if float(k).is_integer() else expm(k * logm(a)))


def _is_symmetric(a: Array) -> bool:
    return bool((a == a.T).all())


def _by_eigenvalues(f: Callable[[Array], Array], a: Array) -> Array:
    """A function of a symmetric matrix; eigenvalues that rounding made negative are 0."""
    values, vectors = np.linalg.eigh(a)
    if values[0] < -len(a) * EPSILON * values[-1]:
        raise ValueError("it has a negative eigenvalue")
    return np.asarray((vectors * f(np.maximum(values, 0))) @ vectors.T)


def _is_near_singular(a: Array) -> bool:
    """Whether an eigenvalue is nearly 0; raises ValueError where a real root or logarithm cannot be."""
    if not np.isfinite(a).all():
        raise ValueError("it has an entry that is not a finite number")
    values = np.linalg.eigvals(a)
    size = np.abs(values).max(initial=0)
    apart = np.abs(values) > ZERO * size
    if (values.real + np.abs(values) <= ZERO * size)[apart].any():
        raise ValueError("it has a negative eigenvalue")
    return not apart.all()


def _root_by_mpmath(a: Array) -> Array:
    """The root where iteration does not find it; there may be none."""
    import mpmath

    try:
        found = np.array(mpmath.sqrtm(mpmath.matrix(a.tolist())).tolist(), dtype=complex)
    except (mpmath.libmp.NoConvergence, ZeroDivisionError, TypeError) as problem:  # no pivot among NaN is a TypeError
        raise ValueError("it has no root that could be found") from problem
    if not np.allclose(found.imag, 0) or not np.allclose(found.real @ found.real, a):
        raise ValueError("it has no real root that could be found")
    return np.asarray(found.real)


def _frechet(f: Any, a: Array, e: Array) -> Array:
    """The Fréchet derivative of f at A in the direction E.

    It is the corner of f([[A, E], [0, A]]): Higham (2008), Functions of Matrices, eq. 3.16.  It is linear in E, which
    is brought to the size of A: an E that is much larger would take its digits from A.
    """
    n, size = len(a), float(np.abs(e).max(initial=0))
    times = (float(np.abs(a).max(initial=0)) or 1.0) / size if size and np.isfinite(size) else 1.0
    return np.asarray(f(np.block([[a, times * e], [np.zeros_like(a), a]]))[:n, n:] / times)


def frechet_expm(a: Array, e: Array) -> Array:
    """The Fréchet derivative of expm."""
    return _frechet(expm, a, e)


def frechet_logm(a: Array, e: Array) -> Array:
    """The Fréchet derivative of logm."""
    return _frechet(logm, a, e)


def frechet_sqrtm(a: Array, e: Array) -> Array:
    """The Fréchet derivative of sqrtm."""
    return _frechet(sqrtm, a, e)


def kronecker_expm(a: Array) -> Array:
    """The matrix K with vec(L(A, E)) = K vec(E), L the Fréchet derivative of expm: a column for each entry of E."""
    return columns(lambda e: frechet_expm(a, e), a.shape)


def kronecker_power(a: Array, k: float) -> Array:
    """The matrix K with vec(L(A, E)) = K vec(E), L the Fréchet derivative of A^k."""
    return columns(lambda e: _frechet(lambda m: matrix_power(m, k), a, e), a.shape)
