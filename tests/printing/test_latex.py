"""LaTeX and SymPy objects: exact output, structure equal to SymPy written by hand, and values."""

from __future__ import annotations

import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from sympy import MatAdd, MatMul, MatrixSymbol, Rational, Symbol, Trace, Transpose

import matcalc
from matcalc.errors import MatcalcError
from matcalc.expressions.dimensions import SCALAR, Dim, substitute
from matcalc.expressions.nodes import Expr, node
from matcalc.expressions.parts import symbols
from matcalc.normal_form.algebra import Algebra
from matcalc.printing.latex import aligned, latex
from matcalc.printing.layout import MOST_PIECES
from matcalc.printing.names import name_latex, text_latex
from matcalc.printing.sympy_nodes import AsScalar
from matcalc.printing.sympy_objects import DEEPEST, LARGEST, to_sympy
from matcalc.rules import default

a = Algebra(default())


def symbol(name: str, *shape: Dim) -> Expr:
    kind = ("scalar", "vector", "matrix")[len(shape)]
    rows, columns = (*shape, 1, 1)[:2]
    return a.symbol(name, (rows, columns), kind)


A, B, C, D = (symbol(name, "n", "n") for name in "ABCD")
X = symbol("X", "m", "n")
Y = symbol("Y", "m", "n")
x, y, v = (symbol(name, "n") for name in "xyv")
s, t, lam = (symbol(name) for name in ("s", "t", "λ"))


def call(name: str, *args: Expr) -> Expr:
    return a.apply(name, args)


def function(name: str, arg: Expr, elementwise: bool = False, order: int = 0) -> Expr:
    shape = arg.shape if elementwise or order else SCALAR
    return a.call(name, [arg], shape, elementwise, order)


def quadratic(m: Expr) -> Expr:
    return a.mul([a.transpose(x), m, x])


def half(e: Expr) -> Expr:
    return a.linear([(HALF, e)])


HALF = Fraction(1, 2)
one_minus_tanh_squared = a.linear([(1, a.ones("n", 1)), (-1, a.had([(call("tanh", a.mul([A, x])), 2)]))])
norm_x = call("norm_F", x)

CASES: list[tuple[Expr, str]] = [
    # symbols and constants
    (A, r"A"),
    (lam, r"\lambda"),
    (symbol("x_1", "n"), r"x_{1}"),
    (symbol("Σ_xy", "n", "n"), r"\Sigma_{xy}"),
    (symbol("W1", "n", "n"), r"W1"),
    (symbol("dX", "m", "n"), r"\mathrm{d}X"),
    (symbol("loss"), r"\mathit{loss}"),
    (a.symbol("π", SCALAR, "scalar", ["positive"]), r"\pi"),
    (a.number(0), r"0"),
    (a.number(-3), r"-3"),
    (a.number(HALF), r"\frac{1}{2}"),
    (a.zeros("m", "n"), r"\mathbf{0}_{m \times n}"),
    (a.ones("n", 1), r"\mathbf{1}_{n}"),
    (a.ones(1, "n"), r"\mathbf{1}_{n}^{\top}"),
    (a.identity("n"), r"I_{n}"),
    (a.unit(2, "n"), r"\mathrm{e}_{2}^{(n)}"),
    (a.single_entry("i", "j", "m", "n"), r"\mathrm{E}_{i,j}^{(m \times n)}"),
    (a.commutation("m", "n"), r"\mathrm{K}_{m, n}"),
    # sums and multiples
    (
        a.add(a.mul([C, A, B]), a.mul([a.transpose(C), A, a.transpose(B)])),
        r"C^{\top} A B^{\top} + C A B",
    ),
    (a.linear([(-1, A), (1, B)]), r"B - A"),
    (a.linear([(-2, a.mul([a.linear([(1, A), (-1, B)]), x]))]), r"-2 \left(A - B\right) x"),
    (a.linear([(-1, a.linear([(1, A), (1, B)]))]), r"-\left(A + B\right)"),
    (half(a.mul([a.add(A, a.transpose(A)), x])), r"\frac{1}{2} \left(A + A^{\top}\right) x"),
    (a.linear([(HALF, A), (-2, B)]), r"\frac{1}{2} \left(A - 4 B\right)"),
    (a.add(t, a.number(1)), r"1 + t"),
    (one_minus_tanh_squared, r"\mathbf{1} - \tanh_{\odot}\left(A x\right)^{\odot 2}"),
    # products, scalars in front, quotients
    (a.scale(t, a.mul([A, x])), r"t A x"),
    (a.scale(a.had([(t, -1)]), A), r"\frac{A}{t}"),
    (a.scale(a.had([(norm_x, -1)]), x), r"\frac{x}{\left\| x \right\|}"),
    (
        a.scale(a.had([(a.mul([a.transpose(x), y]), 1), (norm_x, -3)]), x),
        r"\frac{x^{\top} y}{\left\| x \right\|^{3}} x",
    ),
    (
        a.linear([(HALF, a.scale(a.had([(s, 1), (t, -1)]), a.add(A, B)))]),
        r"\frac{s}{2 t} \left(A + B\right)",
    ),
    (a.scale(a.had([(t, -1)]), a.add(A, B)), r"\frac{A + B}{t}"),
    (a.had([(a.add(s, t), -1), (lam, 1)]), r"\frac{\lambda}{s + t}"),
    (half(quadratic(A)), r"\frac{1}{2} x^{\top} A x"),
    (a.had([(quadratic(A), 2), (t, 1)]), r"t \left(x^{\top} A x\right)^{2}"),
    (a.scale(quadratic(A), B), r"\left(x^{\top} A x\right) B"),
    (a.linear([(3, a.had([(a.number(2), HALF), (t, 1)]))]), r"3 \sqrt{2} t"),
    # powers
    (a.power(A, a.number(-1)), r"A^{-1}"),
    (a.transpose(a.power(A, a.number(-1))), r"A^{-\top}"),
    (a.power(a.add(A, B), a.number(-1)), r"\left(A + B\right)^{-1}"),
    (a.power(a.transpose(a.mul([A, C])), a.number(2)), r"\left(\left(A C\right)^{2}\right)^{\top}"),
    (a.power(A, a.number(3)), r"A^{3}"),
    (a.power(A, a.add(t, a.number(-1))), r"A^{t - 1}"),
    (a.had([(t, HALF)]), r"\sqrt{t}"),
    (a.had([(t, HALF * 3)]), r"t^{3/2}"),
    (a.had([(t, -HALF)]), r"\frac{1}{\sqrt{t}}"),
    (a.dotpower(t, lam), r"t^{\lambda}"),
    (a.dotpower(x, lam), r"x^{\odot \lambda}"),
    (a.dotpower(x, a.add(lam, a.number(1))), r"x^{\odot \left(1 + \lambda\right)}"),
    # Hadamard and Kronecker products
    (a.had([(X, 2)]), r"X^{\odot 2}"),
    (a.had([(X, HALF)]), r"X^{\odot 1/2}"),
    (a.had([(X, -1)]), r"X^{\odot -1}"),
    (a.had([(A, 1), (B, 2), (C, -1), (D, -2)]), r"A \odot B^{\odot 2} \oslash C \oslash D^{\odot 2}"),
    (a.had([(A, 1), (a.add(B, C), 1)]), r"A \odot \left(B + C\right)"),
    (a.mul([a.had([(A, 1), (B, 1)]), x]), r"\left(A \odot B\right) x"),
    (a.linear([(2, a.had([(A, 1), (B, 1)]))]), r"2 A \odot B"),
    (call("kron", call("kron", A, B), C), r"A \otimes B \otimes C"),
    (call("kron", A, call("kron", B, C)), r"A \otimes \left(B \otimes C\right)"),
    # operators
    (call("tr", a.mul([A, B])), r"\operatorname{tr}\left(A B\right)"),
    (a.had([(call("det", A), 2)]), r"\det\left(A\right)^{2}"),
    (call("logdet", A), r"\log\det A"),
    (call("logdet", a.add(A, B)), r"\log\det\left(A + B\right)"),
    (a.had([(call("logdet", A), 1), (t, 2)]), r"t^{2} \left(\log\det A\right)"),
    (a.linear([(2, call("logdet", A))]), r"2 \log\det A"),
    (a.had([(call("norm_F", X), 2)]), r"\left\| X \right\|_{F}^{2}"),
    (call("norm_nuc", X), r"\left\| X \right\|_{*}"),
    (call("norm_inf", x), r"\left\| x \right\|_{\infty}"),
    (call("frob", X, Y), r"X : Y"),
    (a.add(call("frob", X, Y), t), r"\left(X : Y\right) + t"),
    (call("frob", a.add(A, C), B), r"\left(A + C\right) : B"),
    (call("Diag", x), r"\operatorname{diag}\left(x\right)"),
    (call("diagvec", A), r"\operatorname{diag}\left(A\right)"),
    (call("vec", X), r"\operatorname{vec}\left(X\right)"),
    (call("softmax", x), r"\operatorname{softmax}\left(x\right)"),
    (
        node("transpose", (node("pinv", (X,), default().operation("pinv"), ("n", "m")),), None, ("m", "n")),
        r"\left(X^{+}\right)^{\top}",
    ),
    (call("abs", t), r"\left|t\right|"),
    (call("tanh", a.mul([A, x])), r"\tanh_{\odot}\left(A x\right)"),
    (a.had([(call("sin", t), 2)]), r"\sin\left(t\right)^{2}"),
    (call("sigmoid", a.mul([A, x])), r"\operatorname{sigmoid}_{\odot}\left(A x\right)"),
    (a.scale(symbol("σ"), call("sigmoid", x)), r"\sigma \operatorname{sigmoid}_{\odot}\left(x\right)"),
    # unspecified functions and entries
    (function("φ", a.mul([A, B])), r"\phi\left(A B\right)"),
    (function("φ", a.mul([A, B]), order=1), r"\phi'\left(A B\right)"),
    (function("f", x, elementwise=True), r"f_{\odot}\left(x\right)"),
    (function("loss", x, order=2), r"\operatorname{loss}''\left(x\right)"),
    (a.index(A, 1, 2), r"(A)_{1,2}"),
    (a.index(symbol("x_1", "n"), "i", None), r"(x_{1})_{i}"),
    (a.index(a.add(A, B), 1, None), r"\left(A + B\right)_{1,:}"),
    (a.index(X, None, "j"), r"(X)_{:,j}"),
]


@pytest.mark.parametrize(("e", "wanted"), CASES, ids=[wanted for _, wanted in CASES])
def test_exact(e: Expr, wanted: str) -> None:
    assert latex(e) == wanted
    assert e.latex() == wanted
    assert wanted in e._repr_latex_()
    assert pairs_match(wanted)


CLOSES = {r"\right": r"\left", r"\end": r"\begin", "}": "{"}


def pairs_match(tex: str) -> bool:
    r"""Whether braces and \left … \right pair, nested properly, and no script is doubled."""
    open_: list[str] = []
    for token in re.findall(r"\\left|\\right|\\begin|\\end|\\.|[{}]", tex):
        if token in (r"\left", r"\begin", "{"):
            open_.append(token)
        elif token in CLOSES and (not open_ or open_.pop() != CLOSES[token]):
            return False
    return not open_ and not re.search(r"\^\{[^{}]*\}\^|_\{[^{}]*\}_", tex)


def test_every_operator_prints_and_converts() -> None:
    """A raw application of each operator, its parameters as symbols."""
    for name, operator in default().operators.items():
        if name in ("mul", "had", "scale", "transpose", "power", "add"):
            continue
        args = tuple(a.symbol("PQRSTUVW"[i], shape) for i, shape in enumerate(operator.params))
        e = node(name, args, None, operator.result)
        tex = latex(e)
        assert pairs_match(tex), name
        assert "P" in tex, name
        made = to_sympy(e)
        assert pairs_match(sympy.latex(made)), name
        assert made.is_Matrix == (operator.result != SCALAR), name
        if made.is_Matrix:
            wanted = [sympy.sympify(str(d).replace("·", "*")) for d in operator.result]
            assert [str(sympy.expand(d)) for d in made.shape] == [str(sympy.expand(d)) for d in wanted], name


def sized(name: str) -> Symbol:
    return Symbol(name, integer=True, positive=True)


def test_equal_to_sympy_by_hand() -> None:
    m, n = sized("m"), sized("n")
    P, Q, R, U = (MatrixSymbol(name, n, n) for name in "ABCD")
    M, N = MatrixSymbol("X", m, n), MatrixSymbol("Y", m, n)
    p, q = MatrixSymbol("x", n, 1), MatrixSymbol("y", n, 1)
    tau = Symbol("t")
    transposed = a.transpose
    cases = [
        (a.add(a.mul([transposed(C), A, transposed(B)]), a.mul([C, A, B])), R.T * P * Q.T + R * P * Q),
        (a.mul([a.add(A, transposed(A)), x]), (P + P.T) * p),
        (half(a.mul([a.add(A, B), x])), MatMul(Rational(1, 2), MatAdd(P, Q), p)),
        (a.linear([(2, a.mul([A, B]))]), 2 * P * Q),
        (a.linear([(-1, A), (1, B)]), Q - P),
        (a.linear([(2, a.add(A, B))]), 2 * (P + Q)),
        (a.scale(t, A), tau * P),
        (a.power(A, a.number(-1)), P.inv()),
        (transposed(a.power(A, a.number(-1))), P.inv().T),
        (a.power(A, a.number(3)), P**3),
        (call("tr", a.mul([A, B])), Trace(P * Q)),
        (a.had([(X, 1), (Y, 1)]), sympy.hadamard_product(M, N)),
        (a.had([(X, 2)]), sympy.HadamardPower(M, 2)),
        (call("kron", A, B), sympy.KroneckerProduct(P, Q)),
        (call("Diag", x), sympy.DiagMatrix(p)),
        (call("det", D), sympy.Determinant(U)),
        (a.identity("n"), sympy.Identity(n)),
        (a.mul([x, transposed(y)]), p * q.T),
        (a.had([(call("exp", t), 1), (t, 2)]), sympy.exp(tau) * tau**2),
        (a.add(a.had([(t, HALF)]), a.number(1)), sympy.sqrt(tau) + 1),
        (call("tanh", lam), sympy.tanh(Symbol("lambda"))),
        (a.index(A, 1, 2), P[0, 1]),
        (function("φ", A), sympy.Function("phi")(P)),
    ]
    for e, wanted in cases:
        made = to_sympy(e)
        assert made == wanted, (str(e), made, wanted)
        assert to_sympy(e) == made
        if made.is_Matrix:
            assert made.shape == wanted.shape


def test_the_shape_of_composite_dimensions() -> None:
    m, n = sized("m"), sized("n")
    assert to_sympy(call("vec", X)).shape == (m * n, 1)
    assert to_sympy(call("kron", X, a.identity(3))).shape == (3 * m, 3 * n)
    assert to_sympy(a.ones("m+2·n", 1)).shape == (m + 2 * n, 1)


def test_one_by_one_products_are_scalars() -> None:
    p, P = MatrixSymbol("x", sized("n"), 1), MatrixSymbol("A", sized("n"), sized("n"))
    quadratic_form = AsScalar(MatMul(Transpose(p), P, p))
    assert to_sympy(quadratic(A)) == quadratic_form
    assert to_sympy(a.scale(quadratic(A), B)) == MatMul(quadratic_form, MatrixSymbol("B", sized("n"), sized("n")))
    assert to_sympy(a.had([(quadratic(A), 2), (t, 1)])).coeff(Symbol("t")) == quadratic_form**2


SIZES = {"m": 2, "n": 2}
EXPLICIT = [
    *[e for e, tex in CASES if not any(c.head == "call" for c in [e, *e.args]) and not re.search("_{.*[ij]}", tex)],
    call("sum", X), call("mean", X), call("logsumexp", x), call("norm_1", x), call("norm_2", A), call("cumsum", x),
    call("revcumsum", x), call("tril", A), call("triu", A), call("adj", A), call("expm", A), call("pinv", A),
    call("relu", x), call("softplus", t), call("step", x), call("erf", t), call("lgamma", t), call("digamma", x),
    call("trigamma", t), call("gamma", x), call("log", x), call("sign", X), call("abs", X),
    node("unvec", (symbol("w", "m·n"),), default().operation("unvec"), ("m", "n")), call("lambda_max", call("sym", A)),
    a.mul([a.transpose(call("softmax", x)), call("diagvec", A)]),
    a.mul([call("expm", A), call("Diag", call("sigmoid", x)), a.transpose(X)]),
    call("frob", call("tanh", A), a.had([(B, 1), (C, -1)])),
]  # fmt: skip


def arrays_for(e: Expr) -> dict[str, Any]:
    rng = np.random.default_rng(7)
    out: dict[str, Any] = dict(SIZES)
    for i in symbols(e):
        shape = tuple(int(substitute(d, SIZES)) for d in i.shape)
        array = rng.integers(1, 9, shape) / 8 + (np.eye(*shape) if shape[0] == shape[1] else 0)
        array = np.array(np.pi) if i.name == "π" else array
        out[i.name] = {"scalar": array.reshape(-1)[0], "vector": array.reshape(-1), "matrix": array}[i.data.kind]
    return out


@pytest.mark.parametrize("e", EXPLICIT, ids=str)
def test_values_agree(e: Expr) -> None:
    arrays = arrays_for(e)
    made = to_sympy(e).subs({sized(name): size for name, size in SIZES.items()})
    values: dict[Any, Any] = {}
    for leaf in made.free_symbols:
        name = {"lambda": "λ", "sigma": "σ", "Sigma_xy": "Σ_xy"}.get(leaf.name, leaf.name)
        if isinstance(leaf, MatrixSymbol):
            values[leaf] = sympy.ImmutableMatrix(np.reshape(arrays[name], leaf.shape).tolist())
        elif name in arrays:
            values[leaf] = float(arrays[name])
    made = made.subs(values).doit()
    computed = made.as_explicit() if made.is_Matrix else made
    array = np.array(computed.tolist() if made.is_Matrix else float(computed.evalf()), dtype=complex)
    wanted = np.asarray(e.evaluate(arrays))
    assert np.allclose(array.reshape(wanted.shape), wanted, rtol=1e-9, atol=1e-9)


def test_names_stand_for_subexpressions() -> None:
    total = a.add(A, B)
    e = a.mul([call("tanh", total), a.power(total, a.number(-1))])
    assert latex(e, {total: "Z"}) == r"\tanh_{\odot}\left(Z\right) Z^{-1}"
    assert latex(e, {total: "dX"}) == r"\tanh_{\odot}\left(\mathrm{d}X\right) \mathrm{d}X^{-1}"
    assert latex(e, {e: "G"}) == r"\tanh_{\odot}\left(A + B\right) \left(A + B\right)^{-1}"
    assert to_sympy(e, {total: "Z_1"}).atoms(MatrixSymbol) == {MatrixSymbol("Z_1", sized("n"), sized("n"))}
    assert latex(A, {A: "G"}) == "G"


def test_a_scalar_that_is_a_dimension() -> None:
    e = a.scale(a.had([(symbol("n"), -1)]), a.ones("n", 1))
    assert to_sympy(e).subs(sized("n"), 2).as_explicit() == sympy.Matrix([Rational(1, 2)] * 2)


def test_positive_scalars_are_positive_in_sympy() -> None:
    e = a.symbol("t", SCALAR, "scalar", ["positive"])
    assert sympy.sqrt(to_sympy(e) ** 2) == to_sympy(e)


def test_aligned() -> None:
    lines = [("f", "t", ""), (r"\mathrm{d}f", "u", "product rule; W:XY = WYᵀ:X & 50%"), ("", "v", "⋆, λ")]
    assert aligned(lines) == "\n".join(
        [
            r"\begin{aligned}",
            r"f &= t \\",
            r"\mathrm{d}f &= u && \text{product rule; W:XY = WY$^{\top}$:X $\&$ 50$\%$} \\",
            r"&= v && \text{$\star$, $\lambda$}",
            r"\end{aligned}",
        ]
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("∂f/∂X_1", r"\frac{\partial f}{\partial X_{1}}"),
        ("dy/dt", r"\frac{\mathrm{d}y}{\mathrm{d}t}"),
        ("∂²f/∂x²", r"\frac{\partial^{2}f}{\partial x^{2}}"),
        ("df", r"\mathrm{d}f"),
        ("d²f", r"\mathrm{d}^{2}f"),
        ("∂vec(Y)/∂vec(X)", r"\frac{\partial\operatorname{vec}(Y)}{\partial\operatorname{vec}(X)}"),
        ("∂Y_ij/∂X_kl", r"\frac{\partial Y_{ij}}{\partial X_{kl}}"),
        ("φ'", r"\phi'"),
        ("dλ", r"\mathrm{d}\lambda"),
        ("d", "d"),
        ("delta", r"\delta"),
        ("", ""),
        ("x_1_2", r"x_{1,2}"),
        ("W_λ", r"W_{\lambda}"),
        ("Δt", r"\mathit{\Delta t}"),
    ],
)
def test_labels(text: str, wanted: str) -> None:
    assert name_latex(text) == wanted


def test_text_is_safe() -> None:
    assert text_latex(r"a_b # {x} \ ~ ^") == r"a$\_$b $\#$ $\{$x$\}$ $\backslash$ $\sim$ $\wedge$"
    assert text_latex("d(X.^2) = t^(-1/2) A^k") == r"d(X$^{\odot 2}$) = t$^{-1/2}$ A$^{k}$"
    assert text_latex("X⁻¹ ⊙ yᵢⱼ") == r"X$^{-1}$ $\odot$ y$_{ij}$"
    assert not re.search(r"[^\x00-\x7f]", text_latex("ᵀ⊙⊘⊗⋆·×∂∇λΣ⁻²‖∞≠≤→"))


def nested(levels: int) -> Expr:
    e = A
    for _ in range(levels // 2):
        e = a.power(a.add(e, a.identity("n")), a.number(-1))
    return e


def test_deep_expressions_print_in_one_pass() -> None:
    deep = nested(20_000)
    assert latex(deep).count(r"\left(") == 10_000
    assert to_sympy(nested(DEEPEST - 2)).is_Matrix
    with pytest.raises(MatcalcError, match=f"{DEEPEST} levels"):
        to_sympy(deep)
    assert latex(a.mul([deep, B]), {deep: "Z"}) == "Z B"
    fraction = t
    for _ in range(3_000):
        fraction = a.had([(a.add(a.number(1), a.had([(t, 1), (fraction, 1)])), -1)])
    assert latex(fraction).count(r"}{1 + ") == 3_000


def test_shared_expressions_of_exponential_size_are_refused() -> None:
    e = x
    for _ in range(40):
        e = a.had([(call("tanh", e), 1), (call("sin", e), 1)])
    with pytest.raises(MatcalcError, match=f"{MOST_PIECES:,}"):
        latex(e)
    with pytest.raises(MatcalcError, match=f"{LARGEST:,}"):
        to_sympy(e)


@pytest.mark.parametrize("f", ["tanh", "exp", "log", "abs"])
def test_nested_functions_convert_quickly(f: str) -> None:
    """SymPy's own evaluation of tanh(1 + tanh(1 + …)) takes time exponential in the depth."""
    e = t
    for _ in range(60):
        e = call(f, a.add(e, a.number(1)))
    assert to_sympy(e).has(Symbol("t"))
    assert pairs_match(latex(e))


def test_sympy_prints_what_is_asked_of_it() -> None:
    d = matcalc.differentiate("x' A x/t^2", "x", where="scalar t")
    assert d.latex(printer="sympy") == sympy.latex(d.sympy()) == sympy.latex(to_sympy(d.expression.written))
    assert d.latex(printer="sympy") != d.latex()
    assert d.latex(printer="matcalc") == d.latex()
    with pytest.raises(MatcalcError, match=r"The printer is .*'sympy', not 'mathjax'"):
        d.latex(printer="mathjax")


@pytest.mark.parametrize(
    ("e", "wanted"),
    [
        (a.had([(quadratic(A), 2), (t, 1)]), r"t \left(x^{T} A x\right)^{2}"),
        (a.had([(call("frob", X, Y), 2), (t, 1)]), r"t \left(X : Y\right)^{2}"),
        (a.mul([call("pinv", a.mul([A, C])), x]), r"\left(A C\right)^{+} x"),
        (a.had([(norm_x, -3)]), r"\frac{1}{\left\| x \right\|^{3}}"),
        (a.scale(call("logdet", A), x), r"\log\det\left(A\right) x"),
    ],
)
def test_our_nodes_under_the_printer_of_sympy(e: Expr, wanted: str) -> None:
    assert e.latex(printer="sympy") == wanted


def test_sympy_is_imported_on_demand_only() -> None:
    code = (
        "import sys, matcalc; d = matcalc.differentiate('tr(A B)/t', 'A'); str(d), d.latex(), d.derivation.latex(); "
        "d.form('index').latex(), d.form('tensor').latex(); assert 'sympy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


ANSWERS = [
    ("tr(A B A' C)", "A", r"C^{\top} A B^{\top} + C A B"),
    ("x' A x", "x", r"\left(A + A^{\top}\right) x"),
    ("norm(x)", "x", r"\frac{x}{\left\| x \right\|}"),
    ("logdet(X)", "X", r"X^{-\top}"),
    ("phi(W X)", "W", r"\phi'\left(W X\right) X^{\top}"),
]


@pytest.mark.parametrize(("expression", "variable", "wanted"), ANSWERS)
def test_answers_and_derivations(expression: str, variable: str, wanted: str) -> None:
    d = matcalc.differentiate(expression, variable)
    assert d.latex() == wanted
    block = d.derivation.latex()
    assert block.startswith(r"\begin{aligned}")
    assert wanted in block or expression == "phi(W X)"  # where W X has a name
    assert rf"\frac{{\partial f}}{{\partial {variable}}}" in block
    assert pairs_match(block)
