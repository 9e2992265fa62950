"""Functions of eigenvalues and singular values, and their derivatives, exact for matrices of any rank.

A function of singular values is moved by a direction E as Daleckii and Krein found it for eigenvalues: in the bases of
the decomposition its derivative takes every entry of E times a divided difference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

# --- products with some factors left out ------------------------------------------------------------------------------


def prod_others(a: Array) -> Array:
    """For every entry the product of all the others, by products from either end: no entry is divided by."""
    flat = a.reshape(-1)
    before, after = np.ones_like(flat), np.ones_like(flat)
    np.cumprod(flat[:-1], out=before[1:])
    np.cumprod(flat[:0:-1], out=after[-2::-1])
    return np.asarray(before * after).reshape(a.shape)


def prod_pairs(a: Array) -> Array:
    """For every two entries of vec(A) the product of all the others, and 0 for an entry with itself."""
    flat = a.reshape(-1, order="F")
    out = np.zeros((flat.size, flat.size))
    for i in range(flat.size):
        others = np.arange(flat.size) != i
        out[i, others] = prod_others(flat[others])
    return out


# --- determinants -----------------------------------------------------------------------------------------------------


def _decomposed(a: Array) -> tuple[Array, Array, Array, float]:
    """U, σ, V of the singular value decomposition U Diag(σ) Vᵀ, and det(U) det(V), which is 1 or -1."""
    u, s, v = np.linalg.svd(a)
    return u, s, v.T, float(np.sign(np.linalg.det(u) * np.linalg.det(v)))


def adjugate(a: Array) -> Array:
    """The adjugate, of a singular matrix too: that of U Diag(σ) Vᵀ is adj(Vᵀ) adj(Diag(σ)) adj(U)."""
    u, s, v, sign = _decomposed(a)
    return np.asarray(sign * (v * prod_others(s)) @ u.T)


def frechet_adj(a: Array, e: Array) -> Array:
    """The derivative of the adjugate in the direction E: that of the adjugate of Diag(σ) in the direction Uᵀ E V.

    By one entry off the diagonal, Eᵢⱼ, a cofactor of a diagonal matrix loses the factors i and j, and so it does by
    one on the diagonal in every other place of the diagonal.
    """
    u, s, v, sign = _decomposed(a)
    inner, pairs = u.T @ e @ v, prod_pairs(s)
    return np.asarray(sign * v @ (np.diag(pairs @ np.diag(inner)) - pairs * inner) @ u.T)


def kronecker_adj(a: Array) -> Array:
    """The matrix K with vec(L(A, E)) = K vec(E), L the derivative of the adjugate."""
    return columns(lambda e: frechet_adj(a, e), a.shape)


# --- eigenvalues of symmetric matrices --------------------------------------------------------------------------------


def _eigen(a: Array) -> tuple[Array, Array]:
    values, vectors = np.linalg.eigh((a + a.T) / 2)
    return values, vectors


def eigenprojector(a: Array, which: int) -> Array:
    """v vᵀ for a unit eigenvector v of the least (0) or greatest (-1) eigenvalue."""
    v = _eigen(a)[1][:, [which]]
    return np.asarray(v @ v.T)


def reduced_resolvent(a: Array, which: int) -> Array:
    """(λ I - A)⁺ for the least (0) or greatest (-1) eigenvalue λ."""
    values, vectors = _eigen(a)
    gaps = values[which] - values
    apart = np.abs(gaps) > len(a) * np.finfo(float).eps * np.abs(values).max(initial=0)
    return np.asarray((vectors[:, apart] / gaps[apart]) @ vectors[:, apart].T)


# --- singular values --------------------------------------------------------------------------------------------------


def leading_dyad(a: Array) -> Array:
    """u vᵀ for the greatest singular value."""
    u, _, v = np.linalg.svd(a, full_matrices=False)
    return np.asarray(np.outer(u[:, 0], v[0]))


def polar(a: Array) -> Array:
    """U Vᵀ of the singular value decomposition."""
    u, _, v = np.linalg.svd(a, full_matrices=False)
    return np.asarray(u @ v)


def frechet_leading_dyad(a: Array, e: Array) -> Array:
    """The derivative of u vᵀ in the direction E."""
    weights = np.zeros(min(a.shape))
    weights[0] = 1
    return _moved(a, e, weights)


def frechet_polar(a: Array, e: Array) -> Array:
    """The derivative of U Vᵀ in the direction E."""
    return _moved(a, e, np.ones(min(a.shape)))


def kronecker_leading_dyad(a: Array) -> Array:
    """The matrix K with vec(L(A, E)) = K vec(E), L the derivative of the leading dyad."""
    return columns(lambda e: frechet_leading_dyad(a, e), a.shape)


def kronecker_polar(a: Array) -> Array:
    """The matrix K with vec(L(A, E)) = K vec(E), L the derivative of the polar factor."""
    return columns(lambda e: frechet_polar(a, e), a.shape)


def columns(linear: Callable[[Array], Array], shape: tuple[int, ...]) -> Array:
    """The matrix of a linear map of matrices between their vecs: a column for each entry."""
    units = np.eye(shape[0] * shape[1]).reshape(-1, shape[1], shape[0])
    return np.stack([linear(e.T).reshape(-1, order="F") for e in units], axis=1)


def _moved(a: Array, e: Array, f: Array) -> Array:
    """The derivative of Σ fᵢ uᵢ vᵢᵀ, f constant, in the direction E.

    Of the symmetric part of Uᵀ E V the entry ij is taken times (fᵢ - fⱼ)/(σᵢ - σⱼ), of the skew one times
    (fᵢ + fⱼ)/(σᵢ + σⱼ), and beyond the singular values times fᵢ/σᵢ.
    """
    u, s, v = np.linalg.svd(a)
    k = len(s)
    inner = u.T @ e @ v.T
    square, out = inner[:k, :k], np.zeros_like(inner)
    out[:k, :k] = _over(f[:, None] - f, s[:, None] - s) * (square + square.T) / 2
    out[:k, :k] += _over(f[:, None] + f, s[:, None] + s) * (square - square.T) / 2
    out[k:, :k] = inner[k:, :k] * _over(f, s)
    out[:k, k:] = inner[:k, k:] * _over(f, s)[:, None]
    return np.asarray(u @ out @ v)


def _over(a: Array, b: Array) -> Array:
    """a/b, and 0 where a is."""
    return np.divide(a, b, out=np.zeros(np.broadcast_shapes(a.shape, b.shape)), where=a != 0)
