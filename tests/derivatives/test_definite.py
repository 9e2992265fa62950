"""What is known to be positive definite because of how it is made has a Cholesky factor with a derivative."""

from __future__ import annotations

import pytest

import matcalc


@pytest.mark.parametrize(
    ("text", "wrt", "where"),
    [
        ("tr(A chol(expm(S)))", "S", "symmetric matrix S(n, n)"),
        ("tr(A chol(sqrtm(S)))", "S", "spd matrix S(n, n)"),
        ("tr(A chol(S + diag(x)))", "x", "psd matrix S(n, n); positive vector x(n)"),
        ("tr(A chol(I + diag(x)))", "x", "nonnegative vector x(n)"),
        ("tr(A chol(x x' + diag(exp.(y))))", "x", "vector y(n)"),
        ("tr(A chol(x x' + diag(exp.(y))))", "y", "vector x(n)"),
        ("tr(A chol(x x' + diag(1 .+ x.^2)))", "x", ""),
    ],
)
def test_it_is_differentiated(text, wrt, where):
    assert str(matcalc.differentiate(text, wrt, where=where, verify=True))


def test_the_factor_of_a_diagonal_matrix():
    assert str(matcalc.parse("chol(diag(x))", {"x": ("n",)})) == "diag(sqrt.(x))"


@pytest.mark.parametrize("text", ["tr(chol(expm(X)))", "tr(A chol(I + diag(x)))"])
def test_what_need_not_be_definite_is_refused(text):
    with pytest.raises(matcalc.NotDifferentiable, match="spd"):
        matcalc.differentiate(text, "X" if "X" in text else "x")
