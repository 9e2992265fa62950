"""The grammar, what it reads, and how it refuses."""

import pytest

import matcalc
from matcalc.errors import AmbiguityError, MatcalcError, ParseError
from matcalc.language.names import canonical
from matcalc.language.tree import Node, parse
from tests.project.limits import calls, ending


def shown(root: Node) -> str:
    """The tree as prefix notation; for small trees."""
    if root.kind in ("name", "number"):
        return root.text
    text = f"[{root.text}]" if root.text else ""
    return f"{root.kind}{text}({', '.join(shown(arg) for arg in root.args)})"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("A x + b", "sum[++](product(A, x), b)"),
        ("-A + B - C", "sum[-+-](A, B, C)"),
        ("1/2 x'x", "product(divide(1, 2), transpose(x), x)"),
        ("1/2^2 x", "product(divide(1, power(2, 2)), x)"),
        ("-2 X' y", "negate(product(2, transpose(X), y))"),
        ("exp(-1/2 x' A x)", "call[exp](negate(product(divide(1, 2), transpose(x), A, x)))"),
        ("x/sum(x)", "divide(x, call[sum](x))"),
        ("u' v/t", "divide(product(transpose(u), v), t)"),
        ("A ⊙ B C", "hadamard(A, product(B, C))"),
        ("A .* B * C", "matmul(hadamard(A, B), C)"),
        ("A .* 1/2 B", "hadamard(A, product(divide(1, 2), B))"),
        ("A * -B", "matmul(A, negate(B))"),
        ("-y .* (X w)", "negate(hadamard(y, product(X, w)))"),
        ("A : B + C : D", "sum[++](frobenius(A, B), frobenius(C, D))"),
        ("-A : B C", "frobenius(negate(A), product(B, C))"),
        ("A .+ s", "dotsum[++](A, s)"),
        ("a/b/c", "divide(a, b, c)"),
        ("X^(1/2)", "power(X, divide(1, 2))"),
        ("X^{k-1}", "power(X, sum[+-](k, 1))"),
        ("A^k (B+C)", "product(power(A, k), sum[++](B, C))"),
        ("x.^-1", "dotpower(x, negate(1))"),
        ("X⁻²", "power(X, negate(2))"),
        ("f'(x)", "call[f'](x)"),
        ("f'.(x)", "dotcall[f'](x)"),
        ("2 1(n)", "product(2, call[1](n))"),
        ("‖x‖_2^2", "power(norm[2](x), 2)"),
        ("||x||_{1} + |t|", "sum[++](norm[1](x), abs(t))"),
        ("|a| |b|", "product(abs(a), abs(b))"),
        ("|a + |b||", "abs(sum[++](a, abs(b)))"),
        ("‖A‖_*", "norm[*](A)"),
        ("A[i,:]", "index(A, i, slice[:]())"),
        ("x⋆y ⊗ z", "kron(star(x, y), z)"),
        ("2.*X", "hadamard(2, X)"),
        ("A''", "A"),
        ("A\n B", "product(A, B)"),
    ],
)
def test_precedence(text, tree):
    assert shown(parse(text)) == tree


@pytest.mark.parametrize(
    "spellings",
    [
        ("A'", "Aᵀ", "A^T", "A^{T}", r"A^\top", "A⊤", "A'''"),
        ("A^-1", "A⁻¹", "A^{-1}", "A^(-1)", "A^ - 1"),
        ("A^-T", "A^{-T}", "A⁻ᵀ", "A'^-1"),
        ("A^+", "A⁺", "A^{+}"),
        ("X²", "X^2", "X^{2}"),
        ("A * B", "A @ B", "A · B", "A ⋅ B"),
        ("A .* B", "A ⊙ B", "A ∘ B"),
        ("A ./ B", "A ⊘ B"),
        ("<A, B>", "⟨A, B⟩"),
        ("‖A‖_F", "||A||_F", "‖A‖_{F}"),
        ("‖x‖_∞", "‖x‖_inf"),
        ("lambda x₁", "λ x_1", "λ x_{1}"),
        ("A - B", "A − B"),
    ],
)
def test_spellings_of_one_thing(spellings):
    assert len({shown(parse(text)) for text in spellings}) == 1


def test_names_have_one_spelling():
    pairs = {
        "Sigma": "Σ",
        "sigma2": "σ2",
        "pinv": "pinv",
        "digamma": "digamma",
        "lambda_max": "λ_max",
        "Alpha": "Alpha",
    }
    assert {name: canonical(name) for name in pairs} == pairs


@pytest.mark.parametrize(
    ("text", "words", "column"),
    [
        ("A + f = = tr(A)", ["="], 8),
        ("A X +", ["'+'", "end"], 4),
        ("* A X", ["before '*'"], 0),
        ("A X + * A X", ["between '+' and '*'"], 6),
        ("tr(A X B))", ["bracket ')'"], 9),
        ("A (B]", ["'('"], 4),
        ("(A", ["not closed"], 0),
        ("A X, X B", ["comma"], 3),
        ("tr(X' X) 🙂", ["character", "U+1F642"], 9),
        ("tr(А X)", ["U+0410", "Latin A"], 3),
        ("A Α", ["U+0391", "Latin A"], 2),
        ("X'\0", ["U+0000"], 2),
        ("sum(X > 0)", ["comparison"], 6),
        ("tr(X); b", ["';'"], 5),
        ("2 3", ["numbers"], 0),
        ("", ["empty"], 0),
        ("f(a,)", ["missing"], 4),
        ("()", ["nothing"], 1),
        ("‖x", ["too soon"], 1),
        (r"\undefined{1}{2}", ["command"], 0),
        ("tr({X})", ["Braces"], 3),
        ("__import__('os')", ["character '_'"], 0),
        ("q" * 2000, ["1,000"], 0),
        ("9" * 5000, ["1,000"], 0),
        ("1e99999999 x", ["1,000"], 0),
    ],
)
def test_errors_say_what_and_where(text, words, column):
    with pytest.raises(ParseError) as caught:
        parse(text)
    message = str(caught.value)
    assert all(word in message for word in words), message
    assert caught.value.start == column
    assert "^" in message


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("a/b c", ["(a/b) c", "a/(b c)"]),
        ("x^2^3", ["(x^2)^3", "x^(2^3)"]),
        ("A : B : C", ["(A : B) C", "A (B : C)"]),
    ],
)
def test_two_readings_are_refused_with_both(text, readings):
    with pytest.raises(AmbiguityError) as caught:
        parse(text)
    assert all(reading in caught.value.hint for reading in readings)


SPACED = ["||A x||_ 2", "‖A‖_{ F }", "‖A‖ _F", "A ^ T", "A ^{ -1 }", "x .^ 2", "exp .(x)", "< x , y >", "A [ 1 , : ]"]


@pytest.mark.parametrize("text", SPACED)
@pytest.mark.parametrize("space", ["\t", "\n", "\v", "\f", "\r\n", "\u00a0", "\u2009", "\u3000", " \t "])
def test_any_white_space_is_a_blank(text, space):
    def shown(text):
        try:
            return str(matcalc.parse(text))
        except MatcalcError as refused:
            return refused.message.split()

    assert shown(text.replace(" ", space)) == shown(text)


@pytest.mark.parametrize(
    "text",
    [
        lambda n: "(" * n + "X" + ")" * n,
        lambda n: " ".join(["X"] * n),
        lambda n: "*".join(["X"] * n),
        lambda n: "a*b/" * (n // 2) + "c",
        lambda n: "-" * n + "x",
        lambda n: "sin(" * n + "t" + ")" * n,
        lambda n: "X" + "'" * 10 * n,
        lambda n: "X" + "^-1" * n,
        lambda n: "+".join(["x"] * 10 * n),
        lambda n: "|" * (n // 2) + "x" + "|" * (n // 2),
    ],
    ids=["parentheses", "juxtaposed", "product", "alternating", "signs", "calls", "primes", "inverses", "sum", "bars"],
)
def test_large_inputs_are_linear(text):
    def reading(text: str) -> None:
        try:
            parse(text)
        except MatcalcError as refused:
            assert len(str(refused)) < 1_000

    with ending():
        assert calls(lambda: reading(text(4_000))) < 3 * calls(lambda: reading(text(2_000)))
