"""Matching by itself: a table of patterns, expressions, and what the names of the pattern stand for."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.normal_form.algebra import Algebra
from matcalc.normal_form.matching import Binding, instantiate, match
from matcalc.rulebook.book import default

SHAPES = {
    **dict.fromkeys("XYZABCD", ("n", "n")),
    **dict.fromkeys("xyab", ("n",)),
    **dict.fromkeys("αβst", ()),
}

MATCHING = [
    ("X", "A", {"X": "A"}),
    ("X", "A B + C", {"X": "A B + C"}),
    ("x", "a", {"x": "a"}),
    ("x", "A", None),
    ("α", "a' b", {"α": "a' b"}),
    ("α", "a", None),
    ("X'", "A'", {"X": "A"}),
    ("X'", "A", None),
    ("x'", "a' B", {"x": "B' a"}),
    ("X Y", "A B", {"X": "A", "Y": "B"}),
    ("X Y", "A B C", {"X": "A B", "Y": "C"}),
    ("X Y", "A", None),
    ("X A Y", "B A C", {"X": "B", "A": "A", "Y": "C"}),
    ("X X'", "A A'", {"X": "A"}),
    ("X X'", "A B'", None),
    ("X X'", "A B B' A'", {"X": "A B"}),
    ("x y'", "a b'", {"x": "a", "y": "b"}),
    ("X + X'", "A + A'", {"X": "A"}),
    ("X + X'", "A + B", None),
    ("X - Y", "A - B", {"X": "A", "Y": "B"}),
    ("-X", "-A", {"X": "A"}),
    ("-X", "-3 A", {"X": "3 A"}),
    ("-X", "A", None),
    ("2 X", "2 A", {"X": "A"}),
    ("2 X", "3 A", None),
    ("α X", "t A", {"α": "t", "X": "A"}),
    ("α X", "3 t A", {"α": "3 t", "X": "A"}),
    ("X .* Y", "A .* B", {"X": "A", "Y": "B"}),
    ("X.^2 .* Y", "A .* B.^2", {"X": "B", "Y": "A"}),
    ("X.^2", "A.^3", None),
    ("inv(X)", "inv(A)", {"X": "A"}),
    ("inv(X)", "A^2", None),
    ("inv(X) Y", "inv(A) B C", {"X": "A", "Y": "B C"}),
    ("tr(X)", "tr(A B + C)", {"X": "A B + C"}),
    ("tr(X)", "det(A)", None),
    ("exp.(X) .* exp.(Y)", "sin.(A) .* cos.(B)", None),
]


@pytest.mark.parametrize(("pattern", "text", "found"), MATCHING, ids=[f"{p} in {t}" for p, t, _ in MATCHING])
def test_a_pattern_binds_its_names(pattern: str, text: str, found: dict[str, str] | None) -> None:
    algebra = Algebra(default())
    left, e = matcalc.parse(pattern, SHAPES), matcalc.parse(text, SHAPES)
    b = Binding()
    assert match(algebra, left, e, b) == (found is not None)
    if found is not None:
        assert {v.name: x for v, x in b.values.items()} == {n: matcalc.parse(s, SHAPES) for n, s in found.items()}
        assert instantiate(algebra, left, b) is e


@pytest.mark.parametrize(
    ("wanted", "text", "matches"),
    [
        ("symmetric", "A + A'", True),
        ("symmetric", "A", False),
        ("invertible", "A", True),
        ("invertible", "a b'", False),
        ("nonnegative", "A.^2", True),
        ("nonnegative", "A", False),
        ("positive", "3", True),
        ("positive", "-3", False),
        ("integer", "3", True),
        ("integer", "1/2", False),
        ("number", "1/2", True),
        ("number", "t", False),
    ],
)
def test_a_name_takes_what_has_the_properties_that_are_wanted(wanted: str, text: str, matches: bool) -> None:
    algebra = Algebra(default())
    variable, e = matcalc.parse("X", SHAPES), matcalc.parse(text, SHAPES)
    if e.shape == (1, 1):
        variable = matcalc.parse("α", SHAPES)
    assert match(algebra, variable, e, Binding(wanted={variable: frozenset({wanted})})) == matches
