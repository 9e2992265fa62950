"""Functions of square matrices against mpmath, and where they have no real value."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import matcalc
from matcalc.evaluation import matrix_functions

RNG = np.random.default_rng(3)


def matrices():
    """Plain, symmetric, positive definite, near I, and with a defective eigenvalue."""
    for n in (1, 2, 3, 5):
        a = RNG.standard_normal((n, n))
        near = 2 * np.eye(n) + 0.3 * a
        yield from (a, a + a.T, a @ a.T + 0.1 * np.eye(n), near)
        yield np.block([[near, a], [np.zeros((n, n)), near]])
    yield np.array([[1.0, -30], [30, 1]])


def of_mpmath(name, a):
    with mpmath.workdps(30):
        return np.array(getattr(mpmath, name)(mpmath.matrix(a.tolist())).tolist(), dtype=complex)


@pytest.mark.parametrize("name", ["expm", "sqrtm", "logm"])
def test_they_agree_with_mpmath(name):
    compared = 0
    for a in matrices():
        values = np.linalg.eigvals(a)
        negative = name != "expm" and ((abs(values.imag) < 1e-12) & (values.real < 0)).any()
        if not negative:
            wanted = of_mpmath(name, a).real
            np.testing.assert_allclose(getattr(matrix_functions, name)(a), wanted, atol=1e-11 * abs(wanted).max())
            compared += 1
    assert compared >= 12


def test_eigenvalues_near_the_negative_axis():
    a = np.array([[-5.0, 1e-3], [-1e-3, -5]])  # mpmath 1.3 is wrong here
    root = matrix_functions.sqrtm(a)
    np.testing.assert_allclose(root @ root, a, atol=1e-9)
    np.testing.assert_allclose(matrix_functions.expm(matrix_functions.logm(a)), a, atol=1e-9)


@pytest.mark.parametrize("name", ["sqrtm", "logm"])
@pytest.mark.parametrize("a", [[[-1.0]], [[-1, 0], [0, 2.0]], [[-1, 1], [0, 2.0]], [[np.nan]], [[np.inf, 0], [0, 1]]])
def test_no_real_value_is_an_error(name, a):
    with pytest.raises(ValueError, match=r"negative eigenvalue|finite"):
        getattr(matrix_functions, name)(np.array(a))


def test_the_root_of_a_singular_matrix():
    np.testing.assert_allclose(matrix_functions.sqrtm(np.diag([4.0, 0])), np.diag([2.0, 0]))
    x = RNG.standard_normal((4, 2))
    root = matrix_functions.sqrtm(x @ x.T)
    np.testing.assert_allclose(root @ root, x @ x.T, atol=1e-12)


def test_a_singular_matrix_has_no_logarithm():
    with pytest.raises(ValueError, match="singular"):
        matrix_functions.logm(np.diag([1.0, 0]))


@pytest.mark.parametrize("a", [[[np.nan]], [[np.inf]], [[1e40]]])
def test_the_exponential_of_what_is_no_number_ends(a):
    with pytest.raises(ValueError, match=r"finite|large"):
        matrix_functions.expm(np.array(a))


@pytest.mark.parametrize("k", [-1, 2, 3, 0.5, 2.5, -0.3])
def test_the_derivative_of_a_power_has_that_power(k):
    """An exponent that is no integer is not rounded."""
    a, e = 2 * np.eye(3) + 0.3 * RNG.standard_normal((3, 3)), RNG.standard_normal((3, 3))

    def raised(t):
        return matrix_functions.expm(k * matrix_functions.logm(a + t * e))

    slope = (raised(1e-5) - raised(-1e-5)) / 2e-5
    found = matrix_functions.kronecker_power(a, k) @ e.ravel(order="F")
    np.testing.assert_allclose(found, slope.ravel(order="F"), atol=1e-7)


@pytest.mark.parametrize(
    "text", ["A^k", "frechet_power(A, k, A)", "frechet2_power(A, k, A, A)", "kronecker_power(A, k)"]
)
def test_a_power_that_does_not_exist_is_refused(text):
    e = matcalc.parse(text, shapes={"A": ("n", "n"), "k": ()})
    with pytest.raises(matcalc.EvaluationError, match="has no value here: it has a negative eigenvalue"):
        e.evaluate({"A": [[-1, 0.3], [0.2, -2]], "k": 0.5})


@pytest.mark.parametrize("size", [1e-12, 1.0, 1e12])
def test_the_size_of_a_direction_costs_no_digits(size):
    a, e = RNG.standard_normal((4, 4)), RNG.standard_normal((4, 4))
    found = matrix_functions.frechet_expm(a, size * e)
    assert np.allclose(found / size, matrix_functions.frechet_expm(a, e), rtol=1e-12, atol=0)
