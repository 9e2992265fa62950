"""Constructors that keep every expression in normal form.

The structural laws are here: sums are linear combinations with exact coefficients, products are flat chains,
Hadamard products are commutative monomials, scalars stand in front, transposes are pushed to where they cost least.
Everything that is true of one operator only is a rule in a rule file, applied by `Algebra.apply` and, for adjacent
factors of a product, by `Algebra.mul`.

Each law is a function in the module of its subject, and the class has them as its methods: they need one another, and
`Constructors` is what they know of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import inf
from threading import RLock
from typing import Any, TypeVar

from ..expressions.dimensions import SCALAR, Dim, Shape, monomials, times
from ..expressions.nodes import ONE, Expr, Function, Rational, Symbol, node
from . import hadamard, operators, powers, products, properties, rebuilding, rewriting, sums, transposes
from .endless import Rewriting
from .theory import Rule, Theory

T = TypeVar("T")


class Algebra:
    """Normal forms under one rule book.  Its memo holds only what that book makes true.

    Memos and the count of work are for one thread at a time: where an algebra outlives a call, take its `lock`.
    """

    def __init__(self, book: Theory) -> None:
        self.book = book
        self.lock = RLock()
        self.work = 0  # terms and factors that were put together so far: what is bounded instead of time
        self.until = inf  # how far that may go while something shorter is looked for
        self.unfinished = False  # whether more would have been tried
        self.transposed: dict[Expr, Expr] = {}
        self.rewritten: dict[Expr, Expr] = {}
        self.rewriting = Rewriting()
        self.sums: set[Expr] = set()  # those that `linear` made, so that it need not again
        self.swinging: dict[Rule, bool] = {}
        self.having: dict[tuple[Expr, str, bool], bool] = {}
        self.signs: dict[Expr, frozenset[str]] = {}
        self._memos: dict[Callable[..., Any], dict[Expr, Any]] = {}

    def __reduce__(self) -> tuple[type[Algebra], tuple[Theory]]:
        """A copy has the book and not what was found under it."""
        return Algebra, (self.book,)

    def memo(self, found_by: Callable[..., T]) -> dict[Expr, T]:
        """What a function that is no part of the algebra has found for expressions, under this book."""
        return self._memos.setdefault(found_by, {})

    # --- leaves ---------------------------------------------------------------------------------------------------

    def symbol(self, name: str, shape: Shape, kind: str = "matrix", properties: Iterable[str] = ()) -> Expr:
        """A named variable or constant."""
        return node("symbol", (), Symbol(name, kind, self.book.implied(properties)), shape)

    def number(self, c: Rational) -> Expr:
        """A rational number."""
        return self.linear([(c, ONE)])

    def dimension(self, d: Dim) -> Expr:
        """A dimension as a number: a name stands for its value."""
        if isinstance(d, int):
            return self.number(d)
        terms = [(c, [(self.symbol(n, SCALAR, "scalar"), 1) for n in names]) for names, c in monomials(d)]
        return self.linear([(c, self.had(factors, SCALAR)) for c, factors in terms], SCALAR)

    def identity(self, n: Dim) -> Expr:
        """The identity matrix; of size 1 it is the number 1."""
        return ONE if n == 1 else node("identity", (), None, (n, n))

    def ones(self, m: Dim, n: Dim) -> Expr:
        """The matrix of ones."""
        return node("ones", (), None, (m, n))

    def zeros(self, m: Dim, n: Dim) -> Expr:
        """The zero matrix."""
        return node("zero", (), None, (m, n))

    def unit(self, i: int | str, n: Dim) -> Expr:
        """The i-th unit vector, counted from 1."""
        return node("unit", (), (i,), (n, 1))

    def single_entry(self, i: int | str, j: int | str, m: Dim, n: Dim) -> Expr:
        """The matrix E_ij whose only entry is a one in row i and column j, counted from 1."""
        return node("entry", (), (i, j), (m, n))

    def commutation(self, m: Dim, n: Dim) -> Expr:
        """The commutation matrix: K(m, n) vec(A) = vec(Aᵀ) for A of shape m×n."""
        size = times(m, n)
        return self.identity(size) if m == 1 or n == 1 else node("commutation", (), (m, n), (size, size))

    def add(self, *terms: Expr) -> Expr:
        """The sum."""
        return self.linear([(1, e) for e in terms])

    def negate(self, e: Expr) -> Expr:
        """The negative."""
        return self.linear([(-1, e)])

    def call(
        self, name: str, args: Sequence[Expr], shape: Shape, elementwise: bool = False, order: int = 0, mode: str = ""
    ) -> Expr:
        """An unspecified function's value, or with `order` its derivative."""
        function, first = Function(name, elementwise, order, mode), args[0]
        if elementwise and first.transposes and first.shape != SCALAR:
            turned = self.transpose(first)
            if first.head == "transpose" or turned.transposes + 2 <= first.transposes:  # f.(X)ᵀ for f.(Xᵀ)
                return node("transpose", (node("call", (turned,), function, shape[::-1]),), None, shape)
        return node("call", tuple(args), function, shape)

    def index(self, e: Expr, row: int | str | None, column: int | str | None) -> Expr:
        """An entry, row or column, counted from 1; ``None`` takes all."""
        shape = (e.shape[0] if row is None else 1, e.shape[1] if column is None else 1)
        return node("index", (e,), (row, column), shape)

    # --- the laws, by subject -------------------------------------------------------------------------------------

    linear = sums.linear
    root_merged = sums.root_merged
    scale = hadamard.scale
    had = hadamard.had
    mul = products.mul
    transpose = transposes.transpose
    power = powers.power
    dotpower = powers.dotpower
    apply = operators.apply
    rewrite = rewriting.rewrite
    has = properties.has
    surely = properties.surely
    nonnegative = properties.nonnegative
    rebuild = rebuilding.rebuild
    substitute = rebuilding.substituted
