"""Answers say where they hold: what they ask for beyond the function itself, and no more."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.checking.properties import PROPERTIES
from matcalc.rulebook.book import default

RNG = np.random.default_rng(5)


def said(text, wrt, **more):
    d = matcalc.differentiate(text, wrt, **more)
    return [("subgradient unless " if c.subgradient else "") + str(c) for c in d.conditions]


@pytest.mark.parametrize(
    ("text", "wrt", "expected"),
    [
        ("norm(x)", "x", ["x ≠ 0"]),
        ("norm(A x - b) + norm(x)", "x", ["A x - b ≠ 0", "x ≠ 0"]),
        ("norm_F(A X B)", "X", ["A X B ≠ 0"]),
        ("det(X)", "X", ["X is invertible"]),
        ("det(2 X')", "X", ["X is invertible"]),
        ("sqrt(t)", "t", ["t ≠ 0"]),
        ("asin(t)", "t", ["1 - t² > 0"]),
        ("sum(sqrt.(x))", "x", ["no entry of x is 0"]),
        ("tr(sqrtm(X))", "X", ["X is invertible"]),
        ("tr(A sqrtm(X))", "X", ["no eigenvalue of X is 0 or negative"]),
        ("tr(pinv(X))", "X", ["the rank of X does not change nearby"]),
        ("abs(t)", "t", ["subgradient unless t ≠ 0"]),
        ("sum(relu.(W x + b))", "W", ["subgradient unless no entry of W x + b is 0"]),
        ("max(A x)", "x", ["subgradient unless one entry of A x is greatest"]),
        ("norm_nuc(A X)", "X", ["subgradient unless the rank of A X is full"]),
        ("norm_2(X)", "X", ["subgradient unless the greatest singular value of X is simple"]),
        ("norm(x) + sum(abs.(x))", "x", ["x ≠ 0", "subgradient unless no entry of x is 0"]),
    ],
)
def test_what_an_answer_asks_for(text, wrt, expected):
    assert said(text, wrt) == expected


@pytest.mark.parametrize("which", ["max", "min"])
def test_eigenvalues_have_subgradients_where_they_are_not_simple(which):
    word = {"max": "greatest", "min": "least"}[which]
    found = said(f"lambda_{which}(S)", "S", assume={"S": "symmetric"})
    assert found == [f"subgradient unless the {word} eigenvalue of S is simple"]


@pytest.mark.parametrize(
    ("text", "wrt"),
    [
        ("1/2 norm(X w - y)^2", "w"),
        ("norm(x)^3", "x"),
        ("logdet(X)", "X"),
        ("tr(inv(X) A)", "X"),
        ("log(x' x)", "x"),
        ("log(norm(x))", "x"),
        ("x/norm(x)", "x"),
        ("x' A x/(x' x)", "x"),
        ("sum(log.(b - A x))", "x"),
        ("sqrt(1 + x' x)", "x"),
        ("1/(1 + exp(t))", "t"),
        ("norm(softmax(x))", "x"),
        ("sqrt(sum(exp.(x)))", "x"),
        ("w log(1 + abs(s)/t)", "t"),
        ("t^2/(t + t^2)", "t"),
        ("mean(X)", "X"),
        ("det(inv(X))", "X"),
        ("log(det(X))", "X"),
        ("logdet(X' A X)", "X"),
        ("t^a", "a"),
        ("t^(5/2)", "t"),
        ("prod(x)", "x"),
        ("det(x y')", "x"),
        ("det(x y' + z w')", "x"),
        ("tr(expm(X))", "X"),
    ],
)
def test_nothing_is_asked_for_that_the_function_asks_for_itself(text, wrt):
    assert said(text, wrt) == []


@pytest.mark.parametrize(
    ("text", "wrt", "assume"),
    [
        ("det(S)", "S", {"S": "spd"}),
        ("tr(A sqrtm(S))", "S", {"S": "spd"}),
        ("det(S + X' X)", "X", {"S": "spd"}),
        ("tr(chol(S))", "S", {"S": "spd"}),
        ("sum(abs.(x))", "x", {"x": "positive"}),
    ],
)
def test_what_is_declared_need_not_be_said(text, wrt, assume):
    assert said(text, wrt, assume=assume) == []


def test_what_a_scalar_is_declared_to_be_need_not_be_said():
    assert said("sqrt(t)", "t", where="positive scalar t") == []


def test_a_kink_in_what_does_not_move_is_none():
    d = matcalc.differentiate("norm(x - y) + sum(abs.(y))", ["x", "y"])
    assert [str(c) for c in d["x"].conditions] == ["x - y ≠ 0"]
    assert [c.subgradient for c in d["y"].conditions] == [False, True]


def test_a_second_derivative_has_no_kinks():
    d = matcalc.differentiate("sum(relu.(A x).^2)", "x", order=2)
    assert [str(c) for c in d.conditions] == ["no entry of A x is 0"]
    assert not any(c.subgradient for c in d.conditions)


def test_one_line_is_printed():
    d = matcalc.differentiate("sum(abs.(x)) + norm(x)", "x")
    assert str(d).splitlines()[1:] == ["holds where x ≠ 0; a subgradient where an entry of x is 0"]
    many = " + ".join(f"norm(x - a{i})" for i in range(9))
    assert str(matcalc.differentiate(many, "x")).splitlines()[1].endswith("and 6 more of `conditions`")


def test_conditions_are_kept_apart_from_long_expressions():
    deep = "x"
    for _ in range(40):
        deep = f"relu.(W {deep} + b)"
    d = matcalc.differentiate(f"sum({deep})", "x")
    assert len(d.conditions) == 40
    assert all(len(line) < 400 for line in d.notes)


def test_every_predicate_means_something_in_numbers():
    assert default().predicates.keys() <= PROPERTIES.keys()


# --- numbers --------------------------------------------------------------------------------------------------------


def slope(text, wrt, arrays, shapes):
    """The gradient by differences, along the entries of the variable."""
    e = matcalc.parse(text, shapes=shapes)
    x = np.asarray(arrays[wrt], dtype=float)
    out = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = 1e-5
        up, down = (float(e.evaluate({**arrays, wrt: x + s * step})) for s in (1, -1))
        out[place] = (up - down) / 2e-5
    return out


SQUARE = {"X": ("n", "n"), "A": ("n", "n"), "x": ("n",), "y": ("n",)}
RANK_TWO = RNG.standard_normal((3, 2)) @ RNG.standard_normal((2, 3))
SINGULAR = {
    "numerically": np.arange(1.0, 10).reshape(3, 3),
    "rank two": RANK_TWO,
    "rank one": np.outer([1.0, 2, 3], [1, 0, 2]),
    "zero": np.zeros((3, 3)),
    "diagonal": np.diag([1.0, 0, 2]),
}


@pytest.mark.parametrize("which", SINGULAR)
@pytest.mark.parametrize(
    "text", ["det(X)", "det(A X)", "det(X + A)", "det(X)^2", "tr(A adj(X))", "tr(A cof(X)) det(X)", "x' adj(X) y"]
)
def test_determinants_and_adjugates_of_singular_matrices(text, which):
    """The answer that is shown has an inverse; its value is that of one that has none."""
    arrays = {"X": SINGULAR[which], "A": RANK_TWO.T + np.eye(3), "x": [1.0, 2, 3], "y": [0.0, 1, 1]}
    d = matcalc.differentiate(text, "X", SQUARE)
    np.testing.assert_allclose(d.evaluate(arrays), slope(text, "X", arrays, SQUARE), atol=1e-7, rtol=1e-6)


def test_the_hessian_of_a_determinant_at_a_singular_matrix():
    a = np.diag([2.0, 0, 0])
    hessian = matcalc.differentiate("det(X)", "X", order=2).evaluate({"X": a})
    wanted = np.zeros((3, 3, 3, 3))
    wanted[1, 1, 2, 2] = wanted[2, 2, 1, 1] = 2
    wanted[1, 2, 2, 1] = wanted[2, 1, 1, 2] = -2
    np.testing.assert_allclose(hessian, wanted, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("text", ["det(x y')", "det(x y' + y x')", "det(A x y')", "det(I - x x'/(x' x))"])
def test_a_determinant_of_low_rank_has_a_gradient_of_every_size(text, n):
    arrays = {"A": RNG.standard_normal((n, n)), "x": RNG.standard_normal(n), "y": RNG.standard_normal(n)}
    d = matcalc.differentiate(text, "x", SQUARE)
    np.testing.assert_allclose(d.evaluate(arrays), slope(text, "x", arrays, SQUARE), atol=1e-7)


@pytest.mark.parametrize("x", [[1.0, 0, 2], [0.0, 0, 2], [0.0, 0, 0], [1.0, 2, 3], [5.0]])
@pytest.mark.parametrize("text", ["prod(x)", "prod(A x)", "prod(x)^2 + prod(2 x)"])
def test_a_product_has_a_gradient_where_entries_are_zero(text, x):
    n = len(x)
    arrays = {"x": x, "A": np.triu(np.ones((n, n)))}
    d = matcalc.differentiate(text, "x", SQUARE)
    np.testing.assert_allclose(d.evaluate(arrays), slope(text, "x", arrays, SQUARE), atol=1e-7)


def test_the_hessian_of_a_product_where_entries_are_zero():
    hessian = matcalc.differentiate("prod(x)", "x", order=2).evaluate({"x": [3.0, 0, 2]})
    np.testing.assert_allclose(hessian, [[0, 2, 0], [2, 0, 3], [0, 3, 0]])


@pytest.mark.parametrize(
    ("text", "wrt", "value", "reason"),
    [
        ("norm(x)", "x", [0.0, 0], "x ≠ 0"),
        ("sqrt(t)", "t", 0.0, "t ≠ 0"),
        ("asin(t)", "t", 1.0, "1 - t² > 0"),
        ("sum(sqrt.(x))", "x", [1.0, 0], "no entry of x is 0"),
    ],
)
def test_where_an_answer_does_not_hold_there_is_no_value(text, wrt, value, reason):
    with pytest.raises(matcalc.EvaluationError, match=reason):
        matcalc.differentiate(text, wrt).evaluate({wrt: value})


@pytest.mark.parametrize("form", ["pushforward", "pullback"])
def test_an_inverse_that_is_rounding_noise_is_refused(form):
    d = matcalc.differentiate("adj(X)", "X")
    with pytest.raises(matcalc.EvaluationError, match="singular"):
        d.form(form).evaluate({"X": SINGULAR["numerically"], "H": np.eye(3), "G": np.eye(3)})
