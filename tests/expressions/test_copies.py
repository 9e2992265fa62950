"""A copy of an expression is the expression, however it was made and wherever it has been."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

import matcalc
from matcalc.expressions.nodes import restored
from matcalc.normal_form.algebra import Algebra
from matcalc.rules import default

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
WITH_SLOTS = PROTOCOLS[2:]  # older ones take no class with slots, which Python itself refuses by name
OURS = """
operator swish : m×n -> m×n   elementwise
definition swish: swish.(X) = X ⊙ sigmoid.(X)
differential swish: d(swish.(X)) = (sigmoid.(X) + X ⊙ sigmoid.(X) ⊙ (1 .- sigmoid.(X))) ⊙ dX
"""
BOOK = matcalc.rules.load(OURS)
FORMS = ("differential", "pushforward", "pullback", "kronecker", "tensor", "index", "component")


def copies(x: Any, protocols: range = PROTOCOLS) -> list[Any]:
    pickled = [pickle.loads(pickle.dumps(x, protocol)) for protocol in protocols]
    return [copy.copy(x), copy.deepcopy(x), *pickled]


@pytest.mark.parametrize(
    "text",
    [
        "A^2 B - A^-1 B/3 + 0.1 B",
        "sigmoid.(A x) ⊙ y + hstack(x, y) z",
        "φ(A x) + tr(A)^k + A[1,2]",
        "swish.(A x)",
        "softmax(E(1,2,m,n) x + e(3,m))",
    ],
)
def test_a_copy_of_an_expression_is_the_expression(text):
    e = matcalc.parse(text, rules=BOOK)
    assert all(made is e for made in copies(e))
    assert all(made is e for group in copies([e, {e: e}], PROTOCOLS) for made in (group[0], group[1][e]))


def test_copies_and_originals_are_put_together_as_one_thing_is():
    a, e = Algebra(default()), matcalc.parse("A", shapes={"A": ("n", "n")})
    for made in copies(e):
        assert a.mul([made, a.power(e, a.number(-1))]).head == "identity"
        assert a.add(made, e) is a.linear([(2, e)])


def test_depth_is_no_matter():
    a, e = Algebra(default()), matcalc.parse("t")
    for _ in range(5_000):
        e = a.apply("sin", [a.add(e, a.number(1))])
    assert e.depth > 10_000
    assert all(made is e for made in copies(e))


def test_what_is_pickled_runs_nothing_but_our_own():
    class Watching(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            asked.add((module, name))
            return super().find_class(module, name)

    asked: set[tuple[str, str]] = set()
    e = matcalc.parse("swish.(A x)/3 + φ(A x) y", rules=BOOK)
    assert Watching(io.BytesIO(pickle.dumps(e))).load() is e
    assert {(restored.__module__, "restored"), ("fractions", "Fraction")} <= asked
    assert {module for module, _ in asked} <= {restored.__module__, "fractions", "builtins"}


@pytest.mark.parametrize(
    "made",
    [
        lambda: matcalc.differentiate("sum(swish.(A x)) + phi(A)", "A", rules=BOOK),
        lambda: matcalc.differentiate("A X' B", "X"),
        lambda: matcalc.differentiate("x' A x + logsumexp(x)", "x", order=2),
        lambda: matcalc.differentiate("logdet(S) + tr(S A)", "S", assume={"S": "spd"}),
    ],
)
def test_a_copy_of_a_derivative_has_the_same_answer_lines_and_forms(made: Callable[[], matcalc.Derivative]):
    d = made()
    for other in copies(d, WITH_SLOTS):
        assert (other.expression, other.notes) == (d.expression, d.notes)
        assert str(other.derivation) == str(d.derivation)
        for name in FORMS:
            assert said(other, name) == said(d, name)


def said(d: matcalc.Derivative, name: str) -> str:
    try:
        return str(d.form(name))
    except matcalc.MatcalcError as refused:
        return str(refused)


@pytest.mark.parametrize(
    "made",
    [
        lambda: matcalc.differentiate("tr(A B)", ["A", "B"]),
        lambda: matcalc.differentiate("A X B", "X").derivation,
        lambda: [matcalc.differentiate("A X B", "X").form(name) for name in FORMS],
        lambda: matcalc.equal("A B", "B A"),
        lambda: matcalc.alternatives("inv(A + x y')"),
    ],
)
def test_other_answers_print_as_before(made):
    x = made()
    for other in copies(x, WITH_SLOTS):
        assert list(map(str, other)) == list(map(str, x)) if isinstance(x, list) else str(other) == str(x)


def test_a_rule_book_is_not_copied_and_its_own_rules_travel():
    assert all(made is default() for made in copies(default(), WITH_SLOTS))
    assert copy.copy(BOOK) is copy.deepcopy(BOOK) is BOOK
    other = pickle.loads(pickle.dumps(BOOK))
    assert other.entries == BOOK.entries
    assert len(pickle.dumps(BOOK)) < 5_000
    assert str(matcalc.differentiate("sum(swish.(X))", "X", rules=other)) == str(
        matcalc.differentiate("sum(swish.(X))", "X", rules=BOOK)
    )


def test_a_refusal_travels():
    with pytest.raises(matcalc.MatcalcError) as refused:
        matcalc.parse("A + ")
    assert all(str(made) == str(refused.value) for made in copies(refused.value))


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_a_pool_of_processes_gives_and_takes_answers(method):
    try:
        context = get_context(method)
    except ValueError:
        pytest.skip("this platform has no such processes")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        d = pool.submit(matcalc.differentiate, "sum(swish.(A x))", "A", rules=BOOK).result()
        refused = pool.submit(matcalc.parse, "A +").exception()
        printed = pool.submit(str, d.expression).result()
    here = matcalc.differentiate("sum(swish.(A x))", "A", rules=BOOK)
    assert isinstance(d.expression, matcalc.Shown)
    assert d.expression.written is here.expression.written and d.expression == here.expression
    assert str(d.derivation) == str(here.derivation)
    assert printed == str(here)
    assert isinstance(refused, matcalc.ParseError)
