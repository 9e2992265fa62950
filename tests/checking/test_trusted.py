"""A rule about narrower arguments is no definition; what nothing defines is checked where such a rule applies."""

import pytest

import matcalc
from matcalc.app.cli import main

SPECTRAL = """
operator spec : m×n -> scalar
differential spec: d(spec(X)) = frob({slope}, dX)
simplify spec-of-vector: spec(x) = {of_vector}
    given x : n
"""
ENTRYWISE = """
operator swell : m×n -> m×n   elementwise
differential swell: d(swell.(X)) = {slope} ⊙ dX
simplify swell-of-scalar: swell(α) = exp(α)
"""

ROWS = """
operator spec : m×n -> scalar
simplify spec-of-column: spec(x) = norm_F(x)
    given x : n
simplify spec-of-row: spec(Y) = {}
    given Y : 1×n
"""


def test_a_right_rule_about_vectors_does_not_define_an_operator_on_matrices():
    book = matcalc.rules.load(SPECTRAL.format(slope="leading_dyad(X)", of_vector="norm_F(x)"))
    assert str(matcalc.differentiate("spec(A B)", "A", rules=book)).startswith("leading_dyad(A B) Bᵀ")
    assert book.trusted == (
        "operator spec: spec has no definition that could be evaluated",
        "differential spec: spec has no definition; it was checked where spec-of-vector says what it is",
    )


@pytest.mark.parametrize(
    "rules",
    [
        SPECTRAL.format(slope="2 leading_dyad(X)", of_vector="norm_F(x)"),
        SPECTRAL.format(slope="leading_dyad(X)", of_vector="2 norm_F(x)"),
        SPECTRAL.format(slope="leading_dyad(X)", of_vector="sum(x)"),
        SPECTRAL.format(slope="X", of_vector="norm_F(x)"),
        ENTRYWISE.format(slope="sin.(X)"),
    ],
)
def test_what_disagrees_where_such_a_rule_applies_is_refused(rules):
    with pytest.raises(matcalc.MatcalcError, match="not true"):
        matcalc.rules.load(rules)


def test_two_such_rules_are_held_against_each_other():
    matcalc.rules.load(ROWS.format("norm_F(Y)"))
    with pytest.raises(matcalc.MatcalcError, match="not true"):
        matcalc.rules.load(ROWS.format("2 norm_F(Y)"))


def test_what_nothing_defines_is_said_to_be_trusted(tmp_path, capsys):
    rules = "operator spec : m×n -> scalar\ndifferential spec: d(spec(X)) = frob(leading_dyad(X), dX)\n"
    book = matcalc.rules.load(rules)
    assert any("differential spec" in said for said in book.trusted)
    more = matcalc.rules.load("operator twin : m×n -> m×n\ndefinition twin: twin(X) = 2 X\n", base=book)
    assert more.trusted == book.trusted
    file = tmp_path / "spec.rules"
    file.write_text(rules)
    assert main(["spec(A)", "A", "--rules", str(file)]) == 0
    assert "taken on trust: differential spec" in capsys.readouterr().err
    session = matcalc.Session()
    assert "taken on trust: differential spec" in str(session.run(f"rules {file}"))


def test_what_is_defined_is_not_trusted():
    assert not matcalc.rules.load(
        "operator twin : m×n -> m×n   linear\nadjoint twin: W : twin(X) = 2 W : X\ndefinition twin: twin(X) = 2 X\n"
    ).trusted
