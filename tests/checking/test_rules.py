"""Numbers as witnesses: what is right passes, what is wrong is named with both numbers."""

from dataclasses import replace

import numpy as np
import pytest

import matcalc
from matcalc.checking.derivatives import check
from matcalc.checking.laws import LAWS, check_operator
from matcalc.checking.points import curve
from matcalc.checking.properties import PROPERTIES
from matcalc.checking.rules import check_entries
from matcalc.checking.truth import check_rule
from matcalc.errors import RuleError, VerificationError
from matcalc.rulebook.book import RuleBook, default
from matcalc.rulebook.compile import compiled
from matcalc.rulebook.entries import read_rules
from matcalc.simplification.shown import Shown


@pytest.mark.parametrize(
    ("expression", "variable", "options"),
    [
        ("tr(A B A' C)", "A", {}),
        ("x' A x", "x", {}),
        ("logdet(X' A X)", "X", {}),
        ("norm(W x + b)^2", "b", {}),
        ("phi(W X)", "W", {}),
        ("sum(f.(W x))", "W", {}),
        ("f(x)", "x", {"where": "function f(vector(n)) -> vector(m)"}),
        ("A x", "x", {}),
        ("softmax(x)", "x", {}),
        ("A + t^2 B", "t", {"shapes": {"t": ()}}),
        ("X A X", "X", {}),
        ("tr(X^k)", "X", {}),
        ("sum(log.(x))", "x", {}),
        ("sum(asin.(x))", "x", {}),
        ("sum(lgamma.(x))", "x", {}),
        ("sum(x)/n", "x", {}),
        ("tr(S A)", "S", {"assume": {"S": "symmetric"}}),
        ("tr(S A)", "S", {"assume": {"S": "symmetric"}, "structure": "independent-entries"}),
        ("logdet(S)", "S", {"assume": {"S": "spd"}}),
        ("tr(S A)", "S", {"assume": {"S": "diagonal"}}),
        ("tr(S A)", "S", {"assume": {"S": "skew"}}),
        ("tr(S A)", "S", {"assume": {"S": "lower"}}),
        ("tr(Q A Q B)", "Q", {"assume": {"Q": "orthogonal"}}),
        ("tr(P A P)", "P", {"assume": {"P": "idempotent"}}),
        ("sum(sqrt.(x))", "x", {"assume": {"x": "positive"}}),
        ("det(X)^λ", "X", {}),
        ("tr(logm(X))", "X", {}),
        ("norm_F(X ⊗ A)", "X", {}),
    ],
)
def test_right_derivatives_pass(expression, variable, options):
    assert check(matcalc.differentiate(expression, variable, **options)).points == 2


def test_several_variables_are_verified():
    matcalc.differentiate("norm(W x + b)^2", ["W", "b"], verify=True)


def test_a_wrong_answer_is_named_with_both_numbers():
    d = matcalc.differentiate("tr(A B)", "A")
    wrong = matcalc.differentiate("2 tr(A B)", "A")
    d.expression = wrong.expression
    with pytest.raises(VerificationError, match=r"the answer 2 Bᵀ: it says and the function has -?\d.* and -?\d"):
        check(d)


def test_a_wrong_line_is_named():
    d = matcalc.differentiate("tr(A B A' C)", "A")
    steps = d.derivation.steps
    steps[2] = replace(steps[2], expression=Shown.of(d.problem.algebra.negate(steps[2].expression.normal)))
    with pytest.raises(VerificationError, match="the line"):
        check(d)


def test_a_missing_transpose_is_found_for_a_symmetric_looking_function():
    d = matcalc.differentiate("tr(A X)", "X", shapes={"A": ("n", "n"), "X": ("n", "n")})
    d.expression = Shown.of(d.problem.algebra.transpose(d.expression.normal))
    with pytest.raises(VerificationError):
        check(d)


def test_it_says_when_no_point_was_found():
    d = matcalc.differentiate("sum(log.(-(x.^2)))", "x")
    with pytest.raises(VerificationError, match="could not be checked"):
        check(d)


# --- samples --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", "symmetric skew diagonal lower upper orthogonal idempotent spd psd".split())
@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_curves_stay_among_matrices_of_their_kind(wanted, n):
    rng = np.random.default_rng(n)
    path, tangent = curve(rng, "X", (n, n), default().implied({wanted}), "plain")
    for t in (0.0, 0.01, -0.02):
        assert PROPERTIES[wanted](path(t))
    h = 1e-6
    assert np.allclose((path(h) - path(-h)) / (2 * h), tangent, atol=1e-8)


GENERIC = set("invertible full_rank steady_rank principal nonzero nonnull".split()) | set(
    "unique_max unique_peak simple_max simple_min simple_norm".split()
)
"""What nearly every matrix has."""


def test_plain_samples_are_not_nice():
    rng = np.random.default_rng(0)
    a = curve(rng, "X", (3, 3), frozenset(), "plain")[0](0.0)
    assert not any(PROPERTIES[p](a) for p in PROPERTIES.keys() - GENERIC)


# --- rules ----------------------------------------------------------------------------------------------------------


def rule_of(text: str):
    """The rule of a text in the default book, unchecked."""
    *_, entry = read_rules(text, "mine.rules")
    book = default()
    book.all_rules()
    return compiled(entry, book), book


@pytest.mark.parametrize(
    "text",
    [
        "simplify wrong: tr(X Y) = tr(X) tr(Y)\n    given X : n×n; Y : n×n",
        "simplify wrong: det(2 X) = 2 det(X)",
        "simplify wrong: (X Y)⁻¹ = X⁻¹ Y⁻¹\n    given X : n×n; Y : n×n",
        "simplify wrong: sqrt.(X.^2) = X",
        "simplify wrong: tanh.(X) = sinh.(X)",
        "simplify wrong: norm_F(X) = X : X",
        "identity wrong: Xᵀ : Y = X : Y\n    given X : n×n; Y : n×n",
        "differential wrong: d(det(X)) = det(X) tr(X dX)",
        "differential wrong: d(tanh.(X)) = (1 .- tanh.(X)).^2 ⊙ dX",
        "differential wrong: d(X⁻¹) = X⁻¹ dX X⁻¹",
        "differential wrong: d(X⁻¹) = -dX X⁻²",
        "adjoint wrong: W : X Y = Yᵀ W : X\n    given W : n×n; X : n×n; Y : n×n",
        "adjoint wrong: α : tr(X) = 2 α I : X",
        "adjoint wrong: W : tril(X) = triu(W) : X",
        "form kronecker wrong: vec(X B) = kron(B, I(m)) vec(X)\n    given X : m×n; B : n×n",
        # true of one sign, on one side of a kink, or on one branch only
        "simplify wrong: sign(α) = 1",
        "simplify wrong: abs(α) = α",
        "simplify wrong: relu(α) = α",
        "simplify wrong: log(α^2) = 2 log(α)",
        "simplify wrong: norm_F(α X) = α norm_F(X)",
        "simplify wrong: relu(α - 50) = 0",
        "simplify wrong: logm(expm(X)) = X",
        "simplify wrong: sqrtm(X X) = X",
        "identity wrong: sqrt(α β) = sqrt(α) sqrt(β)",
        "differential wrong: d(abs(α)) = dα",
        "differential wrong: d(relu(α - 50)) = 0 dα",
        # true of sizes in one order only
        "simplify wrong: pinv(X) X = I(n)\n    given X : m×n",
        "identity wrong: inv(Xᵀ X) Xᵀ = pinv(X)\n    given X : m×n",
        # true but where something is singular or zero
        "simplify wrong: pinv(X) = X⁻¹\n    given X : n×n",
        "simplify wrong: adj(X) = det(X) X⁻¹\n    given X : n×n",
        "identity wrong: det(X) det(I(k) + Z X⁻¹ Y) = det(X + Y Z)\n    given X : n×n; Y : n×k; Z : k×n",
        "simplify wrong: sign(α) = α/abs(α)",
        # by little
        "simplify wrong: sin(α) = sin(α + 1e-12)",
        "identity wrong: exp(α) = exp(α) + exp(-1000)",
        "property wrong: X Y is symmetric\n    given X : n×n symmetric; Y : n×n symmetric",
    ],
)
def test_wrong_rules_are_refused_with_place_and_numbers(text):
    rule, book = rule_of(text)
    with pytest.raises(RuleError, match=r"^mine\.rules:1: .*wrong: it is not true") as refused:
        check_rule(rule, book)
    assert any(c.isdigit() for c in str(refused.value).partition("not true")[2])


@pytest.mark.parametrize(
    "text",
    [
        "simplify right: tr(X Y X⁻¹) = tr(Y)\n    given X : n×n; Y : n×n",
        "simplify right: exp.(X + Y) = exp.(X) ⊙ exp.(Y)",
        "identity right: det(X Y) = det(X) det(Y)\n    given X : n×n; Y : n×n",
        "identity right: X Y = Y X\n    given X : n×n diagonal; Y : n×n diagonal",
        "differential right: d(tr(X² Y)) = tr((X Y + Y X) dX)\n    given X : n×n; Y : n×n",
        "simplify right: log(α^2) = 2 log(α)\n    given α : positive",
        "simplify right: abs(α) = α\n    given α : nonnegative",
        "simplify right: pinv(X) = X⁻¹\n    given X : n×n invertible",
        "identity right: sign(α) = α/abs(α)\n    given α : nonzero",
        "identity right: log.(X.^2) = 2 log.(abs.(X))",
        "identity right: expm(logm(X)) = X\n    given X : n×n spd",
        "differential right: d(relu(α - 50)) = step(α - 50) dα",
        "property right: Xᵀ Y X is symmetric\n    given X : m×n; Y : m×m symmetric",
        "property right: Xᵀ X is psd",
        "differential right: d(φ(2 X)) = 2 φ'(2 X) : dX",
    ],
)
def test_true_rules_pass(text):
    rule, book = rule_of(text)
    assert check_rule(rule, book).points >= 3


@pytest.mark.parametrize(
    ("claim", "operator"),
    [
        ("linear", "operator wrong : m×n -> m×n   linear\ndefinition wrong: wrong(X) = X .+ 1"),
        ("bilinear", "operator wrong : n, n -> n   bilinear\ndefinition wrong: wrong(x, y) = x + y"),
        ("commutative", "operator wrong : n×n, n×n -> n×n   commutative\ndefinition wrong: wrong(X, Y) = X Y"),
        ("cyclic", "operator wrong : n×n -> scalar   cyclic\ndefinition wrong: wrong(X) = sum(X)"),
        ("transpose-invariant", "operator wrong : n×n -> n×n   transpose-invariant\ndefinition wrong: wrong(X) = X"),
        ("transposable", "operator wrong : n×n -> n×n   transposable\ndefinition wrong: wrong(X) = tril(X)"),
        ("symmetric", "operator wrong : n×n -> n×n   symmetric\ndefinition wrong: wrong(X) = X X"),
        ("elementwise", "operator wrong : m×n -> m×n   elementwise\ndefinition wrong: wrong.(X) = sum(X) X"),
        ("nonnegative", "operator wrong : m×n -> m×n   nonnegative\ndefinition wrong: wrong(X) = X"),
    ],
)
def test_wrong_tags_are_refused(claim, operator):
    assert claim in LAWS
    entries = read_rules(operator, "mine.rules")
    book = RuleBook((*default().entries, *entries))
    book.all_rules()
    with pytest.raises(RuleError, match=rf"^mine\.rules:1: operator wrong: it is not {claim}: .*\d"):
        check_operator(book.operator("wrong"), book)


USER = """
operator double : m×n -> m×n   linear
adjoint double: W : double(X) = 2 W : X
definition double: double(X) = 2 X
operator swish : m×n -> m×n   elementwise
definition swish: swish.(X) = X ⊙ sigmoid.(X)
differential swish: d(swish.(X)) = (sigmoid.(X) + X ⊙ sigmoid.(X) ⊙ (1 .- sigmoid.(X))) ⊙ dX
"""


def test_a_users_functions_by_rules_alone():
    book = matcalc.rules.load(USER)
    d = matcalc.differentiate("sum(swish.(W x)) + tr(double(W) A)", "W", rules=book, verify=True)
    assert "xᵀ" in str(d) and "2 Aᵀ" in str(d)
    arrays = {"W": np.array([[1.0, 2.0], [0.5, -1.0]]), "x": np.array([0.3, -0.7]), "A": np.eye(2)}
    assert d.evaluate(arrays).shape == (2, 2)
    assert check_entries(book, read_rules(USER, "mine")) == []
    with pytest.raises(matcalc.MatcalcError):
        matcalc.parse("double(A)").evaluate({"A": np.eye(2)})


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("= 2 W : X", "= 3 W : X"), ("1 .- sigmoid", "1 .+ sigmoid"), ("m×n   linear", "m×n   linear nonnegative")],
)
def test_load_refuses_a_wrong_rule(right, wrong):
    assert right in USER
    with pytest.raises(RuleError, match=r"<rules>:\d+: .*not (true|nonnegative).*\d"):
        matcalc.rules.load(USER.replace(right, wrong))


def test_an_operator_without_a_definition_is_accepted_and_said_to_be_unchecked():
    text = "operator mystery : m×n -> m×n   linear\nadjoint mystery: W : mystery(X) = mystery(W) : X"
    book = matcalc.rules.load(text)
    unchecked = check_entries(book, [e for e in book.entries if e.file == "<rules>"])
    assert len(unchecked) == 2
    assert all("mystery" in reason and "definition" in reason for reason in unchecked)
