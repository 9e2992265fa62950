"""Expressions over a finite field, where rational arithmetic is exact.

A rational expression that vanishes at a random point modulo a large prime is zero with overwhelming probability
(Schwartz 1980, Zippel 1979: at most degree/p per point), and one that does not vanish is certainly not zero.

What is not rational (exp, abs, a largest eigenvalue, an unspecified function) stands here for a number that depends on
nothing but the values of its arguments: two expressions that agree so agree whatever that function is.  A matrix with a
property is a random member of the variety of such matrices; of spd and psd ones that is the space of symmetric ones, in
which they have an interior, and so a rational function that vanishes on them vanishes everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from random import Random

from ..expressions.dimensions import SCALAR, Dim, substitute
from ..expressions.nodes import Expr, postorder
from ..expressions.parts import as_number
from .finite_field import (
    OPERATIONS,
    PRIME,
    SIZED,
    Matrix,
    Singular,
    commutation,
    entries,
    frobenius,
    identity,
    inverse,
    power,
    raised,
    reduced,
    scalar,
    times,
    transpose,
)


class NotRational(Exception):
    """An expression that has no value here: a size is not known, or no such matrix can be parametrised."""


class TooLarge(NotRational):
    """An expression whose value would take too long."""


MOST_WORK = 2_000_000  # additions and multiplications, about half a second
_CUBIC = frozenset("mul power det adj logdet norm_F".split())


@dataclass(slots=True)
class Values:
    """The values of some expressions at a point, None where one has none, and the functions that have stand-ins."""

    matrices: list[Matrix | None]
    functions: frozenset[str]

    @property
    def rational(self) -> bool:
        """Whether no function is a stand-in."""
        return not self.functions


def values(roots: Sequence[Expr], sizes: Mapping[str, int], salt: int) -> Values:
    """The values at the random point of that number; raises NotRational where there is none."""
    if work(roots, sizes) > MOST_WORK:
        raise TooLarge
    point = _Point(sizes, salt)
    return Values(point.evaluate(roots), frozenset(point.functions))


def work(roots: Sequence[Expr], sizes: Mapping[str, int]) -> int:
    """About how many operations it takes to evaluate expressions; NotRational where a size is open."""
    total, dims = 0, dict[str, Dim](sizes)
    for e in postorder(*roots):
        rows, columns, inner = (substitute(d, dims) for d in (*e.shape, e.args[0].shape[1] if e.args else 1))
        if isinstance(rows, str) or isinstance(columns, str) or isinstance(inner, str):
            raise NotRational
        total += rows * columns + (rows * columns + inner * inner) * inner * (e.head in _CUBIC)
    return total


class _Point:
    """Random values of symbols and of functions."""

    def __init__(self, sizes: Mapping[str, int], salt: int) -> None:
        self.sizes, self.salt = sizes, salt
        self.functions: set[str] = set()
        self.dims: dict[str, Dim] = dict(sizes)
        self.memo: dict[Expr, Matrix | None] = {}

    def evaluate(self, roots: Sequence[Expr]) -> list[Matrix | None]:
        """The values of expressions, each node once."""
        memo = self.memo
        for e in postorder(*roots):
            if e in memo:
                continue
            args = [memo[x] for x in e.args]
            present = [a for a in args if a is not None]
            try:
                memo[e] = self.node(e, present) if len(present) == len(args) else None
            except Singular:
                memo[e] = None
        return [memo[e] for e in roots]

    def node(self, e: Expr, args: list[Matrix]) -> Matrix:
        """The value of a node from those of its arguments."""
        head = e.head
        if head == "symbol":
            return self.symbol(e)
        if head == "add":
            coefficients = [c.numerator * pow(c.denominator, -1, PRIME) for c in e.data]
            return entries(lambda *x: sum(c * y for c, y in zip(coefficients, x, strict=True)), *args)
        if head == "mul":
            product = args[0]
            for m in args[1:]:
                product = times(product, m)
            return product
        if head == "had":
            return self.monomial(e, args)
        if head == "scale":
            return entries(lambda x: args[0][0][0] * x, args[1])
        if head == "power":
            exponent = as_number(e.args[1])
            return power(args[0], exponent) if isinstance(exponent, int) else self.opaque(e, args)
        if head == "index" and all(isinstance(i, int | None) for i in e.data):
            return _indexed(e, args[0])
        if head == "commutation":
            return commutation(*(int(substitute(d, self.dims)) for d in e.data))
        if not e.args:
            return _constant(e, self.shape(e))
        if head in SIZED:
            return SIZED[head](self.shape(e), *args)
        if head in OPERATIONS:
            return OPERATIONS[head](*args)
        if head not in ("call", "index") and e.data is not None and e.data.definition is not None:
            return self.defined(e, args)
        return self.opaque(e, args)

    def shape(self, e: Expr) -> tuple[int, int]:
        """The shape as numbers."""
        rows, columns = (substitute(d, self.dims) for d in e.shape)
        if isinstance(rows, str) or isinstance(columns, str):
            raise NotRational
        return rows, columns

    def symbol(self, e: Expr) -> Matrix:
        """A random member of the variety of matrices with the properties of a symbol."""
        if e.shape == SCALAR and e.name in self.sizes:
            return scalar(self.sizes[e.name])
        generator = Random(f"{self.salt} {e.name}")
        rows, columns = self.shape(e)
        m = [[generator.randrange(1, PRIME) for _ in range(columns)] for _ in range(rows)]
        return _structured(m, e.data.properties, generator, self.salt) if rows == columns else m

    def monomial(self, e: Expr, args: list[Matrix]) -> Matrix:
        """A Hadamard product of powers; of a root its even powers are rational."""
        total: Matrix | None = None
        for a, m, p in zip(e.args, args, e.data, strict=True):
            powers = []
            if a.head == "norm_F" and isinstance(p, int):
                inner = self.memo[a.args[0]]
                assert inner is not None
                powers, p = [entries(raised(p // 2), frobenius(inner, inner))], p % 2
            whole = int(p // 1)
            powers += [entries(raised(whole), m)] if whole else []
            if p != whole:
                powers.append(self.entrywise(("root", p - whole), m))
            for raised_to in powers:
                total = raised_to if total is None else entries(lambda x, y: x * y, total, raised_to)
        assert total is not None
        return total

    def defined(self, e: Expr, args: list[Matrix]) -> Matrix:
        """An operator that a rule file defines by others."""
        pattern, template = e.data.definition
        sizes = dict(self.sizes)
        for variable, a in zip(pattern.args, args, strict=True):
            sizes |= {d: n for d, n in zip(variable.shape, (len(a), len(a[0])), strict=True) if isinstance(d, str)}
        inner = _Point(sizes, self.salt)
        inner.memo.update(zip(pattern.args, args, strict=True))
        made = inner.evaluate([template])[0]
        self.functions |= inner.functions
        if made is None:
            raise Singular
        return made

    # --- functions that are not rational ------------------------------------------------------------------------------

    def opaque(self, e: Expr, args: list[Matrix]) -> Matrix:
        """Numbers that depend on the function and the values of its arguments only."""
        what: tuple[object, ...] = (e.head, *e.data) if e.head in ("call", "index") else (e.head,)
        if e.data is not None and e.head != "index" and e.data.elementwise:
            return self.entrywise(what, args[0])
        if e.head == "logdet":
            determinant = reduced(args[0])[1]
            args = [scalar(determinant * determinant)]
        elif e.head == "norm_F":
            args = [frobenius(args[0], args[0])]
        self.functions.add(e.head)
        rows, columns = self.shape(e)
        return [[self.number(what, args, i, j) for j in range(columns)] for i in range(rows)]

    def entrywise(self, what: tuple[object, ...], m: Matrix) -> Matrix:
        """A function of each entry."""
        self.functions.add(str(what[0]))
        return entries(lambda x: self.number(what, x), m)

    def number(self, *key: object) -> int:
        """A number that looks random and is the same for the same key."""
        return int.from_bytes(blake2b(repr((self.salt, key)).encode(), digest_size=12).digest()) % PRIME


# --- members of varieties ---------------------------------------------------------------------------------------------


def _structured(m: Matrix, properties: frozenset[str], generator: Random, salt: int) -> Matrix:
    """A random square matrix made one with these properties."""
    if properties & {"orthogonal", "idempotent"}:
        return _turned(m, properties, generator, salt)
    for i in range(len(m)):
        for j in range(len(m)):
            if (
                ("diagonal" in properties and i != j)
                or ("lower" in properties and i < j)
                or ("upper" in properties and i > j)
                or ("skew" in properties and i == j)
            ):
                m[i][j] = 0
            elif "symmetric" in properties and i > j:
                m[i][j] = m[j][i]
            elif "skew" in properties and i > j:
                m[i][j] = PRIME - m[j][i]
    return m


def _turned(m: Matrix, properties: frozenset[str], generator: Random, salt: int) -> Matrix:
    """A projection of some rank, or an orthogonal matrix with either determinant: they make up several varieties.

    At every second point the next of these is taken, so that none is left out by chance.

    Orthogonal matrices are Cayley's (I + S)⁻¹ (I - S) of skew ones, with some of their columns turned.
    """
    n = len(m)
    if properties & {"diagonal", "lower", "upper", "skew"} or {"orthogonal", "idempotent"} <= properties:
        raise NotRational
    if properties & {"idempotent", "symmetric"}:
        rank = generator.randrange(n + 1) if salt % 2 else (salt // 2 + n // 2) % (n + 1)
        frame = [row[:rank] for row in m]
        other = frame if "symmetric" in properties else [[generator.randrange(PRIME) for _ in row] for row in frame]
        turned = transpose(other) if rank else []
        middle = inverse(times(turned, frame)) if rank else []
        projection = times(frame, times(middle, turned)) if rank else [[0] * n for _ in range(n)]
        if "idempotent" in properties:
            return projection
        return [[(int(i == j) - 2 * projection[i][j]) % PRIME for j in range(n)] for i in range(n)]
    plus = [[1 if i == j else m[i][j] if i < j else -m[j][i] for j in range(n)] for i in range(n)]
    cayley = times(inverse(plus), transpose(plus))
    signs = [generator.choice((1, PRIME - 1)) for _ in range(n)]
    odd = signs.count(PRIME - 1) % 2
    if salt % 2 == 0 and odd != salt // 2 % 2:
        signs[0] = PRIME - signs[0]
    return [[x * sign % PRIME for x, sign in zip(row, signs, strict=True)] for row in cayley]


def _constant(e: Expr, shape: tuple[int, int]) -> Matrix:
    rows, columns = shape
    if e.head == "identity":
        return identity(rows)
    if e.head in ("ones", "zero"):
        return [[int(e.head == "ones")] * columns for _ in range(rows)]
    places = [*e.data, 1]
    if e.head not in ("unit", "entry") or not all(isinstance(i, int) for i in places):
        raise NotRational
    if not (1 <= places[0] <= rows and 1 <= places[1] <= columns):
        raise Singular
    return [[int((i, j) == (places[0] - 1, places[1] - 1)) for j in range(columns)] for i in range(rows)]


def _indexed(e: Expr, a: Matrix) -> Matrix:
    row, column = e.data
    if not (1 <= (row or 1) <= len(a) and 1 <= (column or 1) <= len(a[0])):
        raise Singular
    rows = a if row is None else [a[row - 1]]
    return rows if column is None else [[r[column - 1]] for r in rows]
