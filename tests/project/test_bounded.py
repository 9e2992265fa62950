"""Whatever is typed ends, in an answer or in a MatcalcError that names the limit: no recursion, no explosion, no hang.

What is counted are steps and frames; the alarm around every case is a net, and no measure of anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

import matcalc
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
    assert matcalc.parse(d.ascii()) is d.expression


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
    with pytest.raises(matcalc.MatcalcError, match="more than 500,000 names"):
        str(e)
