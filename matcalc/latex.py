r"""Expressions as SymPy objects and as LaTeX, which SymPy's printer writes.

`to_sympy` makes what one would write by hand with SymPy, in SymPy's order of terms, with nodes of our own where SymPy
has none: `AsScalar`, `ScalarOperation`, `MatrixOperation` and `ConstantMatrix`.  They compute as SymPy's own do: by
``doit()`` and ``as_explicit()``, once explicit matrices have been substituted.

`latex` prints a second form of the same tree that is never evaluated, so that terms and factors stay in the order of
`matcalc.text`, whose levels of precedence decide about brackets here too.

SymPy takes longer to import than everything else together: import this module only on demand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sympy
from sympy import (
    Add,
    Basic,
    DiagMatrix,
    Function,
    HadamardPower,
    HadamardProduct,
    Identity,
    ImmutableMatrix,
    Integer,
    Inverse,
    KroneckerDelta,
    KroneckerProduct,
    MatAdd,
    MatMul,
    MatPow,
    MatrixExpr,
    MatrixSlice,
    MatrixSymbol,
    Mul,
    OneMatrix,
    Pow,
    Rational,
    Symbol,
    Trace,
    Transpose,
    ZeroMatrix,
)  # fmt: skip
from sympy.core.sorting import default_sort_key
from sympy.core.symbol import Str
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.determinant import Determinant
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.matrixbase import MatrixBase
from sympy.printing.latex import LatexPrinter

from .dims import SCALAR, Dim, monomials
from .errors import MatcalcError
from .expr import Expr, is_sum
from .expr import Rational as Number
from .names import canonical
from .text import ATOM, FROBENIUS, GREEK, INFIX, POSTFIX, PRODUCT, SIGN, SUM, Names

DEEPEST = 150  # levels of an expression for SymPy, whose methods recurse
LARGEST = 20_000  # printed size of an expression for SymPy


def to_sympy(e: Expr, names: Names | None = None) -> Any:
    """The expression as a SymPy object: a matrix expression, or of a scalar an ordinary expression.

    Subexpressions in `names` become symbols of those names.
    """
    return Converter(e, names or {}).convert()


def latex(e: Expr, names: Names | None = None) -> str:
    """The expression in LaTeX, its terms and factors in the order of the text.

    Subexpressions in `names` are written by their names.
    """
    display = Display(e, names or {})
    tree = display.convert()
    return str(Printer(display.taken).doprint(tree))


def aligned(lines: Sequence[tuple[str, str, str]]) -> str:
    """An aligned block of ``left = right`` with a reason beside it: both sides are LaTeX, the reason is plain text."""
    rows = []
    for left, right, reason in lines:
        row = f"{left} &= {right}" if left else f"&= {right}"
        rows.append(rf"{row} && \text{{{text_latex(reason)}}}" if reason else row)
    return "\n".join([r"\begin{aligned}", " \\\\\n".join(rows), r"\end{aligned}"])


# --- names and plain text --------------------------------------------------------------------------------------------

SIGNS = {
    "⊙": r"\odot", "∘": r"\circ", "⊘": r"\oslash", "⊗": r"\otimes", "⋆": r"\star", "·": r"\cdot", "×": r"\times",
    "∂": r"\partial", "∇": r"\nabla", "‖": r"\|", "∞": r"\infty", "√": r"\surd", "∑": r"\sum", "½": r"\frac{1}{2}",
    "≠": r"\neq", "≤": r"\leq", "≥": r"\geq", "→": r"\to", "↦": r"\mapsto", "⟨": r"\langle", "⟩": r"\rangle",
    "∈": r"\in", "≈": r"\approx", "𝓣": r"\mathcal{T}", "𝓗": r"\mathcal{H}", "−": "-",
    "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}", "\\": r"\backslash",
    "~": r"\sim", "^": r"\wedge",
}  # fmt: skip
_LETTERS = {letter: "\\" + spelled for letter, spelled in GREEK.items()}
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵏⁿ", "0123456789+-kn", strict=True)) | {"ᵀ": r"\top"}
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789aehijklmnoprstuvx", strict=True))
_WORD = re.compile(rf"[^\W\d_{''.join(_RAISED)}][^\W{''.join(_RAISED)}]*")
_DIFFERENTIAL = re.compile(rf"(d+)([A-Z{''.join(GREEK)}]\w*|[a-z](?:\d|_|$)\w*)$")
_SCRIPTS = rf"([{''.join(_RAISED)}]+)|([{''.join(_LOWERED)}]+)"
_TEXT_PIECES = re.compile(rf"{_SCRIPTS}|(\.)?\^(-?\w+|\([^()]*\))|(.)", re.DOTALL)
_PIECES = re.compile(rf"({_WORD.pattern})|{_SCRIPTS}|(.)", re.DOTALL)


def name_latex(name: str) -> str:
    r"""A name, or what stands on the left of a derivation's line, in LaTeX.

    >>> for name in ("x_1", "lambda", "dX", "y_hat", "φ'", "∂f/∂X", "H⁻¹", "loss"):
    ...     print(name_latex(name))
    x_{1}
    \lambda
    \mathrm{d}X
    y_{hat}
    \phi'
    \frac{\partial f}{\partial X}
    H^{-1}
    \mathit{loss}
    """
    over, slash, under = name.partition("/")
    if slash and over and under:
        return rf"\frac{{{name_latex(over)}}}{{{name_latex(under)}}}"
    out = ""
    for found in _PIECES.finditer(name):
        word, raised, lowered, other = found.groups()
        behind = name[found.end() : found.end() + 1]
        if word == "d" and behind:
            piece = r"\mathrm{d}"
        elif word:
            piece = _function_latex(word) if behind == "(" else _word_latex(word)
        elif raised or lowered:
            out += _script(raised, lowered)
            continue
        else:
            piece = SIGNS.get(other, other)
        spaced = re.search(r"\\[A-Za-z]+$", out) and piece[:1].isalpha()
        out += (" " if spaced else "") + piece
    return out


def _word_latex(word: str) -> str:
    """One identifier: a Greek letter by its command, digits at the end and what follows ``_`` as subscripts."""
    found = _DIFFERENTIAL.match(word)
    if found:
        order = f"^{{{len(found[1])}}}" if len(found[1]) > 1 else ""
        return rf"\mathrm{{d}}{order}{_word_latex(found[2])}"
    stem, *subscripts = canonical(word).split("_")
    letters = stem.rstrip("0123456789")
    if letters and letters != stem:
        subscripts.insert(0, stem[len(letters) :])
        stem = letters
    base = _LETTERS.get(stem, stem) if len(stem) == 1 else rf"\mathit{{{_spelled_out(stem)}}}"
    under = " ".join(_LETTERS.get(s, s) for s in (canonical(s) for s in subscripts) if s)
    return f"{base}_{{{under}}}" if under else base


def _script(raised: str, lowered: str) -> str:
    """A run of Unicode superscripts or subscripts."""
    if raised:
        return f"^{{{''.join(_RAISED[c] for c in raised)}}}"
    return f"_{{{''.join(_LOWERED[c] for c in lowered)}}}"


def _function_latex(name: str) -> str:
    """The name of a function or operator: a letter as it is, a word upright."""
    word = name.rstrip("'")
    letters = canonical(word).partition("_")[0].rstrip("0123456789")
    known = _word_latex(word) if len(letters) == 1 else rf"\operatorname{{{_spelled_out(word)}}}"
    return known + name[len(word) :]


def _spelled_out(word: str) -> str:
    """The letters of a word, in math mode."""
    return "".join(_LETTERS[c] + " " if c in _LETTERS else SIGNS.get(c, c) for c in word).strip()


def text_latex(text: str) -> str:
    r"""Plain text, such as the name of a rule, for the inside of ``\text{…}``: signs and powers between dollars.

    >>> print(text_latex("W : X Y = W Yᵀ : X; d(X.^2); λ & 50%"))
    W : X Y = W Y$^{\top}$ : X; d(X$^{\odot 2}$); $\lambda$ $\&$ 50$\%$
    """
    return _TEXT_PIECES.sub(_piece_in_text, text)


def _piece_in_text(found: re.Match[str]) -> str:
    raised, lowered, dotted, exponent, other = found.groups()
    if exponent:
        mark = r"\odot " if dotted else ""
        tex = f"^{{{mark}{''.join(SIGNS.get(c, c) for c in exponent.strip('()'))}}}"
    elif raised or lowered:
        tex = _script(raised or "", lowered or "")
    else:
        tex = SIGNS.get(other) or _LETTERS.get(other, "")
    return f"${tex}$" if tex else other


# --- nodes that SymPy has not ----------------------------------------------------------------------------------------


def as_scalar(matrix: Any) -> Any:
    """A 1×1 matrix expression as a SymPy scalar, which can be a coefficient."""
    return AsScalar(matrix)


def _explicit(x: Any) -> Any:
    """An operand with its entries, where they are all known, else the operand."""
    if isinstance(x, MatrixBase) or not x.is_Matrix or x.atoms(MatrixSymbol):
        return x
    return x.as_explicit() if all(sympy.sympify(d).is_Integer for d in x.shape) else x


def _called(name: str, operands: Iterable[Any]) -> Any:
    """An operator's value of explicit operands, else None."""
    values = [_explicit(x.doit()) for x in operands]
    known = all(isinstance(x, MatrixBase) or not x.is_Matrix for x in values)
    return MEANING[name](*values) if known and name in MEANING else None


class AsScalar(sympy.Expr):  # type: ignore[misc]
    """The entry of a 1×1 matrix expression such as xᵀ A x, as a number."""

    is_commutative = True

    def __new__(cls, matrix: Any) -> Any:
        """The scalar of a matrix."""
        return sympy.Expr.__new__(cls, sympy.sympify(matrix))

    def doit(self, **hints: Any) -> Any:
        """The entry, where the matrix is explicit."""
        inner = _explicit(self.args[0].doit(**hints))
        return inner[0, 0] if isinstance(inner, MatrixBase) else AsScalar(inner)

    def _latex(self, printer: Any) -> str:
        return str(printer._print(self.args[0]))

    def _sympystr(self, printer: Any) -> str:
        return f"({printer._print(self.args[0])})"


class ScalarOperation(sympy.Expr):  # type: ignore[misc]
    """A scalar-valued operator that SymPy has not: its name and its operands."""

    is_commutative = True

    def __new__(cls, name: Any, *operands: Any) -> Any:
        """An operator's application."""
        return sympy.Expr.__new__(cls, name if isinstance(name, Str) else Str(name), *map(sympy.sympify, operands))

    @property
    def name(self) -> str:
        """The operator's name in the rule files, or a function's name with its primes."""
        return str(self.args[0].name)

    @property
    def operands(self) -> tuple[Any, ...]:
        """What the operator is applied to."""
        return tuple(self.args[1:])

    def doit(self, **hints: Any) -> Any:
        """The value, where all operands are explicit."""
        value = _called(self.name, self.operands)
        return self if value is None else value

    def _latex(self, printer: Any) -> str:
        return _operation_latex(printer, self.name, self.operands)

    def _sympystr(self, printer: Any) -> str:
        return f"{self.name}({', '.join(map(printer._print, self.operands))})"


class MatrixOperation(MatrixExpr):  # type: ignore[misc]
    """A matrix-valued operator that SymPy has not: its name, its shape and its operands."""

    def __new__(cls, name: Any, rows: Any, columns: Any, *operands: Any) -> Any:
        """An operator's application, of a shape."""
        return MatrixExpr.__new__(cls, name if isinstance(name, Str) else Str(name), rows, columns, *operands)

    @property
    def name(self) -> str:
        """The operator's name in the rule files, or a function's name with its primes."""
        return str(self.args[0].name)

    @property
    def shape(self) -> tuple[Any, Any]:
        """Rows and columns."""
        return self.args[1], self.args[2]

    @property
    def operands(self) -> tuple[Any, ...]:
        """What the operator is applied to."""
        return tuple(self.args[3:])

    def doit(self, **hints: Any) -> Any:
        """The value, where all operands are explicit."""
        value = _called(self.name, self.operands)
        if value is None:
            return self
        rows, columns = self.shape
        if self.name == "unvec":
            return ImmutableMatrix(columns, rows, list(value)).T
        return ImmutableMatrix(rows, columns, list(value))

    def _entry(self, i: Any, j: Any, **hints: Any) -> Any:
        value = self.doit()
        return MatrixElement(self, i, j) if value is self else value[i, j]

    def _latex(self, printer: Any) -> str:
        return _operation_latex(printer, self.name, self.operands)

    def _sympystr(self, printer: Any) -> str:
        return f"{self.name}({', '.join(map(printer._print, self.operands))})"


class ConstantMatrix(MatrixOperation):
    """A constant matrix: a unit vector e_i, a single-entry matrix E_ij or a commutation matrix K(m, n)."""

    def doit(self, **hints: Any) -> Any:
        """Itself: `as_explicit` gives the entries."""
        return self

    def _entry(self, i: Any, j: Any, **hints: Any) -> Any:
        if self.name == "commutation":
            m, n = self.operands
            return KroneckerDelta(j, sympy.Mod(i, n) * m + sympy.floor(i / n))
        places = zip((i, j), self.operands, strict=False)
        return Mul(*[KroneckerDelta(have, wanted - 1) for have, wanted in places])

    def _latex(self, printer: Any) -> str:
        letter, comma = {"unit": ("e", ""), "entry": ("E", " "), "commutation": ("K", ", ")}[self.name]
        return f"{letter}_{{{comma.join(map(printer._print, self.operands))}}}"


def _unevaluated(f: Any) -> Callable[[Any], Any]:
    """A function that SymPy keeps as it is: to evaluate nested ones takes it time exponential in their depth."""
    return lambda t: f(t, evaluate=False)


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    name: _unevaluated(f)
    for name, f in {
        "exp": sympy.exp, "log": sympy.log, "sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan, "asin": sympy.asin,
        "acos": sympy.acos, "atan": sympy.atan, "sinh": sympy.sinh, "cosh": sympy.cosh, "tanh": sympy.tanh,
        "abs": sympy.Abs, "sign": sympy.sign, "step": sympy.Heaviside, "erf": sympy.erf, "gamma": sympy.gamma,
        "lgamma": sympy.loggamma,
    }.items()
} | {
    "sigmoid": lambda t: 1 / (1 + sympy.exp(-t, evaluate=False)),
    "softplus": lambda t: sympy.log(1 + sympy.exp(t, evaluate=False), evaluate=False),
    "relu": lambda t: sympy.Max(t, 0, evaluate=False),
    "digamma": lambda t: sympy.polygamma(0, t, evaluate=False),
    "trigamma": lambda t: sympy.polygamma(1, t, evaluate=False),
}  # fmt: skip
SAME = {"tr": Trace, "det": Determinant, "kron": KroneckerProduct}
POWERS = {"sqrt": Rational(1, 2), "recip": Rational(-1), "square": Rational(2)}
_ENTRY = sympy.Dummy("t")  # one for all: SymPy compares the bound variables of elementwise functions by identity


def _total(a: Any) -> Any:
    return Add(*a)


def _running(a: Any) -> list[Any]:
    return [Add(*a[: i + 1]) for i in range(len(a))]


def _softmax(a: Any) -> Any:
    weights = a.applyfunc(sympy.exp)
    return weights / _total(weights)


def _norm(a: Any) -> Any:
    return sympy.sqrt(Add(*[sympy.Abs(t) ** 2 for t in a]))


MEANING: dict[str, Callable[..., Any]] = {
    "frob": lambda a, b: _total(a.multiply_elementwise(b)),
    "sum": _total,
    "mean": lambda a: _total(a) / (a.rows * a.cols),
    "logdet": lambda a: sympy.log(sympy.Abs(a.det())),
    "logsumexp": lambda a: sympy.log(_total(a.applyfunc(sympy.exp))),
    "norm_F": _norm,
    "norm": _norm,
    "norm_1": lambda a: Add(*map(sympy.Abs, a)),
    "norm_inf": lambda a: sympy.Max(*map(sympy.Abs, a)),
    "norm_2": lambda a: sympy.Max(*a.singular_values()),
    "norm_nuc": lambda a: _total(a.singular_values()),
    "lambda_max": lambda a: sympy.Max(*a.eigenvals()),
    "lambda_min": lambda a: sympy.Min(*a.eigenvals()),
    "diagvec": lambda a: a.diagonal(),
    "vec": lambda a: a.vec(),
    "unvec": lambda a: a,
    "tril": lambda a: a.lower_triangular(),
    "triu": lambda a: a.upper_triangular(),
    "cumsum": _running,
    "revcumsum": lambda a: _running(a[::-1])[::-1],
    "softmax": _softmax,
    "adj": lambda a: a.adjugate(),
    "cof": lambda a: a.cofactor_matrix(),
    "pinv": lambda a: a.pinv(),
    "chol": lambda a: a.cholesky(hermitian=False),
    "expm": lambda a: a.exp(),
    "logm": lambda a: a.log(),
    "sqrtm": lambda a: a ** Rational(1, 2),
}


# --- conversion ------------------------------------------------------------------------------------------------------


def _visible(root: Expr, names: Names) -> list[Expr]:
    """What is printed, arguments before what they are arguments of; nothing below a name.

    Refuses an expression that SymPy, whose methods recurse, could not take.
    """
    order: list[Expr] = []
    measure: dict[Expr, tuple[int, int]] = {}  # depth and printed size
    todo = [(root, False)]
    while todo:
        e, ready = todo.pop()
        if e in measure:
            continue
        args = () if e in names and (e is not root or not e.args) else e.args
        if args and not ready:
            todo.append((e, True))
            todo.extend((a, False) for a in reversed(args))
            continue
        depth = 1 + max((measure[a][0] for a in args), default=0)
        size = 1 + sum(measure[a][1] for a in args)
        if depth > DEEPEST or size > LARGEST:
            beyond = f"deeper than {DEEPEST} levels" if depth > DEEPEST else f"larger than {LARGEST:,} signs"
            raise MatcalcError(
                f"The expression is {beyond}, which is the limit of LaTeX and SymPy output.",
                hint="Print it as text, with str(…) or .ascii(), which has no limit.",
            )
        measure[e] = (depth, size)
        order.append(e)
    return order


class Converter:
    """Makes the SymPy objects of an expression, as one would write them by hand with SymPy."""

    evaluate = True  # of scalars, in SymPy's way; matrix expressions are never evaluated

    def __init__(self, root: Expr, names: Names) -> None:
        self.root, self.names = root, names
        self.made: dict[Expr, Any] = {}
        self.sizes: set[str] = set()

    def convert(self) -> Any:
        """The SymPy object."""
        order = _visible(self.root, self.names)
        self.sizes = {name for e in order for d in e.shape for names, _ in monomials(d) for name in names}
        for e in order:
            named = self.names.get(e) if e is not self.root or e.head == "symbol" else None
            if named is not None:
                self.made[e] = self.variable(named, e)
                continue
            make = getattr(self, f"make_{e.head}", None)
            self.made[e] = make(e) if make else self.operator(e)
        return self.made[self.root]

    def args(self, e: Expr) -> list[Any]:
        """The SymPy objects of the arguments."""
        return [self.made[a] for a in e.args]

    # --- leaves ------------------------------------------------------------------------------------------------------

    def size(self, d: Dim) -> Any:
        """A dimension."""
        terms = [Mul(c, *[Symbol(n, integer=True, positive=True) for n in names]) for names, c in monomials(d)]
        return Add(*terms)

    def shape(self, e: Expr) -> tuple[Any, Any]:
        """The shape in SymPy."""
        return self.size(e.shape[0]), self.size(e.shape[1])

    def place(self, i: int | str) -> Any:
        """An index, counted from 1."""
        return Integer(i) if isinstance(i, int) else Symbol(i, integer=True, positive=True)

    def spelled(self, name: str) -> str:
        """A name as it is typed in SymPy: ``lambda_1``."""
        letter, rest = name[0], name[1:]
        return GREEK[letter] + rest if letter in GREEK and (not rest or not rest[0].isalpha()) else name

    def variable(self, name: str, e: Expr) -> Any:
        """The symbol for a variable or a named subexpression."""
        if e.shape != SCALAR:
            return MatrixSymbol(self.spelled(name), *self.shape(e))
        if name in self.sizes:
            return self.size(name)
        properties = e.data.properties if e.head == "symbol" else frozenset()
        known = {p: True for p in ("positive", "nonnegative", "integer") if p in properties}
        return Symbol(self.spelled(name), **known)

    def make_symbol(self, e: Expr) -> Any:
        """A variable, or π."""
        return sympy.pi if e.name == "π" else self.variable(e.name, e)

    def make_zero(self, e: Expr) -> Any:
        """Zero."""
        return Integer(0) if e.shape == SCALAR else ZeroMatrix(*self.shape(e))

    def make_ones(self, e: Expr) -> Any:
        """The number 1, or a matrix of ones."""
        return Integer(1) if e.shape == SCALAR else OneMatrix(*self.shape(e))

    def make_identity(self, e: Expr) -> Any:
        """The identity."""
        return Identity(self.size(e.shape[0]))

    def make_unit(self, e: Expr) -> Any:
        """A unit vector."""
        return ConstantMatrix("unit", *self.shape(e), *map(self.place, e.data))

    def make_entry(self, e: Expr) -> Any:
        """A single-entry matrix."""
        return ConstantMatrix("entry", *self.shape(e), *map(self.place, e.data))

    def make_commutation(self, e: Expr) -> Any:
        """A commutation matrix."""
        return ConstantMatrix("commutation", *self.shape(e), *map(self.size, e.data))

    # --- sums and products -------------------------------------------------------------------------------------------

    def make_add(self, e: Expr) -> Any:
        """A sum, or a rational multiple, which SymPy spreads over the terms of a sum."""
        c, x = e.data[0], e.args[0]
        if len(e.args) > 1:
            return self.sum(self.terms(e))
        if is_sum(x) and x not in self.names:
            return self.sum([(c * d, t) for d, t in self.terms(x)])
        return self.times([_number(c), self.made[x]])

    def terms(self, e: Expr) -> list[tuple[Number, Any]]:
        """The terms of a sum, with their coefficients."""
        return [(c, self.made[x]) for c, x in zip(e.data, e.args, strict=True)]

    def sum(self, terms: list[tuple[Number, Any]]) -> Any:
        """A sum of multiples: of matrices in the order that SymPy gives it."""
        made = [self.times([_number(c), x]) for c, x in terms]
        return _made(MatAdd, *sorted(made, key=default_sort_key)) if made[0].is_Matrix else Add(*made)

    def times(self, factors: Iterable[Any]) -> Any:
        """A product of scalars, with at most one matrix."""
        scalars: list[Any] = []
        matrices: list[Any] = []
        for x in factors:
            for y in x.args if isinstance(x, Mul) and (x.is_Matrix or not self.evaluate) else (x,):
                if y.is_Matrix:
                    matrices.append(y)
                else:
                    scalars.extend(y.args if isinstance(y, Mul) and not self.evaluate else [y])
        scalars = [s for s in scalars if s != 1]
        coefficient = self.product(scalars)
        if not matrices:
            return coefficient
        return _made(MatMul, coefficient, *matrices) if scalars else _chain(matrices)

    def product(self, scalars: list[Any]) -> Any:
        """A product of scalars."""
        return Mul(*scalars)

    def make_scale(self, e: Expr) -> Any:
        """A scalar times a matrix."""
        return self.times(self.args(e))

    def make_mul(self, e: Expr) -> Any:
        """A product of matrices; of shape 1×1 it is a scalar."""
        matrices = [y for x in self.args(e) for y in (x.args if isinstance(x, MatMul) else (x,))]
        made = _chain(matrices) if all(y.is_Matrix for y in matrices) else self.times(matrices)
        return as_scalar(made) if e.shape == SCALAR else made

    def make_had(self, e: Expr) -> Any:
        """A Hadamard product of powers; of scalars, a monomial."""
        factors = list(zip(self.args(e), e.data, strict=True))
        if e.shape == SCALAR:
            return self.times([self.power(b, _number(p)) for b, p in factors])
        made = [self.dotpower(b, _number(p)) for b, p in factors]
        return made[0] if len(made) == 1 else self.hadamard(made)

    def hadamard(self, factors: list[Any]) -> Any:
        """A Hadamard product, in the order that SymPy gives it."""
        return _made(HadamardProduct, *sorted(factors, key=default_sort_key))

    def power(self, base: Any, exponent: Any) -> Any:
        """A scalar's power."""
        return Pow(base, exponent)

    def dotpower(self, base: Any, exponent: Any) -> Any:
        """A power entry by entry."""
        return base if exponent == 1 else _made(HadamardPower, base, exponent)

    def make_transpose(self, e: Expr) -> Any:
        """A transpose; that of an inverse as SymPy writes it."""
        (x,) = self.args(e)
        return _made(Inverse, _made(Transpose, x.arg), Integer(-1)) if isinstance(x, Inverse) else _made(Transpose, x)

    def make_power(self, e: Expr) -> Any:
        """A matrix power, or an inverse."""
        base, exponent = self.args(e)
        return _made(Inverse, base, Integer(-1)) if exponent == -1 else _made(MatPow, base, exponent)

    def make_dotpower(self, e: Expr) -> Any:
        """An elementwise power, or that of a scalar, with an exponent that is no number."""
        base, exponent = self.args(e)
        return self.power(base, exponent) if e.shape == SCALAR else self.dotpower(base, exponent)

    def make_index(self, e: Expr) -> Any:
        """An entry, a row or a column."""
        (x,) = self.args(e)
        row, column = e.data
        m, n = self.shape(e.args[0])
        rows = (0, m, 1) if row is None else (self.place(row) - 1, self.place(row), 1)
        columns = (0, n, 1) if column is None else (self.place(column) - 1, self.place(column), 1)
        return MatrixElement(x, rows[0], columns[0]) if e.shape == SCALAR else MatrixSlice(x, rows, columns)

    # --- functions ---------------------------------------------------------------------------------------------------

    def make_call(self, e: Expr) -> Any:
        """An unspecified function's value."""
        f = e.data
        name = self.spelled(f.name) + "'" * f.order
        if e.shape == SCALAR:
            return Function(name)(*self.args(e))
        if f.elementwise:
            return self.entrywise(Function(name), self.args(e)[0])
        return MatrixOperation(name, *self.shape(e), *self.args(e))

    def entrywise(self, f: Any, x: Any) -> Any:
        """A function of every entry."""
        return ElementwiseApplyFunction(sympy.Lambda(_ENTRY, f(_ENTRY)), x)

    def operator(self, e: Expr) -> Any:
        """An operator of the rule files: SymPy's own where it has it."""
        args = self.args(e)
        x = args[0]
        if e.head in POWERS:
            return (self.power if e.shape == SCALAR else self.dotpower)(x, POWERS[e.head])
        if e.head in FUNCTIONS:
            f = FUNCTIONS[e.head]
            return f(x) if e.shape == SCALAR else self.entrywise(f, x)
        if e.head == "Diag":
            return DiagMatrix(x)
        if e.head in SAME:
            return _made(SAME[e.head], *args)
        return self.operation(e)

    def operation(self, e: Expr) -> Any:
        """An operator as a node of our own; the Frobenius norm of a vector is its Euclidean norm."""
        if e.shape == SCALAR:
            name = "norm" if e.head == "norm_F" and e.args[0].shape[1] == 1 else e.head
            return ScalarOperation(name, *self.args(e))
        return MatrixOperation(e.head, *self.shape(e), *self.args(e))


def _made(kind: Any, *args: Any) -> Any:
    """A SymPy matrix expression without SymPy's check of shapes, whose time is exponential in the depth."""
    return Basic.__new__(kind, *args)


def _number(c: Number) -> Any:
    return Rational(c.numerator, c.denominator)


def _chain(matrices: Sequence[Any]) -> Any:
    return matrices[0] if len(matrices) == 1 else _made(MatMul, *matrices)


class Display(Converter):
    """Makes the SymPy objects that are printed: nothing evaluated, in the order of the text."""

    evaluate = False

    def __init__(self, root: Expr, names: Names) -> None:
        super().__init__(root, names)
        self.taken: set[str] = set()

    def spelled(self, name: str) -> str:
        """A name as it is, noted for the printer."""
        self.taken.add(name)
        return name

    def make_add(self, e: Expr) -> Any:
        """A sum; a negative multiple of a difference is the difference turned round."""
        c, x = e.data[0], e.args[0]
        if len(e.args) > 1:
            return self.sum(self.terms(e))
        if c < 0 and is_sum(x) and x not in self.names and any(d < 0 for d in x.data):
            return self.times([_number(-c), self.sum([(-d, t) for d, t in self.terms(x)])])
        return self.times([_number(c), self.made[x]])

    def sum(self, terms: list[tuple[Number, Any]]) -> Any:
        """A sum as it is ordered, that begins with a positive term where it has one."""
        if terms[0][0] < 0:
            terms = [t for t in terms if t[0] > 0] + [t for t in terms if t[0] < 0]
        made = [self.times([_number(c), x]) for c, x in terms]
        return _made(MatAdd, *made) if made[0].is_Matrix else Add(*made, evaluate=False)

    def product(self, scalars: list[Any]) -> Any:
        """A product of scalars as it is ordered."""
        return scalars[0] if len(scalars) == 1 else Mul(*scalars, evaluate=False)

    def hadamard(self, factors: list[Any]) -> Any:
        """A Hadamard product as it is ordered, with what it is divided by at the end."""
        below = [x for x in factors if _divides(x)]
        return _made(HadamardProduct, *[x for x in factors if not _divides(x)], *below)

    def power(self, base: Any, exponent: Any) -> Any:
        """A scalar's power."""
        return base if exponent == 1 else Pow(base, exponent, evaluate=False)

    def make_transpose(self, e: Expr) -> Any:
        """A transpose."""
        return _made(Transpose, *self.args(e))

    def make_call(self, e: Expr) -> Any:
        """An unspecified function's value."""
        name = self.spelled(e.data.name) + "'" * e.data.order
        if e.shape == SCALAR:
            return ScalarOperation(name, *self.args(e))
        return MatrixOperation(name, *self.shape(e), *self.args(e))

    def operator(self, e: Expr) -> Any:
        """An operator, which prints by its notation."""
        return super().operator(e) if e.head in POWERS or e.head == "kron" else self.operation(e)


# --- printing --------------------------------------------------------------------------------------------------------

NOTATION = {
    "log": r"\log", "exp": r"\exp", "sin": r"\sin", "cos": r"\cos", "tan": r"\tan", "asin": r"\arcsin",
    "acos": r"\arccos", "atan": r"\arctan", "sinh": r"\sinh", "cosh": r"\cosh", "tanh": r"\tanh", "det": r"\det",
    "logdet": r"\log\det", "lgamma": r"\log\Gamma", "sigmoid": r"\sigma", "gamma": r"\Gamma", "digamma": r"\psi",
    "trigamma": r"\psi_{1}", "lambda_max": r"\lambda_{\max}", "lambda_min": r"\lambda_{\min}",
    "Diag": r"\operatorname{diag}", "diagvec": r"\operatorname{diag}",
}  # fmt: skip
NORMS = {"norm": "", "norm_F": "_{F}", "norm_2": "_{2}", "norm_1": "_{1}", "norm_inf": r"_{\infty}", "norm_nuc": "_{*}"}
SHADOWED = {"sigmoid": "σ", "gamma": "Γ", "digamma": "ψ", "trigamma": "ψ", "lgamma": "Γ"}  # where a name has the letter


def _operation_latex(printer: Any, name: str, operands: Sequence[Any]) -> str:
    """An operator or a function applied to its operands, in the notation that it has."""
    x = operands[0]
    if name == "frob":
        return " : ".join(_bracketed(printer, y, SIGN) for y in operands)
    if name in NORMS:
        return rf"\left\| {printer._print(x)} \right\|{NORMS[name]}"
    if name == "abs":
        return rf"\left|{printer._print(x)}\right|"
    if name == "pinv":
        return f"{_bracketed(printer, x, ATOM)}^{{+}}"
    inside = ", ".join([str(printer._print(y)) for y in operands])
    if name == "logdet" and isinstance(x, MatrixSymbol):
        return rf"\log\det {inside}"
    taken = SHADOWED.get(name) in getattr(printer, "taken", ())
    known = rf"\operatorname{{{name}}}" if taken else NOTATION.get(name) or _function_latex(name)
    return rf"{known}\left({inside}\right)"


def _divides(x: Any) -> bool:
    """Whether a factor is written below: a power with a negative number for an exponent."""
    return isinstance(x, Pow | HadamardPower) and bool(x.exp.is_Rational and x.exp.is_negative)


class _Parts:
    """A term taken apart: a rational coefficient, scalars above and below, matrices."""

    def __init__(self, x: Any) -> None:
        self.coefficient: Any = Integer(1)
        self.above: list[Any] = []
        self.below: list[Any] = []
        self.matrices: list[Any] = []
        for y in x.args if isinstance(x, Mul) else (x,):
            inner = y.args if isinstance(y, Mul) and not y.is_Matrix else (y,)
            for z in inner:
                self._put(z)

    def _put(self, z: Any) -> None:
        if z.is_Rational:
            self.coefficient *= z
        elif z.is_Matrix:
            self.matrices.append(z)
        elif _divides(z):
            self.below.append(z.base if z.exp == -1 else Pow(z.base, -z.exp, evaluate=False))
        else:
            self.above.append(z)

    @property
    def negative(self) -> bool:
        """Whether there is a minus in front."""
        return bool(self.coefficient < 0)

    @property
    def level(self) -> int:
        """The level of what is behind the sign."""
        if len(self.matrices) == 1 and isinstance(self.matrices[0], HadamardProduct | KroneckerProduct):
            return INFIX
        if self.below or abs(self.coefficient) != 1 or len(self.above) + len(self.matrices) != 1:
            return PRODUCT
        return _level((self.above or self.matrices)[0])


def _level(x: Any) -> int:
    """The level of precedence at which an object prints."""
    if isinstance(x, AsScalar):
        return _level(x.args[0])
    if isinstance(x, Add):
        return SUM
    if isinstance(x, Mul):
        parts = _Parts(x)
        return SIGN if parts.negative else parts.level
    if isinstance(x, sympy.Number):
        return SIGN if x.is_negative else ATOM if x.is_Integer else PRODUCT
    if isinstance(x, Pow):
        return PRODUCT if _divides(x) else ATOM if x.exp == Rational(1, 2) else POSTFIX
    if isinstance(x, HadamardProduct | KroneckerProduct):
        return INFIX
    if isinstance(x, ScalarOperation | MatrixOperation):
        return {"frob": FROBENIUS, "logdet": PRODUCT, "lgamma": PRODUCT, "pinv": POSTFIX}.get(x.name, ATOM)
    row_of_ones = isinstance(x, OneMatrix) and x.shape[0] == 1
    if row_of_ones or isinstance(x, Transpose | MatPow | HadamardPower | MatrixElement | MatrixSlice):
        return POSTFIX
    if isinstance(x, Symbol | MatrixSymbol):
        return POSTFIX if "^" in name_latex(x.name) else ATOM
    return ATOM


def _bracketed(printer: Any, x: Any, needed: int) -> str:
    """An object printed, in brackets where it stands below the level that its place needs."""
    tex = str(printer._print(x))
    return tex if _level(x) >= needed else rf"\left({tex}\right)"


def _joined(pieces: Sequence[str]) -> str:
    """A product by juxtaposition, with a dot before a number."""
    return "".join((r" \cdot " if p[0].isdigit() else " ") + p if i else p for i, p in enumerate(pieces))


def _exponent(x: Any) -> str:
    return f"{x.p}/{x.q}" if x.is_Rational and not x.is_Integer else ""


class Printer(LatexPrinter):  # type: ignore[misc]
    """SymPy's LaTeX printer with the conventions of matrix calculus; `taken` are the names that occur."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        super().__init__({"order": "none"})
        self.taken = frozenset(taken)
        self._done: dict[int, str] = {}  # by identity: SymPy would hash whole trees

    def doprint(self, expr: Any) -> str:
        """The LaTeX of an object, printed from the leaves up so that depth costs no recursion."""
        self._done = {}
        todo = [(expr, False)]
        while todo:
            x, ready = todo.pop()
            if id(x) in self._done or isinstance(x, Str):
                continue
            if x.args and not ready and not isinstance(x, Symbol | MatrixSymbol):
                todo.append((x, True))
                todo.extend((y, False) for y in x.args)
            else:
                self._done[id(x)] = str(self._print(x))
        return self._done[id(expr)]

    def _print(self, expr: Any, **options: Any) -> str:
        known = self._done.get(id(expr))
        return str(super()._print(expr, **options)) if known is None else known

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        return name_latex(expr.name)

    def _print_MatrixSymbol(self, expr: Any) -> str:
        return name_latex(expr.name)

    def _print_Identity(self, expr: Any) -> str:
        return "I"

    def _print_OneMatrix(self, expr: Any) -> str:
        return r"\mathbf{1}^{\top}" if expr.shape[0] == 1 else r"\mathbf{1}"

    def _print_ZeroMatrix(self, expr: Any) -> str:
        return "0"

    def _print_Rational(self, expr: Any) -> str:
        return str(expr.p) if expr.q == 1 else rf"{'-' if expr.p < 0 else ''}\frac{{{abs(expr.p)}}}{{{expr.q}}}"

    def _print_Add(self, expr: Any, order: Any = None) -> str:
        out = ""
        for x in expr.args:
            parts = _Parts(x)
            tex = self.term(x, parts)
            out += ("-" if parts.negative else "") if not out else " - " if parts.negative else " + "
            out += tex if parts.level >= INFIX else rf"\left({tex}\right)"
        return out

    _print_MatAdd = _print_Add

    def _print_Mul(self, expr: Any) -> str:
        parts = _Parts(expr)
        tex = self.term(expr, parts)
        if not parts.negative:
            return tex
        return f"-{tex}" if parts.level >= INFIX else rf"-\left({tex}\right)"

    _print_MatMul = _print_Mul

    def term(self, x: Any, parts: _Parts) -> str:
        """A term without its sign: the number, the scalars and the matrices, over what divides."""
        if not isinstance(x, Mul | Pow | sympy.Rational):
            return str(self._print(x))
        if not parts.below and isinstance(x, Pow):
            return self.raised(x)
        top, bottom = abs(parts.coefficient.p), parts.coefficient.q
        above, matrices = parts.above, parts.matrices
        if top == bottom == 1 and not parts.below and len(above) + len(matrices) == 1:
            return str(self._print((above or matrices)[0]))
        if not parts.below:
            number = [] if top == bottom == 1 and (above or matrices) else [self._print(Rational(top, bottom))]
            return _joined([*number, *self.factors(above, not matrices), *self.row(matrices)])
        under = ([str(bottom)] if bottom != 1 else []) + self.factors(parts.below, False)
        denominator = _joined(under) if len(under) > 1 else str(self._print(parts.below[0]))
        inline = not above and (len(matrices) > 1 or any(_level(m) >= POSTFIX for m in matrices))
        over = ([str(top)] if top != 1 else []) + self.factors(above, False) + (self.row(matrices) if inline else [])
        alone = len(above) == 1 and len(over) == 1
        numerator = str(self._print(above[0])) if alone else _joined(over or ["1"])
        fraction = rf"\frac{{{numerator}}}{{{denominator}}}"
        return fraction if inline or not matrices else _joined([fraction, *self.row(matrices)])

    def factors(self, scalars: Sequence[Any], last: bool) -> list[str]:
        """Scalar factors; one that stands behind nothing but a number needs fewer brackets."""
        needed = PRODUCT if last and len(scalars) == 1 else POSTFIX
        return [_bracketed(self, s, needed) for s in scalars]

    def row(self, matrices: Sequence[Any]) -> list[str]:
        """The factors of a matrix product."""
        if len(matrices) == 1:
            return [_bracketed(self, matrices[0], INFIX)]
        return [_bracketed(self, m, PRODUCT if isinstance(m, MatMul) else POSTFIX) for m in matrices]

    def raised(self, x: Any) -> str:
        """A power of a scalar."""
        if x.exp == Rational(1, 2):
            return rf"\sqrt{{{self._print(x.base)}}}"
        return f"{_bracketed(self, x.base, ATOM)}^{{{_exponent(x.exp) or self._print(x.exp)}}}"

    def _print_Pow(self, expr: Any) -> str:
        return self.term(expr, _Parts(expr))

    def _print_MatPow(self, expr: Any) -> str:
        return f"{_bracketed(self, expr.base, ATOM)}^{{{_exponent(expr.exp) or self._print(expr.exp)}}}"

    def _print_Inverse(self, expr: Any) -> str:
        if isinstance(expr.arg, Transpose):
            return rf"{_bracketed(self, expr.arg.arg, ATOM)}^{{-\top}}"
        return f"{_bracketed(self, expr.arg, ATOM)}^{{-1}}"

    def _print_Transpose(self, expr: Any) -> str:
        if isinstance(expr.arg, Inverse):
            return rf"{_bracketed(self, expr.arg.arg, ATOM)}^{{-\top}}"
        return rf"{_bracketed(self, expr.arg, ATOM)}^{{\top}}"

    def _print_HadamardPower(self, expr: Any) -> str:
        exponent = _exponent(expr.exp) or _bracketed(self, expr.exp, SIGN if expr.exp.is_Rational else PRODUCT)
        return rf"{_bracketed(self, expr.base, ATOM)}^{{\odot {exponent}}}"

    def _print_HadamardProduct(self, expr: Any) -> str:
        out = ""
        for x in expr.args:
            if out and _divides(x):
                x = x.base if x.exp == -1 else HadamardPower(x.base, -x.exp)
                out += r" \oslash "
            elif out:
                out += r" \odot "
            out += _bracketed(self, x, PRODUCT)
        return out

    def _print_KroneckerProduct(self, expr: Any) -> str:
        first, *rest = expr.args
        return r" \otimes ".join([_bracketed(self, first, INFIX), *[_bracketed(self, x, PRODUCT) for x in rest]])

    def _print_MatrixElement(self, expr: Any) -> str:
        places = [expr.i] if expr.parent.shape[1] == 1 else [expr.i, expr.j]
        return self.indexed(expr.parent, [self._print(i + 1) for i in places])

    def _print_MatrixSlice(self, expr: Any) -> str:
        sides = zip((expr.rowslice, expr.colslice), expr.parent.shape, strict=True)
        return self.indexed(expr.parent, [":" if s[1] - s[0] == n else self._print(s[1]) for s, n in sides])

    def indexed(self, x: Any, places: Sequence[str]) -> str:
        """Subscripts, behind those that a name has already."""
        base = _bracketed(self, x, ATOM)
        return f"{{{base}}}_{{{','.join(places)}}}" if "_" in base else f"{base}_{{{','.join(places)}}}"
