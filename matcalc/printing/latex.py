r"""Expressions in LaTeX, which SymPy's printer writes.

What is printed is a form of the tree that is never evaluated, so that terms and factors stay in the order of
`matcalc.text`, whose levels of precedence decide about brackets here too.

SymPy takes longer to import than everything else together: import this module only on demand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from sympy import (
    Add,
    HadamardPower,
    HadamardProduct,
    Inverse,
    MatAdd,
    MatMul,
    MatrixSymbol,
    Mul,
    Pow,
    Rational,
    Symbol,
    Transpose,
)
from sympy.core.symbol import Str
from sympy.printing.latex import LatexPrinter

from ..expressions.nodes import Expr, is_sum, untransposed_row
from ..expressions.nodes import Rational as Number
from .latex_levels import Parts, bracketed, divides
from .latex_names import name_latex, text_latex
from .sympy_objects import POWERS, Converter, rational, unchecked
from .text import ATOM, INFIX, POSTFIX, PRODUCT, SIGN, Names, shortest_number


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
            return self.times([rational(-c), self.sum([(-d, t) for d, t in self.terms(x)])])
        return self.times([rational(c), self.made[x]])

    def sum(self, terms: list[tuple[Number, Any]]) -> Any:
        """A sum as it is ordered, that begins with a positive term where it has one."""
        if terms[0][0] < 0:
            terms = [t for t in terms if t[0] > 0] + [t for t in terms if t[0] < 0]
        made = [self.times([rational(c), x]) for c, x in terms]
        return unchecked(MatAdd, *made) if made[0].is_Matrix else Add(*made, evaluate=False)

    def product(self, scalars: list[Any]) -> Any:
        """A product of scalars as it is ordered."""
        return scalars[0] if len(scalars) == 1 else Mul(*scalars, evaluate=False)

    def hadamard(self, factors: list[Any]) -> Any:
        """A Hadamard product as it is ordered, with what it is divided by at the end."""
        below = [x for x in factors if divides(x)]
        return unchecked(HadamardProduct, *[x for x in factors if not divides(x)], *below)

    def power(self, base: Any, exponent: Any) -> Any:
        """A scalar's power."""
        return base if exponent == 1 else Pow(base, exponent, evaluate=False)

    def make_had(self, e: Expr) -> Any:
        """A Hadamard product; of rows, the transpose of that of the columns."""
        if untransposed_row(e) is None:
            return super().make_had(e)
        columns = [self.dotpower(x.args[0], rational(p)) for x, p in zip(self.args(e), e.data, strict=True)]
        return unchecked(Transpose, columns[0] if len(columns) == 1 else self.hadamard(columns))

    def make_transpose(self, e: Expr) -> Any:
        """A transpose."""
        return unchecked(Transpose, *self.args(e))

    def make_call(self, e: Expr) -> Any:
        """An unspecified function's value."""
        return self.applied(self.function(e), e)

    def operator(self, e: Expr) -> Any:
        """An operator, which prints by its notation."""
        return super().operator(e) if e.head in POWERS or e.head == "kron" else self.operation(e)


def _joined(pieces: Sequence[str]) -> str:
    """A product by juxtaposition, with a dot before a number."""
    return "".join((r" \cdot " if p[0].isdigit() else " ") + p if i else p for i, p in enumerate(pieces))


def _is_composed(x: Any) -> bool:
    """Whether a scalar is more than a name or a power of one: names stand in front."""
    return bool((x.base if isinstance(x, Pow) else x).args)


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
        top, bottom, sign = abs(expr.p), expr.q, "-" if expr.p < 0 else ""
        number = shortest_number(Fraction(top, bottom))
        return sign + (number if "/" not in number else rf"\frac{{{top}}}{{{bottom}}}")

    def _print_Add(self, expr: Any, order: Any = None) -> str:
        out = ""
        for x in expr.args:
            parts = Parts(x)
            tex = self.term(x, parts)
            out += ("-" if parts.negative else "") if not out else " - " if parts.negative else " + "
            out += tex if parts.level >= INFIX else rf"\left({tex}\right)"
        return out

    _print_MatAdd = _print_Add

    def _print_Mul(self, expr: Any) -> str:
        parts = Parts(expr)
        tex = self.term(expr, parts)
        if not parts.negative:
            return tex
        return f"-{tex}" if parts.level >= INFIX else rf"-\left({tex}\right)"

    _print_MatMul = _print_Mul

    def term(self, x: Any, parts: Parts) -> str:
        """A term without its sign: the number, the scalars and the matrices, over what divides."""
        if not isinstance(x, Mul | Pow | Rational):
            return str(self._print(x))
        if not parts.below and isinstance(x, Pow):
            return self.raised(x)
        top, bottom = abs(parts.coefficient.p), parts.coefficient.q
        above, matrices = sorted(parts.above, key=_is_composed), parts.matrices
        if top == bottom == 1 and not parts.below and len(above) + len(matrices) == 1:
            return str(self._print((above or matrices)[0]))
        if not parts.below:
            number = [] if top == bottom == 1 and (above or matrices) else [self._print(Rational(top, bottom))]
            return _joined([*number, *self.factors(above, not matrices), *self.row(matrices)])
        under = ([str(bottom)] if bottom != 1 else []) + self.factors(parts.below, False)
        denominator = _joined(under) if len(under) > 1 else str(self._print(parts.below[0]))
        inline = not above and bool(matrices)
        if inline and len(matrices) == 1 and top == 1:
            return rf"\frac{{{self._print(matrices[0])}}}{{{denominator}}}"
        over = ([str(top)] if top != 1 else []) + self.factors(above, False) + (self.row(matrices) if inline else [])
        alone = len(above) == 1 and len(over) == 1
        numerator = str(self._print(above[0])) if alone else _joined(over or ["1"])
        fraction = rf"\frac{{{numerator}}}{{{denominator}}}"
        return fraction if inline or not matrices else _joined([fraction, *self.row(matrices)])

    def factors(self, scalars: Sequence[Any], last: bool) -> list[str]:
        """Scalar factors; one that stands behind nothing but a number needs fewer brackets."""
        needed = PRODUCT if last and len(scalars) == 1 else POSTFIX
        return [bracketed(self, s, needed) for s in scalars]

    def row(self, matrices: Sequence[Any]) -> list[str]:
        """The factors of a matrix product."""
        if len(matrices) == 1:
            return [bracketed(self, matrices[0], INFIX)]
        return [bracketed(self, m, PRODUCT if isinstance(m, MatMul) else POSTFIX) for m in matrices]

    def raised(self, x: Any) -> str:
        """A power of a scalar."""
        if x.exp == Rational(1, 2):
            return rf"\sqrt{{{self._print(x.base)}}}"
        return self._print_MatPow(x)

    def _print_Pow(self, expr: Any) -> str:
        return self.term(expr, Parts(expr))

    def _print_MatPow(self, expr: Any) -> str:
        return self.marked(expr.base, _exponent(expr.exp) or self._print(expr.exp))

    def marked(self, x: Any, superscript: str) -> str:
        """An object with a superscript."""
        return f"{bracketed(self, x, ATOM)}^{{{superscript}}}"

    def _print_Inverse(self, expr: Any) -> str:
        if isinstance(expr.arg, Transpose):
            return self.marked(expr.arg.arg, r"-\top")
        return self.marked(expr.arg, "-1")

    def _print_Transpose(self, expr: Any) -> str:
        if isinstance(expr.arg, Inverse):
            return self.marked(expr.arg.arg, r"-\top")
        return self.marked(expr.arg, r"\top")

    def _print_HadamardPower(self, expr: Any) -> str:
        exponent = _exponent(expr.exp) or bracketed(self, expr.exp, SIGN if expr.exp.is_Rational else PRODUCT)
        return self.marked(expr.base, rf"\odot {exponent}")

    def _print_HadamardProduct(self, expr: Any) -> str:
        out = ""
        for x in expr.args:
            if out and divides(x):
                x = x.base if x.exp == -1 else HadamardPower(x.base, -x.exp)
                out += r" \oslash "
            elif out:
                out += r" \odot "
            out += bracketed(self, x, PRODUCT)
        return out

    def _print_KroneckerProduct(self, expr: Any) -> str:
        first, *rest = expr.args
        return r" \otimes ".join([bracketed(self, first, INFIX), *[bracketed(self, x, PRODUCT) for x in rest]])

    def _print_MatrixElement(self, expr: Any) -> str:
        places = [expr.i] if expr.parent.shape[1] == 1 else [expr.i, expr.j]
        return self.indexed(expr.parent, [self._print(i + 1) for i in places])

    def _print_MatrixSlice(self, expr: Any) -> str:
        sides = zip((expr.rowslice, expr.colslice), expr.parent.shape, strict=True)
        return self.indexed(expr.parent, [":" if s[1] - s[0] == n else self._print(s[1]) for s, n in sides])

    def indexed(self, x: Any, places: Sequence[str]) -> str:
        """Subscripts, behind those that a name has already."""
        base = bracketed(self, x, ATOM)
        return f"{{{base}}}_{{{','.join(places)}}}" if "_" in base else f"{base}_{{{','.join(places)}}}"
