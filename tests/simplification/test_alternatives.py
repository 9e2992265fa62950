"""Identities are offered and prove equality; they are never applied unasked."""

import pytest

import matcalc
from matcalc.normal_form.algebra import Algebra
from matcalc.rules import default
from matcalc.simplification.alternatives import rewritings
from tests.rulebook.test_book import instance, key, of


def offered(text: str, **context: object) -> dict[str, str]:
    return {a.name: str(a.expression) for a in matcalc.alternatives(text, **context)}


@pytest.mark.parametrize("rule", of("identity"), ids=key)
def test_every_identity_takes_its_left_side_to_its_right(rule):
    algebra = Algebra(default())
    values = instance(rule, algebra)
    left, right = (algebra.substitute(e, values) for e in (rule.pattern, rule.template))
    assert any(made is right for _, made, _ in rewritings(algebra, left))


@pytest.mark.parametrize("rule", of("identity"), ids=key)
def test_no_identity_is_applied_unasked(rule):
    algebra = Algebra(default())
    values = instance(rule, algebra)
    left, right = (algebra.substitute(e, values) for e in (rule.pattern, rule.template))
    assert left is not right


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("inv(A + x y')", "woodbury-of-two", "A⁻¹ (I - x yᵀ A⁻¹/(1 + yᵀ A⁻¹ x))"),
        ("(I + X Y)^-1 X", "push-through-right", "X (I + Y X)⁻¹"),
        ("X' inv(λ I + X X') y", "push-through-shifted", "(Xᵀ X + λ I)⁻¹ Xᵀ y"),
        ("2 + det(A + U V)", "determinant-lemma", "2 + det(A) det(I + V A⁻¹ U)"),
        ("tr(A' B)", "trace-of-product", "A : B"),
    ],
)
def test_what_is_offered(text, name, wanted):
    assert offered(text)[name] == wanted


def test_with_an_inner_matrix():
    square = {"A": ("n", "n"), "U": ("n", "k"), "C": ("k", "k"), "V": ("k", "n")}
    assert offered("inv(A + U C V)", shapes=square)["woodbury"] == "A⁻¹ (I - U (C⁻¹ + V A⁻¹ U)⁻¹ V A⁻¹)"


def test_nothing_is_offered_where_nothing_applies():
    assert matcalc.alternatives("A x + b") == []


@pytest.mark.parametrize(
    ("left", "right", "how"),
    [
        ("(I + X Y)^-1 X", "X (I + Y X)^-1", "by the identity"),
        ("X (I + Y X)^-1", "(I + X Y)^-1 X", "by the identity"),
        ("A B", "A B + 0", "one normal form"),
        ("(A + B) (A + B)", "A A + A B + B A + B B", "modulo"),
        ("tanh.(X)", "2 sigmoid.(2 X) .- 1", "by the identity"),
        ("exp.(X) .* X + sin.(2 X)", "X .* exp.(X) + 2 sin.(X) .* cos.(X)", "in numbers"),
    ],
)
def test_equality_says_how(left, right, how):
    assert matcalc.equal(left, right) and how in str(matcalc.equal(left, right))


@pytest.mark.parametrize(("left", "right"), [("(I + X Y)^-1 X", "X (I + X Y)^-1"), ("exp.(X)", "exp.(X) + 1e-6 X")])
def test_what_is_not_equal(left, right):
    shapes = {"X": ("n", "n"), "Y": ("n", "n")}
    assert not matcalc.equal(left, right, shapes={n: s for n, s in shapes.items() if n in left + right})


WOODBURY = {"B": ("p", "n"), "C": ("m", "p"), "K": ("m", "p"), "W": ("m", "m")}


def test_what_is_singular_wherever_one_looks_is_not_inverted():
    """B Bᵀ has no inverse where B has more rows than columns."""
    assert "woodbury" not in offered("inv(C B B' K' + W)", shapes=WOODBURY)
    assert "woodbury" not in offered("inv(C relu.(B) K' + W)", shapes=WOODBURY | {"B": ("p", "p")})
    assert "woodbury" in offered("inv(C B K' + W)", shapes=WOODBURY | {"B": ("p", "p")})
    assert "woodbury" in offered("inv(C B B' K' + W)", shapes=WOODBURY | {"B": (2, 3), "C": ("m", 2), "K": ("m", 2)})


def test_what_is_inverted_already_may_be_inverted():
    square = {"B": ("m", "n"), "C": ("m", "m"), "K": ("m", "m"), "W": ("m", "m")}
    assert "woodbury" in offered("inv(C B B' K' + W) inv(B B')", shapes=square)


@pytest.mark.parametrize(
    ("text", "conditions", "context"),
    [
        ("inv(A + x y')", ("A is invertible",), {}),
        ("inv(A + x y') inv(A)", (), {}),
        ("inv(A + x y') inv(A')", (), {}),
        ("inv(S + x y')", (), {"where": "spd matrix S(n, n)"}),
        ("inv(A + x y')", (), {"where": "invertible matrix A(n, n)"}),
        ("X' inv(λ I + X X') y", ("λ ≠ 0",), {}),
        ("det(A + U V)", ("A is invertible",), {}),
        ("tr(A' B)", (), {}),
    ],
)
def test_an_alternative_says_under_which_conditions_it_is_equal(text, conditions, context):
    first = matcalc.alternatives(text, **context)[0]
    assert first.conditions == conditions
    assert all(c in str(first) for c in conditions)


def test_equality_is_not_proved_by_an_identity_that_does_not_hold():
    right = "inv(W) - inv(W) C inv(inv(B B') + K' inv(W) C) K' inv(W)"
    assert not matcalc.equal("inv(C B B' K' + W)", right, shapes=WOODBURY)
    assert not matcalc.equal(right, "inv(C B B' K' + W)", shapes=WOODBURY)
