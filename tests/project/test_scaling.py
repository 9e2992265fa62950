"""Inputs that only a program types: they finish, without recursion, are right, and cost in proportion to their size.

Nothing here looks at a clock: what is counted are nodes, characters, lines and applications of rules.  How long it
takes is what `tests/benchmarks/deriving.py` prints.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

import matcalc
from matcalc.expressions.nodes import postorder
from tests.project.limits import few_frames

Arrays = dict[str, np.ndarray]


def traces(n: int) -> str:
    return " + ".join(f"tr(A{i} X B{i} X')" for i in range(n))


def network(n: int) -> str:
    return "sum(" + "".join(f"tanh.(W{k} " for k in range(n, 0, -1)) + "x" + ")" * n + ")"


def chain(n: int, *places: int) -> str:
    return "tr(" + " ".join("X" if i in places else f"A{i}" for i in range(n)) + ")"


def alternating(n: int) -> str:
    return "tr(" + " ".join(f"A{i} X" for i in range(n)) + ")"


def nested(n: int, inside: str = "a' x", name: str = "sin") -> str:
    return f"{name}(" * n + inside + ")" * n


FAMILIES: dict[str, tuple[Callable[[int], str], str]] = {
    "sum of traces": (traces, "X"),
    "sum of inner products": (lambda n: " + ".join(f"a{i}' x" for i in range(n)), "x"),
    "sum of logarithms": (lambda n: " + ".join(f"log(a{i}' x)" for i in range(n)), "x"),
    "network": (network, "W1"),
    "product": (lambda n: chain(4 * n, 2 * n), "X"),
    "product with a few": (lambda n: chain(4 * n, n, 2 * n, 3 * n), "X"),
    "sin of sin": (nested, "x"),
    "elementwise sin of sin": (lambda n: "sum(" + nested(n, "X", "sin.") + ")", "X"),
    "inverse of inverse": (lambda n: "tr(" + "inv(I + A " * n + "X" + ")" * n + ")", "X"),
}


def nodes(e: matcalc.Expr) -> int:
    return sum(1 for _ in postorder(e))


def direction(arrays: Arrays, name: str, f: matcalc.Expr) -> tuple[np.ndarray, float]:
    """A direction for one variable, and the derivative of the function along it by central differences."""
    h = 1e-6
    v = np.random.default_rng(7).standard_normal(arrays[name].shape)
    above, below = (float(f.evaluate({**arrays, name: arrays[name] + s * h * v})) for s in (1, -1))
    return v, (above - below) / (2 * h)


def agrees(d: matcalc.Derivative, arrays: Arrays) -> None:
    """The gradient against finite differences."""
    v, expected = direction(arrays, d.variable.name, d.function)
    assert np.vdot(d.evaluate(arrays), v) == pytest.approx(expected, rel=1e-5, abs=1e-7)


def random(d: matcalc.Derivative, size: int = 2, scale: float = 1.0, near_identity: bool = False) -> Arrays:
    rng = np.random.default_rng(1)
    arrays = {}
    for name, shape in d.shapes.items():
        full = tuple(size if isinstance(s, str) else s for s in shape)
        made = scale * rng.standard_normal(full)
        arrays[name] = made + np.eye(size) if near_identity and len(full) == 2 else made
    return arrays


@pytest.mark.parametrize("family", FAMILIES)
def test_growth_is_linear(family: str) -> None:
    """Twice the input has at most about twice the nodes, printed characters and rule applications."""
    make, variable = FAMILIES[family]
    found = []
    for n in (60, 120, 240):
        d = matcalc.differentiate(make(n), variable)
        counts = d.problem.algebra.book.counts
        before = sum(counts.values())
        again = matcalc.differentiate(make(n), variable)
        found.append((nodes(again.expression.written), len(str(again)), sum(counts.values()) - before))
    for small, double in pairwise(found):
        for a, b in zip(small, double, strict=True):
            assert b <= 2.3 * a + 20, (family, found)


@pytest.mark.parametrize("family", ["sum of traces", "network"])
def test_derivations_grow_linearly(family: str) -> None:
    make, variable = FAMILIES[family]
    found = []
    for n in (50, 100, 200):
        derivation = matcalc.differentiate(make(n), variable).derivation
        found.append((len(derivation.steps), len(str(derivation)), len(derivation.trace)))
    for small, double in pairwise(found):
        for a, b in zip(small, double, strict=True):
            assert b <= 2.3 * a + 20, (family, found)


def test_a_sum_of_ten_thousand_traces() -> None:
    n = 10_000
    d = matcalc.differentiate(traces(n), "X")
    arrays = random(d)
    x = arrays["X"]
    pairs = [(arrays[f"A{i}"], arrays[f"B{i}"]) for i in range(n)]
    assert np.allclose(d.evaluate(arrays), sum(a.T @ x @ b.T + a @ x @ b for a, b in pairs))
    assert str(d).count("X") == 2 * n


@pytest.mark.parametrize("places", [(5_000,), (1_000, 3_000, 5_000, 7_000, 9_000)], ids=["once", "five times"])
def test_a_product_of_ten_thousand(places: tuple[int, ...]) -> None:
    with few_frames():
        d = matcalc.differentiate(chain(10_000, *places), "X")
    arrays = random(d, scale=0.01, near_identity=True)
    before = [np.eye(2)]
    for i in range(10_000):
        before.append(before[-1] @ arrays["X" if i in places else f"A{i}"])
    behind = [np.eye(2)]
    for i in reversed(range(10_000)):
        behind.append(arrays["X" if i in places else f"A{i}"] @ behind[-1])
    expected = sum((behind[9_999 - i] @ before[i]).T for i in places)
    assert np.allclose(d.evaluate(arrays), expected)


def test_a_product_with_the_variable_everywhere() -> None:
    """What is long is shared, and its parts have names."""
    d = matcalc.differentiate(alternating(300), "X")
    agrees(d, random(d, scale=0.02, near_identity=True))
    assert len(str(d)) < 200_000


@pytest.mark.parametrize("layers", [1, 2, 8, 32, 200])
def test_a_network(layers: int) -> None:
    d = matcalc.differentiate(network(layers), "W1")
    agrees(d, random(d, 3, 0.1, near_identity=True))


def test_a_thousand_layers() -> None:
    with few_frames():
        d = matcalc.differentiate(network(1_000), "W1")
        text = str(d)
    assert "where" in text and len(text) < 100_000
    with few_frames():
        derivation = str(d.derivation)
    assert len(derivation) < 400_000
    agrees(d, random(d, 2, 0.001, near_identity=True))


def test_powers_of_products() -> None:
    """In closed form as a power; written out, still the same number."""
    assert str(matcalc.differentiate("tr((A X)^8)", "X")) == "8 ((A X)⁷ A)ᵀ"
    assert matcalc.differentiate("tr((A X)^k)", "X").ascii().startswith("k ((A X)^(k-1) A)'")
    for k in (8, 32, 128):
        d = matcalc.differentiate("tr(" + "A X " * k + ")", "X")
        arrays = random(d, scale=0.05, near_identity=True)
        a, x = arrays["A"], arrays["X"]
        assert np.allclose(d.evaluate(arrays), k * (np.linalg.matrix_power(a @ x, k - 1) @ a).T)


def test_ten_thousand_brackets() -> None:
    with few_frames():
        assert str(matcalc.differentiate("(" * 10_000 + "tr(A X)" + ")" * 10_000, "X")) == "Aᵀ"


def test_a_hundred_thousand_transposes() -> None:
    with few_frames():
        assert str(matcalc.differentiate("tr(A X" + "'" * 100_000 + ")", "X")) == "Aᵀ"


@pytest.mark.parametrize("inside", ["a' x", "x' A x"])
def test_two_thousand_sines(inside: str) -> None:
    with few_frames():
        d = matcalc.differentiate(nested(2_000, inside), "x")
        text = str(d)
    assert len(text) < 200_000
    agrees(d, random(d, scale=0.1))


def test_a_hundred_thousand_terms() -> None:
    """Equal ones and different ones."""
    assert str(matcalc.differentiate(" + ".join(["tr(A X)"] * 100_000), "X")) == "100000 Aᵀ"
    d = matcalc.differentiate(" + ".join(f"a{i}' x" for i in range(100_000)), "x")
    assert nodes(d.expression.written) == 100_001
    assert {e.name for e in d.expression.written.args} == {f"a{i}" for i in range(100_000)}


def test_the_collector_is_as_it_was() -> None:
    """It is paused while a derivative is computed, and always restored."""
    assert gc.isenabled()
    matcalc.differentiate("tr(A X)", "X")
    with pytest.raises(matcalc.MatcalcError):
        matcalc.differentiate("tr(A", "A")
    assert gc.isenabled()
    gc.disable()
    try:
        matcalc.differentiate("tr(A X)", "X")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_nothing_is_kept() -> None:
    """Expressions go when nobody holds them: the table of nodes is weak."""
    from matcalc.expressions.nodes import _table

    matcalc.differentiate(network(40), "W1")
    gc.collect()
    before = len(_table)
    d = matcalc.differentiate(traces(200).replace("A", "Q"), "X")
    assert len(_table) > before + 1_000
    del d
    gc.collect()
    assert len(_table) <= before + 100
