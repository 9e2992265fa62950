"""Functions that NumPy has not: of numbers from `math` and mpmath, of square matrices from mpmath."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

erf = math.erf
gamma = math.gamma
lgamma = math.lgamma


def digamma(t: float) -> float:
    """The derivative of lgamma."""
    return float(mpmath.digamma(t))


def trigamma(t: float) -> float:
    """The derivative of digamma."""
    return float(mpmath.polygamma(1, t))


def _plain(a: Any) -> Array:
    out = np.array(a.tolist(), dtype=complex)
    return out.real if np.allclose(out.imag, 0) else out


def _converged(f: Any, *args: Any) -> Array:
    try:
        return _plain(f(*args))
    except (mpmath.libmp.NoConvergence, ZeroDivisionError) as problem:
        raise ValueError(str(problem)) from problem


def expm(a: Array) -> Array:
    """The matrix exponential."""
    return _converged(mpmath.expm, mpmath.matrix(a.tolist()))


def logm(a: Array) -> Array:
    """The principal matrix logarithm."""
    return _converged(mpmath.logm, mpmath.matrix(a.tolist()))


def sqrtm(a: Array) -> Array:
    """The principal square root of a matrix."""
    return _converged(mpmath.sqrtm, mpmath.matrix(a.tolist()))


def fractional_power(a: Array, k: float) -> Array:
    """A^k = exp(k log(A))."""
    return _converged(mpmath.powm, mpmath.matrix(a.tolist()), k)


def adjugate(a: Array) -> Array:
    """The adjugate, of a singular matrix too: by the singular value decomposition."""
    u, s, v = np.linalg.svd(a)
    others = np.array([np.prod(np.delete(s, i)) for i in range(len(s))])
    return np.asarray(np.linalg.det(u) * np.linalg.det(v) * (v.T * others) @ u.T)


def _frechet(f: Any, a: Array, e: Array) -> Array:
    """The Fréchet derivative of f at A in the direction E.

    It is the corner of f([[A, E], [0, A]]): Higham (2008), Functions of Matrices, eq. 3.16.
    """
    n = len(a)
    return np.asarray(f(np.block([[a, e], [np.zeros_like(a), a]]))[:n, n:])


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
    return _columns(lambda e: frechet_expm(a, e), len(a))


def kronecker_power(a: Array, k: float) -> Array:
    """The matrix K with vec(L(A, E)) = K vec(E), L the Fréchet derivative of A^k."""
    return _columns(lambda e: _frechet(lambda m: np.linalg.matrix_power(m, round(k)), a, e), len(a))


def _columns(linear: Callable[[Array], Array], n: int) -> Array:
    units = np.eye(n * n).reshape(-1, n, n)
    return np.stack([linear(e.T).reshape(-1, order="F") for e in units], axis=1)


def leading_dyad(a: Array) -> Array:
    """u vᵀ for the greatest singular value."""
    u, _, v = np.linalg.svd(a, full_matrices=False)
    return np.asarray(np.outer(u[:, 0], v[0]))


def polar(a: Array) -> Array:
    """U Vᵀ of the singular value decomposition."""
    u, _, v = np.linalg.svd(a, full_matrices=False)
    return np.asarray(u @ v)
