"""What is shown is never longer than the normal form, whatever its parts were shortened to."""

from __future__ import annotations

import pytest

import matcalc


@pytest.mark.parametrize(
    ("text", "name", "shapes"),
    [
        ("Q' ./ softplus.(Q')", "Q", {"Q": ("q", "n")}),
        ("f.(atan.(softplus.(outer(diagvec(A), y)))) : pinv(B)", "y", {"A": (2, 2), "y": ("n",), "B": ("n", 2)}),
    ],
)
def test_what_is_shown_is_no_longer_than_the_normal_form(text, name, shapes):
    d = matcalc.differentiate(text, name, shapes=shapes, where="elementwise function f")
    assert d.expression.size <= d.normal.size
