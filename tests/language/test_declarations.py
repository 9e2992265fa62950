"""Declarations in text."""

import pytest

from matcalc.errors import MatcalcError, NameProblem, ParseError, ShapeError
from matcalc.language.declarations import parse_declarations
from matcalc.language.declared import Declared, FunctionDeclared, Let


def test_variables():
    declared = parse_declarations(
        "matrix A(m, n), B; vector x(n)\nscalar t; symmetric matrix S(n, n) # comment; scalar z"
    )
    assert [(d.name, d.kind, d.shape) for d in declared] == [
        ("A", "matrix", ("m", "n")),
        ("B", "matrix", None),
        ("x", "vector", ("n",)),
        ("t", "scalar", ()),
        ("S", "matrix", ("n", "n")),
    ]
    assert declared[-1].properties == {"symmetric"}


def test_several_properties_and_spelled_greek():
    lower, rate = parse_declarations("lower triangular matrix L(3, 3); positive scalar lambda")
    assert lower.properties == {"lower"} and lower.shape == (3, 3)
    assert (rate.name, rate.properties) == ("λ", {"positive"})


def test_keywords_may_name_variables():
    (declared,) = parse_declarations("matrix lower(n, n)")
    assert isinstance(declared, Declared) and declared.name == "lower"


def test_functions():
    phi, general, field, two, entrywise = parse_declarations(
        "function phi(matrix) -> scalar; function F(matrix(m,n)) -> matrix(p,q); function f(vector(n)) → vector(m)\n"
        "function h(matrix, vector(n)); elementwise function g"
    )
    assert isinstance(phi, FunctionDeclared)
    assert (phi.name, phi.arguments, phi.result) == ("φ", (("matrix", None),), ("scalar", ()))
    assert general.result == ("matrix", ("p", "q"))
    assert field.arguments == (("vector", ("n",)),) and field.result == ("vector", ("m",))
    assert len(two.arguments) == 2 and two.result == ("scalar", ())
    assert entrywise.elementwise and entrywise.arguments == ()


def test_let_keeps_places_in_the_whole_text():
    text = "vector b(m); let Z = W (\n x + b)"
    _, let = parse_declarations(text)
    assert isinstance(let, Let) and let.name == "Z"
    assert text[let.node.start : let.node.end] == "W (\n x + b)"


@pytest.mark.parametrize(
    ("text", "error", "word"),
    [
        ("matrix A(-3, 4)", ShapeError, "positive"),
        ("matrix A(0, 4)", ShapeError, "positive"),
        ("matrix A(m, n, p)", ShapeError, "dimensions"),
        ("matrix A(m)", ShapeError, "two dimensions"),
        ("vector x(n, 1)", ShapeError, "one dimension"),
        ("symmetric matrix S(m, n)", ShapeError, "square"),
        ("symmetric vector x(n)", ShapeError, "vector"),
        ("matrix I(n, n)", NameProblem, "identity"),
        ("matricks A", ParseError, "matricks"),
        ("matrix A(m", ParseError, "too soon"),
        ("let Z = ", ParseError, "missing"),
        ("let Z = A +", ParseError, "missing"),
        ("matrix A(m, n)?", ParseError, "U.003F"),
        ("symmetric function f", ParseError, "symmetric"),
        ("matrix A(" + "9" * 5000 + ", 2)", ShapeError, "digits"),
    ],
)
def test_refusals(text, error, word):
    with pytest.raises(error, match=word) as caught:
        parse_declarations(text)
    assert isinstance(caught.value, MatcalcError) and "^" in str(caught.value)
