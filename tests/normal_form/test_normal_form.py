"""The normal form is one, whatever the route; the pleasant form is equal to it and no longer."""

import pytest

import matcalc
from matcalc.normal_form.algebra import Algebra
from matcalc.rules import default

MATRICES = dict.fromkeys("ABCXY", ("n", "n")) | dict.fromkeys("xyzw", ("n",)) | {"s": (), "t": (), "u": (1, "n")}


def normal(text: str, **assume: str) -> matcalc.Expr:
    return matcalc.parse(text, shapes=MATRICES, assume=assume)


@pytest.mark.parametrize(
    "equal",
    [
        ("A B + B A", "B A + A B"),
        ("(A B)'", "B' A'", "(A B)^T"),
        ("2 A + 3 A", "5 A", "10/2 A", "A + 4 A", "A 5"),
        ("A - A", "0 A", "zeros(n, n)"),
        ("(A + B)'", "A' + B'", "B' + A'"),
        ("A A", "A^2", "A^3 A^-1", "A^-1 A^3"),
        ("A A^-1 B", "B", "I B", "B I(n)", "B''"),
        ("(A B)^-1", "B^-1 A^-1", "inv(A B)"),
        ("(A')^-1", "A^-T", "inv(A)'"),
        ("((A')^2)^2", "(A^4)'", "(A')^4"),
        ("x' A y", "y' A' x", "dot(x, A y)"),
        ("A x x' y", "(x' y) A x", "A x (y' x)"),
        ("s (t A)", "(s t) A", "A t s", "t (s A)"),
        ("A .* B .* A", "B .* A.^2", "A.^2 .* B"),
        ("A ./ B", "A .* B.^-1", "B.^-1 .* A"),
        ("(A .* B)'", "A' .* B'", "B' .* A'"),
        ("A : B", "B : A", "<A, B>", "frob(B, A)"),
        ("s^2 s^3", "s^5", "s s s s s"),
        ("s^t s^t", "s^(2 t)", "(s^t)^2", "s^t s^(t-1) s"),
        ("A.^s .* A.^s", "A.^(2 s)", "(A.^s).^2"),
        ("(s t)^2", "s^2 t^2", "t s t s"),
        ("s/t", "s t^-1", "1/(t/s)"),
        ("sin.(-A)", "-sin.(A)"),
        ("tr(A')", "tr(A)"),
        ("x' Diag(y) z", "(x .* y)' z", "z' (y .* x)"),
        ("tr(s (A + A'))", "2 s tr(A)", "s tr(A) + s tr(A')"),
        ("diagvec(s (A + A'))", "2 s diagvec(A)"),
        ("sum(s t (A + A'))", "2 s t sum(A)"),
        ("det(A')", "det(A)"),
        ("1/2 A + 1/3 B", "(3 A + 2 B)/6", "1/6 (2 B + 3 A)"),
        ("(-A)^2", "A^2", "((-1) A)^2"),
        ("exp.(A)'", "exp.(A')"),
        ("exp.(A[1, :]').^(1/2)", "exp.(A[1, :]'/2)", "sqrt.(exp.(A[1, :]))'"),
        ("kron(x', y')", "kron(x, y)'"),
        ("(1 .+ ones(n)).^(1/2) .* x", "sqrt(2) x", "(2 ones(n)).^(1/2) .* x"),
        ("(s^2 ones(n)).^(1/2) .* x", "(s^2)^(1/2) x"),
        ("x' skew(A) y", "dot(skew(A) y, x)", "-y' skew(A) x"),
        ("Diag(x) y", "x .* y", "y .* x", "diag(y) x"),
        ("1(n)' x", "sum(x)", "x' 1(n)", "ones(n)' x"),
        ("sum(A)", "1(n)' A 1(n)", "1(n)' A' 1(n)", "sum(rowsum(A))", "sum(colsum(A))"),
        ("norm(x)", "norm(-x)", "norm_F(x)"),
    ],
    ids=lambda equal: equal[0],
)
def test_one_object_for_all_spellings(equal):
    first, *others = map(normal, equal)
    for text, other in zip(equal[1:], others, strict=True):
        assert other is first, f"{text} is {other}, not {first}"


@pytest.mark.parametrize(
    ("text", "assume", "wanted"),
    [
        ("A' x", "symmetric", "A x"),
        ("A'", "skew", "-A"),
        ("A' A", "orthogonal", "I(n)"),
        ("A^-1", "orthogonal", "A'"),
        ("A A", "idempotent", "A"),
        ("A' B A", "diagonal", "A B A"),
        ("abs.((x ones(1, n) (B .* A))')", "skew", "abs.(x ones(1, n) (B .* A))'"),
    ],
)
def test_properties_are_used(text, assume, wanted):
    assert normal(text, A=assume) is normal(wanted, A=assume)


@pytest.mark.parametrize(
    "text",
    [
        "C .* (-(B A - A)')",
        "u .* (-(B x - x)')",
        "sin((exp.(x)' ((A + B)' .* C)) ones(n))",
        "atan.(((-A)^2)' B)",
        "(A x)' Diag(y) z",
        "tr(((A B)'^2)^2)",
        "(A - B)' .* (B - A)",
        "-(-(A - B)' C)'",
        "norm(s^s x)",
        "sigmoid.(skew(A .* C)) (1 .- sigmoid.(skew(A .* C)))",
        "diagvec(khatrirao(B, ones(k, n))' kron(A, z_1))",
    ],
)
def test_normal_forms_are_stable(text):
    for assume in ({}, {"B": "skew"}, {"A": "symmetric"}):
        e = normal(text, **assume)
        assert Algebra(default()).substitute(e, {}) is e


def test_a_long_product_is_matched_without_multiplying_its_parts_again_and_again():
    chain = [f"Diag(x{i})" for i in range(60)]
    e = matcalc.parse(" ".join(chain))
    assert e.head == "Diag" and len(e.args[0].args) == 60


def test_a_hessian_is_symmetric_and_the_second_derivative_of_a_matrix_is_not():
    where = "function S(scalar) -> matrix(n, n); function f(vector) -> scalar"
    assert str(matcalc.differentiate("sym(S(t))", "t", {"t": ()}, where=where, order=2)) == "1/2 (S''(t) + S''(t)ᵀ)"
    assert str(matcalc.differentiate("skew(S(t))", "t", {"t": ()}, where=where, order=2)) == "1/2 (S''(t) - S''(t)ᵀ)"
    d = matcalc.differentiate("f(A x)", "x", where=where, order=2)
    assert str(d).startswith("Aᵀ f''(A x) A")


def test_an_unspecified_function_of_every_entry_is_turned_as_its_argument_reads():
    options = {"shapes": MATRICES, "where": "elementwise function f"}
    first = matcalc.parse("f.((A B)') + C", **options)
    assert matcalc.parse("f.(A B)' + C", **options) is first
    assert matcalc.parse("(f.(A B) + C')'", **options) is first
    assert Algebra(default()).substitute(first, {}) is first
