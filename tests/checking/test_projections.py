"""A projection is held against the directions in which a variable of its kind moves."""

import pytest

import matcalc
from matcalc.errors import RuleError

RULE = "projection {name}: P(G) = {right}\n    given X : {shape} {kind}; G : {shape}\n"


@pytest.mark.parametrize(
    ("right", "shape", "kind"),
    [
        ("1/2 (G + Gᵀ)", "n×n", "symmetric"),
        ("G - 1/2 (G + Gᵀ)", "n×n", "skew"),
        ("Diag(diagvec(G))", "n×n", "diagonal"),
        ("G - triu(G) + I ⊙ G", "n×n", "lower"),
        ("G - X sym(Xᵀ G)", "m×n", "stiefel"),
    ],
)
def test_what_is_a_projection_is_taken(right, shape, kind):
    matcalc.rules.load(RULE.format(name="mine", right=right, shape=shape, kind=kind))


@pytest.mark.parametrize(
    ("right", "shape", "kind", "said"),
    [
        ("G + Gᵀ", "n×n", "symmetric", "the products P(G) : H and G : H are"),
        ("1/2 (G - Gᵀ)", "n×n", "symmetric", "no direction in which X moves"),
        ("G", "n×n", "skew", "no direction in which X moves"),
        ("2 I ⊙ G", "n×n", "diagonal", "the products P(G) : H and G : H are"),
        ("triu(G)", "n×n", "lower", "no direction in which X moves"),
        ("G - X Xᵀ G", "m×n", "stiefel", "the products P(G) : H and G : H are"),
        ("G + Gᵀ - I ⊙ G", "n×n", "symmetric", "the products P(G) : H and G : H are"),
        ("G B", "n×n", "symmetric", "'B' stands on the right side only"),
    ],
)
def test_what_is_none_is_refused_with_the_numbers(right, shape, kind, said):
    with pytest.raises(RuleError, match="<rules>:1: projection mine") as refusal:
        matcalc.rules.load(RULE.format(name="mine", right=right, shape=shape, kind=kind))
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "projection mine: Q(G) = G\n    given X : n×n symmetric",
        "projection mine: P(G + G) = G\n    given X : n×n symmetric",
        "projection mine: P(G) = 1/2 (G + Gᵀ)\n    given G : n×n",
        "projection mine: P(G) = 1/2 (G + Gᵀ)\n    given X : n×n round; G : n×n",
        "projection mine: P(G) = 1/2 (G + Gᵀ)\n    given X : n×n symmetric; G : n×n\n    counts nothing",
        "projection mine: P(G)",
        "projection skew: P(G) = 1/2 (G - Gᵀ)\n    given X : n×n skew; G : n×n",
    ],
)
def test_how_a_projection_is_written(text):
    with pytest.raises(RuleError, match="<rules>:1"):
        matcalc.rules.load(text)


def test_a_projection_of_ones_own_leaves_the_others_as_they_are():
    book = matcalc.rules.load(
        'projection halves: P(G) = 1/2 G + 1/2 Gᵀ\n    given X : n×n symmetric; G : n×n\n    because "as symmetric"'
    )
    assert book.structures["halves"] == "symmetric"
    d = matcalc.differentiate("tr(A X)", "X", assume={"X": "skew"}, rules=book)
    assert str(d) == "1/2 (Aᵀ - A)\nin the space of skew matrices, with the inner product X : Y"
