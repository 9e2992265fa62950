"""The functions that `code` clauses name as `matcalc.…`: the algorithms that NumPy has not, by their names there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import matrix_functions
from .matrix_functions import (
    expm,
    frechet_expm,
    frechet_logm,
    frechet_sqrtm,
    kronecker_expm,
    kronecker_power,
    logm,
    sqrtm,
)
from .spectral import (
    adjugate,
    eigenprojector,
    frechet_adj,
    frechet_leading_dyad,
    frechet_polar,
    kronecker_adj,
    kronecker_leading_dyad,
    kronecker_polar,
    leading_dyad,
    polar,
    prod_others,
    prod_pairs,
    reduced_resolvent,
)

Array = np.ndarray[Any, np.dtype[Any]]

__all__ = [
    "adjugate",
    "block_diag",
    "digamma",
    "eigenprojector",
    "elimination",
    "erf",
    "expm",
    "frechet_adj",
    "frechet_expm",
    "frechet_leading_dyad",
    "frechet_logm",
    "frechet_polar",
    "frechet_sqrtm",
    "gamma",
    "kronecker_adj",
    "kronecker_expm",
    "kronecker_leading_dyad",
    "kronecker_polar",
    "kronecker_power",
    "leading_dyad",
    "lgamma",
    "logm",
    "polar",
    "polygamma",
    "prod_others",
    "prod_pairs",
    "reduced_resolvent",
    "sqrtm",
    "trigamma",
    "unvech",
    "vech",
]


def _of_entries(f: Callable[..., float]) -> Callable[..., Array]:
    """A function of numbers applied to every entry."""
    vectorized = np.vectorize(f, otypes=[float])
    return lambda *arrays: np.asarray(vectorized(*arrays))


erf = _of_entries(matrix_functions.erf)
gamma = _of_entries(matrix_functions.gamma)
lgamma = _of_entries(matrix_functions.lgamma)
digamma = _of_entries(matrix_functions.digamma)
trigamma = _of_entries(matrix_functions.trigamma)
polygamma = _of_entries(matrix_functions.polygamma)


def vech(a: Array) -> Array:
    """The columns of the lower triangle under one another."""
    return np.concatenate([a[j:, j] for j in range(len(a))])


def unvech(a: Array, n: int) -> Array:
    """The lower triangle whose columns stand under one another."""
    out = np.zeros((n, n), dtype=a.dtype)
    out.T[np.triu_indices(n)] = a
    return out


def elimination(n: int) -> Array:
    """The matrix that takes vec(X) of an n×n matrix to vech(X)."""
    return np.eye(n * n)[np.tril(np.ones((n, n), dtype=bool)).ravel(order="F")]


def block_diag(a: Array, b: Array) -> Array:
    """Two blocks on the diagonal."""
    return np.block([[a, np.zeros((a.shape[0], b.shape[1]))], [np.zeros((b.shape[0], a.shape[1])), b]])
