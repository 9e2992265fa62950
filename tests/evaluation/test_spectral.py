"""Functions of eigenvalues and singular values at singular matrices, at zeros and where nothing is special."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from matcalc.evaluation import spectral

RNG = np.random.default_rng(11)


def minors(a):
    """The adjugate by its definition."""
    n = len(a)
    rows = [[np.delete(np.delete(a, j, 0), i, 1) for j in range(n)] for i in range(n)]
    return np.array([[(-1) ** (i + j) * np.linalg.det(rows[i][j]) for j in range(n)] for i in range(n)])


def of_rank(n, rank):
    return RNG.standard_normal((n, rank)) @ RNG.standard_normal((rank, n))


RANKS = [(n, rank) for n in range(1, 6) for rank in range(n + 1)]


@pytest.mark.parametrize(("n", "rank"), RANKS)
def test_the_adjugate_of_a_matrix_of_any_rank(n, rank):
    a = of_rank(n, rank)
    np.testing.assert_allclose(spectral.adjugate(a), minors(a), atol=1e-12 * (1 + abs(a).max()) ** n)


@pytest.mark.parametrize(("n", "rank"), RANKS)
def test_the_derivative_of_the_adjugate_at_a_matrix_of_any_rank(n, rank):
    a, e, h = of_rank(n, rank), RNG.standard_normal((n, n)), 1e-5
    slope = (minors(a + h * e) - minors(a - h * e)) / (2 * h)
    np.testing.assert_allclose(spectral.frechet_adj(a, e), slope, atol=1e-7 * (1 + abs(slope).max()))


@pytest.mark.parametrize("zeros", [0, 1, 2, 3])
def test_products_of_the_others_where_entries_are_zero(zeros):
    a = RNG.standard_normal((2, 3))
    a.T.flat[:zeros] = 0
    flat = a.reshape(-1, order="F")
    others = [np.prod(np.delete(flat, i)) for i in range(6)]
    np.testing.assert_allclose(spectral.prod_others(a).reshape(-1, order="F"), others)
    pairs = np.zeros((6, 6))
    for i, j in combinations(range(6), 2):
        pairs[i, j] = pairs[j, i] = np.prod(np.delete(flat, [i, j]))
    np.testing.assert_allclose(spectral.prod_pairs(a), pairs)


def test_an_empty_product_is_one():
    assert spectral.prod_others(np.array([[5.0]])) == 1
    assert spectral.prod_pairs(np.array([[5.0]])) == 0


@pytest.mark.parametrize("which", [0, -1])
@pytest.mark.parametrize("shift", [0, 1e6])
def test_the_reduced_resolvent_is_exact_where_eigenvalues_are_large_and_close(which, shift):
    """As a pseudo-inverse of λ I - A it would invert the rounding error of λ."""
    q = np.linalg.qr(RNG.standard_normal((5, 5)))[0]
    values = np.array([1.0, 2, 3, 4, 5])
    a = q * (shift + values) @ q.T
    gaps = values[which] - values
    wanted = q * np.divide(1, gaps, out=np.zeros(5), where=gaps != 0) @ q.T
    np.testing.assert_allclose(spectral.reduced_resolvent(a, which), wanted, atol=1e-8 if shift else 1e-12)


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (1, 3), (3, 1), (1, 1)])
@pytest.mark.parametrize("name", ["polar", "leading_dyad"])
def test_derivatives_of_functions_of_singular_values(name, shape):
    f, derivative = getattr(spectral, name), getattr(spectral, f"frechet_{name}")
    a, e, h = RNG.standard_normal(shape), RNG.standard_normal(shape), 1e-5
    slope = (f(a + h * e) - f(a - h * e)) / (2 * h)
    np.testing.assert_allclose(derivative(a, e), slope, atol=1e-7)
    matrix = getattr(spectral, f"kronecker_{name}")(a)
    np.testing.assert_allclose(matrix @ e.reshape(-1, order="F"), slope.reshape(-1, order="F"), atol=1e-7)
