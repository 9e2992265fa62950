"""MathML: exact elements, well-formed for all that is printed in LaTeX, and nothing lost on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

import matcalc
from matcalc.derivatives.choices import FORMS
from matcalc.errors import MatcalcError
from matcalc.printing.mathml import from_latex, mathml
from matcalc.printing.mathml_signs import FUNCTIONS
from matcalc.printing.notation import COMMANDS
from tests.derivatives.test_cases import CASES

ONE_ARGUMENT = set(
    "acute bar breve check dot hat tilde vec widehat widetilde overline underline sqrt mathbb mathbf mathcal mathfrak "
    "mathit mathrm mathsf operatorname".split()
)


def inside(latex: str) -> str:
    return from_latex(latex).removeprefix("<math>").removesuffix("</math>")


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def text_of(root: ElementTree.Element) -> str:
    return "".join(root.itertext()).replace("\u2061", "")


@pytest.mark.parametrize(
    ("latex", "elements"),
    [
        ("A^{-\\top}", "<msup><mi>A</mi><mrow><mo form=\"prefix\">−</mo><mi>⊤</mi></mrow></msup>"),
        ("x_{1}^{2}", "<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>"),
        ("f'", '<msup><mi>f</mi><mo lspace="0" rspace="0">′</mo></msup>'),
        ("f'^{2}", '<msup><mi>f</mi><mrow><mo lspace="0" rspace="0">′</mo><mn>2</mn></mrow></msup>'),
        (r"\mathbf{1}", '<mn style="font-weight: bold">1</mn>'),
        (r"\mathrm{d}X", '<mi mathvariant="normal">d</mi><mi>X</mi>'),
        (r"\mathcal{T}", '<mi mathvariant="normal">𝒯</mi>'),
        (r"\sqrt{x y}", "<msqrt><mrow><mi>x</mi><mi>y</mi></mrow></msqrt>"),
        (r"\frac{1}{2} X", "<mfrac><mn>1</mn><mn>2</mn></mfrac><mi>X</mi>"),
        (r"\sum_{a,b} X_{a b}", "<munder><mo>∑</mo><mrow><mi>a</mi><mo>,</mo><mi>b</mi></mrow></munder>"
                                "<msub><mi>X</mi><mrow><mi>a</mi><mi>b</mi></mrow></msub>"),
        (r"\left\| x \right\|_{F}", '<msub><mrow><mo form="prefix">‖</mo><mi>x</mi><mo form="postfix">‖</mo></mrow>'
                                    "<mi>F</mi></msub>"),
        (r"\exp\left(t\right)", '<mi>exp</mi><mo lspace="0" rspace="0">&#x2061;</mo>'
                                '<mrow><mo form="prefix">(</mo><mi>t</mi><mo form="postfix">)</mo></mrow>'),
        ("a - b", "<mi>a</mi><mo>−</mo><mi>b</mi>"),
        ("a = -b", '<mi>a</mi><mo>=</mo><mo form="prefix">−</mo><mi>b</mi>'),
        ("a < b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        (r"{A}_{1,2}", "<msub><mi>A</mi><mrow><mn>1</mn><mo>,</mo><mn>2</mn></mrow></msub>"),
    ],
)  # fmt: skip
def test_elements(latex, elements):
    assert inside(latex) == elements


@pytest.mark.parametrize("command", sorted(COMMANDS - {"left", "right", "frac", "tfrac", "binom"}))
def test_every_command_of_a_notation_has_its_elements(command):
    root = parsed(from_latex(f"\\{command}{{A}} x" if command in ONE_ARGUMENT else f"\\{command} x"))
    assert "\\" not in text_of(root)
    assert "x" in text_of(root)


@pytest.mark.parametrize("latex", [r"\input{x}", "{", r"\frac{1}", r"\left(x", r"x\right)", "}", r"\mathbf{1"])
def test_what_is_not_printed_here_is_refused(latex):
    with pytest.raises(MatcalcError, match="has no MathML"):
        from_latex(latex)


UNSAID = re.compile(r"\\math(?:cal|bb|frak)\{\w\}|\\([A-Za-z]+)")
"""Commands, but for the names of functions, which are printed."""


def letters(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isalnum())


@pytest.mark.parametrize("case", CASES[:: max(1, len(CASES) // 120)], ids=lambda c: f"{c.expression} by {c.variable}")
def test_what_is_printed_has_its_elements(case):
    """Every answer and every form: well-formed, with the letters and digits that LaTeX has, in their order."""
    try:
        d = case.derivative()
    except MatcalcError:
        pytest.skip("it is refused")
    for text in (d.latex(), *forms(d)):
        shown = UNSAID.sub(lambda command: command[1] if command[1] in FUNCTIONS else " ", text)
        assert letters(text_of(parsed(from_latex(text)))) == letters(shown)


def forms(d: matcalc.Derivative) -> Iterator[str]:
    for name in FORMS:
        try:
            yield d.form(name).latex()
        except MatcalcError:
            continue


def test_depth_costs_no_recursion():
    assert mathml(matcalc.parse("sin(" * 3000 + "t" + ")" * 3000)).count("<mrow>") == 3000
