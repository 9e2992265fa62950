"""SymPy objects are read as what they mean, and what we make for SymPy reads back."""

import pytest

import matcalc
from matcalc import MatcalcError

sympy = pytest.importorskip("sympy")

n, m = sympy.symbols("n m", integer=True, positive=True)
A, B = sympy.MatrixSymbol("A", m, n), sympy.MatrixSymbol("B", n, m)
S = sympy.MatrixSymbol("S", n, n)
x, t = sympy.MatrixSymbol("x", n, 1), sympy.Symbol("t")


@pytest.mark.parametrize(
    ("given", "by", "meant"),
    [
        (sympy.Trace(A * B), A, "Bᵀ"),
        (sympy.Determinant(S), S, "det(S) S⁻ᵀ"),
        (sympy.Trace(S.inv()), S, "-(S⁻²)ᵀ"),
        (x.T * S * x, x, "(S + Sᵀ) x"),
        (sympy.sin(t) ** 2 / 2, t, "sin(t) cos(t)"),
        (sympy.Trace(sympy.HadamardProduct(A, A) * sympy.OneMatrix(n, m)), A, "2 A"),
    ],
)
def test_differentiating_a_sympy_object(given, by, meant):
    d = matcalc.differentiate(given, by)
    same = matcalc.differentiate(given, str(by))
    assert str(d).splitlines()[0] == str(same).splitlines()[0]
    shapes = {name: e for name, e in d.shapes.items() if e}
    assert matcalc.equal(str(d).splitlines()[0], meant, shapes=shapes)


@pytest.mark.parametrize(
    "text",
    [
        "A B", "A' + B", "2 A - B'", "x' S x", "x x'", "inv(S) x", "S^3", "det(S) tr(S)", "A .* B'", "A.^2", "diag(x)",
        "exp.(A)", "tanh.(x)", "sigmoid.(A x)", "relu.(x)", "logdet(S)", "norm(x)", "norm_F(A)^2", "sum(A)", "vec(A)",
        "kron(A, B)", "softmax(x)", "chol(S)", "expm(S)", "I(n) + S", "ones(n) x'", "zeros(m, n) + A", "S[1, 2]",
        "x[i]", "log(t) + t^2/3", "pinv(A)", "unvec(vec(A), m, n)", "λ S", "exp(t) A", "phi(t)",
    ],
)  # fmt: skip
def test_round_trip(text):
    shapes = {"A": ("m", "n"), "B": ("n", "m"), "S": ("n", "n"), "x": ("n",), "t": ()}
    e = matcalc.parse(text, {k: v for k, v in shapes.items() if k in text})
    back = matcalc.from_sympy(e.sympy())
    assert str(back) == str(e) and back.shape == e.shape


@pytest.mark.parametrize("wrong", [3, "tr(A)", None, sympy.Integral(t, t), sympy.Matrix([[1, t]])])
def test_what_has_no_meaning_is_refused(wrong):
    with pytest.raises(MatcalcError):
        matcalc.from_sympy(wrong)
