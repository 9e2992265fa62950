"""Layouts by name: what is printed and what is evaluated agree, of answers and of all their forms."""

import numpy as np
import pytest

import matcalc
from matcalc import NotDifferentiable
from matcalc.app.cli import main
from matcalc.derivatives.choices import FORMS, LAYOUTS

RNG = np.random.default_rng(3)
POINT = {"A": RNG.normal(size=(2, 3)), "B": RNG.normal(size=(2, 4)), "x": RNG.normal(size=3), "t": 2.0}
POINT |= {"G": RNG.normal(size=(3, 4)), "H": RNG.normal(size=(2, 3)), "y": RNG.normal(size=2)}
PROBLEMS = [
    ("A' B", "A", (3, 4), (2, 3)),
    ("A x", "A", (2,), (2, 3)),
    ("A x", "x", (2,), (3,)),
    ("x t^2", "t", (3,), ()),
    ("t^2 A", "t", (2, 3), ()),
    ("y' A x", "A", (), (2, 3)),
    ("y' A x", "x", (), (3,)),
    ("t^3", "t", (), ()),
]
SHAPES = {"A": ("m", "n"), "B": ("m", "p"), "x": ("n",), "y": ("m",), "t": ()}


@pytest.mark.parametrize(("text", "variable", "of_y", "of_x"), PROBLEMS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_text_and_array_agree(text, variable, of_y, of_x, layout):
    plain = matcalc.differentiate(text, variable, SHAPES)
    d = matcalc.differentiate(text, variable, SHAPES, layout=layout, verify=True)
    assert d.layout == layout
    turned = np.moveaxis(np.zeros(of_y + of_x), range(len(of_y)), range(-len(of_y), 0)).shape
    tensor = d.form("tensor").evaluate(POINT)
    assert tensor.shape == (turned if layout == "denominator" else of_y + of_x)
    for name in FORMS:
        if name in ("pushforward", "pullback"):
            assert str(d.form(name)) == str(plain.form(name))
            continue
        before, after = plain.form(name), d.form(name)
        was, value = before.evaluate(POINT), after.evaluate(POINT)
        if name == "kronecker":
            np.testing.assert_allclose(value, was.T if layout == "denominator" else was)
        else:
            np.testing.assert_allclose(value, tensor)
        same = value.shape == was.shape and np.array_equal(value, was)
        assert (str(before) == str(after)) == (layout == "numerator" or same and name != "kronecker")
        assert (before.latex() == after.latex()) or name == "kronecker"
    if of_y and (of_x or layout == "numerator"):
        np.testing.assert_allclose(d.evaluate(POINT), tensor)
    assert (str(plain) == str(d)) == (not d.turned)


def test_the_command_says_it(capsys):
    options = ["--shape", "x=n", "--layout", "denominator", "--form", "index", "--form", "kronecker"]
    assert main(["A x", "x", *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["index:     ∂y_i/∂x_k = A_ik", "kronecker: Aᵀ"]
    assert "in denominator layout: the array has the indices of x before those of y" in lines


@pytest.mark.parametrize("structure", ["independent-entries", "stiefel"])
def test_a_structure_is_of_gradients(structure):
    for text, order in (("S X", 1), ("tr(S S)", 2), ("S x", 1)):
        with pytest.raises(NotDifferentiable, match="first derivatives of a scalar function"):
            matcalc.differentiate(text, "S", structure=structure, order=order, assume={"S": "symmetric"})
