r"""Expressions in LaTeX, from the layout that text has; SymPy is not needed for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..expressions.dimensions import SCALAR, Dim, monomials
from ..expressions.nodes import Expr, Rational, postorder
from ..expressions.parts import as_number, split, untransposed_row
from .layout import (
    ATOM,
    FROBENIUS,
    HALF,
    INFIX,
    POSTFIX,
    PRODUCT,
    SIGN,
    SUM,
    Factor,
    Layout,
    Names,
    Parts,
    Piece,
    Term,
    Typeface,
    decimal,
    spaced,
)
from .names import function_latex, name_latex, text_latex, word_latex
from .notation import laid_out, letters_of, notation_of
from .told import COLUMNS, ROWS, Reader, axes_to_say, is_entrywise

ENTRYWISE = r"_{\odot}"
"""Behind a function that is applied to every entry: exp alone could be that of a matrix."""
BESIDE = "\0beside"  # a piece between two factors: a space, and a dot before a digit


def latex(e: Expr, names: Names | None = None) -> str:
    """The expression in LaTeX, its terms and factors in the order of the text.

    Subexpressions in `names` are written by their names.
    """
    return Latex(names or {}).write(e)


def aligned(lines: Sequence[tuple[str, str, str]]) -> str:
    """An aligned block of ``left = right`` with a reason beside it: both sides are LaTeX, the reason is plain text."""
    rows = []
    for left, right, reason in lines:
        row = f"{left} &= {right}" if left else f"&= {right}"
        rows.append(rf"{row} && \text{{{text_latex(reason)}}}" if reason else row)
    return "\n".join([r"\begin{aligned}", " \\\\\n".join(rows), r"\end{aligned}"])


class Latex(Typeface):
    """LaTeX with the conventions of matrix calculus."""

    opening, closing = r"\left(", r"\right)"
    bracket = (r"\left[", r"\right]")
    delta, at_most, at_least = r"\delta", r"\le", r"\ge"
    alpha, beta, dyadic, masked, loose = r"\alpha", r"\beta", r" \star ", r" \odot ", True

    def __init__(self, names: Names) -> None:
        super().__init__(names)
        self.reader = Reader(names)
        self.taken: frozenset[str] | None = None
        self.root: Expr | None = None

    def written(self, pieces: Sequence[Piece], root: Expr | None = None, most: int | None = None) -> str:
        """The text of pieces; of a beginning of them, where only so many are wanted."""
        self.root, self.taken = root, None
        return super().written(pieces, root, most)

    def joined(self, out: Iterable[str]) -> str:
        """The strings of all pieces; between factors there is a dot before a number."""
        found: list[str] = []
        beside = False
        for text in out:
            if text == BESIDE:
                beside = True
                continue
            if beside:
                found.append(r" \cdot " if text[0].isdigit() else " ")
                beside = False
            found.append(text)
        return "".join(found)

    # --- names, constants, numbers ----------------------------------------------------------------------------------

    def label(self, name: str) -> Layout:
        """A name, with its subscripts and accents."""
        tex = name_latex(name)
        return (POSTFIX if "^" in tex else ATOM), [tex]

    def constant(self, e: Expr) -> Layout:
        """A constant, with its sizes where the place does not tell them."""
        if e.head in ("identity", "ones", "zero"):
            return self.sized_constant(e)
        if e.head == "commutation":
            return ATOM, [rf"\mathrm{{K}}_{{{', '.join(map(size_latex, e.data))}}}"]
        under, sizes = ",".join(map(place_latex, e.data)), r" \times ".join(map(size_latex, e.shape[: len(e.data)]))
        return POSTFIX, [rf"\mathrm{{{'e' if e.head == 'unit' else 'E'}}}_{{{under}}}^{{({sizes})}}"]

    def sized_constant(self, e: Expr) -> Layout:
        """An identity, or ones; a matrix of ones always says its sizes, a column looks like one without."""
        rows, columns = e.shape
        if e.head == "identity":
            return ATOM, ["I" if self.reader.told(e, self.place) else f"I_{{{size_latex(rows)}}}"]
        digit = "1" if e.head == "ones" else "0"
        if e.shape == SCALAR:
            return ATOM, [digit]
        if e.head == "zero" or rows != 1 != columns:
            if columns == 1:
                return ATOM, [rf"\mathbf{{0}}_{{{size_latex(rows)}}}"]
            return ATOM, [rf"\mathbf{{{digit}}}_{{{size_latex(rows)} \times {size_latex(columns)}}}"]
        axis = ROWS if columns == 1 else COLUMNS
        told = self.reader.told(e, self.place) & axis
        one = r"\mathbf{1}" if told else rf"\mathbf{{1}}_{{{size_latex(rows if columns == 1 else columns)}}}"
        return (ATOM, [one]) if columns == 1 else (POSTFIX, [one + r"^{\top}"])

    def number(self, c: Rational) -> Layout:
        """A fraction, or a decimal where that is shorter."""
        text = decimal(c)
        over, slash, under = text.partition("/")
        return (PRODUCT, [rf"\frac{{{over}}}{{{under}}}"]) if slash else (ATOM if text.isdigit() else PRODUCT, [text])

    def ordered(self, terms: list[Term]) -> list[Term]:
        """The terms of a sum as they are written, every number in front."""
        found = [(c, split(x) if x not in self.names else (1, x)) for c, x in super().ordered(terms)]
        return [(c * d, x) for c, (d, x) in found]

    # --- products ---------------------------------------------------------------------------------------------------

    def layout(self, e: Expr) -> Layout:
        """The level of precedence and the pieces of one node."""
        return (PRODUCT, self.row([e])) if e.head == "mul" else super().layout(e)

    def term(self, c: Rational, e: Expr) -> Layout:
        """A positive multiple: the number, the scalars and the matrices, over what divides."""
        found = self.parts(c, e)
        top, bottom = found.number.numerator, found.number.denominator
        above = sorted(found.above, key=self.is_composed)
        matrices = [] if found.matrix is None else self.chain(found.matrix)
        if found.number == 1 and not found.below and len(above) + len(matrices) == 1:
            return self.factor(*above[0]) if above else self.shown(matrices[0])
        single = len(matrices) == 1 and matrices[0].head in ("had", "kron") and matrices[0] not in self.names
        level = INFIX if single else PRODUCT
        if not found.below:
            whole = self.number(found.number)
            if not above and not matrices:
                return whole
            number = [] if found.number == 1 else [whole[1]]
            return level, spaced([*number, *self.scalars(above, not matrices), *self.factors(matrices)], BESIDE)
        under = ([[str(bottom)]] if bottom != 1 else []) + self.scalars(found.below, False)
        denominator = spaced(under, BESIDE) if len(under) > 1 else self.alone(*found.below[0])
        inline = not above and bool(matrices)
        if inline and len(matrices) == 1 and top == 1:
            return level, fraction([(matrices[0], SUM)], denominator)
        over = ([[str(top)]] if top != 1 else []) + self.scalars(above, False)
        over += self.factors(matrices) if inline else []
        alone = len(above) == 1 == len(over)
        numerator = self.alone(*above[0]) if alone else spaced(over, BESIDE) if over else ["1"]
        shown = fraction(numerator, denominator)
        return level, shown if inline or not matrices else spaced([shown, *self.factors(matrices)], BESIDE)

    def parts(self, c: Rational, e: Expr) -> Parts:
        """A term taken apart, with every number in it in front."""
        if e in self.names:
            return Parts(c, [(e, 1)], [], None) if e.shape == SCALAR else Parts(c, [], [], e)
        if e.shape == SCALAR and e.head not in ("had", "ones"):
            return Parts(c, [(e, 1)], [], None)
        return super().parts(c, e)

    def is_composed(self, factor: Factor) -> bool:
        """Whether a scalar is more than a name or a power of one: names stand in front."""
        e, p = factor
        base = e.args[0] if e.head == "dotpower" and p == 1 and e not in self.names else e
        return base not in self.names and as_number(base) is None and bool(base.args)

    def shown(self, e: Expr) -> Layout:
        """An expression, or its name."""
        return self.label(self.names[e]) if e in self.names else self.layout(e)

    def chain(self, e: Expr) -> list[Expr]:
        """The factors of a matrix product."""
        out: list[Expr] = []
        todo = [e]
        while todo:
            x = todo.pop()
            if x.head == "mul" and x.shape != SCALAR and x not in self.names:
                todo.extend(reversed(x.args))
            else:
                out.append(x)
        return out

    def row(self, factors: Sequence[Expr]) -> list[Piece]:
        """A matrix product."""
        return spaced(self.factors([y for x in factors for a in x.args for y in self.chain(a)]), BESIDE)

    def factors(self, matrices: Sequence[Expr]) -> list[list[Piece]]:
        """The factors of a matrix product; one alone needs fewer brackets."""
        needed = INFIX if len(matrices) == 1 else POSTFIX
        return [[(m, needed)] for m in matrices]

    def scalars(self, factors: Sequence[Factor], last: bool) -> list[list[Piece]]:
        """Scalar factors; one that stands behind nothing but a number needs fewer brackets."""
        needed = PRODUCT if last and len(factors) == 1 else POSTFIX
        return [self.bracketed(self.factor(b, p), needed) if p != 1 else [(b, needed)] for b, p in factors]

    def alone(self, e: Expr, p: Rational) -> list[Piece]:
        """A scalar or a power of one over or under a fraction bar."""
        return [(e, SUM)] if p == 1 else self.factor(e, p)[1]

    def factor(self, e: Expr, p: Rational) -> Layout:
        """A scalar or a power of one."""
        if p == 1:
            return self.shown(e)
        if p == HALF:
            return ATOM, [r"\sqrt{", (e, SUM), "}"]
        return POSTFIX, [(e, ATOM), f"^{{{p}}}"]

    def hadamard(self, e: Expr) -> Layout:
        """A Hadamard product, with what it is divided by at the end."""
        if (column := untransposed_row(e)) is not None:
            return POSTFIX, [(column, ATOM), r"^{\top}"]
        factors = list(zip(e.args, e.data, strict=True))
        ordered = [f for f in factors if f[1] > 0] + [f for f in factors if f[1] < 0]
        (first, p), *rest = ordered
        if not rest:
            return self.entrywise(first, p)
        pieces: list[Piece] = self.bracketed(self.entrywise(first, p), PRODUCT) if p != 1 else [(first, PRODUCT)]
        for b, p in rest:
            pieces.append(r" \odot " if p > 0 else r" \oslash ")
            pieces += [(b, PRODUCT)] if abs(p) == 1 else self.entrywise(b, abs(p))[1]
        return INFIX, pieces

    def entrywise(self, e: Expr, p: Rational) -> Layout:
        """A power of every entry."""
        return POSTFIX, [(e, ATOM), rf"^{{\odot {p}}}"]

    # --- marks ------------------------------------------------------------------------------------------------------

    def transpose(self, e: Expr) -> Layout:
        """A transpose; that of an inverse is one mark."""
        inner = e.args[0]
        if inner.head == "power" and as_number(inner.args[1]) == -1 and inner not in self.names:
            return POSTFIX, [(inner.args[0], ATOM), r"^{-\top}"]
        return POSTFIX, [(inner, ATOM), r"^{\top}"]

    def power(self, e: Expr) -> Layout:
        """A power."""
        base, exponent = e.args
        if e.head == "dotpower" and e.shape != SCALAR:
            needed = SIGN if as_number(exponent) is not None else PRODUCT
            return POSTFIX, [(base, ATOM), r"^{\odot ", (exponent, needed), "}"]
        inner = base.args[0] if base.head == "transpose" and base not in self.names else None
        if inner is not None and as_number(exponent) == -1:
            return POSTFIX, [(inner, ATOM), r"^{-\top}"]
        return POSTFIX, [(base, ATOM), "^{", (exponent, SUM), "}"]

    def index(self, e: Expr) -> Layout:
        """Subscripts, behind those that a name has already."""
        x = e.args[0]
        places = [":" if i is None else place_latex(i) for i in (e.data[:1] if x.shape[1] == 1 else e.data)]
        level, _ = self.shown(x)
        base: list[Piece] = ["(", (x, SUM), ")"] if level >= POSTFIX else [self.opening, (x, SUM), self.closing]
        return POSTFIX, [*base, f"_{{{','.join(places)}}}"]

    # --- index notation ---------------------------------------------------------------------------------------------

    def summed(self, letters: Sequence[str]) -> str:
        """The sign of a sum with its letters."""
        return rf"\sum_{{{','.join(letters)}}} "

    def subscript(self, letters: Sequence[str]) -> str:
        """Letters below."""
        return f"_{{{' '.join(letters)}}}"

    def raised_entry(self, p: Rational) -> str:
        """An exponent."""
        return f"^{{{p}}}"

    def powered(self, entry: list[Piece], p: Rational) -> list[Piece]:
        """A power of an entry: the exponent stands above its letters."""
        return entry if p == 1 else [*entry, self.raised_entry(p)]

    def sized(self, d: Dim) -> str:
        """A size."""
        return size_latex(d)

    def partial_derivative(self, name: str, over: str, x: Expr, under: str) -> list[Piece]:
        """A fraction."""
        return fraction([rf"\partial {function_latex(name)}{over}"], [r"\partial ", (x, ATOM), under])

    # --- functions --------------------------------------------------------------------------------------------------

    def call(self, e: Expr) -> Layout:
        """An unspecified function's value, or its derivative: as a function, or in use as in text."""
        name, x, mode = e.data.name, e.args[0], e.data.mode
        if not mode:
            by_entry = ENTRYWISE if e.data.elementwise and e.shape != SCALAR else ""
            return ATOM, [function_latex(name + "'" * e.data.order) + by_entry, *self.arguments(e.args)]
        if mode == "jacobian":
            vec = r"\partial \operatorname{vec}"
            return PRODUCT, fraction([rf"{vec}\left({function_latex(name)}\right)"], [vec, *self.arguments([x])])
        h = e.args[1]
        if mode == "push" and h.head == "symbol" == x.head and h.name == f"d{x.name}":
            return ATOM, [rf"\mathrm{{d}}{function_latex(name)}", *self.arguments([x])]
        star = "^{*}" if mode == "pull" else ""
        return ATOM, [function_latex(name + "'"), *self.arguments([x]), rf"{star}\left[", (h, SUM), r"\right]"]

    def operator(self, e: Expr) -> Layout:
        """An operator, in the notation that it has."""
        if e.head == "frob":
            return FROBENIUS, [(e.args[0], SIGN), " : ", (e.args[1], SIGN)]
        if e.head == "kron":
            return INFIX, [(e.args[0], INFIX), r" \otimes ", (e.args[1], PRODUCT)]
        notation = notation_of(e)
        template = notation.latex if notation is not None else ""
        by_entry = ENTRYWISE if is_entrywise(e) and e.shape != SCALAR else ""
        if template and not self.is_taken(template):
            says = "{1}" not in template or "|" in template  # the notation of a name of its own says what it is
            return laid_out(self, e, template + by_entry if says else template)
        name = word_latex(e.head) if template or len(e.head) > 1 else function_latex(e.head)
        return ATOM, [name + by_entry, *self.function_arguments(e)]

    def function_arguments(self, e: Expr) -> list[Piece]:
        """The arguments of a function, with the sizes of its value where nothing tells them."""
        arguments = self.arguments(e.args)
        sizes = self.sizes_to_say(e)
        return [*arguments[:-1], *(f", {size}" for size in sizes), arguments[-1]]

    def is_taken(self, template: str) -> bool:
        """Whether a name that is printed has a letter of a notation, as σ may have that of a function."""
        letters = letters_of(template)
        if not letters:
            return False
        if self.taken is None:
            named = postorder(self.root) if self.root is not None else ()
            found = [e.data.name for e in named if e.head in ("symbol", "call")]
            self.taken = frozenset(name_latex(name) for name in (*found, *self.names.values()))
        return not letters.isdisjoint(self.taken)

    def sizes_to_say(self, e: Expr) -> list[str]:
        """The sizes of an operator's value that nothing tells."""
        axes = axes_to_say(e)
        outer = self.place.up if self.place is not None and self.place.e is e else self.place
        told = self.reader.told(e, outer) if axes else 0
        say = any(e.shape[axis] == 1 or not told >> axis & 1 for axis in axes)  # what may be 1 is not inferred
        return [size_latex(e.shape[axis]) for axis in axes] if say else []


def fraction(over: Sequence[Piece], under: Sequence[Piece]) -> list[Piece]:
    """A fraction bar."""
    return [r"\frac{", *over, "}{", *under, "}"]


def place_latex(i: int | str) -> str:
    """An index."""
    return str(i) if isinstance(i, int) else name_latex(i)


def size_latex(d: Dim) -> str:
    """A dimension: a polynomial."""
    if isinstance(d, str) and "/" in d:
        numerator, _, denominator = d.partition("/")
        return rf"\frac{{{size_latex(numerator.strip('()'))}}}{{{denominator}}}"
    out = ""
    for names, c in monomials(d):
        factors = ([] if abs(c) == 1 and names else [str(abs(c))]) + [name_latex(n) for n in names]
        out += (" - " if c < 0 else " + ") if out else "-" if c < 0 else ""
        out += " ".join(factors)
    return out
