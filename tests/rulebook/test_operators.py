"""Every operator, because it is in the rule book, prints, has a value and has its forms, or is refused in words."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.expressions.nodes import STRUCTURAL, Expr
from matcalc.normal_form.algebra import Algebra
from matcalc.normal_form.theory import Operator
from matcalc.rules import default

BOOK = default()
SIZES = {"m": 3, "n": 2, "k": 4, "p": 2, "q": 3}

# The structural heads have constructors of their own, and tests of the normal form.
OPERATORS = [o for o in BOOK.operators.values() if o.name not in STRUCTURAL]

each_operator = pytest.mark.parametrize("operator", OPERATORS, ids=lambda o: o.name)


def applied(operator: Operator) -> tuple[Expr, list[Expr]]:
    """An operator of symbols, as its signature names their sizes."""
    algebra = Algebra(BOOK)
    kinds = {True: "scalar", False: "matrix"}
    args = [algebra.symbol(f"X{i}", p, kinds[p == (1, 1)]) for i, p in enumerate(operator.params)]
    sized = operator.result if "sized" in operator.tags else None
    return algebra.apply(operator.name, args, sized), args


@each_operator
def test_it_prints_in_every_notation(operator):
    e, _ = applied(operator)
    assert str(e)
    assert e.ascii().isascii()
    assert e.latex()


@each_operator
def test_it_has_a_value_or_is_refused_in_words(operator):
    e, args = applied(operator)
    rng = np.random.default_rng(0)
    shapes = [tuple(SIZES.get(d, 4) if isinstance(d, str) else d for d in a.shape) for a in args]
    values = {}
    for a, (rows, columns) in zip(args, shapes, strict=True):
        value = rng.uniform(0.2, 0.8, (rows, columns))
        values[a.name] = value @ value.T + np.eye(rows) if rows == columns != 1 else value
        if a.shape == (1, 1):
            values[a.name] = float(value[0, 0])
    try:
        found = e.evaluate(values)
    except matcalc.MatcalcError as refused:
        assert str(refused).strip()
    else:
        assert np.asarray(found).dtype.kind == "f"


@each_operator
def test_every_form_of_its_derivative_is_given_or_refused_in_words(operator):
    try:
        d = matcalc.differentiate(str(applied(operator)[0]), "X0")
    except matcalc.MatcalcError as refused:
        assert str(refused).strip()
        return
    for name in ("differential", "pushforward", "pullback", "kronecker", "tensor", "index", "component"):
        try:
            assert str(d.form(name))
        except matcalc.MatcalcError as refused:
            assert str(refused).strip()
