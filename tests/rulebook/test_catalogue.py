"""The list of operations: complete, and nothing that it lists fails."""

import re

import pytest

import matcalc
from matcalc import functions
from matcalc.expressions.dimensions import SCALAR
from matcalc.normal_form.theory import Operator
from matcalc.rulebook.catalogue import catalogue, known
from matcalc.rules import default
from tests.rulebook.test_book import NOT_DIFFERENTIABLE, OPERATORS, STRUCTURAL

BOOK = default()
WHERE_IT_STANDS = {
    "unvec": "A : unvec(x0)",
    "unvech": "A : unvech(x0)",
    "kronleft": "A : kronleft(X0, X1)",
    "kronright": "A : kronright(X0, X1)",
    "firstpart": "A : firstpart(X0)",
    "lastpart": "A : lastpart(X0)",
    "padafter": "A : padafter(X0)",
    "padbefore": "A : padbefore(X0)",
}
"""Operations that take their size from where they stand."""

BLOCKS = {
    "kronleft": {"A": (3, 2), "X0": (6, 6), "X1": (2, 3)},
    "kronright": {"A": (2, 3), "X0": (6, 6), "X1": (3, 2)},
}
"""Sizes where they must be multiples of others."""

OF_A_NUMBER = {"polygamma": ("polygamma(2, X1)", "X1")}
"""Operations whose first argument is a number, and the variable that is left."""


def names(text: str) -> set[str]:
    return {
        name
        for line in re.findall(r"^- [^:]+: (.*(?:\n  .*)*)", text, re.MULTILINE)
        for name in re.findall(r"\w+", line)
    }


def test_help_names_every_operation():
    assert names(matcalc.__doc__ or "") == {o.name for o in OPERATORS} - STRUCTURAL


def test_every_operation_has_a_line():
    listed = {line.split()[0].rstrip(".") for line in catalogue(BOOK).splitlines() if line.startswith("  ")}
    assert listed == {o.name for o in OPERATORS}


@pytest.mark.parametrize("operator", [o for o in OPERATORS if o.name not in NOT_DIFFERENTIABLE], ids=lambda o: o.name)
def test_what_is_differentiated_says_how_and_from_where(operator):
    k = known(BOOK)[operator.name]
    assert "no rule" not in k.derivative
    assert k.origin, f"{operator.name}: {k.derivative}"


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda o: o.name)
def test_each_is_described(operator):
    assert functions(operator.name).startswith(f"{operator.name} : ")


def _argument(operator: Operator, slot: int) -> tuple[str, tuple[str | int, ...]]:
    shape = operator.params[slot]
    return ("t", ()) if shape == SCALAR else (f"x{slot}", shape[:1]) if shape[1] == 1 else (f"X{slot}", shape)


@pytest.mark.parametrize(
    "operator", [o for o in OPERATORS if o.name not in NOT_DIFFERENTIABLE | STRUCTURAL], ids=lambda o: o.name
)
def test_nothing_that_is_listed_fails(operator):
    """By the first argument that is no number, with the property that its rule demands, and checked with numbers."""
    arguments = [_argument(operator, i) for i in range(len(operator.params))]
    applied = f"{operator.name}{'.' if operator.elementwise else ''}({', '.join(name for name, _ in arguments)})"
    rules = BOOK.differential_rules(operator.name)
    demanded = [p for rule in rules for wanted in rule.conditions.values() for p in wanted if p != "integer"]
    shapes = dict(arguments) if operator.name not in WHERE_IT_STANDS else BLOCKS.get(operator.name, {})
    text, name = OF_A_NUMBER.get(operator.name) or (WHERE_IT_STANDS.get(operator.name, applied), arguments[0][0])
    assume = {name: demanded[0]} if demanded else {}
    assert str(matcalc.differentiate(text, name, shapes, assume, verify=operator.name != "norm_nuc"))
