"""Expressions as Unicode and as ASCII text.

Text is produced in one pass over an explicit stack of pieces, so its cost is its length.  A `layout` is a node's level
of precedence and its pieces: strings, and arguments with the level that they need to stand without brackets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from ..errors import MatcalcError
from ..expressions.dimensions import SCALAR, Dim
from ..expressions.nodes import ONE, Expr, Rational, as_number, has_differential, is_sum, postorder, untransposed_row
from ..language.names import SPELLED

SUM, FROBENIUS, SIGN, INFIX, PRODUCT, POSTFIX, ATOM = range(3, 10)

LONGEST_NUMBER = 13_000  # bits: Python itself refuses to print numbers of more than 4,300 digits
LONGEST_IN_BARS = 200  # the printed size up to which norms and absolute values stand between bars
MOST_PIECES = 500_000  # names, numbers and signs of one text: what is shared may be printed exponentially often

Piece = str | tuple[Expr, int]
Layout = tuple[int, list[Piece]]
Names = Mapping[Expr, str]

RAISED, LOWERED = "\0raised", "\0lowered"  # pieces where an exponent begins and ends, which are not printed
CLOSE = {" + ": "+", " - ": "-"}  # signs in an exponent
GREEK = {letter: spelled for spelled, letter in SPELLED.items()}
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def shortest_number(c: Rational) -> str:
    """A positive number as a fraction, or as the exact decimal where that is shorter: 1/3, 1/2, 0.1, 0.044715."""
    fraction, bottom = str(c), c.denominator
    places = 0
    while 10**places % bottom and places < len(fraction):
        places += 1
    if bottom == 1 or 10**places % bottom:
        return fraction
    whole, rest = divmod(c.numerator * (10**places // bottom), 10**places)
    decimal = f"{whole}.{rest:0{places}d}"
    return decimal if len(decimal) < len(fraction) else fraction


def unicode_text(e: Expr, names: Names | None = None) -> str:
    """The expression as it is written on paper.

    Subexpressions in `names` are written by their names.
    """
    return Printer(names or {}).write(e)


def ascii_text(e: Expr, names: Names | None = None) -> str:
    """The expression in ASCII, which reads back as the same expression."""
    return AsciiPrinter(names or {}).write(e)


class Printer:
    """Unicode."""

    times, over, kron = " ⊙ ", " ⊘ ", " ⊗ "

    def __init__(self, names: Names) -> None:
        self.names = names

    def write(self, root: Expr) -> str:
        """The text of an expression.

        Raises MatcalcError where that has more than `MOST_PIECES` pieces.
        """
        out: list[str] = []
        todo: list[Piece] = [(root, SUM)]
        exponents = 0  # that what is written now stands in
        if root.size > MOST_PIECES and not self.names:
            raise _too_long()
        while todo:
            piece = todo.pop()
            if isinstance(piece, str):
                if piece in (RAISED, LOWERED):
                    exponents += 1 if piece == RAISED else -1
                else:
                    out.append(CLOSE.get(piece, piece) if exponents else piece)
                continue
            if len(out) > MOST_PIECES:
                raise _too_long()
            e, needed = piece
            if e in self.names and (e is not root or e.head == "symbol"):
                out.append(self.names[e])
                continue
            level, pieces = self.layout(e)
            if level < needed:
                pieces = ["(", *pieces, ")"]
            todo.extend(reversed(pieces))
        return "".join(out)

    # --- what differs in ASCII -------------------------------------------------------------------------------------

    def name(self, name: str) -> str:
        """A variable's name."""
        return name

    def transposed(self) -> str:
        """The mark of a transpose."""
        return "ᵀ"

    def raised(self, exponent: Expr) -> list[Piece] | None:
        """The mark of a numeric matrix or scalar power."""
        k = as_number(exponent)
        if isinstance(k, int):
            return [str(k).translate(SUPERSCRIPTS)]
        return None

    inverse_transposed = "⁻ᵀ"

    def identity(self, e: Expr, alone: bool) -> str:
        """The identity; its size can be seen where it stands in a sum."""
        return "I"

    def norm(self, e: Expr) -> list[Piece]:
        """A norm between double bars."""
        x = e.args[0]
        if _has_bars(x):
            return ["norm" if x.shape[1] == 1 and e.head == "norm_F" else e.head, *self.arguments(e.args)]
        kinds = {
            "norm_F": "" if x.shape[1] == 1 else "_F",
            "norm_2": "_2",
            "norm_1": "_1",
            "norm_inf": "_∞",
            "norm_nuc": "_*",
        }
        return ["‖", (x, SUM), "‖" + kinds[e.head]]

    def kronecker(self, e: Expr) -> Layout:
        """A Kronecker product; it needs no brackets on its left."""
        return INFIX, [(e.args[0], INFIX), self.kron, (e.args[1], PRODUCT)]

    def dim(self, d: Dim) -> str:
        """A dimension."""
        return str(d)

    # --- layouts ----------------------------------------------------------------------------------------------------

    def layout(self, e: Expr) -> Layout:
        """The level of precedence and the pieces of one node."""
        head = e.head
        if head == "symbol":
            return ATOM, [self.name(e.data.name)]
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
            inner = e.args[0]
            if inner.head == "power" and as_number(inner.args[1]) == -1 and inner not in self.names:
                return POSTFIX, [(inner.args[0], ATOM), self.inverse_transposed]
            return POSTFIX, [(inner, ATOM), self.transposed()]
        if head == "power":
            return self.power(e.args[0], e.args[1], "^")
        if head == "dotpower":
            return self.power(e.args[0], e.args[1], "^" if e.shape == SCALAR else ".^")
        if head == "call" and e.data.mode:
            return ATOM, self.derivative_in_use(e)
        if head == "call":
            dot = "." if e.data.elementwise and e.shape != SCALAR else ""
            return ATOM, [self.name(e.data.name) + "'" * e.data.order + dot, *self.arguments(e.args)]
        if head in ("identity", "ones", "zero", "unit", "entry", "commutation"):
            return ATOM, [self.constant(e)]
        if head == "index":
            row, column = (":" if i is None else str(i) for i in e.data)
            inside = row if e.args[0].shape[1] == 1 else f"{row}, {column}"
            return POSTFIX, [(e.args[0], POSTFIX), f"[{inside}]"]
        return self.operator(e)

    def derivative_in_use(self, e: Expr) -> list[Piece]:
        """F'(X)[H], which is dF(X) where H is dX; F'(X)*[G]; ∂vec(F)/∂vec(X)."""
        f, x = self.name(e.data.name), e.args[0]
        if e.data.mode == "jacobian":
            return [f"∂vec({f})/∂vec(", (x, SUM), ")"]
        h = e.args[1]
        if h.head == "symbol" == x.head and h.name == f"d{x.name}" and e.data.mode == "push":
            return [f"d{f}(", (x, SUM), ")"]
        return [f"{f}'(", (x, SUM), ")" + ("*[" if e.data.mode == "pull" else "["), (h, SUM), "]"]

    def operator(self, e: Expr) -> Layout:
        """An operator, in the notation the grammar has for it or as a function."""
        head = e.head
        if head == "frob":
            left, right = sorted(e.args, key=has_differential)
            return FROBENIUS, [(left, SIGN), " : ", (right, SIGN)]
        if head == "kron":
            return self.kronecker(e)
        if head.startswith("norm_"):
            return ATOM, self.norm(e)
        if head == "abs" and e.shape == SCALAR and not _has_bars(e.args[0]):
            return ATOM, ["|", (e.args[0], SUM), "|"]
        if head == "pinv":
            return POSTFIX, [(e.args[0], ATOM), "⁺"]
        dot = "." if self.is_dotted(e) else ""
        return ATOM, [self.function(head) + dot, *self.arguments(e.args)]

    def function(self, head: str) -> str:
        """An operator's name."""
        return {"Diag": "diag", "diagvec": "diag"}.get(head, head)

    def is_dotted(self, e: Expr) -> bool:
        """Whether an operator is written with the dot of elementwise functions."""
        return e.data is not None and e.data.elementwise and e.shape != SCALAR

    def arguments(self, args: Sequence[Expr]) -> list[Piece]:
        """(a, b)"""
        pieces: list[Piece] = []
        for a in args:
            pieces += [", ", (a, SUM)]
        return ["(", *pieces[1:], ")"]

    def constant(self, e: Expr) -> str:
        """A constant with its sizes."""
        rows, columns = map(self.dim, e.shape)
        sizes = rows if columns == "1" else f"{rows}, {columns}"
        if e.head == "identity":
            return self.identity(e, True)
        if e.head in ("ones", "zero"):
            if e.shape == SCALAR:
                return "1" if e.head == "ones" else "0"
            return f"{'ones' if e.head == 'ones' else 'zeros'}({sizes})"
        if e.head == "unit":
            return f"e({e.data[0]}, {rows})"
        if e.head == "entry":
            return f"E({e.data[0]}, {e.data[1]}, {rows}, {columns})"
        return f"K({self.dim(e.data[0])}, {self.dim(e.data[1])})"

    def power(self, base: Expr, exponent: Expr, caret: str) -> Layout:
        """A power, with a superscript where there is one."""
        if caret == "^" and (raised := self.raised(exponent)) is not None:
            return POSTFIX, [(base, ATOM), *raised]
        k = as_number(exponent)
        if k is not None and k.denominator == 1:
            return POSTFIX, [(base, ATOM), f"{caret}{k}"]
        if exponent.head == "symbol":
            return POSTFIX, [(base, ATOM), caret, (exponent, ATOM)]
        return POSTFIX, [(base, ATOM), caret, "(", RAISED, (exponent, SUM), LOWERED, ")"]

    def factor(self, e: Expr, p: Rational, caret: str) -> Layout:
        """A factor of a monomial or of a Hadamard product."""
        if p == Fraction(1, 2):
            return ATOM, ["sqrt" + ("." if caret == ".^" else ""), "(", (e, SUM), ")"]
        if isinstance(p, int):
            marked = [str(p).translate(SUPERSCRIPTS)] if caret == "^" and type(self) is Printer else [f"{caret}{p}"]
            return POSTFIX, [(e, ATOM), *marked]
        return POSTFIX, [(e, ATOM), f"{caret}({p})"]

    def placed(self, e: Expr, p: Rational, caret: str, needed: int) -> list[Piece]:
        """A factor where a level is needed; one that is no power is laid out when it is its turn."""
        return [(e, needed)] if p == 1 else self.bracketed(self.factor(e, p, caret), needed)

    def bracketed(self, layout: Layout, needed: int) -> list[Piece]:
        """The pieces of a layout where a level is needed."""
        level, pieces = layout
        return pieces if level >= needed else ["(", *pieces, ")"]

    def hadamard(self, e: Expr) -> Layout:
        """A Hadamard product, with a quotient for negative exponents."""
        if (column := untransposed_row(e)) is not None:
            return POSTFIX, [(column, ATOM), self.transposed()]
        above = [(b, p) for b, p in zip(e.args, e.data, strict=True) if p > 0]
        below = [(b, -p) for b, p in zip(e.args, e.data, strict=True) if p < 0]
        if not above:
            above, below = [(b, -p) for b, p in below], []
        above.sort(key=lambda factor: has_differential(factor[0]))
        if len(above) == 1 and not below:
            return self.factor(*above[0], ".^")
        pieces: list[Piece] = []
        for b, p in above:
            pieces += [self.times, *self.placed(b, p, ".^", PRODUCT)]
        for b, p in below:
            pieces += [self.over, *self.placed(b, p, ".^", PRODUCT)]
        return INFIX, pieces[1:]

    def multiple(self, e: Expr) -> Layout:
        """A rational multiple; a negative multiple of a difference is the difference turned round."""
        c, x = e.data[0], e.args[0]
        if c < 0 and is_sum(x) and x not in self.names and any(d < 0 for d in x.data):
            turned = self.terms([(-d, t) for d, t in zip(x.data, x.args, strict=True)])
            if c == -1:
                return turned
            return PRODUCT, [self.rational(-c), " ", *self.bracketed(turned, POSTFIX)]
        if c < 0:
            level, pieces = self.term(-c, x)
            return SIGN, ["-", *(pieces if level >= INFIX else ["(", *pieces, ")"])]
        return self.term(c, x)

    def sum(self, e: Expr) -> Layout:
        """A sum, as it is ordered."""
        return self.terms(list(zip(e.data, e.args, strict=True)))

    def terms(self, terms: list[tuple[Rational, Expr]]) -> Layout:
        """A sum that begins with a positive term where it has one; a number in a sum of arrays has a dotted sign."""
        if terms[0][0] < 0:
            terms = [t for t in terms if t[0] > 0] + [t for t in terms if t[0] < 0]
        spread = [t[1].shape != SCALAR and _entry(t[1]) is not None for t in terms]
        if all(spread):
            spread = [False] * len(terms)
        pieces: list[Piece] = []
        sized = any(
            not spread[i] and x.head != "identity" and not _is_multiple_of_identity(x) for i, (_, x) in enumerate(terms)
        )
        so_far = spread[0]  # whether what stands so far is a number
        for i, (c, x) in enumerate(terms):
            if i or c < 0:
                sign = "-" if c < 0 else "+"
                pieces.append(f" {'.' if so_far != spread[i] else ''}{sign} " if i else "-")
            so_far = so_far and spread[i]
            entry = _entry(x) if spread[i] else None
            level, more = self.term(-c if c < 0 else c, x if entry is None else entry, alone=not sized)
            pieces += more if level >= INFIX else ["(", *more, ")"]
        return SUM, pieces

    def rational(self, c: Rational) -> str:
        """A positive number."""
        if max(c.numerator.bit_length(), c.denominator.bit_length()) > LONGEST_NUMBER:
            raise MatcalcError("A number of more than 4,000 digits is not printed.")
        return shortest_number(c)

    def term(self, c: Rational, e: Expr, alone: bool = True) -> Layout:
        """A positive multiple of a term without a coefficient: numbers, scalars, the rest, over what divides."""
        if e in self.names:
            return (ATOM, [self.names[e]]) if c == 1 else (PRODUCT, [self.rational(c), " ", self.names[e]])
        scalar, rest = (e.args[0], e.args[1]) if e.head == "scale" else (e, None)
        if e is ONE:
            text = self.rational(c)
            return (INFIX if "/" in text else ATOM), [text]
        if scalar.head == "had" and scalar.shape == SCALAR and scalar not in self.names:
            factors = list(zip(scalar.args, scalar.data, strict=True))
        elif rest is not None:
            factors = [(scalar, 1)]
        else:
            factors, rest = [], e
        above = [(b, p) for b, p in factors if p > 0]
        below = [(b, -p) for b, p in factors if p < 0]
        above.sort(key=lambda factor: bool(factor[0].args))  # λ (xᵀ y), not (xᵀ y) λ
        top, bottom = c.numerator, c.denominator
        chunks: list[list[Piece]] = []
        if not below and bottom != 1:
            chunks.append([self.rational(c)])
        elif top != 1 or not above and rest is None:
            chunks.append([self.rational(top)])
        only = len(above) == 1 and rest is None
        for b, p in above:
            chunks.append(self.placed(b, p, "^", PRODUCT if only else POSTFIX))
        if rest is not None:
            if rest.head == "identity" and rest not in self.names:
                chunks.append([self.identity(rest, alone)])
            elif not chunks and not below:
                return self.layout(rest) if rest not in self.names else (ATOM, [self.names[rest]])
            elif rest.head in ("kron", "had"):
                chunks.append([(rest, INFIX)])
            else:
                chunks.append([(rest, PRODUCT)])
        pieces: list[Piece] = []
        for chunk in chunks:
            pieces += [" ", *chunk]
        pieces = pieces[1:]
        if not below:
            infix = rest is not None and rest.head in ("kron", "had") or (len(chunks) == 1 and bottom != 1)
            number = len(chunks) == 1 and not above and rest is None
            return (INFIX if infix else ATOM if number else PRODUCT), pieces
        under = [self.placed(b, p, "^", POSTFIX) for b, p in below]
        if bottom != 1:
            under.insert(0, [self.rational(bottom)])
        if len(under) == 1:
            return INFIX, [*pieces, "/", *under[0]]
        joined: list[Piece] = []
        for chunk in under:
            joined += [" ", *chunk]
        return INFIX, [*pieces, "/(", *joined[1:], ")"]


def _too_long() -> MatcalcError:
    return MatcalcError(
        f"Written out, this has more than {MOST_PIECES:,} names, numbers and signs, which is the limit.",
        hint="It can be evaluated: only in print is repeated what is shared.",
    )


def _entry(e: Expr) -> Expr | None:
    """The scalar that an array of equal entries repeats, else None."""
    if e.head == "ones":
        return ONE
    if e.head == "scale" and e.args[1].head == "ones":
        return e.args[0]
    return None


def _is_multiple_of_identity(e: Expr) -> bool:
    return e.head == "scale" and e.args[1].head == "identity"


def _has_bars(e: Expr) -> bool:
    """Whether bars inside bars could not be told apart."""
    return e.size > LONGEST_IN_BARS or any(x.head.startswith("norm_") or x.head == "abs" for x in postorder(e))


class AsciiPrinter(Printer):
    """ASCII, which reads back: Greek spelled, sizes where the place does not tell them."""

    times, over, kron = " .* ", " ./ ", " "
    inverse_transposed = "^-T"

    def name(self, name: str) -> str:
        """The name with Greek spelled."""
        letter, rest = name[:1], name[1:]
        return GREEK.get(letter, letter) + rest

    def transposed(self) -> str:
        """A prime."""
        return "'"

    def raised(self, exponent: Expr) -> list[Piece] | None:
        """No superscripts."""
        return None

    def identity(self, e: Expr, alone: bool) -> str:
        """The identity, with its size where the place does not tell it."""
        return f"I({self.dim(e.shape[0])})" if alone else "I"

    def norm(self, e: Expr) -> list[Piece]:
        """A norm as a function."""
        x = e.args[0]
        name = "norm" if e.head == "norm_F" and x.shape[1] == 1 else e.head
        return [name + "(", (x, SUM), ")"]

    def kronecker(self, e: Expr) -> Layout:
        """A function: ⊗ is not ASCII."""
        return ATOM, ["kron", *self.arguments(e.args)]

    def operator(self, e: Expr) -> Layout:
        """Absolute values and pseudo-inverses as functions."""
        if e.head in ("abs", "pinv"):
            dot = "." if self.is_dotted(e) else ""
            return ATOM, [e.head + dot, *self.arguments(e.args)]
        return super().operator(e)

    def dim(self, d: Dim) -> str:
        """A dimension."""
        return str(d).replace("·", "*")


_ASCII = str.maketrans(
    {"ᵀ": "'", "⊙": ".*", "⊘": "./", "⊗": "(x)", "⋆": "*", "∂": "d", "→": "->", "↦": "->", "²": "^2", "·": "*"}
    | {"‖": "||", "∞": "inf", "×": "x", "≤": "<=", "≥": ">=", "𝓣": "T", "⁺": "^+", "½": "1/2"}
    | GREEK
)


def to_ascii(text: str) -> str:
    """Words and rule names in ASCII."""
    return text.replace("⁻¹", "^-1").replace("⁻ᵀ", "^-T").translate(_ASCII)
