"""Notations that rule files give: an operator of one's own is written like a native one, and no template does harm."""

import re
from pathlib import Path

import pytest
import sympy

import matcalc
from matcalc.checking.notations import check_notation
from matcalc.expressions.nodes import STRUCTURAL
from matcalc.rules import default

ROOT = Path(__file__).parents[2]
GAUSS = """
operator gauss : m×n -> m×n   elementwise
    latex "{latex}"
definition gauss: gauss.(X) = exp.(-X.^2)
differential gauss: d(gauss.(X)) = -2 X ⊙ gauss.(X) ⊙ dX
"""
SPAN = """
operator span : m×n, m×n -> scalar
    also distance
    {clause}
definition span: span(X, Y) = norm_F(X - Y)
differential span: d(span(X, Y)) = frob(X - Y, dX - dY)/norm_F(X - Y)
"""


def test_every_notation_that_comes_with_matcalc_is_one():
    book = default()
    seen = 0
    for entry in book.entries:
        if entry.kind == "operator" and book.operator(entry.name).notation is not None:
            check_notation(book.operator(entry.name), book, entry)
            seen += 1
    assert seen > 30


@pytest.mark.parametrize(
    ("template", "latex"),
    [
        (r"\mathcal{G}", r"-2 x \odot \mathcal{G}_{\odot}\left(x\right)"),
        (r"\mathcal{G}\left[{1}\right]", r"-2 x \odot \mathcal{G}\left[x\right]"),
        (r"{1}^{\diamond}", r"-2 x \odot x^{\diamond}"),
        (r"\hat{g} {1}", r"-2 x \odot \hat{g} x"),
    ],
)
def test_a_function_of_ones_own_prints_like_a_native_one(template, latex):
    d = matcalc.differentiate("sum(gauss.(x))", "x", rules=GAUSS.replace("{latex}", template))
    assert str(d) == "-2 x ⊙ gauss.(x)"
    assert d.latex() == latex
    scalar = matcalc.parse("gauss(t)", shapes={"t": ()}, rules=GAUSS.replace("{latex}", template))
    assert sympy.latex(scalar.sympy()) in (scalar.latex(), scalar.latex().replace(" t", r"\left(t\right)"))


@pytest.mark.parametrize(
    ("clause", "text", "ascii_", "latex"),
    [
        ("", "span(A B, C)", "span(A B, C)", r"\operatorname{span}\left(A B, C\right)"),
        (
            r'notation "distance({1}, {2})"   latex "\left[ {1} \mid {2} \right]"',
            "distance(A B, C)",
            "distance(A B, C)",
            r"\left[ A B \mid C \right]",
        ),
        (r'latex "{1} \diamond {2}"', "span(A B, C)", "span(A B, C)", r"\left(A B\right) \diamond C"),
    ],
)
def test_notations_of_two_arguments(clause, text, ascii_, latex):
    rules = matcalc.rules.load(SPAN.replace("{clause}", clause))
    e = matcalc.parse("span(A B, C)", rules=rules)
    assert (str(e), e.ascii()) == (text, ascii_)
    assert e.latex() == latex
    assert matcalc.parse(str(e), rules=rules) is e


@pytest.mark.parametrize(
    ("clause", "reason"),
    [
        (r'latex "\input{secret} {1} {2}"', r"it has the command \\input"),
        (r'latex "\def\x{{1}}{2}"', r"it has the command \\def"),
        (r'latex "{1} $ {2}"', "a sign in it is not one of LaTeX's mathematics"),
        (r'latex "{1} \\ {2}"', r"it has the command \\"),
        (r'latex "\left( {1}, {2} )"', r"\\left and \\right do not pair"),
        (r'latex "{{1}, {2}"', "its brackets do not pair"),
        (r'latex "{1} \diamond {1}"', "every argument stands in it once"),
        (r'latex "{1} \diamond {3}"', "every argument stands in it once"),
        (r'latex "x^{a}^{b}"', "a script is doubled"),
        ('notation "d({1} | {2}"', "its brackets do not pair"),
        ('ascii "‖{1} - {2}‖"', "it is not ASCII"),
        ('notation "‖{1} - {2}‖"', r"what is written as ‖P - Q‖ is not read"),
        ('notation "‖{1}‖_F {2}"', r"what is written as ‖P‖_F Q is read as scale\(‖P‖_F, Q\)"),
        ('notation "frob({1}, {2})"', r"what is written as frob\(P, Q\) is read as frob"),
        ('notation "{1} # {2}"', "is not read: The character '#'|is not read: Unknown character '#'"),
        ("notation distance", "a notation is written"),
        ('latex "a"   latex "b"', "there are two clauses 'latex'"),
    ],
)
def test_a_template_that_is_none_is_refused(clause, reason):
    with pytest.raises(matcalc.RuleError, match=reason):
        matcalc.rules.load(SPAN.replace("{clause}", clause))


def test_only_operators_have_notations():
    with pytest.raises(matcalc.RuleError, match="'latex' is a clause of operators, and this is a simplify"):
        matcalc.rules.load('simplify one: tr(X) = tr(X)\n    latex "x"')


def test_no_notation_stands_in_python():
    """The notation of an operator is in its entry: no module of the room names one but those the grammar itself has."""
    named = default().operators.keys() - STRUCTURAL - {"frob", "kron", "sqrt"}
    for module in ("layout", "text", "latex", "notation"):
        text = (ROOT / "matcalc" / "printing" / f"{module}.py").read_text(encoding="utf-8")
        code = re.sub(r'"""[\s\S]*?"""|#.*', "", text)
        words = set(re.findall(r"\"(\w+)\"", code))
        assert not words & named, module
