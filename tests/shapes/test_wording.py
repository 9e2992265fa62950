"""What people and other systems write: runs of letters, functions by other names, and what is said of it."""

import pytest

import matcalc
from matcalc.errors import AmbiguityError, MatcalcError, NameProblem


def agree(typed: str, meant: str, wrt: str, **more) -> matcalc.Derivative:
    d = matcalc.differentiate(typed, wrt, **more)
    assert str(d).splitlines()[0] == str(matcalc.differentiate(meant, wrt, **more)).splitlines()[0]
    return d


@pytest.mark.parametrize(
    ("typed", "meant", "wrt"),
    [
        ("x'Ax", "x' A x", "x"),
        ("tr(XA)", "tr(X A)", "X"),
        ("tr(ABA'C)", "tr(A B A' C)", "A"),
        ("tr((AB)'C)", "tr(B' A' C)", "A"),
        ("(AX)'b", "X' A' b", "X"),
        ("‖AX−B‖_F²", "norm_F(A X - B)^2", "X"),
        ("tr(X2A_1)", "tr(X2 A_1)", "X2"),
        ("tr(X A B) + tr(AB)", "tr(X A B) + tr(A B)", "X"),
        ("tr(AX(B + C))", "tr(A X (B + C))", "X"),
    ],
)
def test_runs_of_letters_are_products(typed, meant, wrt):
    assert any("is read as" in note for note in agree(typed, meant, wrt).notes)


@pytest.mark.parametrize("text", ["tr(AB X)", "tr(AB) + tr(X)"])
def test_a_run_that_merely_might_be_one_is_a_name_and_the_note_says_so(text):
    d = matcalc.differentiate(text, "X")
    assert "AB" in d.shapes and any("AB is read as one name" in note for note in d.notes)


def test_a_declared_run_is_a_name_and_needs_no_note():
    d = matcalc.differentiate("tr(AX X)", "X", shapes={"AX": ("n", "m")})
    assert str(d) == "AXᵀ" and not d.notes


@pytest.mark.parametrize(("text", "fix"), [("trX", "tr(X)"), ("logdetX + 1", "logdet(X)"), ("sumx", "sum(x)")])
def test_a_function_glued_to_its_argument_is_no_product(text, fix):
    with pytest.raises(NameProblem) as refusal:
        matcalc.differentiate(text, fix[-2])
    assert fix in refusal.value.hint


@pytest.mark.parametrize(
    ("typed", "meant", "wrt"),
    [
        ("Det(A)", "det(A)", "A"),
        ("Inverse(A) B", "inv(A) B", "A"),
        ("Trace(A*B)", "tr(A B)", "A"),
        ("lndet(X)", "logdet(X)", "X"),
        ("normF(X)^2", "norm_F(X)^2", "X"),
        ("norm2(A*x-b)^2", "norm(A x - b)^2", "x"),
        ("norm(X, 'fro')^2", "norm_F(X)^2", "X"),
        ('norm(X, "nuc")', "norm_nuc(X)", "X"),
        ("norm(x, 1)", "norm_1(x)", "x"),
        ("norm(x, ord=2)", "norm(x)", "x"),
        ("sum(A(:))", "sum(A)", "A"),
        ("A(:)' A(:)", "vec(A)' vec(A)", "A"),
        ("sum(A, axis=0)", "colsum(A)", "A"),
        ("sum(A, dim=1)", "rowsum(A)", "A"),
        ("eye(3) A", "I(3) A", "A"),
        ("A.T @ B", "A' B", "A"),
        ("A**2", "A^2", "A"),
        ("A**-1", "inv(A)", "A"),
        ("x.dot(y)", "x' y", "x"),
        ("A.dot(x)", "A x", "x"),
        ("A.inverse().trace()", "tr(inv(A))", "A"),
        ("A\\b", "inv(A) b", "A"),
        ("Tr[A.B]", "tr(A B)", "A"),
        ("Transpose[A].B", "A' B", "A"),
        ("Inverse[A]", "inv(A)", "A"),
        ("HadamardProduct(A, B, C)", "A .* B .* C", "A"),
        ("KroneckerProduct(A, B)", "A ⊗ B", "A"),
        ("MatMul(A, B, C)", "A B C", "B"),
        ("np.trace(A @ B)", "tr(A B)", "A"),
        ("np.linalg.inv(A)", "inv(A)", "A"),
        ("np.linalg.norm(A @ x - b)**2", "norm(A x - b)^2", "x"),
        ("np.sum((X @ w - y)**2)", "sum((X w - y).^2)", "w"),
        ("np.sum(np.exp(x))", "sum(exp.(x))", "x"),
        ("np.sum(A * B)", "sum(A .* B)", "A"),
        ("jnp.linalg.slogdet(A)[1]", "logdet(A)", "A"),
        ("torch.sigmoid(W @ x)", "sigmoid.(W x)", "x"),
        ("torch.sum(A, dim=0)", "colsum(A)", "A"),
        ("exp(-x'x)", "exp(-(x' x))", "x"),
        ("e^(-x' x)", "exp(-(x' x))", "x"),
        ("tr(e^A)", "tr(expm(A))", "A"),
        ("x^t A x", "x' A x", "x"),
        ("log|X|", "log(det(X))", "X"),
        ("|x|^2", "x'x", "x"),
        ("1/n sum((X w - y).^2)", "(1/n) sum((X w - y).^2)", "w"),
        ("1/n (X w - y)'(X w - y)", "(1/n) (X w - y)' (X w - y)", "w"),
        ("-1/(2 m) (X w - y)' (X w - y)", "-(1/(2 m)) (X w - y)' (X w - y)", "w"),
        ("1/σ² norm(x)^2", "(1/σ^2) norm(x)^2", "x"),
        ("x'x + λ (w' x)", "x'x + λ * (w' x)", "x"),
        ("D = W X", "W X", "W"),
        ("½ ∥𝐀𝐱 − 𝐛∥²", "1/2 norm(A x - b)^2", "x"),
        ("(𝐱 − 𝝁)ᵀ 𝚺⁻¹ (𝐱 − 𝝁)", "(x - μ)' inv(Σ) (x - μ)", "x"),
        ("x⊺A x", "x' A x", "x"),
        ("tr(𝑿ᵗ𝑨)", "tr(X' A)", "X"),
        ("y’A′x × 2", "2 y' A' x", "x"),
        ("tr\u2061(A)", "tr(A)", "A"),
        ("tr（Ａ Ｂ）", "tr(A B)", "A"),
        ("f(X) := tr(A X)", "tr(A X)", "X"),
    ],
)
def test_what_it_means_where_it_comes_from(typed, meant, wrt):
    agree(typed, meant, wrt)


@pytest.mark.parametrize(
    ("text", "wrt", "words"),
    [
        ("sum(A, 1)", "A", ["colsum(A)", "rowsum(A)"]),
        ("A.T T", "T", ["A' ", "A T"]),
        ("1/2n x", "x", ["(1/(2 n)) x", "(1/2) n x"]),
        ("a/b x", "x", ["(a/b) x", "a/(b x)"]),
        ("a/b (x + y)", "x", ["(a/b) (x + y)", "a/(b (x + y))"]),
        ("A^t det(t A)", "A", ["exponent"]),
        ("A†", "A", ["A'", "A^+"]),
    ],
)
def test_two_readings_are_shown(text, wrt, words):
    with pytest.raises(AmbiguityError) as refusal:
        matcalc.differentiate(text, wrt)
    assert all(word in f"{refusal.value.hint} " or word in refusal.value.message for word in words)


@pytest.mark.parametrize(
    ("text", "wrt", "words"),
    [
        ("tr(A B)", "C", ["C does not occur", "A, B"]),
        ("tr(A B)", "a", ["There is A: letter case matters"]),
        ("tr(A inv(B))", "inv", ["function"]),
        ("A'B", "A'", ["variable"]),
        ("d(A B)/dA", "A", ["asks for a derivative", "A B"]),
        ("f = f + x", "x", ["defined by itself"]),
        ("2 x = y", "x", ["name of a function"]),
        ("np.foo(A)", "A", ["np.foo"]),
        ("A.foo()", "A", ["foo"]),
        ("tr(A, 'x')", "A", ["tr"]),
        ("grad tr(A B)", "A", ["which variable"]),
    ],
)
def test_refusals(text, wrt, words):
    with pytest.raises(MatcalcError) as refusal:
        matcalc.differentiate(text, wrt)
    assert all(word in str(refusal.value) for word in words), str(refusal.value)


def test_a_declared_variable_that_does_not_occur_gives_zero():
    assert str(matcalc.differentiate("tr(A B)", "C", shapes={"C": ("k", "l")})) == "zeros(k, l)"
    assert str(matcalc.differentiate("tr(A B)", "c", where="scalar c")).splitlines()[0] == "0"


@pytest.mark.parametrize(
    ("text", "wrt", "name"), [("A(X) B(X)", "X", "A"), ("A(t)", "t", "A"), ("f(x)", "x", "f"), ("h(A x)", "x", "h")]
)
def test_a_name_tight_before_names_is_a_function(text, wrt, name):
    notes = matcalc.differentiate(text, wrt).notes
    assert any(note.startswith(f"{name} is read as an unspecified") for note in notes), notes


@pytest.mark.parametrize("text", ["tr(A (X))", "tr(A(X) A)", "tr(A(B + X))", "tr(X(A))"])
def test_a_product_it_is_elsewhere(text):
    assert set(matcalc.differentiate(text, "X").shapes) >= {"A", "X"}
