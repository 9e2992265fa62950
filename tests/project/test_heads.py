"""Every structural head in every interpreter: each says what it makes of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import matcalc
from matcalc.calculus.differentials import Calculus
from matcalc.evaluation.precise import NotTold, NoValue, Precise
from matcalc.evaluation.rational import values
from matcalc.evaluation.sizes import size_choices
from matcalc.expressions.nodes import STRUCTURAL, Expr, postorder
from matcalc.normal_form.algebra import Algebra
from matcalc.normal_form.domain import claims
from matcalc.normal_form.rank import is_singular
from matcalc.normal_form.signs import Signs
from matcalc.printing.layout import CONSTANTS
from matcalc.printing.mathml import mathml
from matcalc.rulebook.book import default
from matcalc.simplification.expand import expanded
from matcalc.simplification.shortest import pleasant

SHAPES = {"X": ("n", "n"), "x": ("n",), "t": (), "k": ()}

EXAMPLES = {
    "symbol": "X",
    "zero": "X zeros(n, n)",
    "ones": "X ones(n, n)",
    "identity": "X - I(n)",
    "unit": "X e(2, n)",
    "entry": "X E(1, 2, n, n)",
    "commutation": "K(n, n) kron(X, X)",
    "add": "X + X^2",
    "had": "X .* X'",
    "mul": "X X'",
    "scale": "t X",
    "transpose": "(X^2)'",
    "power": "X^(-1)",
    "dotpower": "X.^k",
    "call": "phi(X)",
    "index": "X[1, :]",
}
"""An expression by X in which the head stands."""

NOT_KEPT = {"zero"}
"""The head that no constructor leaves inside an expression."""

POINT = {"X": [[2.0, 0.5], [0.3, 1.5]], "x": [0.3, 1.2], "t": 0.7, "k": 2.0, "n": 2}
GIVEN = {"phi": (lambda a: a.sum(), lambda a: a * 0 + 1, None)}

ALGEBRA = Algebra(default())


def by_direction(e: Expr) -> Expr:
    x = ALGEBRA.symbol("X", ("n", "n"))
    return Calculus(ALGEBRA).differential(e, {x: ALGEBRA.symbol("dX", x.shape, "matrix", ["differential"])})


def by_cotangent(e: Expr) -> object:
    x = ALGEBRA.symbol("X", ("n", "n"))
    return Calculus(ALGEBRA).cotangents(e, ALGEBRA.symbol("G", e.shape), [x])


def over_a_finite_field(e: Expr) -> object:
    return [values([e], sizes, 0) for sizes in size_choices(e)]


def in_digits(e: Expr) -> object:
    arrays = {name: np.atleast_2d(np.array(a, dtype=float)) for name, a in POINT.items() if name != "n"}
    (found,) = Precise(30).evaluate([e], {**arrays, "x": arrays["x"].T}, {"n": 2}, {"φ": GIVEN["phi"]})
    assert not isinstance(found, NoValue | NotTold), found
    return found


INTERPRETERS: dict[str, Callable[[Expr], object]] = {
    "text": str,
    "ASCII": Expr.ascii,
    "LaTeX": Expr.latex,
    "MathML": mathml,
    "SymPy": Expr.sympy,
    "SymPy's LaTeX": lambda e: e.latex(printer="sympy"),
    "arrays": lambda e: e.evaluate(POINT, GIVEN),
    "arbitrary precision": in_digits,
    "finite field": over_a_finite_field,
    "transpose": lambda e: ALGEBRA.transpose(ALGEBRA.transpose(e)),
    "rebuilding": lambda e: ALGEBRA.substitute(e, {}),
    "other sizes": lambda e: ALGEBRA.substitute(e, {}, {"n": "m"}),
    "forward": by_direction,
    "backward": by_cotangent,
    "shortest form": lambda e: pleasant(ALGEBRA, e),
    "multiplied out": lambda e: expanded(ALGEBRA, e),
    "domain": lambda e: claims(ALGEBRA, e),
    "signs": lambda e: Signs(ALGEBRA).of(e),
    "rank": is_singular,
}
FORMS = ["differential", "pushforward", "pullback", "kronecker", "tensor", "index", "component"]


def test_every_head_has_an_example() -> None:
    assert EXAMPLES.keys() == STRUCTURAL | CONSTANTS | {"symbol"}


def example(head: str) -> Expr:
    if head in NOT_KEPT:
        return ALGEBRA.zeros("n", "n")
    e = matcalc.parse(EXAMPLES[head], SHAPES)
    assert head in {x.head for x in postorder(e)}, e
    return e


@pytest.mark.parametrize("head", EXAMPLES)
@pytest.mark.parametrize("name", INTERPRETERS)
def test_every_interpreter_knows_every_head(head: str, name: str) -> None:
    e = example(head)
    made = INTERPRETERS[name](e)
    assert made is not None
    if name in ("transpose", "rebuilding"):
        assert made is e


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("head", sorted(EXAMPLES.keys() - NOT_KEPT))
def test_every_form_knows_every_head(head: str, form: str) -> None:
    """Of the expression itself, transposed, and under a sum, where the head may stand in the gradient."""
    for text in (EXAMPLES[head], f"({EXAMPLES[head]})'", f"sum({EXAMPLES[head]})"):
        assert str(matcalc.differentiate(text, "X", SHAPES).form(form))
