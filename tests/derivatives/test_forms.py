"""What holds of all forms of every derivative."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest

import matcalc

SHAPES = {"A": ("m", "n"), "a": ("m",), "s": (), "R": (1, "n")}
VARIABLES = {"X": ("p", "q"), "x": ("p",), "t": (), "Q": (1, "q")}
SIZES = {"m": 2, "n": 3, "p": 4, "q": 5}


def shape(dims) -> tuple[int, ...]:
    return tuple(SIZES.get(d, d) for d in dims)


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("function", ["A", "a", "s", "R", "0 A", "0 s", "A - A", "tr(A A') - A : A"])
def test_forms_of_a_zero_derivative_have_their_shapes(function, variable):
    d = matcalc.differentiate(function, variable, shapes=SHAPES | VARIABLES)
    arrays = {name: np.ones(shape(dims)) for name, dims in (SHAPES | VARIABLES).items()}
    y = () if d.function.shape == (1, 1) else shape(SHAPES[next(n for n in SHAPES if n in function)])
    x = shape(VARIABLES[variable])
    arrays |= {"H": np.ones(x), "G": np.ones(y)}
    wanted = dict.fromkeys(("differential", "tensor", "index", "component"), y + x)
    wanted |= {"pushforward": y, "pullback": x, "kronecker": (prod(y), prod(x))}
    for name, size in wanted.items():
        value = d.form(name).evaluate(arrays)
        assert value.shape == size, name
        assert not value.any()


@pytest.mark.parametrize(
    ("text", "wrt", "letter"),
    [("E X", "X", "J_ij"), ("A X", "X", "E_ij"), ("E J X", "X", "S_ij"), ("e x'", "x", "u_i"), ("A x", "x", "e_i")],
)
def test_the_basis_has_a_letter_of_its_own(text, wrt, letter):
    """Of a matrix E, E_ij would be an entry."""
    assert f"{letter} has a one" in str(matcalc.differentiate(text, wrt).form("component"))
