"""Numbers given in Python: what works as a reasonable person expects, and what is refused by name."""

import math
import re
import warnings
from fractions import Fraction

import numpy as np
import pytest

import matcalc
from matcalc import EvaluationError
from matcalc.evaluation.given import Sizes

A = [[1, 2], [3, 4]]
E = matcalc.parse("A x + b", {"A": ("m", "n")})
GOOD = {"A": np.array(A, dtype=float), "x": np.array([1.0, 0.0]), "b": np.array([0.0, 1.0])}
VALUE = [1.0, 4.0]


class Table:
    """Made an array as a data frame is."""

    def __array__(self, dtype=None, copy=None):
        return np.array(A, dtype=np.int32)


@pytest.mark.parametrize(
    "given",
    [
        {"A": A},
        {"A": tuple(map(tuple, A))},
        {"A": [[1, 2.0], [np.float32(3), np.int8(4)]]},
        {"A": np.array(A, order="F")},
        {"A": Table()},
        {"A": memoryview(np.array(A))},
        {"x": [[1], [0]]},
        {"x": range(1, -1, -1)},
        {"x": np.array([True, False])},
        {"x": np.array([1, 0], dtype=np.uint8)},
        {"n": 2, "m": np.float64(2)},
        {"unused": object()},
        *({"A": np.array(A, dtype=t)} for t in "i1 i2 i4 i8 u1 u8 f2 f4 f8 g".split()),
    ],
)
def test_real_numbers_of_any_kind_are_computed_with_as_float64(given):
    value = E.evaluate(GOOD | given)
    assert value.dtype == np.float64 and value.shape == (2,)
    assert value.tolist() == VALUE


def test_every_answer_is_of_float64():
    point = {"X": np.array([[2, 1], [0, 3]], dtype=np.float16)}
    for text in ("det(X)", "logdet(X)", "tr(inv(X))", "norm_2(X)", "tr(expm(X))"):
        d = matcalc.differentiate(text, "X")
        exact = d.evaluate({"X": point["X"].astype(float)})
        for form in (d, d.form("differential"), d.form("kronecker"), d.form("index")):
            value = form.evaluate(point)
            assert value.dtype == np.float64
            assert value.size == 4
        np.testing.assert_array_equal(d.evaluate(point), exact)


def test_scalars_are_any_real_numbers():
    e = matcalc.parse("t^2", {"t": ()})
    for t in (2, 2.0, np.int16(2), np.float32(2), np.array(2), np.array([[2]]), Fraction(2), [[2]]):
        assert e.evaluate({"t": t}).shape == () and float(e.evaluate({"t": t})) == 4
    assert math.isnan(e.evaluate({"t": math.nan})) and e.evaluate({"t": -math.inf}) == math.inf
    assert matcalc.parse("λ", {"λ": ()}).evaluate({"lambda": 3}) == 3


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"A": [[1, 2], [3]]}, "A needs an array .* differ in length"),
        ({"A": None}, "A needs an array of real numbers, not None"),
        ({"A": "eye"}, "A .* not 'eye'"),
        ({"A": b"ab"}, "A .* not the bytes"),
        ({"A": {1, 2}}, "A .* not a set"),
        ({"A": {"a": 1}}, "A .* not a dict"),
        ({"A": (row for row in A)}, "A .* not a generator"),
        ({"A": lambda: A}, "A .* not a function"),
        ({"A": np.eye(2) * 1j}, "A .* complex"),
        ({"A": np.eye(2, dtype=complex)}, "A .* complex"),
        ({"A": np.eye(2, dtype=object)}, "A .* objects, such as 1"),
        ({"A": [[Fraction(1), 2], [3, 4]]}, "A .* objects, such as a Fraction"),
        ({"A": [[10**400, 2], [3, 4]]}, "A .* objects, such as an integer of many digits"),
        ({"A": [["1", "2"], ["3", "4"]]}, "A .* text"),
        ({"A": np.array(["2020-01-01"], dtype="M8[D]")}, "A .* dates"),
        ({"A": np.array([(1, 2)], dtype=[("a", int), ("b", int)])}, "A .* values of type"),
        ({"x": np.ma.array([1.0, 2.0], mask=[False, True])}, "x .* masked"),
        ({"A": 3}, "A is a matrix of size m×n and needs an array with two axes; .* shape \\(\\)"),
        ({"A": [1, 2]}, "A is a matrix .* shape \\(2,\\)"),
        ({"A": np.ones((2, 2, 2))}, "A is a matrix .* shape \\(2, 2, 2\\)"),
        ({"x": 3.0}, "x is a vector of size n"),
        ({"x": np.ones((1, 2))}, "x has 1 row, and n is 2 by the array for A"),
        ({"x": np.ones((2, 2))}, "x has 2 columns, and 1 should be there"),
        ({"x": [1, 2, 3]}, "x has 3 rows, and n is 2 by the array for A"),
        ({"x": []}, "x is empty"),
        ({"A": np.ones((0, 2))}, "A is empty"),
        ({"n": 3}, "n was given as 3, and is 2 by the array for A"),
        ({"x": [1, 2], "x ": [1, 2]}, "x was given twice"),
        ({3: 4}, "names in .* are texts, not 3"),
        ({b"A": 4}, "names in .* are texts, not the bytes"),
        ({None: 4}, "names in .* are texts, not None"),
    ],
)
def test_what_is_refused_is_named(given, words):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(EvaluationError, match=words):
            E.evaluate(GOOD | given)


def test_missing_names():
    with pytest.raises(EvaluationError, match=r"No array was given for A") as refusal:
        E.evaluate({"a": A, "x": [1, 0], "b": [0, 1]})
    assert "letter case" in refusal.value.hint
    for name in ("A", "x"):
        with pytest.raises(EvaluationError, match=f"No array was given for {name}"):
            E.evaluate({n: v for n, v in GOOD.items() if n != name})


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (2.5, "positive integer, not 2.5"),
        (0, "positive integer, not 0"),
        (-1, "positive integer, not -1"),
        (math.nan, "positive integer, not nan"),
        (math.inf, "positive integer, not inf"),
        ([3], "not an array"),
        ("3", "not '3'"),
        (None, "not None"),
    ],
)
def test_sizes_that_no_array_tells(size, words):
    e = matcalc.parse("tr(I(k))")
    assert e.evaluate({"k": 3}) == 3
    with pytest.raises(EvaluationError, match=words):
        matcalc.parse("1(k)").evaluate({"k": size})
    with pytest.raises(EvaluationError, match="size k is not known"):
        matcalc.parse("1(k)").evaluate({})


def test_sums_and_products_of_sizes_are_checked_and_solved():
    shapes = {"x": ("n+1",), "A": ("m", "n"), "v": ("2*p*n",)}
    e = matcalc.parse("A 1(n) (x' x) (v' v) + ones(m) p", shapes)
    good = {"x": [1, 0, 0], "A": np.eye(2), "v": np.ones(12)}
    assert e.evaluate(good).tolist() == [15.0, 15.0]
    assert matcalc.parse("x' x + n", shapes).evaluate({"x": [1, 0, 0, 0]}) == 4
    with pytest.raises(EvaluationError, match="A has 2 columns, and n is 3 by the array for x"):
        e.evaluate(good | {"x": [1, 0, 0, 0]})
    with pytest.raises(EvaluationError, match=r"v has 11 rows, which 2·n·p cannot be"):
        e.evaluate(good | {"v": np.ones(11)})
    with pytest.raises(EvaluationError, match=r"x has 1 row, which n\+1 cannot be"):
        matcalc.parse("x' x", shapes).evaluate({"x": [1]})


def test_a_size_that_stands_squared_is_solved_for():
    sizes = Sizes()
    sizes.see("S", ("n·n+n",), (6,))
    assert sizes.known["n"] == 2
    with pytest.raises(EvaluationError, match="x has 3 rows, and n is 2 by the array for S"):
        sizes.see("x", ("n",), (3,))
    with pytest.raises(EvaluationError, match="S has 5"):
        Sizes().see("S", ("n·n+n",), (5,))


PHI = matcalc.differentiate("phi(A x)", "x")


@pytest.mark.parametrize(
    ("functions", "words"),
    [
        (None, "No function was given for φ'"),
        ({}, "No function was given for φ'"),
        ({"phi": 3}, "φ is a function, or several.* not 3"),
        ({"phi": "sum"}, "φ is a function, or several.* not 'sum'"),
        ({"phi": None}, "φ is a function, or several.* not None"),
        ({"phi": {"value": np.sum}}, "φ is a function, or several.* not a dict"),
        ({"phi": (np.sum,)}, "No function was given for φ'"),
        ({"phi": np.sum}, "No function was given for φ'"),
        ({"phi": (np.sum, None)}, "No function was given for φ'"),
        ({"phi": (np.sum, 3)}, "φ is a function, or several.* not 3"),
        ({"phi": (np.sum, lambda: 3)}, "φ' cannot be called so: too many positional"),
        ({"phi": (np.sum, lambda x, y: 3)}, "φ' cannot be called so: missing"),
        ({"phi": (np.sum, lambda x: None)}, "φ' needs an array of real numbers, not None"),
        ({"phi": (np.sum, lambda x: "a")}, "φ' needs an array of real numbers, not 'a'"),
        ({"phi": (np.sum, lambda x: 1j)}, "φ' .* not 1j"),
        ({"phi": (np.sum, lambda x: [[1], [1, 2]])}, "φ' .* differ in length"),
        ({"phi": (np.sum, lambda x: np.ones(7))}, r"φ' returned an array of shape \(7,\), where 2 × 1 was expected"),
        ({"phi": (np.sum, lambda x: np.ones((2, 2)))}, r"φ' returned an array of shape \(2, 2\)"),
        ({"phi": (np.sum, lambda x: np.ones((2, 2, 2)))}, "at most two axes"),
        ({"phi": (np.sum, int)}, "φ' fails here with TypeError"),
        ({"phi": (np.sum, lambda x: x[5])}, "φ' fails here with IndexError"),
        ({"phi": (np.sum, lambda x: x.shap)}, "φ' fails here with AttributeError"),
        ({"phi": [np.sum] * 200}, "at most 100"),
        ({3: np.sum}, "names in .* are texts"),
    ],
)
def test_functions_that_are_refused(functions, words):
    for form in (PHI, PHI.form("pullback"), PHI.form("index")):
        with pytest.raises(EvaluationError, match=re.compile(words)):
            form.evaluate({"A": A, "x": [1, 0], "G": 1}, functions)


@pytest.mark.parametrize(
    "functions",
    [
        {"phi": (np.sum, np.ones_like)},
        {"φ": [np.sum, np.ones_like]},
        {"phi": (None, np.ones_like)},
        {"phi": (f for f in (np.sum, np.ones_like))},
        {"phi": (np.sum, lambda x: [1, 1])},
        {"phi": (np.sum, lambda x: np.ones((2, 1), dtype=np.float32))},
        {"phi": (np.sum, np.ones_like, np.zeros_like)},
    ],
)
def test_functions_as_they_may_be_given(functions):
    value = PHI.evaluate({"A": A, "x": [1, 0]}, functions)
    assert value.tolist() == [4.0, 6.0]


def test_a_function_of_a_matrix_tells_by_its_shape_what_is_wrong():
    d = matcalc.differentiate("F(A X)", "X", where="function F(matrix(m, n)) -> matrix(p, q)")
    point = {"A": np.eye(2), "X": np.eye(2), "H": np.eye(2), "G": np.eye(2)}
    identity = np.einsum("ik,jl->ijkl", np.eye(2), np.eye(2))
    for name in ("pushforward", "pullback", "kronecker", "differential"):
        form = d.form(name)
        form.evaluate(point, {"F": (lambda x: x, lambda x: identity)})
        with pytest.raises(EvaluationError, match=r"F.* returned an array of shape \(3, 3\)"):
            form.evaluate(point, {"F": (lambda x: x, lambda x: np.ones((3, 3)))})


@pytest.mark.parametrize("k", [math.nan, math.inf, -math.inf])
def test_an_exponent_is_finite(k):
    e = matcalc.parse("tr(X^k)")
    assert e.evaluate({"X": np.eye(2), "k": 1e6}) == 2
    with pytest.raises(EvaluationError, match="the exponent is"):
        e.evaluate({"X": np.eye(2), "k": k})


def test_what_is_not_real_has_no_value():
    for text in ("sqrtm(X)", "logm(X)", "X^(1/2)"):
        with pytest.raises(EvaluationError, match=r"has no (real )?value"):
            matcalc.parse(text).evaluate({"X": [[-1, 0], [0, -2]]})
    with pytest.raises(EvaluationError, match="expm has no value"):
        matcalc.parse("expm(X)").evaluate({"X": [[math.nan, 0], [0, 1]]})


def test_an_elementwise_function_sees_what_the_expression_has():
    seen = []

    def f(x):
        seen.append(x.shape)
        return x * 0 + math.inf

    e = matcalc.parse("f.(x)", where="elementwise function f")
    assert e.evaluate({"x": [1, math.inf]}, {"f": f})[0] == math.inf
    assert seen == [(2,)]
    assert e.evaluate({"x": [1, 2]}, {"f": lambda x: 3}).tolist() == [3.0, 3.0]
    with pytest.raises(EvaluationError, match=r"f returned an array of shape \(3,\)"):
        e.evaluate({"x": [1, 2]}, {"f": lambda x: np.ones(3)})
