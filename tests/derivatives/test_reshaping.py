"""Operations that move entries: vech has n(n+1)/2 entries, a size like any other; blocks have to fit."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.derivatives.choices import FORMS
from matcalc.errors import EvaluationError, ShapeError

RNG = np.random.default_rng(3)
X, Y = RNG.standard_normal((2, 3, 3))
HALF = "(n·n+n)/2"


def vech(a):
    return np.concatenate([a[j:, j] for j in range(len(a))])


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("vech(X)", HALF),
        ("vech(A B)", HALF),
        ("tanh.(vech(X))", HALF),
        ("w ⊙ vech(X)", HALF),
    ],
)
def test_its_size_is_told_by_its_argument(text, shape):
    e = matcalc.parse(text)
    assert len(e.shape[0].replace("m", "n")) == len(shape) and e.shape[0].endswith("/2")


@pytest.mark.parametrize("shapes", [{"X": ("n", "n")}, {"X": (3, 3)}, {"w": (6,)}, {"w": ("n(n+1)/2",)}, {}])
def test_the_size_of_what_stands_beside_it_is_found(shapes):
    d = matcalc.differentiate("w' vech(X)", "X", shapes)
    np.testing.assert_allclose(vech(d.evaluate({"w": np.arange(6.0), "X": X})), np.arange(6.0))


@pytest.mark.parametrize("size", [2, 4, 5, "k"])
def test_what_is_no_such_size_is_refused(size):
    with pytest.raises(ShapeError, match=r"\(n·n\+n\)/2|fit"):
        matcalc.parse("w' vech(X)", {"w": (size,), "X": ("n", "n")})
    with pytest.raises(EvaluationError, match="cannot be"):
        matcalc.parse("unvech(w)").evaluate({"w": np.ones(5)})


@pytest.mark.parametrize(
    "text", ["sum(vech(X))", "norm(vech(X Y))^2", "sum(tanh.(vech(X)))", "sum(vech(X).^3)", "max(vech(X) ⊙ vech(Y))"]
)
@pytest.mark.parametrize("n", [2, 3, "n"])
def test_functions_of_it_have_gradients_and_lines_that_hold(text, n):
    assert matcalc.differentiate(text, "X", {"X": (n, n), "Y": (n, n)}, verify=True).expression.shape == (n, n)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("text", "wrt", "expected"),
    [
        ("vech(X Y)", "X", lambda h: vech(h @ Y)),
        ("tanh.(vech(X))", "X", lambda h: vech((1 - np.tanh(X) ** 2) * h)),
        ("unvech(x) Y", "x", None),
    ],
)
def test_every_form_of_it_is_there(form, text, wrt, expected):
    arrays = {"X": X, "Y": Y, "x": np.arange(6.0)}
    d = matcalc.differentiate(text, wrt)
    made = d.form(form)
    assert str(made) and made.latex() and made.ascii().isascii()
    if form in ("pushforward", "pullback", "kronecker") or expected is None:
        return
    found = np.asarray(made.evaluate(arrays))
    h = RNG.standard_normal((3, 3))
    np.testing.assert_allclose(np.einsum("kij,ij->k", found, h), expected(h))


def test_the_elimination_matrix():
    e = matcalc.parse("elimination(I(n)) vec(X)")
    np.testing.assert_allclose(e.evaluate({"X": X}), vech(X))
    d = matcalc.differentiate("unvech(x)", "x").form("kronecker")
    assert str(d) == "elimination(I)ᵀ"
    np.testing.assert_allclose(d.evaluate({"x": np.arange(6.0)}) @ vech(X), np.tril(X).ravel(order="F"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("vech(t)", "t"),
        ("tril(t) + triu(s)", "s + t"),
        ("vech(unvech(x))", "x"),
        ("unvech(vech(X))", "tril(X)"),
        ("sum(vech(X))", "sum(tril(X))"),
        ("ones(n(n+1)/2)", "ones((n·n+n)/2)"),
    ],
)
def test_what_is_simpler(text, shown):
    shapes = {"t": (), "s": (), "X": ("n", "n"), "x": (HALF,)}
    e = matcalc.parse(text, shapes)
    assert str(e) == shown
    assert matcalc.parse(shown, shapes) is e


def test_half_a_size_is_none():
    with pytest.raises(ShapeError, match="not a size"):
        matcalc.parse("x", {"x": ("n/2",)})


@pytest.mark.parametrize("name", ["kronleft", "kronright"])
@pytest.mark.parametrize("wrt", ["A", "B"])
def test_sums_over_blocks_have_their_kronecker_form(name, wrt):
    arrays = {"A": RNG.standard_normal((4, 6)), "B": RNG.standard_normal((2, 3))}
    e = matcalc.parse(f"{name}(A, B)", {"A": (4, 6), "B": (2, 3)})
    d = matcalc.differentiate(f"{name}(A, B)", wrt, {"A": (4, 6), "B": (2, 3)})
    found = d.form("kronecker").evaluate(arrays) @ arrays[wrt].ravel(order="F")
    np.testing.assert_allclose(found, e.evaluate(arrays).ravel(order="F"))


def test_blocks_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="fit"):
        matcalc.differentiate("G : kronleft(A, B)", "A", {"A": ("k", "l"), "B": ("p", "q"), "G": ("m", "n")})


def test_a_form_binds_the_sizes_of_what_it_makes():
    d = matcalc.differentiate("unvech(x)", "x", {"x": ("m(m+1)/2",)}).form("kronecker")
    assert d.expression.shape == ("m·m", "(m·m+m)/2")
