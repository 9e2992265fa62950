r"""LaTeX, as it is pasted, gives the tree that plain text gives."""

import pytest

import matcalc
from matcalc.language.dialects import is_latex
from matcalc.language.latex_input import parse_latex

from .latex_trees import WORDS, latex, plain

SAME = {
    "transposes": (
        [
            r"A^TB",
            r"A^\top B",
            r"A^{T}B",
            r"A^{\top}B",
            r"A^\intercal B",
            r"A^{\mathrm T} B",
            r"A^\mathrm{T}B",
            r"A^{\mathsf T} B",
            r"A^{\!\top}B",
            r"A'B",
            r"A^\prime B",
            r"A^{\prime} B",
            r"{A}^T B",
            r"\mathbf{A}^\top B",
        ],
        "A' B",
    ),
    "inverse transposes": ([r"A^{-T}", r"A^{-\top}", r"A^{-1\top}", r"A^{-\mathrm{T}}"], "A^-T"),
    "inverses": ([r"A^{-1}", r"\mathbf A^{-1}", r"{A}^{-1}", r"A^{- 1}"], "A^-1"),
    "traces": (
        [
            r"\operatorname{tr}(A B)",
            r"\mathrm{tr}(AB)",
            r"\text{tr}\left(AB\right)",
            r"{\rm tr}(AB)",
            r"tr(AB)",
            r"\mbox{tr} (AB)",
            r"\tr(AB)",
            r"\mathrm{tr} AB",
            r"\operatorname{tr}\{AB\}",
            r"\tr\left[AB\right]",
            r"\tr \big( A B \big)",
            r"tr AB",
            r"trAB",
            r"\tr{AB}",
            r"\mathrm{tr}\,(A\,B)",
        ],
        "tr(A B)",
    ),
    "glued functions": (
        [r"Adiag(x)B", r"A\,diag(x) B", r"A \operatorname{diag}(x)B", r"A\mathrm{diag}(x)B"],
        "A diag(x) B",
    ),
    "log det": (
        [r"\log\left(\det(A)\right)", r"\log(\det A)"],
        "log(det(A))",
    ),
    "the logarithm of a determinant": (
        [r"\log\det A", r"\log \det(A)", r"\log\det{A}", r"\ln\det(A)", r"\mathrm{logdet}(A)"],
        "logdet(A)",
    ),
    "norms": (
        [
            r"\|Ax\|_2^2",
            r"\lVert Ax \rVert_2^2",
            r"||Ax||_2^2",
            r"\Vert Ax\Vert_{2}^{2}",
            r"\left\|Ax\right\|^2_2",
            r"\vert\vert Ax \vert\vert_2^2",
            r"‖Ax‖_2^2",
            r"\left\lVert A x\right\rVert _2 ^2",
            r"\big\|Ax\big\|_2^2",
            r"\left|\left|Ax\right|\right|_2^2",
            r"\parallel Ax \parallel_2^2",
            r"|Ax|_2^2",
        ],
        "‖A x‖_2^2",
    ),
    "other norms": ([r"\|X\|_F", r"\|X\|_{\mathrm{F}}", r"\lVert X\rVert_{F}", r"\|X\|_{\text{fro}}"], "‖X‖_F"),
    "nuclear norms": ([r"\|X\|_*", r"\|X\|_{*}", r"\left\|X\right\|_{\ast}"], "‖X‖_*"),
    "halves": (
        [
            r"\frac{1}{2}x",
            r"\frac12 x",
            r"\tfrac12x",
            r"\dfrac 1 2 x",
            r"{1\over2}x",
            r"\frac{1}2x",
            r"{{1}\over {2}} x",
            r"\frac 12x",
        ],
        "(1/2) x",
    ),
    "fractions group": ([r"\frac{1}{2n} A", r"\frac1{2n}A", r"{1 \over 2n} A"], "(1/(2 n)) A"),
    "brackets": (
        [
            r"(A+B)x",
            r"[A+B]x",
            r"\{A+B\}x",
            r"\left(A+B\right)x",
            r"\bigl[A+B\bigr]x",
            r"\Big\{A+B\Big\} x",
            r"\lbrack A+B\rbrack x",
            r"\left\lbrace A + B\right\rbrace x",
        ],
        "(A + B) x",
    ),
    "Hadamard": ([r"A\circ B", r"A\odot B", r"A ⊙ B", r"A∘B"], "A ⊙ B"),
    "Kronecker": ([r"A\otimes B", r"A⊗B"], "A ⊗ B"),
    "juxtaposition is tighter": ([r"A\circ X^\top X", r"A \odot X^TX"], "A ⊙ (X' X)"),
    "inner products": ([r"\langle A,B\rangle", r"\left\langle A , B \right\rangle", r"\langle A,\,B\rangle"], "<A, B>"),
    "Frobenius products": ([r"A:B", r"A : B", r"\mathbf A:\mathbf B"], "A : B"),
    "fonts over a product": (
        [
            r"\mathbf{A x}",
            r"\boldsymbol{Ax}",
            r"\mathbf{A}\mathbf{x}",
            r"{\bf A}{\bf x}",
            r"\bm{A}\bm x",
            r"\textbf{Ax}",
            r"\mathrm A\,\mathrm x",
            r"\pmb{A}\pmb{x}",
            r"A\vec x",
            r"\mathcal{A}x",
        ],
        "A x",
    ),
    "fonts over marks": ([r"\mathbf{A^Tx}", r"\mathbf{A}^T\mathbf{x}", r"\mathbf{A^T x}"], "A' x"),
    "marks behind fonts": ([r"\mathbf{AX}^T B", r"{AX}^T B"], "A X' B"),
    "accents": ([r"\hat y", r"\hat{y}", r"\widehat{y}", r"\hat{\mathbf y}", r"\mathbf{\hat y}"], "y_hat"),
    "subscripts": (
        [r"K_y", r"K_{y}", r"\mathbf K_y", r"\mathbf{K}_{y}", r"\boldsymbol{K_y}", r"K_{\text{y}}", r"K_\mathrm{y}"],
        "K_y",
    ),
    "Greek": ([r"\Sigma_1", r"\boldsymbol{\Sigma}_1", r"Σ_1", r"\boldsymbol\Sigma_{1}"], "Sigma_1"),
    "names with brackets above": ([r"x^{(1)}"], "x_1"),
    "identities": (
        [r"I_n", r"\mathbf{I}_n", r"\mathbb I_n", r"\mathbb{I}_{n}", r"I_{n\times n}", r"\mathrm{I}_n"],
        "I(n)",
    ),
    "ones": ([r"\mathbf 1_n", r"\mathbf{1}_{n}", r"\mathbb{1}_n", r"1_n"], "1(n)"),
    "exponents": ([r"e^{-x^\top x}", r"e^{-x'x}", r"\mathrm e^{-x^Tx}"], "e^(-x' x)"),
    "roots": ([r"\sqrt{t}", r"\sqrt t", r"√t"], "sqrt(t)"),
    "powers of functions": ([r"\log^2(t)", r"\log^{2}(t)", r"\log(t)^2", r"\left(\log(t)\right)^2"], "log(t)^2"),
    "functions end with the next": ([r"\log x\log y", r"\log x \, \log y", r"\log(x)\log(y)"], "log(x) log(y)"),
    "a function without brackets takes the product": ([r"\log2\pi", r"\log 2 \pi"], "log(2 pi)"),
    "a trace takes all": ([r"\operatorname{tr} X\log X", r"\mathrm{tr}(X\log X)"], "tr(X log(X))"),
    "a trace ends with the next": ([r"\det A\operatorname{tr}B", r"\det(A) \tr(B)"], "det(A) tr(B)"),
    "extremes": ([r"\lambda_{\max}(A)", r"\lambda_\mathrm{max}\left(A\right)"], "lambda_max(A)"),
    "bars": ([r"|A|", r"\left|A\right|", r"\vert A \vert", r"\lvert A\rvert", r"\big|A\big|"], "|A|"),
    "bars in norms": ([r"\|x\| + \|y\|", r"||x||+||y||"], "‖x‖ + ‖y‖"),
    "entries": ([r"(W_1)_{i,j}", r"[W_1]_{ij}", r"\left(W_1\right)_{ij}"], "W_1[i, j]"),
    "of every entry": ([r"\exp_\odot(X)", r"\exp_{\odot}\left(X\right)", r"\exp^{\circ}(X)"], "exp.(X)"),
    "one letter above": ([r"A^nBx", r"A^{n}Bx", r"A^n B x"], "A^n B x"),
    "powers of every entry": ([r"X^{\odot 2}", r"X^{\circ 2}"], "X.^2"),
}
CASES = [(typed, meant) for texts, meant in SAME.values() for typed in texts]


@pytest.mark.parametrize(("typed", "meant"), CASES)
def test_the_same_tree(typed, meant):
    assert latex(typed) == plain(meant)


@pytest.mark.parametrize(
    "wrapped",
    [
        "$A x$",
        "$$A x$$",
        r"\[A x\]",
        r"\(A x\)",
        r"A x.",
        r"A x,",
        r"\ A\,\!x\;",
        r"\begin{equation}A x\end{equation}",
        r"\begin{align*} & A x \\ \end{align*}",
        r"&A x \cr",
        r"A x \tag{3}",
        r"\displaystyle A x",
        r"\left. A x\right|",
        r"\boxed{A x}",
        r"A\;x \label{eq:one}",
        "A\n  x",
        "A x % a remark",
        r"\underbrace{A}_{m\times n} x",
        r"{A x}",
        r"x\in\mathbb{R}^n,\quad A x",
        r"\begin{split} A x \end{split}",
        r"\textcolor{red}{A} x",
    ],
)
def test_wrapping_goes(wrapped):
    assert latex(wrapped) == plain("A x")


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        (r"f(X) = AX", "call:f[X]"),
        (r"f(\mathbf X) := \mathbf{AX}", "call:f[X]"),
        (r"J &= AX", "J"),
        (r"\ell = AX", "l"),
        (r"R_A(x) = AX", "call:R_A[x]"),
        (r"f(X) \triangleq AX", "call:f[X]"),
        (r"\mathcal L(X) \coloneqq AX", "call:L[X]"),
        (r"\log p(y|X, \theta) = AX", ""),
        (r"SSE = AX", ""),
        (r"\cos(v,w) = AX", ""),
        (r"\hat f = AX", "f_hat"),
        (r"AX =?", ""),
        (r"= AX", ""),
    ],
)
def test_labels(typed, label):
    assert latex(typed) in (f"defined[{label}, {plain('A X')}]", plain("A X") if not label or label == "SSE" else "")


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        (r"\frac{\partial}{\partial X} AX", ["X"]),
        (r"\frac{\partial AX}{\partial X}", ["X"]),
        (r"\frac{d}{dX}AX", ["X"]),
        (r"\frac{\mathrm d}{\mathrm{d} X} AX", ["X"]),
        (r"\nabla_X AX", ["X"]),
        (r"\nabla_{X} [AX]", ["X"]),
        (r"\frac{\partial (AX)}{\partial (X)}", ["X"]),
        (r"\partial_X AX", ["X"]),
        (r"{\partial AX \over \partial X}", ["X"]),
        (r"\partial (AX)/\partial X", ["X"]),
        (r"\frac{\partial}{\partial \mathbf{X}}\left\{\mathbf{AX}\right\}", ["X"]),
        (r"\nabla AX", []),
        (r"\frac{\partial^2}{\partial X^2} AX", ["X", "X"]),
        (r"\nabla^2_X AX", ["X", "X"]),
        (r"\frac{\partial^2 AX}{\partial X\partial X^\top}", ["X", "X"]),
        (r"\frac{\partial AX}{\partial X_d}", ["X_d"]),
        (r"\frac{\partial AX}{\partial X} = A", ["X"]),
    ],
)
def test_derivatives_that_are_asked_for(typed, names):
    root = parse_latex(typed, WORDS)
    root = root.args[0] if root.kind == "said" else root
    assert root.kind == "derivative"
    assert [n.text for n in root.args[1:]] == names


@pytest.mark.parametrize(
    ("typed", "evidence"),
    [
        (r"\mathbf{x}^\top A \mathbf{x}", {"x": "vector"}),
        (r"\boldsymbol{\mu}^T\mathbf{B}a", {"μ": "vector", "B": "matrix", "a": "scalar?"}),
        (r"\vec X^T A", {"X": "vector"}),
        (r"x^\top A x", {}),
        (r"{\bf w}^T w", {"w_bold": "vector", "w": "scalar?"}),
    ],
)
def test_typefaces_are_evidence(typed, evidence):
    root = parse_latex(typed, WORDS)
    assert {p.args[0].text: p.text for p in root.args if p.kind == "evidence"} == evidence


@pytest.mark.parametrize(
    ("typed", "at", "words"),
    [
        (r"x \sum_i y_i", r"\sum", "indexed sum"),
        (r"\int x", r"\int", "integral"),
        (r"\min_x \|x\|", r"\min", "objective"),
        (r"\arg\min_x \|x\|", r"\arg", ""),
        (r"A \foo x", r"\foo", "not a command"),
        (r"A + \cdots", r"\cdots", "Dots"),
        (r"x_i\frac{\partial f}{\partial x}", r"\partial", "derivative"),
        (r"X^* A", "^*", "two readings"),
        (r"\|x\|_W", "_W", "subscript"),
        (r"\|X\|_{R^{-1}}", "_{R^{-1}}", "weighted"),
        (r"\sin^{-1}(t)", r"\sin^{-1}", "two"),
        (r"x^10", "^10", "^{10}"),
        (r"(A x", "(", "not closed"),
        (r"A x)", ")", "closes nothing"),
        (r"(A x]", "]", "cannot close"),
        (r"\begin{pmatrix}1\end{pmatrix}", r"\begin", "entries"),
        (r"{a+b}^2", "{a+b}", "( )"),
        (r"alpha x + \beta", "alpha", r"\alpha"),
        (r"cossim(\mathbf{v})", "cossim", "not a known function"),
        (r"\log_2 x", r"\log", "subscript"),
        (r"\|x", r"\|", "not closed"),
        (r"\log x \cdot y", r"\log x", "brackets"),
        (r"A = B \text{ and } C", r"\text{ and }", "one at a time"),
        (r"X^\dagger", r"\dagger", "†"),
        (r"x^TAx = 1", "1", "condition"),
        (r"\left.x\right|_{x=0}", r"|", "value at a point"),
        (r"\frac{\partial f}{\partial x} = Ax", "A", "already"),
        (r"\hat{xy}", r"\hat", "single name"),
        (r"a!", "!", "factorial"),
        (r"\mathbb{E}[x] + \lim x", r"\lim", "limit"),
        (r"A \le B", r"\le", "relation"),
        (r"\input{x}", r"\input", "no file"),
    ],
)
def test_what_is_not_read_is_refused_at_its_place(typed, at, words):
    with pytest.raises(matcalc.MatcalcError) as caught:
        parse_latex(typed, WORDS)
    error = caught.value
    assert error.text == typed
    assert typed.startswith(at.replace("( )", ""), error.start), typed[error.start :]
    assert words.lower() in f"{error.message} {error.hint}".lower() or words == "brackets" and "( )" in error.hint


@pytest.mark.parametrize(
    "text", [r"\frac12 x", "x^TAx", "$A$", r"A \\ B", r"\|x\|", "&= A", r"\{A\}", "(A)_{ij}", "I_{n}"]
)
def test_latex_is_known_by_its_macros(text):
    assert is_latex(text)


@pytest.mark.parametrize(
    "text", ["x' A x", r"A\b", r"A\B", r"X^\top X", r"A^{-1}", "x_{12}", "||x||_2^2", "A^T B", "A | B"]
)
def test_plain_text_is_not_latex(text):
    assert not is_latex(text)


def test_two_typefaces_of_a_letter_are_two_names():
    assert latex(r"\mathcal{K} K + \mathbf{k} k") == plain("K_script K + k_bold k")


def test_a_second_formula_may_define_a_name_of_the_first():
    d = matcalc.differentiate(r"f = \tfrac12 z:z,\quad z = W x", "W")
    assert str(d) == "W x xᵀ"


def test_the_variable_as_latex_writes_it():
    assert str(matcalc.differentiate(r"\frac12\|\mathbf{Ax}-\mathbf b\|_2^2", r"\mathbf{x}")) == "Aᵀ (A x - b)"
    assert str(matcalc.differentiate(r"\operatorname{tr}(\Sigma_q B)", r"\Sigma_q")) == "Bᵀ"


def test_the_question_may_be_asked_twice_but_not_two_questions():
    assert str(matcalc.differentiate(r"\nabla_X \operatorname{tr}(AX)", "X")) == "Aᵀ"
    with pytest.raises(matcalc.MatcalcError, match="asks for a derivative"):
        matcalc.differentiate(r"\nabla_X \operatorname{tr}(AX)", "A")


def test_it_can_be_said_that_a_text_is_latex():
    shapes = {"A": ("n", "n"), "x": ("n",), "t": ()}
    assert str(matcalc.parse("t(Ax)", shapes=shapes, syntax="latex")) == "t A x"
    with pytest.raises(matcalc.MatcalcError):
        matcalc.parse("x", syntax="tex")


def test_in_a_session():
    session = matcalc.Session()
    assert session.run(r"\frac{\partial}{\partial X}\operatorname{tr}\!\left(A\;X\right)").startswith("∂f/∂X = Aᵀ")
    assert session.run(r"f(X) = \operatorname{tr}(AX)").startswith("∂f/∂X = Aᵀ")


def test_a_power_of_t_is_a_transpose_where_no_t_stands_elsewhere():
    d = matcalc.differentiate(r"a^tX^{-t} b + \frac{1}{2}", "X")
    assert str(d).splitlines()[0] == "-X⁻ᵀ b aᵀ X⁻ᵀ"
    assert "read as the transpose" in str(d)
    shapes = {"s": (), "t": ()}
    assert matcalc.parse("s^{t}", shapes=shapes, syntax="latex") is matcalc.parse("s^t", shapes=shapes)
    assert str(matcalc.parse("2^{t} t", syntax="latex")) == str(matcalc.parse("2^t t"))
    with pytest.raises(matcalc.MatcalcError):
        matcalc.parse("A^t B t", syntax="latex")
