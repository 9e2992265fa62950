"""Expressions as Unicode and as ASCII text, which reads back as the same expression."""

from __future__ import annotations

from collections.abc import Sequence

from ..expressions.dimensions import SCALAR, Dim
from ..expressions.nodes import ONE, Expr, Notation, Rational, has_differential
from ..expressions.parts import as_number, untransposed_row
from .layout import (
    ATOM,
    FROBENIUS,
    HALF,
    INFIX,
    LOWERED,
    POSTFIX,
    PRODUCT,
    RAISED,
    SIGN,
    SUM,
    Layout,
    Names,
    Piece,
    Term,
    Typeface,
    decimal,
    spaced,
)
from .notation import has_bars, hides_bars, laid_out, notation_of
from .told import NEITHER, Reader, axes_to_say, is_entrywise
from .words import GREEK

BEGINNING = 200  # pieces

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def unicode_text(e: Expr, names: Names | None = None) -> str:
    """The expression as it is written on paper, with the sizes without which it would not be read back.

    Subexpressions in `names` are written by their names.
    """
    return Unicode(names or {}).write(e)


def paper_text(e: Expr, names: Names | None = None) -> str:
    """The expression as it is written on paper, where the identity has no size: the shapes stand beside an answer."""
    return Paper(names or {}).write(e)


def beginning(e: Expr, names: Names | None = None, paper: bool = True) -> str:
    """As much of the text as a prompt shows, however long the whole would be."""
    return (Paper if paper else Unicode)(names or {}).written([(e, SUM)], e, BEGINNING)


def ascii_text(e: Expr, names: Names | None = None) -> str:
    """The expression in ASCII, which reads back as the same expression."""
    return Ascii(names or {}).write(e)


class Unicode(Typeface):
    """As on paper, with the sizes that the place does not tell."""

    times, over, kron = " ⊙ ", " ⊘ ", " ⊗ "
    transposed, inverse_transposed, partial = "ᵀ", "⁻ᵀ", "∂"

    delta, at_most, at_least = "δ", "≤", "≥"
    alpha, beta, dyadic, masked, tight = "α", "β", " ⋆ ", " ⊙ ", True

    def __init__(self, names: Names) -> None:
        super().__init__(names)
        self.reader = Reader(names)

    # --- what differs in ASCII -------------------------------------------------------------------------------------

    def name(self, name: str) -> str:
        """A variable's name."""
        return name

    def raised(self, exponent: Expr) -> str | None:
        """The mark of a numeric matrix or scalar power."""
        k = as_number(exponent)
        return str(k).translate(SUPERSCRIPTS) if isinstance(k, int) else None

    def identity(self, e: Expr) -> str:
        """The identity, with its size where the place does not tell it."""
        return "I" if self.reader.told(e, self.place) else f"I({self.dim(e.shape[0])})"

    def template(self, notation: Notation, e: Expr) -> str:
        """The template of a notation; bars that could not be told from bars inside are no notation."""
        hidden = has_bars(notation.text) and any(hides_bars(x) for x in e.args)
        return notation.ascii if hidden else notation.text

    def kronecker(self, e: Expr) -> Layout:
        """A Kronecker product; it needs no brackets on its left."""
        return INFIX, [(e.args[0], INFIX), self.kron, (e.args[1], PRODUCT)]

    def dim(self, d: Dim) -> str:
        """A dimension."""
        return str(d)

    # --- names and constants ----------------------------------------------------------------------------------------

    def label(self, name: str) -> Layout:
        """A name as it is."""
        return ATOM, [self.name(name)]

    def constant(self, e: Expr) -> Layout:
        """A constant with its sizes."""
        rows, columns = map(self.dim, e.shape)
        sizes = rows if columns == "1" else f"{rows}, {columns}"
        if e.head == "identity":
            text = self.identity(e)
        elif e.head in ("ones", "zero"):
            one = e.head == "ones"
            text = ("1" if one else "0") if e.shape == SCALAR else f"{'ones' if one else 'zeros'}({sizes})"
        elif e.head == "unit":
            text = f"e({e.data[0]}, {rows})"
        elif e.head == "entry":
            text = f"E({e.data[0]}, {e.data[1]}, {rows}, {columns})"
        else:
            text = f"K({self.dim(e.data[0])}, {self.dim(e.data[1])})"
        return ATOM, [text]

    def number(self, c: Rational) -> Layout:
        """A fraction or a decimal."""
        text = decimal(c)
        return (INFIX if "/" in text else ATOM), [text]

    # --- sums and products ------------------------------------------------------------------------------------------

    def terms(self, terms: list[Term]) -> Layout:
        """A sum; a number in a sum of arrays has a dotted sign."""
        terms = self.ordered(terms)
        spread = [t[1].shape != SCALAR and _entry(t[1]) is not None for t in terms]
        if all(spread):
            spread = [False] * len(terms)
        pieces: list[Piece] = []
        so_far = spread[0]  # whether what stands so far is a number
        for i, (c, x) in enumerate(terms):
            if i or c < 0:
                sign = "-" if c < 0 else "+"
                pieces.append(f" {'.' if so_far != spread[i] else ''}{sign} " if i else "-")
            so_far = so_far and spread[i]
            entry = _entry(x) if spread[i] else None
            found = self.term(-c if c < 0 else c, x if entry is None else entry)
            pieces += self.bracketed(found, INFIX)
        return SUM, pieces

    def term(self, c: Rational, e: Expr) -> Layout:
        """A positive multiple: numbers, scalars, the rest, over what divides."""
        if e in self.names:
            return (ATOM, [self.names[e]]) if c == 1 else (PRODUCT, [*self.number(c)[1], " ", self.names[e]])
        if e is ONE:
            return self.number(c)
        _, above, below, rest = self.parts(c, e)
        above.sort(key=lambda factor: bool(factor[0].args))  # λ (xᵀ y), not (xᵀ y) λ
        top, bottom = c.numerator, c.denominator
        chunks: list[list[Piece]] = []
        if not below and bottom != 1:
            chunks.append(self.number(c)[1])
        elif top != 1 or not above and rest is None:
            chunks.append(self.number(top)[1])
        only = len(above) == 1 and rest is None
        for b, p in above:
            chunks.append(self.placed(b, p, "^", PRODUCT if only else POSTFIX))
        if rest is not None:
            if not chunks and not below:
                return self.label(self.names[rest]) if rest in self.names else self.shown(rest)
            chunks.append([(rest, INFIX if rest.head in ("kron", "had") else PRODUCT)])
        pieces = spaced(chunks)
        if not below:
            infix = rest is not None and rest.head in ("kron", "had") or (len(chunks) == 1 and bottom != 1)
            number = len(chunks) == 1 and not above and rest is None
            return (INFIX if infix else ATOM if number else PRODUCT), pieces
        under = [self.placed(b, p, "^", POSTFIX) for b, p in below]
        if bottom != 1:
            under.insert(0, self.number(bottom)[1])
        if len(under) == 1:
            return INFIX, [*pieces, "/", *under[0]]
        return INFIX, [*pieces, "/(", *spaced(under), ")"]

    def shown(self, e: Expr) -> Layout:
        """The layout of a node that stands where another would."""
        return self.inside(e, lambda: self.layout(e)) if e.args else self.layout(e)

    def placed(self, e: Expr, p: Rational, caret: str, needed: int) -> list[Piece]:
        """A factor where a level is needed; one that is no power is laid out when it is its turn."""
        return [(e, needed)] if p == 1 else self.bracketed(self.factor(e, p, caret), needed)

    def factor(self, e: Expr, p: Rational, caret: str) -> Layout:
        """A factor of a monomial or of a Hadamard product."""
        if p == HALF:
            return ATOM, ["sqrt" + ("." if caret == ".^" else ""), "(", (e, SUM), ")"]
        if isinstance(p, int):
            mark = (self.raised_number(p) if caret == "^" else None) or f"{caret}{p}"
            return POSTFIX, [(e, ATOM), mark]
        return POSTFIX, [(e, ATOM), f"{caret}({p})"]

    def raised_number(self, p: int) -> str | None:
        """A numeric exponent as a superscript."""
        return str(p).translate(SUPERSCRIPTS)

    def hadamard(self, e: Expr) -> Layout:
        """A Hadamard product, with a quotient for negative exponents."""
        if (column := untransposed_row(e)) is not None:
            return POSTFIX, [(column, ATOM), self.transposed]
        above = [(b, p) for b, p in zip(e.args, e.data, strict=True) if p > 0]
        below = [(b, -p) for b, p in zip(e.args, e.data, strict=True) if p < 0]
        if not above:
            above, below = [(b, -p) for b, p in below], []
        above.sort(key=lambda factor: has_differential(factor[0]))
        if len(above) == 1 and not below:
            return self.factor(*above[0], ".^")
        pieces: list[Piece] = []
        for sign, factors in ((self.times, above), (self.over, below)):
            for b, p in factors:
                pieces += [sign, *self.placed(b, p, ".^", PRODUCT)]
        return INFIX, pieces[1:]

    # --- marks ------------------------------------------------------------------------------------------------------

    def transpose(self, e: Expr) -> Layout:
        """A transpose; that of an inverse is one mark."""
        inner = e.args[0]
        if inner.head == "power" and as_number(inner.args[1]) == -1 and inner not in self.names:
            return POSTFIX, [(inner.args[0], ATOM), self.inverse_transposed]
        return POSTFIX, [(inner, ATOM), self.transposed]

    def power(self, e: Expr) -> Layout:
        """A power, with a superscript where there is one."""
        base, exponent = e.args
        caret = ".^" if e.head == "dotpower" and e.shape != SCALAR else "^"
        if caret == "^" and (raised := self.raised(exponent)) is not None:
            return POSTFIX, [(base, ATOM), raised]
        k = as_number(exponent)
        if k is not None and k.denominator == 1:
            return POSTFIX, [(base, ATOM), f"{caret}{k}"]
        if exponent.head == "symbol":
            return POSTFIX, [(base, ATOM), caret, (exponent, ATOM)]
        return POSTFIX, [(base, ATOM), caret, "(", RAISED, (exponent, SUM), LOWERED, ")"]

    def index(self, e: Expr) -> Layout:
        """x[i], A[i, j], A[i, :]"""
        row, column = (":" if i is None else str(i) for i in e.data)
        inside = row if e.args[0].shape[1] == 1 else f"{row}, {column}"
        return POSTFIX, [(e.args[0], POSTFIX), f"[{inside}]"]

    # --- index notation ---------------------------------------------------------------------------------------------

    def summed(self, letters: Sequence[str]) -> str:
        """Σ_ab"""
        return f"Σ_{''.join(letters)} "

    def subscript(self, letters: Sequence[str]) -> str:
        """_ij"""
        return "_" + "".join(letters)

    def raised_entry(self, p: Rational) -> str:
        """^2, ^(1/2)"""
        return f"^{p}" if p.denominator == 1 else f"^({p})"

    def sized(self, d: Dim) -> str:
        """A size."""
        return self.dim(d)

    def partial_derivative(self, name: str, over: str, x: Expr, under: str) -> list[Piece]:
        """(∂F_ij/∂X_kl)"""
        return [f"({self.partial}{self.name(name)}{over}/{self.partial}", (x, ATOM), f"{under})"]

    # --- functions --------------------------------------------------------------------------------------------------

    def call(self, e: Expr) -> Layout:
        """φ(X), f.(x), and derivatives in use: F'(X)[H], which is dF(X) where H is dX; F'(X)*[G]; ∂vec(F)/∂vec(X)."""
        f, x = self.name(e.data.name), e.args[0]
        if not e.data.mode:
            dot = "." if e.data.elementwise and e.shape != SCALAR else ""
            return ATOM, [f + "'" * e.data.order + dot, *self.arguments(e.args)]
        if e.data.mode == "jacobian":
            d = self.partial
            return ATOM, [f"{d}vec({f})/{d}vec(", (x, SUM), ")"]
        h = e.args[1]
        if h.head == "symbol" == x.head and h.name == f"d{x.name}" and e.data.mode == "push":
            return ATOM, [f"d{f}(", (x, SUM), ")"]
        return ATOM, [f"{f}'(", (x, SUM), ")" + ("*[" if e.data.mode == "pull" else "["), (h, SUM), "]"]

    def operator(self, e: Expr) -> Layout:
        """An operator, in the notation it has or as a function; a notation is not of entries."""
        if e.head == "frob":
            left, right = sorted(e.args, key=has_differential)
            return FROBENIUS, [(left, SIGN), " : ", (right, SIGN)]
        if e.head == "kron":
            return self.kronecker(e)
        notation = None if is_entrywise(e) and e.shape != SCALAR else notation_of(e)
        template = self.template(notation, e) if notation else ""
        return laid_out(self, e, template) if template else self.function(e)

    def function(self, e: Expr) -> Layout:
        """An operator as a function, with the sizes of its value where nothing tells them."""
        dot = "." if is_entrywise(e) and e.shape != SCALAR else ""
        arguments = self.arguments(e.args)
        axes = axes_to_say(e)
        if axes:
            outer = self.place.up if self.place is not None and self.place.e is e else self.place
            told = self.reader.told(e, outer)
            if any(e.shape[axis] == 1 or not told >> axis & 1 for axis in axes):  # what may be 1 is not inferred
                arguments[-1:] = [*(f", {self.dim(e.shape[axis])}" for axis in axes), ")"]
        return ATOM, [e.head + dot, *arguments]


def _entry(e: Expr) -> Expr | None:
    """The scalar that an array of equal entries repeats, else None."""
    if e.head == "ones":
        return ONE
    if e.head == "scale" and e.args[1].head == "ones":
        return e.args[0]
    return None


class Paper(Unicode):
    """As on paper: an identity has no size."""

    def identity(self, e: Expr) -> str:
        """The identity."""
        return "I"


class Ascii(Unicode):
    """ASCII: Greek spelled, functions for the signs that it has not."""

    times, over, kron = " .* ", " ./ ", " "
    delta, at_most, at_least = "delta", "<=", ">="
    alpha, beta, dyadic, masked, tight = "alpha", "beta", " (*) ", " .* ", False
    transposed, inverse_transposed, partial = "'", "^-T", "d"

    def name(self, name: str) -> str:
        """The name with Greek spelled."""
        letter, rest = name[:1], name[1:]
        return GREEK.get(letter, letter) + rest

    def raised(self, exponent: Expr) -> str | None:
        """No superscripts."""
        return None

    def raised_number(self, p: int) -> str | None:
        """No superscripts."""
        return None

    def identity(self, e: Expr) -> str:
        """The identity, without its size only in a sum whose other terms tell it."""
        place = self.place
        told = place is not None and place.e.head == "add" and self.reader.within(place.e, e, NEITHER)
        return "I" if told else f"I({self.dim(e.shape[0])})"

    def template(self, notation: Notation, e: Expr) -> str:
        """The template in ASCII."""
        return notation.ascii

    def kronecker(self, e: Expr) -> Layout:
        """A function: ⊗ is not ASCII."""
        return ATOM, ["kron", *self.arguments(e.args)]

    def raised_entry(self, p: Rational) -> str:
        """^2, ^(-1)"""
        return f"^{p}" if p.denominator == 1 and p > 0 else f"^({p})"

    def summed(self, letters: Sequence[str]) -> str:
        """sum_ab"""
        return f"sum_{''.join(letters)} "

    def dim(self, d: Dim) -> str:
        """A dimension."""
        return str(d).replace("·", "*")
