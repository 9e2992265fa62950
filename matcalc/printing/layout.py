"""How an expression is laid out: levels of precedence, the order of terms and factors, what stands over a fraction bar.

A `layout` is a node's level of precedence and its pieces: strings, and arguments with the level that they need to stand
without brackets.  Pieces are written in one pass over an explicit stack, so the cost of a text is its length and depth
costs no recursion.  The typefaces, Unicode, ASCII and LaTeX, say how signs are written.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from ..errors import MatcalcError
from ..expressions.dimensions import SCALAR, Dim
from ..expressions.nodes import ONE, Expr, Rational
from ..expressions.parts import is_sum
from .told import Place

SUM, FROBENIUS, SIGN, INFIX, PRODUCT, POSTFIX, ATOM = range(3, 10)

LONGEST_NUMBER = 13_000  # bits: Python itself refuses to print numbers of more than 4,300 digits
LONGEST_IN_BARS = 200  # the printed size up to which norms and absolute values stand between bars
MOST_PIECES = 250_000  # names, numbers and signs of one text: what is shared may be printed exponentially often

Piece = str | tuple[Expr, int] | Place | None
"""A string, an expression with the level that it needs, or a place: what follows stands there."""
Layout = tuple[int, list[Piece]]
Names = Mapping[Expr, str]
Factor = tuple[Expr, Rational]
Term = tuple[Rational, Expr]

RAISED, LOWERED = "\0raised", "\0lowered"  # pieces where an exponent begins and ends, which are not printed
CLOSE = {" + ": "+", " - ": "-"}  # signs in an exponent
CONSTANTS = frozenset({"identity", "ones", "zero", "unit", "entry", "commutation"})


class Parts(NamedTuple):
    """A term taken apart: a positive number, scalars above and below the fraction bar, and a matrix."""

    number: Rational
    above: list[Factor]
    below: list[Factor]
    matrix: Expr | None


class Typeface(ABC):
    """What all ways of writing have in common."""

    opening, closing = "(", ")"
    bracket = ("[", "]")
    delta: str
    at_most: str
    at_least: str
    alpha: str
    beta: str
    dyadic: str
    masked: str
    tight = loose = False
    """Whether a tensor stands beside its factors without a space, and whether spaces mean nothing at all."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.place: Place | None = None

    def write(self, root: Expr) -> str:
        """The text of an expression; subexpressions in `names` are written by their names, the root as it is.

        Raises MatcalcError where that has more than `MOST_PIECES` pieces.
        """
        if not self.names:
            refuse_long([root])
        return self.written([(root, SUM)], root)

    def written(self, pieces: Sequence[Piece], root: Expr | None = None, most: int | None = None) -> str:
        """The text of pieces; of a beginning of them, where only so many are wanted."""
        out: list[str] = []
        todo = list(reversed(pieces))
        exponents = 0  # that what is written now stands in
        self.place = None
        while todo:
            piece = todo.pop()
            if isinstance(piece, str):
                if piece in (RAISED, LOWERED):
                    exponents += 1 if piece == RAISED else -1
                else:
                    out.append(CLOSE.get(piece, piece) if exponents else piece)
                continue
            if piece is None or isinstance(piece, Place):
                self.place = piece
                continue
            if most is not None and len(out) > most:
                break
            if len(out) > MOST_PIECES:
                raise too_long()
            e, needed = piece
            named = e in self.names and (e is not root or e.head == "symbol")
            if named:
                level, pieces = self.label(self.names[e])
            else:
                if e.args:
                    todo.append(self.place)
                    self.place = Place(e, self.place)
                level, pieces = self.layout(e)
            if level < needed:
                todo.append(self.closing)
            todo.extend(reversed(pieces))
            if level < needed:
                todo.append(self.opening)
        return self.joined(out)

    def joined(self, out: Iterable[str]) -> str:
        """The strings of all pieces as one text."""
        return "".join(out)

    def layout(self, e: Expr) -> Layout:
        """The level of precedence and the pieces of one node."""
        head = e.head
        if head == "symbol":
            return self.label(e.data.name)
        if head == "add":
            return self.sum(e) if len(e.args) > 1 else self.multiple(e)
        if head == "mul":
            pieces: list[Piece] = []
            for a in e.args:
                pieces += [" ", (a, PRODUCT if a.head == "mul" else POSTFIX)]
            return PRODUCT, pieces[1:]
        if head == "had" and e.shape != SCALAR:
            return self.hadamard(e)
        if head in ("had", "scale"):
            return self.term(1, e)
        if head == "transpose":
            return self.transpose(e)
        if head in ("power", "dotpower"):
            return self.power(e)
        if head == "call":
            return self.call(e)
        if head in CONSTANTS:
            return self.constant(e)
        if head == "index":
            return self.index(e)
        return self.operator(e)

    # --- what typefaces differ in -----------------------------------------------------------------------------------

    @abstractmethod
    def label(self, name: str) -> Layout:
        """A variable, or what stands for a named subexpression."""

    @abstractmethod
    def number(self, c: Rational) -> Layout:
        """A positive number."""

    @abstractmethod
    def term(self, c: Rational, e: Expr) -> Layout:
        """A positive multiple of a term without a coefficient: numbers, scalars, the rest, over what divides."""

    @abstractmethod
    def hadamard(self, e: Expr) -> Layout:
        """A Hadamard product, with a quotient for negative exponents."""

    @abstractmethod
    def transpose(self, e: Expr) -> Layout:
        """A transpose, or the transpose of an inverse."""

    @abstractmethod
    def power(self, e: Expr) -> Layout:
        """A power whose exponent is no number, or that of a matrix."""

    @abstractmethod
    def call(self, e: Expr) -> Layout:
        """The value of an unspecified function, or its derivative."""

    @abstractmethod
    def constant(self, e: Expr) -> Layout:
        """A constant matrix."""

    @abstractmethod
    def index(self, e: Expr) -> Layout:
        """An entry, a row or a column."""

    @abstractmethod
    def operator(self, e: Expr) -> Layout:
        """An operator of the rule files."""

    # --- index and tensor notation ----------------------------------------------------------------------------------

    @abstractmethod
    def summed(self, letters: Sequence[str]) -> str:
        """The sign of a sum over letters, before what is summed."""

    @abstractmethod
    def subscript(self, letters: Sequence[str]) -> str:
        """Letters below what stands before them."""

    @abstractmethod
    def raised_entry(self, p: Rational) -> str:
        """The exponent of a power of an entry."""

    @abstractmethod
    def sized(self, d: Dim) -> str:
        """A size."""

    @abstractmethod
    def partial_derivative(self, name: str, over: str, x: Expr, under: str) -> list[Piece]:
        """∂F_ij/∂X_kl of an unspecified function, with the subscripts of both."""

    def entry(self, e: Expr, letters: Sequence[str], p: Rational) -> list[Piece]:
        """An entry of an expression, to a power; what has a subscript already is bracketed, a scalar has no letters."""
        if not letters:
            return [(e, POSTFIX)] if p == 1 else [(e, ATOM), self.raised_entry(p)]
        plain = not e.args and (e.head != "symbol" or not has_subscript(e.name))
        base: list[Piece] = [(e, SUM)] if plain else [self.opening, (e, SUM), self.closing]
        return self.powered([*base, self.subscript(letters)], p)

    def powered(self, entry: list[Piece], p: Rational) -> list[Piece]:
        """A power of an entry with letters."""
        return entry if p == 1 else [self.opening, *entry, self.closing, self.raised_entry(p)]

    # --- sums -------------------------------------------------------------------------------------------------------

    def multiple(self, e: Expr) -> Layout:
        """A rational multiple; a negative multiple of a difference is the difference turned round."""
        c, x = e.data[0], e.args[0]
        if c < 0 and is_sum(x) and x not in self.names and any(d < 0 for d in x.data):
            terms = [(-d, t) for d, t in zip(x.data, x.args, strict=True)]
            turned = self.inside(x, lambda: self.terms(terms))
            if c == -1:
                return turned
            return PRODUCT, [*self.number(-c)[1], " ", *self.bracketed(turned, POSTFIX)]
        if c < 0:
            return SIGN, ["-", *self.bracketed(self.term(-c, x), INFIX)]
        return self.term(c, x)

    def inside(self, e: Expr, laid_out: Callable[[], Layout]) -> Layout:
        """A layout whose pieces stand in an expression that is laid out with the one around it."""
        outer, self.place = self.place, Place(e, self.place)
        level, pieces = laid_out()
        entered, self.place = [self.place, *pieces, outer], outer
        return level, entered

    def sum(self, e: Expr) -> Layout:
        """A sum, as it is ordered."""
        return self.terms(list(zip(e.data, e.args, strict=True)))

    def terms(self, terms: list[Term]) -> Layout:
        """A sum that begins with a positive term where it has one."""
        pieces: list[Piece] = []
        for i, (c, x) in enumerate(self.ordered(terms)):
            if i or c < 0:
                pieces.append(f" {'-' if c < 0 else '+'} " if i else "-")
            pieces += self.bracketed(self.term(-c if c < 0 else c, x), INFIX)
        return SUM, pieces

    def ordered(self, terms: list[Term]) -> list[Term]:
        """The terms of a sum in an order that begins with a positive one where there is one."""
        if terms[0][0] >= 0:
            return terms
        return [t for t in terms if t[0] > 0] + [t for t in terms if t[0] < 0]

    def bracketed(self, layout: Layout, needed: int) -> list[Piece]:
        """The pieces of a layout where a level is needed."""
        level, pieces = layout
        return pieces if level >= needed else [self.opening, *pieces, self.closing]

    def parts(self, c: Rational, e: Expr) -> Parts:
        """A positive multiple of a term, taken apart."""
        scalar, rest = (e.args[0], e.args[1]) if e.head == "scale" else (e, None)
        if e is ONE:
            return Parts(c, [], [], None)
        if scalar.head == "had" and scalar.shape == SCALAR and scalar not in self.names:
            factors: list[Factor] = list(zip(scalar.args, scalar.data, strict=True))
        elif rest is not None:
            factors = [(scalar, 1)]
        else:
            factors, rest = [], e
        above = [(b, p) for b, p in factors if p > 0]
        return Parts(c, above, [(b, -p) for b, p in factors if p < 0], rest)

    def arguments(self, args: Sequence[Expr]) -> list[Piece]:
        """(a, b)"""
        pieces: list[Piece] = []
        for a in args:
            pieces += [", ", (a, SUM)]
        return [self.opening, *pieces[1:], self.closing]


def has_subscript(name: str) -> bool:
    """Whether a name has a subscript, so that one more would be taken for a part of it."""
    return "_" in name or name[-1:].isdigit()


def spaced(chunks: Iterable[Sequence[Piece]], space: str = " ") -> list[Piece]:
    """Factors beside each other."""
    pieces: list[Piece] = []
    for chunk in chunks:
        pieces += [space, *chunk]
    return pieces[1:]


def decimal(c: Rational) -> str:
    """A positive number as a fraction, or as the exact decimal where that is shorter: 1/3, 1/2, 0.1, 0.044715."""
    if max(c.numerator.bit_length(), c.denominator.bit_length()) > LONGEST_NUMBER:
        raise MatcalcError("A number of more than 4,000 digits is not printed.")
    fraction, bottom = str(c), c.denominator
    places = 0
    while 10**places % bottom and places < len(fraction):
        places += 1
    if bottom == 1 or 10**places % bottom:
        return fraction
    whole, rest = divmod(c.numerator * (10**places // bottom), 10**places)
    shown = f"{whole}.{rest:0{places}d}"
    return shown if len(shown) < len(fraction) else fraction


def refuse_long(parts: Iterable[Expr]) -> None:
    """Refuse what has too many pieces, when all of these parts are written out."""
    if sum(e.size for e in parts) > MOST_PIECES:
        raise too_long()


def too_long() -> MatcalcError:
    """The refusal of what cannot be printed."""
    return MatcalcError(
        f"Written out, this has more than {MOST_PIECES:,} names, numbers and signs, which is the limit.",
        hint="It can be evaluated: only in print is repeated what is shared.",
    )


HALF = Fraction(1, 2)
