"""Whatever is typed ends, in an answer or in a MatcalcError that names the limit: no recursion, no explosion, no hang.

What is counted are steps and frames; the alarm around every case is a net, and no measure of anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

import matcalc
from matcalc.expressions.nodes import postorder
from tests.project.limits import ending, few_frames


@pytest.fixture(autouse=True)
def net() -> Iterator[None]:
    with ending():
        yield


def scalars(*names: str) -> dict[str, tuple[()]]:
    return dict.fromkeys(names, ())


@pytest.mark.parametrize("text", ["sqrt(-1) t", "t/sqrt(-1)", "3 sqrt(-1) t sqrt(-1)", "(-1)^(3/2) t"])
def test_a_root_of_minus_one_takes_no_number_in(text: str) -> None:
    """The coefficient went under the root and came out again, for ever."""
    d = matcalc.differentiate(text, "t", {"t": ()})
    assert d.expression == matcalc.parse(d.ascii())


@pytest.mark.parametrize("text", ["x^x^x", "(t^x)^x", "x x^x (x^x)^x", "(x^x)^2 (x^x)^x"])
@pytest.mark.parametrize("order", [1, 2])
def test_powers_of_powers(text: str, order: int) -> None:
    """A power was merged into two products of powers at once."""
    d = matcalc.differentiate(text, "x", scalars("x", "t"), order=order)
    at, h = {"x": 1.3, "t": 0.7}, 1e-5
    lower = d if order == 1 else matcalc.differentiate(text, "x", scalars("x", "t"))
    before = (lower.function if order == 1 else lower.expression).evaluate
    slope = (before({**at, "x": at["x"] + h}) - before({**at, "x": at["x"] - h})) / (2 * h)
    assert float(d.evaluate(at)) == pytest.approx(float(slope), rel=1e-6)


def test_a_derivation_names_no_index() -> None:
    """The argument of an entry, which is linear, is given no name."""
    text = " + ".join(f"tr(A{i} X B{i}) sin(X[1, 2])" for i in range(9))
    assert "X[1, 2]" in str(matcalc.differentiate(text, "X").derivation)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: "1/(1 + " * n + "x" + ")" * n,
        lambda n: "x^(1 + " * n + "x" + ")" * n,
        lambda n: "x^(y (" * n + "x" + "))" * n,
        lambda n: "(x + y (" * n + "x" + "))" * n,
    ],
    ids=["fractions", "exponents", "products in exponents", "sums"],
)
def test_what_is_nested_is_printed_without_recursion(make) -> None:
    with few_frames():
        e = matcalc.parse(make(1_000), scalars("x", "y"))
        assert "x" in str(e) and "x" in e.ascii()


def doublings(n: int, text: str, first: str = "X") -> str:
    """let a1 = … a0 …, so that the last has 2ⁿ of the first in it."""
    names = [first, *(f"a{i}" for i in range(1, n + 1))]
    return "\n".join(f"let {b} = {text.replace('@', a)}" for a, b in pairwise(names))


def test_what_is_shared_is_not_printed_exponentially_often() -> None:
    e = matcalc.parse("a60", where=doublings(60, "@ + sin.(@)"))
    with pytest.raises(matcalc.MatcalcError, match="more than 250,000 names"):
        str(e)


FACTORED = [
    ("norm_F((W (s .- A) (W (s .- A))') (s .- A)')", "W"),
    ("norm_F((W (s .- A) (W (s .- A))' W (s .- A)) (s .- A)' (W (s .- A))')", "W"),
    ("norm_F((s .- A) (s .- W) (s .- A)' (s .- W)' (s .- A) (s .- W))", "W"),
]


@pytest.mark.parametrize(("text", "variable"), FACTORED)
def test_factoring_has_an_allowance(text: str, variable: str) -> None:
    """What is tried is tried again inside of itself; the work of all that is counted, and ends."""
    from matcalc.simplification.allowance import ALLOWED, ALLOWED_EACH, UNFINISHED

    d = matcalc.differentiate(text, variable)
    nodes = sum(1 for _ in postorder(d.normal))
    assert d.problem.algebra.work < 2 * (ALLOWED + ALLOWED_EACH * nodes)
    arrays = {"W": np.eye(3) + 0.1, "A": np.arange(9).reshape(3, 3) / 9, "s": 0.3}
    assert np.allclose(d.evaluate(arrays), d.normal.evaluate(arrays))
    assert (UNFINISHED in d.notes) == d.problem.algebra.unfinished


def test_an_answer_that_used_up_its_allowance_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is right all the same, and the next answer has an allowance of its own."""
    from matcalc.simplification import allowance

    monkeypatch.setattr(allowance, "ALLOWED", 0)
    monkeypatch.setattr(allowance, "ALLOWED_EACH", 0)
    d = matcalc.differentiate("x' A x + x' B x", "x")
    assert allowance.UNFINISHED in d.notes and allowance.UNFINISHED in str(d)
    arrays = {"A": np.array([[1.0, 2], [3, 4]]), "B": np.eye(2), "x": np.array([1.0, -1])}
    assert np.allclose(d.evaluate(arrays), [-1, -5])
    monkeypatch.undo()
    assert str(matcalc.differentiate("x' A x + x' B x", "x")) == "(A + B + (A + B)ᵀ) x"


@pytest.mark.parametrize(
    ("text", "order", "longest"),
    [("exp(t^2)", 20, 300), ("exp(t^2)", 60, 3_000), ("t/(1 + t^2)", 20, 600), ("exp(-t^2/2) t", 20, 300)],
)
def test_polynomial_factors_are_multiplied_out(text: str, order: int, longest: int) -> None:
    """A Hermite polynomial has as many terms as its order, and no more."""
    d = matcalc.differentiate(text, "t", scalars("t"), order=order)
    assert len(str(d)) < longest
    assert sum(1 for _ in postorder(d.expression.written)) < 4 * order


@pytest.mark.parametrize("order", [101, 10**6, 10**30])
def test_the_order_has_a_limit(order: int) -> None:
    with pytest.raises(matcalc.MatcalcError, match="at most 100, which is the limit"):
        matcalc.differentiate("x^3", "x", scalars("x"), order=order)


def test_a_derivative_that_grows_is_refused() -> None:
    with pytest.raises(matcalc.MatcalcError, match=r"order \d has .* parts; the limit .* is 500"):
        matcalc.differentiate("sin(x exp(sin(x + y)) tanh(x))", "x", scalars("x", "y"), order=9)


def test_derivations_of_high_order_do_not_recurse() -> None:
    d = matcalc.differentiate("exp(2 t)", "t", scalars("t"), order=100)
    with few_frames():
        assert len(d.derivation.steps) > 100


@pytest.mark.parametrize("n", [300, 3_000])
def test_stacks_of_stacks(n: int) -> None:
    """The sizes of sums of sums are one sum, whatever is stacked."""
    with few_frames():
        d = matcalc.differentiate("sum(" + "hstack(X, " * n + "X" + ")" * n + ")", "X")
    assert d.shapes["X"] == ("m", "n")


def stacked(n: int) -> str:
    return "sum(" + "".join(f"hstack(X{i}, " for i in range(n)) + "X0" + ")" * n + ")"


def test_stacks_of_different_sizes() -> None:
    with few_frames():
        assert matcalc.differentiate(stacked(120), "X3").variable.name == "X3"
        with pytest.raises(matcalc.ShapeError, match="more than 1,000 others"):
            matcalc.differentiate(stacked(1_100), "X3")


def test_sizes_of_products_of_sums() -> None:
    """(m1+n1)·(m2+n2)·… would have 2ⁿ terms."""
    shapes = {f"{c}{i}": (f"m{i}", f"{c.lower()}{i}") for c in "XY" for i in range(30)}
    text = "sum(" + "".join(f"kron(hstack(X{i}, Y{i}), " for i in range(30)) + "X0" + ")" * 30 + ")"
    with pytest.raises(matcalc.ShapeError, match="more than 1,000 others, which is the limit"):
        matcalc.differentiate(text, "X3", shapes)


SHARED = "@ + sin.(@)", "@ B @'", "@ .* exp.(@)", "inv(@ + @' A)", "@ A @ + B", "@/norm_F(@)"


@pytest.mark.parametrize("text", SHARED)
def test_forms_and_prompts_of_what_is_shared(text: str) -> None:
    """Comparing terms does not print them, a prompt shows a beginning, and what is too long to print is refused."""
    d = matcalc.differentiate("sum(a40)", "X", where="matrix X(n, n); " + doublings(40, text))
    assert max(len(repr(x)) for x in (d, d.expression)) < 300
    for name in ("index", "tensor", "pullback", "kronecker"):
        try:
            form = d.form(name)
            assert len(repr(form)) < 300
            assert len(str(form)) < 2_000_000
        except matcalc.MatcalcError as refusal:
            assert "limit" in refusal.message or "more than" in refusal.message
