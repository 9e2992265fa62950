"""Rule files are split into entries, with file and line."""

import pytest

from matcalc.errors import RuleError
from matcalc.normal_form.theory import Entry, Given
from matcalc.rulebook.entries import read_rules

FILE = """
# a comment
operator tanh : m×n -> m×n   elementwise
    also Tanh
    source "a book # with a hash"
operator kron : m×n, p×q -> m·p×n·q   bilinear
operator Diag : n -> n x n   linear in 1
operator norm_F : m×n -> scalar

differential inverse:
    d(X⁻¹) = -X⁻¹ dX
             X⁻¹            # deeper: the line goes on
    given X : n×n invertible; k : positive integer
    given S : symmetric
    note "first"
    because "d(X X⁻¹) = 0"
differential product for ⋆ in bilinear:
    d(X ⋆ Y) = dX ⋆ Y + X ⋆ dY
adjoint trace:  w : tr(X) = w I : X
identity chain: A = B = C
form kronecker product-left: vec(A X) = (I ⊗ A) vec(X)
property gram: X' X is symmetric
"""


def entries() -> dict[str, Entry]:
    return {entry.key: entry for entry in read_rules(FILE, "t.rules")}


def test_operators():
    tanh, kron = entries()["operator tanh"], entries()["operator kron"]
    assert tanh.signature == ((("m", "n"),), ("m", "n"))
    assert (tanh.tags, tanh.clauses["also"], tanh.clauses["source"]) == (
        ("elementwise",),
        ("Tanh",),
        ("a book # with a hash",),
    )
    assert (tanh.file, tanh.line) == ("t.rules", 3)
    assert kron.signature == ((("m", "n"), ("p", "q")), ("m·p", "n·q"))
    assert entries()["operator Diag"].signature == ((("n",),), ("n", "n"))
    assert entries()["operator Diag"].tags == ("linear in 1",)
    assert entries()["operator norm_F"].signature == ((("m", "n"),), ())


def test_rules():
    found = entries()
    inverse = found["differential inverse"]
    assert inverse.sides == ("d(X⁻¹)", "-X⁻¹ dX X⁻¹")
    assert inverse.given == (
        Given("X", ("n", "n"), frozenset({"invertible"})),
        Given("k", (), frozenset({"positive", "integer"})),
        Given("S", None, frozenset({"symmetric"})),
    )
    assert (inverse.clauses["note"], inverse.clauses["because"]) == (("first",), ("d(X X⁻¹) = 0",))
    assert found["differential product"].quantifier == ("⋆", "bilinear")
    assert found["adjoint trace"].sides == ("w : tr(X)", "w I : X")
    assert found["identity chain"].sides == ("A", "B", "C")
    assert found["form kronecker product-left"].form == "kronecker"
    assert found["property gram"].sides == ("X' X", "symmetric")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("chapter norms:", "t.rules:1: .*TITLE"),
        ('chapter norms: Norms\n    intro "x"', "t.rules:2: .*not a clause"),
        ("foo bar: a = b", "t.rules:1: 'foo' is not a kind"),
        ("  x = y", "t.rules:1: .*before the first entry"),
        ("simplify x: a", "t.rules:1: .*equation"),
        ("simplify x: a = b = c", "two sides"),
        ("simplify x: = c", "empty"),
        ("simplify x: a = b\n\nsimplify x: a = c", "t.rules:3: .*line 1"),
        ("operator f : n", "written"),
        ("operator f : m×n×p -> n", "more than two"),
        ("operator f : m+ -> n", "not a dimension"),
        ("simplify x: a = b\n    gven X : n", "t.rules:2: 'gven' is not a clause"),
        ("simplify x: a = b\n    given X", "condition"),
        ("property p: X", "property NAME"),
        ('simplify x: a = b\n    note "abc', "t.rules:2: .*quotation"),
        ("simplify x: a = b\n\tnote abc", "t.rules:2: .*spaces"),
    ],
)
def test_malformed_files_name_file_line_and_reason(text, reason):
    with pytest.raises(RuleError, match=reason):
        read_rules(text, "t.rules")
