"""Three operators as a newcomer writes them from rules/README.md, without Python, are like those that were there."""

import numpy as np
import pytest

import matcalc
from matcalc.derivatives.choices import FORMS
from matcalc.rulebook.catalogue import catalogue, described
from matcalc.rules import load

RULES = r"""
chapter statistics: What a statistician adds
    introduction "`huber.(X)` is quadratic near 0 and linear beyond 1, `khatri_rao(X, Y)` is the columnwise Kronecker
        product, and `centering(X)` takes from every column its mean."

operator huber : m×n -> m×n   elementwise even nonnegative
    means "the loss of Huber with the threshold 1, at every entry"
    latex "\mathrm{huber}"
    code numpy "np.where(np.abs({1}) <= 1, {1}**2 / 2, np.abs({1}) - 1/2)"
    code sympy "sympy.Min(sympy.Abs({1}), 1) * (sympy.Abs({1}) - sympy.Min(sympy.Abs({1}), 1) / 2)"
definition huber: huber.(X) = 1/2 X.^2 - 1/2 relu.(abs.(X) .- 1).^2
    because "(|x| - 1)² = x² - 2 |x| + 1 beyond 1"
differential huber: d(huber.(X)) = (X - relu.(X .- 1) + relu.(-X .- 1)) ⊙ dX
    because "the slope is x, held between -1 and 1"

operator khatri_rao : m×k, p×k -> m·p×k   bilinear
    means "the columns of one matrix by Kronecker times those of another"
    latex "{1} \diamond {2}"
    code numpy "np.reshape(np.einsum('ik,jk->ijk', {1}, {2}), (-1, {k}))"
definition khatri-rao: khatri_rao(X, Y) = kron(X, 1(p)) ⊙ kron(1(m), Y)
    given X : m×k; Y : p×k
    because "row (i, j) of the factors is row i of X, and row j of Y"
adjoint khatri-rao-first: W : khatri_rao(X, Y) = kron(I(m), 1(p)ᵀ) (W ⊙ kron(1(m), Y)) : X
    given X : m×k; Y : p×k
    because "khatri_rao(X, Y) = ((I ⊗ 1) X) ⊙ (1 ⊗ Y)"
adjoint khatri-rao-second: W : khatri_rao(X, Y) = kron(1(m)ᵀ, I(p)) (W ⊙ kron(X, 1(p))) : Y
    given X : m×k; Y : p×k
    because "khatri_rao(X, Y) = (X ⊗ 1) ⊙ ((1 ⊗ I) Y)"
form kronecker khatri-rao-second:
    vec(khatri_rao(A, X)) = Diag(vec(kron(A, 1(p)))) kron(I(k), kron(1(m), I(p))) vec(X)
    given A : m×k; X : p×k
    because "khatri_rao(A, X) = kron(A, 1) ⊙ kron(1, X), and kron(1, X) = (1 ⊗ I) X"

operator centering : m×n -> m×n   linear
    means "a matrix, each of its columns less the mean of this"
    latex "{1}^{\circ}"
    code numpy "{1} - np.mean({1}, axis=0)"
definition centering: centering(X) = X - 1/m 1(m) 1(m)ᵀ X
    given X : m×n
    because "1ᵀ X/m is the row of the means"
adjoint centering: W : centering(X) = centering(W) : X
    because "I - 1 1ᵀ/m is symmetric"
simplify centering-twice: centering(centering(X)) = centering(X)
    because "what has the mean 0 is centred"
form kronecker centering: vec(centering(X)) = kron(I(n), centering(I(m))) vec(X)
    given X : m×n
    because "centering(X) = centering(I) X"
"""

PROBLEMS = [
    ("sum(huber.(A x - b))", "x", "Aᵀ (A x - b + relu.(b .- 1 - A x) - relu.(A x .- 1 - b))"),
    ("tr(khatri_rao(A, B)' C)", "B", "(ones(1, m) ⊗ I) ((A ⊗ ones(p)) ⊙ C)"),
    ("1/2 ‖centering(X)‖_F^2", "X", "centering(X)"),
    ("khatri_rao(A, X)", "X", "khatri_rao(A, dX)"),
    ("centering(X) B", "X", "centering(dX) B"),
]


@pytest.fixture(scope="module")
def book():
    return load(RULES)


@pytest.mark.parametrize(("f", "x", "wanted"), PROBLEMS)
def test_they_are_differentiated_and_have_their_forms(book, f, x, wanted):
    d = matcalc.differentiate(f, x, rules=book, verify=True)
    assert str(d) == wanted
    for form in FORMS:
        assert str(d.form(form))
    assert str(d.sympy())


def test_they_are_printed_in_every_notation(book):
    sympy = pytest.importorskip("sympy")
    e = matcalc.parse("centering(khatri_rao(huber.(A), B)) + huber(t) C", rules=book)
    assert str(e) == "centering(khatri_rao(huber.(A), B)) + huber(t) C"
    assert e.ascii() == str(e)
    assert e.latex() == (
        r"\left(\mathrm{huber}_{\odot}\left(A\right) \diamond B\right)^{\circ} + \mathrm{huber}\left(t\right) C"
    )
    t = sympy.Symbol("t")
    assert matcalc.parse("huber(t)", rules=book).sympy().subs(t, 3) == sympy.Rational(5, 2)
    assert "khatri_rao" in str(e.sympy())


def test_they_have_values(book):
    arrays = {"A": [[1.0, 2.0], [0.5, -3.0]], "B": [[1.0, 1.0], [0.0, 2.0]]}
    huber = np.array([[0.5, 1.5], [0.125, 2.5]])
    product = np.vstack([np.kron(huber[:, k], np.array(arrays["B"])[:, k]) for k in range(2)]).T
    found = matcalc.parse("centering(khatri_rao(huber.(A), B))", rules=book).evaluate(arrays)
    np.testing.assert_allclose(found, product - product.mean(axis=0))


def test_they_stand_among_the_others(book):
    listed = catalogue(book)
    for name in ("huber", "khatri_rao", "centering"):
        assert name in listed
        assert name in described(book, name)
