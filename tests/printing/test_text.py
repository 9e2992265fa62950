"""What is printed is read back as the same expression."""

from collections.abc import Callable

import pytest

import matcalc

SHAPES = (
    dict.fromkeys("AB", ("m", "n"))
    | dict.fromkeys("CDXS", ("n", "n"))
    | dict.fromkeys("xyz", ("n",))
    | {"s": (), "t": (), "k": (), "λ": ()}
    | {"R": (1, "n"), "c": ("m",)}
)


def parsed(text: str) -> matcalc.Expr:
    return matcalc.parse(text, shapes=SHAPES, where="function phi(matrix) -> scalar; elementwise function f")


def reads_back(e: matcalc.Expr, parse: Callable[[str], matcalc.Expr]) -> None:
    """An expression is read back from its ASCII, and from its Unicode if that can be read.

    Unicode leaves out the sizes of an identity that stands alone; ASCII tells all.
    """
    assert parse(e.ascii()) is e, f"{e.ascii()} is read as {parse(e.ascii())}"
    try:
        back = parse(str(e))
    except matcalc.ShapeError as refused:
        assert "cannot be told" in refused.message, f"{e}: {refused}"
    else:
        assert back is e, f"{e} is read as {back}"


@pytest.mark.parametrize(
    ("text", "unicode", "ascii_"),
    [
        ("A' B", "Aᵀ B", "A' B"),
        ("inv(X')", "X⁻ᵀ", "X^-T"),
        ("inv(X)^2", "X⁻²", "X^-2"),
        ("X^k", "X^k", "X^k"),
        ("X^(k-1)", "X^(k-1)", "X^(k-1)"),
        ("x .* y", "x ⊙ y", "x .* y"),
        ("x ./ y", "x ⊘ y", "x ./ y"),
        ("x.^2", "x.^2", "x.^2"),
        ("2/3 A", "2/3 A", "2/3 A"),
        ("-(A - B)", "B - A", "B - A"),
        ("(s/t) A", "s A/t", "s A/t"),
        ("A/(2 s)", "A/(2 s)", "A/(2 s)"),
        ("lambda x", "λ x", "lambda x"),
        ("norm(x)^2", "‖x‖²", "norm(x)^2"),
        ("norm_F(A)", "‖A‖_F", "norm_F(A)"),
        ("A : B", "A : B", "A : B"),
        ("2 (A : B)", "2 (A : B)", "2 (A : B)"),
        ("C (x .* y)", "C (x ⊙ y)", "C (x .* y)"),
        ("exp.(x)", "exp.(x)", "exp.(x)"),
        ("sin(s)", "sin(s)", "sin(s)"),
        ("sqrt(s)", "sqrt(s)", "sqrt(s)"),
        ("abs(s)", "|s|", "abs(s)"),
        ("x x' y", "(xᵀ y) x", "(x' y) x"),
        ("diag(x) C", "diag(x) C", "diag(x) C"),
        ("kron(A, B)", "A ⊗ B", "kron(A, B)"),
        ("1 .- x.^2", "1 .- x.^2", "1 .- x.^2"),
        ("C + I", "C + I", "C + I"),
        ("phi(A)", "φ(A)", "phi(A)"),
        ("f.(x)", "f.(x)", "f.(x)"),
        ("ones(m) x'", "ones(m) xᵀ", "ones(m) x'"),
    ],
)
def test_as_on_paper_and_in_ascii(text, unicode, ascii_):
    e = parsed(text)
    assert str(e) in (unicode, str(parsed(unicode)))
    assert sorted(str(e)) == sorted(unicode)
    assert sorted(e.ascii()) == sorted(ascii_)
    assert parsed(str(e)) is e
    assert parsed(e.ascii()) is e


@pytest.mark.parametrize(
    "text",
    [
        "I(3) + s I(3)",
        "tr(I(3) .+ 1)",
        "4/3 I(n)",
        "mean((A : B) .+ (tr(D) .+ A .* B))",
        "tr(X) .+ tr(D) .+ x",
        "s .- (t .+ A)",
        "-(A - B) C",
        "-(A - B)' A",
        "-x y' + 2 C",
        "(A : B) (A : A)",
        "-(A : B)",
        "s^-2 A",
        "A/s^2/t",
        "x.^(1/2)",
        "x.^(-1/2)",
        "x.^-1",
        "x.^λ",
        "s^λ",
        "2^s",
        "(2/3)^λ",
        "(-s)^k",
        "(-x).^λ",
        "(C + D)^2",
        "(C + D)^-1",
        "(2 C)^k",
        "(x y')'",
        "(C^2)'",
        "exp.(C)'",
        "(C .* D)^2",
        "(C .* D) x",
        "C .* D X",
        "R .* x'",
        "R x",
        "x R",
        "C[1, 2]",
        "C[1, :] x",
        "x[2] y",
        "e(1, n) x'",
        "E(1, 2, n, n) C",
        "K(m, n) vec(A)",
        "kron(C, D) + kron(D, C)",
        "kron(C D, X)",
        "kron(x, y)",
        "pinv(A) c",
        "C⁺ D",
        "(C D)⁺",
        "phi'(A)",
        "f'.(x) .* f''.(y)",
        "|s|^3",
        "|x' y|",
        "norm(norm(x) y)",
        "norm(x)^2/(1 + norm(x)^2)",
        "norm_1(x) + norm_inf(y)",
        "-s x ./ y ./ z",
        "1/(s t)",
        "1/2 s",
        "s/2",
        "3 s/(2 t)",
        "0 A",
        "0.1 A",
        "1e-3 s",
        "pi s",
        "s .* t",
        "tril(C) triu(D)",
        "logsumexp(x) softmax(x)",
        "(s + t)(s - t)",
        "(x + y)' (x - y)",
        "exp(-s^2/2)/sqrt(2 pi)",
    ],
)
def test_reads_back(text):
    reads_back(parsed(text), parsed)


def test_long_and_deep_expressions_print_in_one_pass():
    terms = " + ".join(f"A{i} B{i}'" for i in range(2000))
    e = matcalc.parse(terms)
    assert matcalc.parse(e.ascii(), shapes=_shapes(e)) is e
    deep = matcalc.parse("sin(" * 3000 + "s" + ")" * 3000, shapes={"s": ()})
    assert matcalc.parse(deep.ascii(), shapes={"s": ()}) is deep


def _shapes(e: matcalc.Expr):
    from matcalc.expressions.parts import symbols

    return {x.name: x.shape for x in symbols(e)}
