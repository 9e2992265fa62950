"""Sizes made equal: a table of equations between known sizes, unknown ones, sums and products."""

from __future__ import annotations

import pytest

from matcalc.shapes.unification import Term, Unifier, Unknown, find, instance

NAMES = ("u", "v", "w")  # unknown; all other names are rigid


def solved(*equations: str) -> dict[str, object] | None:
    """What the unknown sizes are found to be, or None where the equations have no solution."""
    bound: dict[str, Term] = {name: Unknown() for name in NAMES}
    bound |= {name: name for name in "mnpq"}
    unifier = Unifier()
    for equation in equations:
        left, right = (instance(side, bound) for side in equation.replace(" ", "").split("="))
        if not unifier.same(left, right):
            return None
    if not unifier.settle():
        return None
    known = {name: find(bound[name]) for name in NAMES}
    return {name: size for name, size in known.items() if isinstance(size, int | str)}


@pytest.mark.parametrize(
    ("equations", "found"),
    [
        (["n = n"], {}),
        (["3 = 3"], {}),
        (["n = m"], None),
        (["3 = 4"], None),
        (["n = 3"], None),
        (["u = n"], {"u": "n"}),
        (["n = u"], {"u": "n"}),
        (["u = v", "v = 3"], {"u": 3, "v": 3}),
        (["u = v", "v = w", "w = n"], {"u": "n", "v": "n", "w": "n"}),
        (["u = v", "u = m", "v = n"], None),
        (["u = 1"], None),  # whether something is a vector is known before
        (["u·v = m·n", "u = m"], {"u": "m", "v": "n"}),
        (["3·u = 12"], {"u": 4}),
        (["5·u = 12"], None),
        (["m·u = m·n"], {"u": "n"}),
        (["u + n = 2·n"], {"u": "n"}),
        (["u + 1 = 1"], None),
        (["u·v = u·w", "w = n"], {"v": "n", "w": "n"}),
        (["u·v = v·n"], {"u": "n"}),
        (["u = u·v"], None),
        (["m·u = n"], None),
        (["u·v = w·n", "u = m", "w = m"], {"u": "m", "v": "n", "w": "m"}),
    ],
    ids=lambda x: ", ".join(x) if isinstance(x, list) else None,
)
def test_equations_of_sizes(equations: list[str], found: dict[str, object] | None) -> None:
    assert solved(*equations) == found
    flipped = [" = ".join(reversed([side.strip() for side in e.split("=")])) for e in equations]
    assert solved(*flipped) == found
