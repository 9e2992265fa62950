"""What `load` refuses beside what numbers contradict: rules and claims that nothing could contradict."""

import pytest

import matcalc
from matcalc.errors import RuleError

DEFINED = "definition twice: twice(X) = 2 X"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("simplify narrow: norm(x) = x", "it is for x scalar only, and the left side is for x n"),
        ("simplify narrow: logdet(X Y) = logdet(X) + logdet(Y)", "it is for .* only, and the left side is for"),
        ("differential narrow: d(pinv(X)) = -X⁻¹ dX X⁻¹", "it is for X n×n only, and the left side is for X m×n"),
        ("simplify free: tr(tr(X) Y) = tr(I(p)) tr(X) tr(Y)/sum(1(p))", "'p' stands on the right side only"),
        ("simplify typo: tr(X) tr(Y) = tr(tr(Y) X)\n    given Z : n×n symmetric", "'Z'.* does not stand in it"),
        ("property any: X is upper\n    given X : n×n upper", "the left side is a variable"),
        ("simplify nowhere: log.(-exp.(X)) = X", "could not be checked"),
        ("form kronecker nowhere: vec(X B) = kronleft(Bᵀ, I(m)) vec(X)\n    given X : m×p; B : p×q", "do not fit"),
        ("property nowhere: I(-n) is diagonal", "could not be checked"),
    ],
)
def test_a_rule_that_numbers_cannot_judge(text, reason):
    with pytest.raises(RuleError, match=reason):
        matcalc.rules.load(text)


@pytest.mark.parametrize(
    ("signature", "tag", "reason"),
    [
        ("m×n -> m×n", "elementwize", "'elementwize' is not a tag"),
        ("m×n -> m×n", "linear in 2", "'linear in 2' is not a tag of an operator of 1 argument"),
        ("m×n -> m×n", "cyclic", "cannot be cyclic"),
        ("m×n -> m×n", "commutative", "cannot be commutative"),
        ("m×n -> m×n", "associative", "cannot be associative"),
        ("m×n -> m×n", "transpose-invariant", "not transpose-invariant: 2×3 and 3×2"),
        ("m×n -> m×n", "symmetric", "not symmetric: 2×3 and 3×2"),
    ],
)
def test_a_tag_that_such_an_operator_cannot_have(signature, tag, reason):
    with pytest.raises(RuleError, match=f"operator twice: .*{reason}"):
        matcalc.rules.load(f"operator twice : {signature}   {tag}\n{DEFINED}")


def test_a_tag_that_a_quantified_rule_is_for_is_one():
    text = f"operator twice : m×n -> m×n   doubling\n{DEFINED}\n"
    book = matcalc.rules.load(text + "differential doubled for g in doubling: d(g(X)) = 2 dX")
    assert str(matcalc.differentiate("tr(twice(X))", "X", rules=book)) == "2 I"


@pytest.mark.parametrize(
    ("right", "reason"),
    [("dX ⋆ Y - X ⋆ dY", "not true"), ("2 dX ⋆ Y + X ⋆ dY", "not true"), ("dX ⋆ Y", "either factor")],
)
def test_a_product_rule_is_held_against_every_product(right, reason):
    with pytest.raises(RuleError, match=f"differential another-product.*{reason}"):
        matcalc.rules.load(f"differential another-product for ⋆ in bilinear: d(X ⋆ Y) = {right}")
